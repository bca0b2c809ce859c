"""The relations that hold of single entries: rounded ones, and those of which some are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.judging.relation_kinds import FEWEST, NEAR, Relation, Wrong

# Results are rounded to so many decimals at most.
DECIMALS = 6


def _rounded(wrongs: Sequence[Wrong], quantity: str) -> str:
    for digits in range(DECIMALS + 1):
        if all(np.array_equal(wrong.rows[0], np.round(wrong.rows[1], digits)) for wrong in wrongs):
            return f"{quantity} is rounded to {digits or 'no'} decimal{'' if digits == 1 else 's'}"
    return ""


def _not_finite(wrongs: Sequence[Wrong], quantity: str) -> str:
    """What is no number in every case, or should be none and is one."""
    for said, holds in NOT_FINITE:
        if all(_holds_where_wrong(wrong, holds) for wrong in wrongs):
            return f"{quantity} is {said}"
    return ""


def _holds_where_wrong(wrong: Wrong, holds: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> bool:
    found, should = wrong.rows
    apart = ~np.isclose(found, should, rtol=NEAR, atol=0.0, equal_nan=True)
    return bool(apart.any() and holds(found[apart], should[apart]).all())


def _bounded(wrongs: Sequence[Wrong], quantity: str) -> str:
    """Numbers that are right but for a bound, the same in every case, that they are kept within."""
    found, should = (np.concatenate(side) for side in zip(*(wrong.rows for wrong in wrongs), strict=True))
    if not (np.isfinite(found).all() and np.isfinite(should).all()):
        return ""
    apart = ~np.isclose(found, should, rtol=NEAR, atol=0.0)
    bounds = np.unique(np.round(np.abs(found[apart]), BOUND_DECIMALS))
    if apart.sum() < FEWEST or bounds.size != 1:
        return ""
    (bound,) = bounds
    for said, kept in BOUNDS:
        if np.allclose(found, kept(should, bound), rtol=NEAR, atol=NEAR * bound):
            return f"{quantity} is {said.format(f'{bound:g}')}"
    return ""


def _entries(wrongs: Sequence[Wrong], quantity: str) -> str:
    """What is wrong with some entries, where all others are right."""
    for said, holds in ENTRIES:
        if all(_right_or(wrong, holds) for wrong in wrongs):
            return f"{quantity} is right in some entries, and {said} in the others"
    return ""


def _right_or(wrong: Wrong, holds: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> bool:
    found, should = wrong.rows
    apart = ~np.isclose(found, should, rtol=NEAR, atol=NEAR * float(np.abs(should).max(initial=0.0)))
    # Of a right entry that is 0, no other would be told.
    told = (should[~apart] != 0).any()
    return bool(told and apart.any() and holds(found[apart], should[apart]).all())


def _cut_off(found: np.ndarray, should: np.ndarray) -> np.ndarray:
    """Several numbers that were larger, brought to one bound."""
    bound = np.abs(found).max()
    return (found.size > 1) & np.isclose(np.abs(found), bound, rtol=NEAR) & (np.abs(should) > bound)


# Bounds that differ by less are one.
BOUND_DECIMALS = 12
BOUNDS: tuple[tuple[str, Callable[[np.ndarray, float], np.ndarray]], ...] = (
    ("never more than {0}", lambda should, bound: np.minimum(should, bound)),
    ("never less than {0}", lambda should, bound: np.maximum(should, bound)),
    ("kept between -{0} and {0}", lambda should, bound: np.clip(should, -bound, bound)),
)

# What is no number, or should be none, told from what was found and what it should be.
NOT_FINITE: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    (
        "not a number (nan) where one should be",
        lambda found, should: np.isnan(found) & np.isfinite(should),
    ),
    ("infinite where it should be a number", lambda found, should: np.isinf(found) & np.isfinite(should)),
    ("a number where it should be nan", lambda found, should: np.isfinite(found) & np.isnan(should)),
    ("a number where it should be infinite", lambda found, should: np.isfinite(found) & np.isinf(should)),
)

# What the entries are that are not right, told from them and from what they should be.
ENTRIES: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("0", lambda found, should: found == 0),
    ("not a number (nan)", lambda found, should: np.isnan(found)),
    ("infinite", lambda found, should: np.isinf(found)),
    ("of the other sign", lambda found, should: np.isclose(found, -should, rtol=NEAR, atol=0.0)),
    ("cut off at a bound", _cut_off),
)

ENTRY_RELATIONS: tuple[Relation, ...] = (_rounded, _bounded, _entries)
# They hold of a single number already, which is no chance.
CERTAIN: tuple[Relation, ...] = (_not_finite,)
