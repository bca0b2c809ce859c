"""How many digits of the numbers are right, where all of them nearly are: something approximates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception

# Of fewer digits than this, nothing is said.
FEWEST = 2


def nearly_right(
    exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]]
) -> Misconception | None:
    """The digits that are right in every failing case; None where they are too few."""
    digits = min(_digits(exercise, *failure) for failure in failed)
    if digits < FEWEST:
        return None
    said = f"the numbers are right to about {digits} digits only"
    hint = "Look for what approximates or rounds, or for a small number too much."
    return Misconception("seen_nearly", said, hint, False)


def _digits(exercise: Exercise, case: Case, observed: Evidence, expected: Evidence) -> int:
    """The decimal digits to which every quantity is right, by its largest entry; 0 where it is not finite."""
    if observed.problem:
        return 0
    apart = 0.0
    for reading, should in expected.readings.items():
        found = observed.readings.get(reading)
        if found is None or found.shape != should.shape:
            return 0
        if np.array_equal(found, should, equal_nan=should.dtype.kind == "f"):
            continue
        wanted, own = should.astype(np.float64), found.astype(np.float64)
        if reading.form == "statement" or not (np.isfinite(own) & np.isfinite(wanted)).all():
            return 0
        length = float(np.abs(wanted).max())
        off = float(np.abs(own - wanted).max())
        apart = max(apart, off / length if length else np.inf)
    return int(-np.log10(apart)) if 0 < apart < 1 else 0
