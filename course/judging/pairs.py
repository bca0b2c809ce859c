"""Recognises two known mistakes made at once, by a sketch of what they do together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course.exercise import Misconception
from course.judging.sketch import same_sketch, sketch

Both = tuple[Misconception, Misconception]
# From the trace of what was done (see ``course.judging.mistakes``) to the pairs that do the same.
Explain = Callable[[np.ndarray], Sequence[Both]]

# There are many pairs: a few sums of each.
SUMS = 4


@dataclass(frozen=True, eq=False)
class SketchedPairs:
    """Pairs by their sketches on the public cases.

    Attributes:
        pairs: those that nothing else does the same as.
        sketches: uint32 array of shape (len(pairs), SUMS).
    """

    pairs: Sequence[Both]
    sketches: np.ndarray

    def explaining(self, row: np.ndarray) -> Sequence[Both]:
        """The pairs that do what left this trace."""
        same = same_sketch(self.sketches, sketch(row, SUMS), row.size)
        return [both for both, fits in zip(self.pairs, same, strict=True) if fits]
