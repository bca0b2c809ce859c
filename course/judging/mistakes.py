"""Recognises a known mistake by what it does.

Every wrong implementation in the catalogue leaves its own evidence on a list of cases: its trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from course.exercise import Evidence, Misconception
from course.judging.pairs import Explain
from course.judging.sketch import ATOL, RTOL, same_sketch, sketch
from course.problems import ending

# How many numbers of a trace go into one sum of a mistake's sketch.
NUMBERS_A_SUM = 8


@dataclass(frozen=True, eq=False)
class Mistake:
    """A misconception and the trace it leaves on a list of cases: a float64 array of shape (n,)."""

    misconception: Misconception
    trace: np.ndarray

    def explains(self, row: np.ndarray) -> bool:
        """Whether it leaves this trace."""
        return same_trace(row, self.trace)

    def sketched(self) -> SketchedMistake:
        return SketchedMistake(self.misconception, _sketch(self.trace))


@dataclass(frozen=True, eq=False)
class SketchedMistake:
    """A misconception and the sketch of the trace that it leaves on a list of cases."""

    misconception: Misconception
    sketch: np.ndarray

    def explains(self, row: np.ndarray) -> bool:
        """Whether it leaves this trace."""
        found = _sketch(row)
        return found.shape == self.sketch.shape and bool(same_sketch(self.sketch, found, row.size))


def _sketch(row: np.ndarray) -> np.ndarray:
    return sketch(row, -(-row.size // NUMBERS_A_SUM))


class Explanation(Protocol):
    """A misconception that can tell whether it leaves a trace, as ``Mistake`` can."""

    @property
    def misconception(self) -> Misconception: ...

    def explains(self, row: np.ndarray) -> bool: ...


def trace(observed: Sequence[Evidence], expected: Sequence[Evidence]) -> np.ndarray:
    """The evidence of all cases as one row of float64 numbers.

    Laid out by the oracle's readings, so that two implementations give rows of the same length. For
    each case: how it ended (0, or a code of the problem), then every reading; NaN where one is
    missing or has another shape.
    """
    row = []
    for found, should in zip(observed, expected, strict=True):
        row.append(np.array([ending(found.problem)]))
        for reading, array in should.readings.items():
            value = found.readings.get(reading)
            if value is not None and value.shape == array.shape:
                row.append(value.astype(np.float64).ravel())
            else:
                row.append(np.full(array.size, np.nan))
    return np.concatenate(row)


def same_trace(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two traces are the same but for rounding."""
    return one.shape == other.shape and np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True)


def recognise(
    row: np.ndarray, mistakes: Sequence[Explanation], pairs: Explain | None = None
) -> tuple[Misconception, ...]:
    """The one known mistake, or the two of a pair, that explain all of the evidence.

    Empty where none does, or several do.

    Args:
        row: the trace of the evidence.
        pairs: asked only when no single mistake explains it.
    """
    same: list[tuple[Misconception, ...]] = [
        (entry.misconception,) for entry in mistakes if entry.explains(row)
    ]
    if not same and pairs:
        same = list(pairs(row))
    return same[0] if len(same) == 1 else ()
