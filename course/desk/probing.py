"""What runs in the kernel that tries a notebook: its exercises are judged on the public cases."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from IPython import get_ipython
from IPython.display import display

from course.cases import public_cases
from course.cells import CHECK
from course.desk.inside import LESSON, VERDICT
from course.exercise import Evidence
from course.exercises import EXERCISES, LESSONS, SEALED, lesson_of
from course.judging.judge import judge
from course.problems import Problem
from course.sealing import refused
from course.trial import explained, tried

# While cells run, what the lesson seals is refused.
_refusal = ExitStack()


def begin(names: Sequence[str]) -> None:
    """Display as data which lesson a notebook is a copy of, and refuse from now on what that seals.

    Where notebooks are graded, what a lesson seals is not there, in any cell.

    Args:
        names: by which grading knows the notebook's cells.
    """
    lesson = lesson_with(names)
    if lesson is None:
        display({LESSON: {"lesson": None, "exercises": []}}, raw=True)
        return
    exercises = [[entry.id, entry.points] for entry in LESSONS[lesson]]
    display({LESSON: {"lesson": lesson, "exercises": exercises}}, raw=True)
    _refusal.enter_context(refused(SEALED[lesson]))


def lesson_with(names: Sequence[str]) -> str | None:
    """The lesson whose exercises most of the cells belong to; None where there are none of any."""
    counts = {
        lesson: sum(name.removeprefix(CHECK) in {entry.id for entry in group} for name in set(names))
        for lesson, group in LESSONS.items()
    }
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def show_verdict(
    exercise_id: str, note: str, failed: str = "", reached: int | None = None, stopped: str = ""
) -> None:
    """Judge what the notebook has under the exercise's name, and display the verdict as data.

    How many cases were tried is noted after each, in a file: the next one may end the kernel.

    Args:
        note: the file.
        failed: how the exercise's own cell ended, where it did not get to its end.
        reached: the number of cases that are tried; None for all.
        stopped: what the one after them did to the kernel.
    """
    exercise = EXERCISES[exercise_id]
    namespace = get_ipython().user_ns
    sealed = SEALED[lesson_of(exercise_id)]
    _refusal.close()  # to judge takes what is sealed
    cases, expected = public_cases(exercise_id)
    with refused(sealed):
        observed = []
        for case in cases[:reached]:
            found = tried(exercise.id, namespace, partial(exercise.probe, case=case))
            observed.append(explained(found, failed))
            Path(note).write_text(str(len(observed)))
    end = Evidence({}, Problem("stopped", {"name": exercise_id, "reason": stopped}))
    observed += [end] * (len(cases) - len(observed))
    verdict = judge(exercise, cases, observed, expected)
    _refusal.enter_context(refused(sealed))
    message = next((entry.message for entry in verdict.properties if not entry.passed), "")
    data = {
        "score": verdict.score,
        "max_score": verdict.max_score,
        "attempted": verdict.attempted,
        "message": message,
    }
    display({VERDICT: data}, raw=True)
