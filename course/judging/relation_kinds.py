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
    if exact := _fraction(factor):
        if exact == -1:
            return f"{quantity} has the other sign"
        words = {Fraction(1, 2): "half of", Fraction(2): "twice"}
        return f"{quantity} is {words.get(exact, f'{exact} times')} what it should be"
    if factor > 0 and (exact := _fraction(factor**2)):
        return f"{quantity} is the root of {exact} times what it should be"
    return ""


def _fraction(number: float) -> Fraction | None:
    """The small fraction that it is; None for none."""
    exact = Fraction(number).limit_denominator(SMALL)
    near = abs(float(exact) - number) <= NEAR * abs(number)
    return exact if exact and abs(exact.numerator) <= SMALL and near else None


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
            if all(same(wrong.rows[0], function(wrong.rows[1])) for wrong in wrongs):
                return f"{quantity} is {said} what it should be"
    return ""


def _other(wrongs: Sequence[Wrong], quantity: str) -> str:
    for id in wrongs[0].others:
        if all(id in wrong.others and same(wrong.rows[0], wrong.others[id]) for wrong in wrongs):
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
        if not same(np.asarray(found), np.asarray(made)):
            return False
    return True


def _arrays(inputs: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _arrays(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield name, value


def same(found: np.ndarray, should: np.ndarray) -> bool:
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
    ("the running sum of", np.cumsum),
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
