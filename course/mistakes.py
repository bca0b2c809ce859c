"""Recognises a known mistake by what it does.

Every wrong implementation in the catalogue leaves its own evidence on the public cases. ``build`` stores
that evidence as one row of numbers for each mistake, in ``course/hints/NN_name.npz``: enough to
recognise the mistake on a student's machine, and nothing from which a solution could be read.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from course.exercise import Evidence, Misconception, Problem

# Two runs of the same mistake differ by rounding alone, in whichever order it was written down.
RTOL, ATOL = 1e-8, 1e-10


@dataclass(frozen=True, eq=False)
class Mistake:
    """A misconception and the trace it leaves on a list of cases: a float64 array of shape (n,)."""

    misconception: Misconception
    trace: np.ndarray


def trace(observed: Sequence[Evidence], expected: Sequence[Evidence]) -> np.ndarray:
    """The evidence of all cases as one row of float64 numbers.

    Laid out by the oracle's readings, so that two implementations give rows of the same length. For
    each case: how it ended (0, or a code of the problem), then every reading; NaN where one is
    missing or has another shape.
    """
    row = []
    for found, should in zip(observed, expected, strict=True):
        row.append(np.array([_code(found.problem)]))
        for reading, array in should.readings.items():
            value = found.readings.get(reading)
            fits = value is not None and value.shape == array.shape
            row.append(value.astype(np.float64).ravel() if fits else np.full(array.size, np.nan))
    return np.concatenate(row)


def _code(problem: Problem | None) -> float:
    return float(zlib.crc32(f"{problem.kind} {problem.exception}".encode())) if problem else 0.0


def recognise(
    observed: Sequence[Evidence], expected: Sequence[Evidence], mistakes: Sequence[Mistake]
) -> Misconception | None:
    """The one known mistake that explains all of the evidence; None where none or several do."""
    if not mistakes:
        return None
    row = trace(observed, expected)
    same = [
        entry.misconception
        for entry in mistakes
        if entry.trace.shape == row.shape
        and np.allclose(row, entry.trace, rtol=RTOL, atol=ATOL, equal_nan=True)
    ]
    return same[0] if len(same) == 1 else None


@cache
def stored_mistakes(lesson: str) -> dict[str, tuple[Mistake, ...]]:
    """The known mistakes of a lesson on its public cases, by exercise id."""
    file = resources.files("course") / "hints" / f"{lesson}.npz"
    if not file.is_file():
        return {}
    found: dict[str, list[Mistake]] = {}
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        for exercise, identity, name, hint, key in stored["catalogue"]:
            misconception = Misconception(str(identity), str(name), str(hint))
            found.setdefault(str(exercise), []).append(Mistake(misconception, stored[str(key)]))
    return {exercise: tuple(entries) for exercise, entries in found.items()}
