"""The relations between a wrong quantity and what it should be; each says what holds in every case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from course.exercise import Case
from course.readings import Reading

# How near two numbers have to be to count as the same, as a share of the largest of their row.
NEAR = 1e-9
# Of fewer steps or entries than this, one alone says little.
FEWEST = 3
# Factors are named up to this numerator and denominator.
SMALL = 12


@dataclass(frozen=True)
class Wrong:
    """The first wrong quantity of a failing case.

    Attributes:
        readings: its readings, step by step and place by place.
        found, should: their arrays; of what an optimiser moves, each step that it was moved by.
        others: what the other quantities should be, all their numbers in a row.
        defaults: of the arguments that the case may leave out.
    """

    case: Case
    readings: Sequence[Reading]
    found: Sequence[np.ndarray]
    should: Sequence[np.ndarray]
    others: Mapping[str, np.ndarray]
    defaults: Mapping[str, Any]

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """All its numbers, found and wanted."""
        return tuple(np.concatenate([np.ravel(one) for one in side]) for side in (self.found, self.should))  # type: ignore[return-value]


def _zero(wrongs: Sequence[Wrong], quantity: str) -> str:
    return f"{quantity} is always 0" if all(not wrong.rows[0].any() for wrong in wrongs) else ""


def _factor(wrongs: Sequence[Wrong], quantity: str) -> str:
    factors = [_multiple(*wrong.rows) for wrong in wrongs]
    if any(factor is None for factor in factors):
        return ""
    numbers = np.array(factors, dtype=np.float64)
    if np.ptp(numbers) <= NEAR * np.abs(numbers).max():
        return _one_factor(float(numbers[0]), quantity)
    for name, values in _settings(wrongs).items():
        for said, expression in EXPRESSIONS:
            with np.errstate(all="ignore"):
                wanted = expression(values)
            if np.isfinite(wanted).all() and np.allclose(numbers, wanted, rtol=NEAR, atol=0.0):
                return f"{quantity} is {said.format(name)} times what it should be"
    return ""


def _one_factor(factor: float, quantity: str) -> str:
    exact = Fraction(factor).limit_denominator(SMALL)
    if exact == 0 or abs(exact.numerator) > SMALL or abs(float(exact) - factor) > NEAR * abs(factor):
        return ""
    if exact == -1:
        return f"{quantity} has the other sign"
    words = {Fraction(1, 2): "half of", Fraction(2): "twice"}
    return f"{quantity} is {words.get(exact, f'{exact} times')} what it should be"


def _multiple(found: np.ndarray, should: np.ndarray) -> float | None:
    length = float(np.abs(should).max(initial=0.0))
    if not length or not np.isfinite(found).all() or not found.any():
        return None
    factor = float(found @ should) / float(should @ should)
    return factor if np.abs(found - factor * should).max() <= NEAR * abs(factor) * length else None


def _offset(wrongs: Sequence[Wrong], quantity: str) -> str:
    apart = [wrong.rows[0] - wrong.rows[1] for wrong in wrongs]
    offset = float(apart[0][0])
    scale = max(float(np.abs(wrong.rows[1]).max(initial=0.0)) for wrong in wrongs)
    if not np.isfinite(offset) or abs(offset) not in (1.0, 2.0, 0.5):
        return ""
    if any(np.abs(row - offset).max() > NEAR * scale for row in apart):
        return ""
    return f"{quantity} is {abs(offset):g} too {'large' if offset > 0 else 'small'}"


def _function(wrongs: Sequence[Wrong], quantity: str) -> str:
    for said, function in FUNCTIONS:
        with np.errstate(all="ignore"):
            if all(_same(wrong.rows[0], function(wrong.rows[1])) for wrong in wrongs):
                return f"{quantity} is {said} what it should be"
    return ""


def _other(wrongs: Sequence[Wrong], quantity: str) -> str:
    for id in wrongs[0].others:
        if all(id in wrong.others and _same(wrong.rows[0], wrong.others[id]) for wrong in wrongs):
            return f"{quantity} has the values of {id}"
    return ""


def _with_input(wrongs: Sequence[Wrong], quantity: str) -> str:
    """What one of the arrays that the case was given has to do with it."""
    arrays = [dict(_arrays(wrong.case.inputs)) for wrong in wrongs]
    for name in arrays[0]:
        for said, expression in COMBINED:
            if all(
                name in own and _combined(wrong, own[name], expression)
                for own, wrong in zip(arrays, wrongs, strict=True)
            ):
                return f"{quantity} is {said.format(name)}"
    return ""


def _combined(
    wrong: Wrong, given: np.ndarray, expression: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> bool:
    for found, should in zip(wrong.found, wrong.should, strict=True):
        with np.errstate(all="ignore"):
            try:
                made = expression(should, given)
            except ValueError:
                return False  # shapes that do not fit
        if not _same(np.asarray(found), np.asarray(made)):
            return False
    return True


def _arrays(inputs: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _arrays(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield name, value


def _shifted(wrongs: Sequence[Wrong], quantity: str) -> str:
    """By steps, or where there are none by entries."""
    for shift, said in ((1, "behind"), (-1, "ahead")):
        pairs = [_shifted_rows(wrong, shift) for wrong in wrongs]
        full = [pair for pair in pairs if pair is not None]
        if len(full) == len(pairs) and all(_same(*pair) for pair in full):
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


def _order(wrongs: Sequence[Wrong], quantity: str) -> str:
    for said, change in ORDERS:
        if all(
            all(
                _same(np.ravel(found), np.ravel(change(should)))
                for found, should in zip(wrong.found, wrong.should, strict=True)
            )
            for wrong in wrongs
        ):
            return f"{quantity} is {said}"
    return ""


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
    right = [_same(np.ravel(one), np.ravel(other)) for one, other in zip(found, should, strict=True)]
    rest = right[1:] if place == 0 else right[:-1]
    return not right[place] and all(rest)


def _same(found: np.ndarray, should: np.ndarray) -> bool:
    if found.shape != should.shape or not (np.isfinite(found).all() and np.isfinite(should).all()):
        return False
    length = float(np.abs(should).max(initial=0.0))
    return bool(length) and bool(np.abs(found - should).max() <= NEAR * length)


def _settings(wrongs: Sequence[Wrong]) -> dict[str, np.ndarray]:
    """The numbers that every case was given, by their names, and the lengths of its arrays."""
    given = [dict(_numbers({**wrong.defaults, **wrong.case.inputs})) for wrong in wrongs]
    return {
        name: np.array([one[name] for one in given]) for name in given[0] if all(name in one for one in given)
    }


def _numbers(inputs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _numbers(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield name, float(value)
        elif isinstance(value, np.ndarray) and value.ndim:
            yield f"the number of rows of {name}", float(len(value))
            yield f"the size of {name}", float(value.size)


Relation = Callable[[Sequence[Wrong], str], str]
RELATIONS: tuple[Relation, ...] = (
    _zero,
    _factor,
    _offset,
    _other,
    _function,
    _with_input,
    _shifted,
    _order,
    _part,
)
EXPRESSIONS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("{0}", lambda value: value),
    ("1 / {0}", lambda value: 1 / value),
    ("(1 - {0})", lambda value: 1 - value),
    ("1 / (1 - {0})", lambda value: 1 / (1 - value)),
    ("{0}^2", lambda value: value**2),
    ("1 / {0}^2", lambda value: 1 / value**2),
    ("the root of {0}", np.sqrt),
    ("1 / the root of {0}", lambda value: 1 / np.sqrt(value)),
    ("-{0}", lambda value: -value),
    ("2 / {0}", lambda value: 2 / value),
    ("({0} - 1) / {0}", lambda value: (value - 1) / value),
    ("{0} / ({0} - 1)", lambda value: value / (value - 1)),
)
FUNCTIONS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("the square of", np.square),
    ("the root of", np.sqrt),
    ("the absolute value of", np.abs),
    ("1 /", np.reciprocal),
    ("1 minus", lambda value: 1 - value),
    ("the logarithm of", np.log),
    ("the exponential of", np.exp),
    ("the sign of", np.sign),
    ("of length 1, in the direction of", lambda value: value / np.linalg.norm(value)),
    ("the share in the sum of", lambda value: value / value.sum()),
    ("the share in the largest entry of", lambda value: value / np.abs(value).max()),
)
COMBINED: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("{0}, as it was handed in", lambda should, given: given + 0.0 * should),
    ("{0} times what it should be", lambda should, given: should * given),
    ("what it should be divided by {0}", lambda should, given: should / given),
    ("{0} more than it should be", lambda should, given: should + given),
    ("{0} less than it should be", lambda should, given: should - given),
)
ORDERS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("transposed", np.transpose),
    ("in reverse order", lambda array: np.flip(array, 0) if array.ndim else array),
    ("sorted", lambda array: np.sort(array, axis=None)),
    ("its last entry in every place", lambda array: _everywhere(array, -1)),
    ("its first entry in every place", lambda array: _everywhere(array, 0)),
)
