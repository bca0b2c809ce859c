"""The relations of order: right numbers at another step, in another place, or in one alone not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.judging.relation_kinds import FEWEST, Relation, Wrong, same


def _shifted(wrongs: Sequence[Wrong], quantity: str) -> str:
    """By steps, or where there are none by entries."""
    for shift, said in ((1, "behind"), (-1, "ahead")):
        pairs = [_shifted_rows(wrong, shift) for wrong in wrongs]
        full = [pair for pair in pairs if pair is not None]
        if len(full) == len(pairs) and all(same(*pair) for pair in full):
            unit = "step" if wrongs[0].readings[0].step else "entry"
            return f"{quantity} is one {unit} {said}"
    return ""


def _shifted_rows(wrong: Wrong, shift: int) -> tuple[np.ndarray, np.ndarray] | None:
    by_step = bool(wrong.readings[0].step)
    found = list(wrong.found) if by_step else list(np.atleast_1d(wrong.found[0]))
    should = list(wrong.should) if by_step else list(np.atleast_1d(wrong.should[0]))
    if (
        len({np.shape(one) for one in (*found, *should)}) > 1
        or len(found) < FEWEST
        or (not by_step and len(wrong.found) > 1)
    ):
        return None
    late, early = (found[1:], should[:-1]) if shift > 0 else (found[:-1], should[1:])
    return np.ravel(late), np.ravel(early)


def _one_step(wrongs: Sequence[Wrong], quantity: str) -> str:
    """One step's numbers in the place of those of each."""
    for said, place in (("first", 0), ("last", -1)):
        if all(_is_one_step(wrong, place) for wrong in wrongs):
            return f"{quantity} is that of the {said} step in every step"
    return ""


def _is_one_step(wrong: Wrong, place: int) -> bool:
    shapes = {np.shape(one) for one in (*wrong.found, *wrong.should)}
    if not wrong.readings[0].step or len(wrong.found) < 2 or len(shapes) > 1:
        return False
    return all(same(np.ravel(one), np.ravel(wrong.should[place])) for one in wrong.found)


def _order(wrongs: Sequence[Wrong], quantity: str) -> str:
    for said, change in ORDERS:
        if all(
            all(
                same(np.ravel(found), np.ravel(change(should)))
                for found, should in zip(wrong.found, wrong.should, strict=True)
            )
            for wrong in wrongs
        ):
            return f"{quantity} is {said}"
    if all(_elsewhere(*wrong.rows) for wrong in wrongs):
        return f"{quantity} has the right numbers in other places"
    return ""


def _elsewhere(found: np.ndarray, should: np.ndarray) -> bool:
    return np.unique(should).size >= FEWEST and same(np.sort(found), np.sort(should))


def _everywhere(array: np.ndarray, place: int) -> np.ndarray:
    return np.broadcast_to(array[place], array.shape) if array.ndim and array.size else array


def _part(wrongs: Sequence[Wrong], quantity: str) -> str:
    """Which entry, or step, alone is wrong."""
    for said, place in (("first", 0), ("last", -1)):
        if all(_only_wrong(wrong, place) for wrong in wrongs):
            unit = "step" if wrongs[0].readings[0].step else "entry"
            return f"{quantity} is wrong in the {said} {unit} alone"
    return ""


def _only_wrong(wrong: Wrong, place: int) -> bool:
    if wrong.readings[0].step:
        found, should = list(wrong.found), list(wrong.should)
    elif len(wrong.found) == 1:
        found, should = list(np.atleast_1d(wrong.found[0])), list(np.atleast_1d(wrong.should[0]))
    else:
        return False
    if len(found) < FEWEST:
        return False
    right = [same(np.ravel(one), np.ravel(other)) for one, other in zip(found, should, strict=True)]
    rest = right[1:] if place == 0 else right[:-1]
    return not right[place] and all(rest)


ORDER_RELATIONS: tuple[Relation, ...] = (_shifted, _one_step, _order, _part)
ORDERS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("transposed", np.transpose),
    ("in reverse order", lambda array: np.flip(array, 0) if array.ndim else array),
    ("sorted", lambda array: np.sort(array, axis=None)),
    ("its last entry in every place", lambda array: _everywhere(array, -1)),
    ("its first entry in every place", lambda array: _everywhere(array, 0)),
)
