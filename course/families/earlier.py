"""Exercises that use the student's earlier answers: judged with those as they are, and saying so.

The probe writes down what the earlier answer does on the same case, under its own name; whether that is
right is told from it where the oracle is.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from course.exercise import Case, Evidence, Exercise, Reading
from course.judging.difference import first_difference


def answer_called_by(student_object: Any, name: str) -> Any:
    """The student's answer to an earlier exercise where ``student_object`` calls it by name; else None."""
    function = inspect.unwrap(student_object) if callable(student_object) else None
    called = getattr(getattr(function, "__code__", None), "co_names", ())
    return getattr(function, "__globals__", {}).get(name) if name in called else None


def witness(earlier: Exercise, answer: Any, case: Case) -> dict[Reading, np.ndarray]:
    """What the student's answer to an earlier exercise does on a case, to be put beside the evidence."""
    readings = earlier.probe(answer, case).readings
    return {_named(earlier, reading): array for reading, array in readings.items()}


def is_wrong(earlier: Exercise, case: Case, observed: Evidence) -> bool:
    """Whether the evidence holds a witness of ``earlier`` on this case, and it is not right."""
    expected = earlier.oracle(case)
    own = {
        reading: observed.readings[_named(earlier, reading)]
        for reading in expected.readings
        if _named(earlier, reading) in observed.readings
    }
    entry = earlier.property_of(case)
    return bool(own) and first_difference(earlier, entry, case, Evidence(own), expected) is not None


def _named(earlier: Exercise, reading: Reading) -> Reading:
    return Reading(reading.step, f"{earlier.id}: {reading.name}")
