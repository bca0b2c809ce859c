"""Recognises two known mistakes made at once, by a sketch of what they do together.

There are many pairs, and each leaves as much evidence as one mistake. So ``build`` stores a few sums of that
evidence for each pair: they tell it from everything else, and nothing can be read back from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course.exercise import Misconception

Both = tuple[Misconception, Misconception]
# From the trace of what was done (see ``course.judging.mistakes``) to the pairs that do the same.
Explain = Callable[[np.ndarray], Sequence[Both]]

SUMS = 4
# Rounding may move each number by 1e-8 of itself, as in ``course.judging.mistakes``, and so a sum of n of
# them by a few tenths of 1e-8 sqrt(n). This is five times as far.
ROUNDING = 2e-8
# In place of a missing number: further out than any number that training gets to.
MISSING = 1e300


def sketch(row: np.ndarray) -> np.ndarray:
    """Weighted sums of a trace, of shape (SUMS,), each weight between 0.5 and 1 with a random sign.

    The numbers are squashed first: arsinh grows like a logarithm, so one that exploded, or the code of a
    problem, doesn't drown the others.
    """
    rng = np.random.default_rng(0)
    weights = rng.choice([-1.0, 1.0], (SUMS, row.size)) * rng.uniform(0.5, 1.0, (SUMS, row.size))
    return weights @ np.arcsinh(np.nan_to_num(row, nan=MISSING))


def same_sketch(sketches: np.ndarray, one: np.ndarray, size: int) -> np.ndarray:
    """Which of the sketches, of shape (n, SUMS), are of the same trace of ``size`` numbers as ``one``."""
    return np.all(np.abs(sketches - one) <= ROUNDING * np.sqrt(size), axis=-1)


@dataclass(frozen=True, eq=False)
class SketchedPairs:
    """Pairs by their sketches on the public cases.

    Attributes:
        pairs: those that nothing else does the same as.
        sketches: float64 array of shape (len(pairs), SUMS).
    """

    pairs: Sequence[Both]
    sketches: np.ndarray

    def explaining(self, row: np.ndarray) -> Sequence[Both]:
        """The pairs that do what left this trace."""
        same = same_sketch(self.sketches, sketch(row), row.size)
        return [self.pairs[index] for index in np.flatnonzero(same)]
