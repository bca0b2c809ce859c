"""What the evidence says in so many words: inputs that were changed, memory that is shared, refusals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import agree
from course.readings import Reading

# As many facts as a card has room for.
MOST = 2


def stated(
    exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]]
) -> tuple[Misconception, ...]:
    """What was done besides right numbers, where all that fails is of that kind; nothing otherwise."""
    found: dict[str, str] = {}
    for case, observed, expected in failed:
        if observed.problem:
            return ()
        entry = exercise.property_of(case)
        for reading, should in expected.readings.items():
            array = observed.readings.get(reading)
            if array is None or array.shape != should.shape:
                return ()
            apart = ~agree(array, should, entry)
            if not apart.any():
                continue
            if not (reading.is_input or reading.form == "statement"):
                return ()
            found.setdefault(_kind(reading), _said(exercise, reading, array))
    if not 1 <= len(found) <= MOST:
        return ()
    return tuple(
        Misconception(f"seen_{kind}", said, "All else is right, in every case.")
        for kind, said in found.items()
    )


def _kind(reading: Reading) -> str:
    return "input_changed" if reading.is_input else f"{reading.id}"


def _said(exercise: Exercise, reading: Reading, found: np.ndarray) -> str:
    if reading.form == "statement":
        holds = bool(np.asarray(found).ravel()[0])
        return reading._replace(owner=0).statement(exercise.id, holds).partition(";")[0]
    return f"{exercise.id} changes {reading.words}, which it was handed"
