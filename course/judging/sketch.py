"""A few numbers by which a trace is known again, and from which nothing of it can be read back.

A trace is what an answer did on all cases, as one row of numbers; see ``course.judging.mistakes``. Its sketch
is weighted sums of them, each the remainder of a division.
"""

from __future__ import annotations

import numpy as np

# Two runs of the same mistake differ by rounding alone, in whichever order it was written down.
RTOL, ATOL = 1e-8, 1e-10

# arsinh(x / SCALE) is like x near zero and like a logarithm further out: what rounding may do to a number,
# RTOL of it and ATOL, moves that by no more than 1.5e-8, be it small or large.
SCALE = ATOL / RTOL
# Numbers that are each moved by up to that, at random, move a weighted sum of n of them by about
# 4.5e-9 sqrt(n). This is four times as far.
ROUNDING = 2e-8
# A sketch counts in these, and forgets all multiples of 2**32 of them.
UNIT = 1e-9
# The largest number that is told from larger ones, and what stands in place of a missing one.
LARGEST, MISSING = 1e300, 1e305


def sketch(row: np.ndarray, sums: int) -> np.ndarray:
    """The sketch of a trace of shape (n,): uint32, of shape (sums,).

    Sum number i is of the numbers i, i + sums, i + 2 sums, ..., each weighed with between 0.5 and 1 and a
    random sign.
    """
    # The raw stream is the same in every version of NumPy; what is drawn from it need not be.
    raw = np.random.PCG64(0).random_raw(row.size)
    weights = np.where(raw & 1, 1.0, -1.0) * (0.5 + (raw >> np.uint64(11)) * 2.0**-54)
    finite = np.where(np.isnan(row), MISSING, np.clip(row, -LARGEST, LARGEST))
    weighed = np.zeros(-(-row.size // sums) * sums)
    weighed[: row.size] = weights * np.arcsinh(finite / SCALE)
    units: np.ndarray = np.rint(weighed.reshape(-1, sums).sum(axis=0) / UNIT) % 2.0**32
    return units.astype(np.uint32)


def same_sketch(sketches: np.ndarray, one: np.ndarray, size: int) -> np.ndarray:
    """Which of the sketches, of shape (n, sums), are of the same trace of ``size`` numbers as ``one``."""
    # Differences of unsigned integers go round, as remainders do.
    apart = (sketches - one).view(np.int32).astype(np.int64)
    tolerance = ROUNDING * np.sqrt(size / one.size) / UNIT
    same: np.ndarray = np.all(np.abs(apart) <= tolerance, axis=-1)
    return same
