"""The one thing a grading kernel is asked to do besides running cells: probe, and hand over evidence.

It holds no expected values and decides nothing. What it hands over is read as plain arrays and judged
outside; see ``course.wire``.
"""

from __future__ import annotations

import base64

from IPython import get_ipython
from IPython.display import display

from course.exercise import Evidence, Problem
from course.exercises import EXERCISES
from course.wire import decode_cases, encode_evidence

MIME = "application/x-descent-evidence"


def gather(exercise_id: str, cases: str) -> None:
    """Probe the object of that name in the notebook's namespace; publish the evidence as base64.

    Args:
        exercise_id: the exercise, and the name of the student's function or class.
        cases: what ``course.wire.encode_cases`` wrote, as base64.
    """
    exercise = EXERCISES[exercise_id]
    decoded = decode_cases(base64.b64decode(cases))
    namespace = get_ipython().user_ns
    if exercise_id in namespace:
        evidence = [exercise.probe(namespace[exercise_id], case) for case in decoded]
    else:
        missing = Problem(
            "missing", f"There is no {exercise_id} in the notebook: its cell is missing or did not run."
        )
        evidence = [Evidence({}, missing) for _ in decoded]
    display({MIME: base64.b64encode(encode_evidence(evidence)).decode()}, raw=True)
