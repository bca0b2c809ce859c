"""What an answer did, part by part: each quantity in the cases of each property.

A slip in one formula shows in that formula's quantity, whatever else is wrong; see ``course.judging.slips``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course.exercise import Case, Evidence
from course.judging.sketch import ATOL, ROUNDING, RTOL, UNIT, sketch


class Part(NamedTuple):
    """One quantity, by its reading's id, in all cases of one property; of id "" how these cases ended."""

    property: str
    id: str


class Parts:
    """The parts of a trace (``course.judging.mistakes.trace``), in the order of the formulas.

    Args:
        cases, expected: what the trace is of.
    """

    def __init__(self, cases: Sequence[Case], expected: Sequence[Evidence]):
        places: dict[Part, list[np.ndarray]] = {}
        start = 0
        for case, should in zip(cases, expected, strict=True):
            sizes = [("", 1), *((reading.id, array.size) for reading, array in should.readings.items())]
            for id, size in sizes:
                places.setdefault(Part(case.property, id), []).append(np.arange(start, start + size))
                start += size
        self.names = list(places)
        self._places = [np.concatenate(found) for found in places.values()]
        sizes_of = np.array([place.size for place in self._places])
        self._tolerance = ROUNDING * np.sqrt(sizes_of) / UNIT

    def sketch(self, row: np.ndarray) -> np.ndarray:
        """Each part of a trace as one number: uint32, of shape (parts,)."""
        return np.array([sketch(row[place], 1)[0] for place in self._places], dtype=np.uint32)

    def hold_wrong_numbers(self, row: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Which parts of a trace hold numbers that are not the right ones: booleans of shape (parts,)."""
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.isfinite(row) & ~np.isclose(row, right, rtol=RTOL, atol=ATOL)
        held = [bool(apart[place].any()) for place in self._places]
        return np.array(held) & np.array([part.id != "" for part in self.names])

    def same(self, sketches: np.ndarray, one: np.ndarray) -> np.ndarray:
        """Which parts of the sketches, of shape (n, parts) or (parts,), are those of ``one``: booleans."""
        apart = (sketches - one).view(np.int32).astype(np.int64)
        same: np.ndarray = np.abs(apart) <= self._tolerance
        return same
