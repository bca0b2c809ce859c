"""What the cases that fail have in common, and no other has: in words, of the arguments that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from course.exercise import Case, Exercise


def only_where(exercise: Exercise, failed: Sequence[Case], passed: Sequence[Case]) -> str:
    """ "x has one row"; empty where nothing tells them apart, or more than one argument does."""
    if not failed or not passed:
        return ""
    wrong, right = ([_facts(exercise, case) for case in cases] for cases in (failed, passed))
    found: dict[str, str] = {}
    for argument, fact in wrong[0]:
        if all((argument, fact) in facts for facts in wrong) and not any(
            (argument, fact) in facts for facts in right
        ):
            # The first says most: the others follow from it, or hold by chance of the same cases.
            found.setdefault(argument, fact)
    return next(iter(found.values())) if len(found) == 1 else ""


def _facts(exercise: Exercise, case: Case) -> dict[tuple[str, str], None]:
    """What holds of each argument of a case, what says most first."""
    given = dict(_given(case.inputs))
    return {
        (name, fact.format(name)): None
        for name in exercise.argument_names
        if name in given or name in exercise.defaults
        for fact in (_of(given[name]) if name in given else ("{} is left out",))
    }


def _given(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _given(value)
        else:
            yield name, value


def _of(value: Any) -> Iterator[str]:
    if isinstance(value, np.ndarray):
        yield from _of_array(value)
    elif isinstance(value, (bool, str)) or value is None:
        yield f"{{}} is {value!r}"
    elif isinstance(value, (int, float, np.number)):
        yield from _of_number(float(value))
    elif isinstance(value, (list, tuple)):
        yield from _of_list(value)


def _of_array(array: np.ndarray) -> Iterator[str]:
    if not array.ndim:
        yield "{} is a single number"
        return
    if not array.size:
        yield "{} is empty"
        return
    if not array.any():
        yield "{} is 0 throughout"
    if not np.isfinite(array).all():
        yield "{} holds what is not finite"
    if (array == 0).any():
        yield "{} holds a 0"
    if array.dtype.kind in "iu":
        yield "{} holds integers"
    if array.size == 1:
        yield "{} has one entry"
    if array.ndim > 1 and array.shape[0] == 1:
        yield "{} has one row"
    if array.ndim > 1 and array.shape[-1] == 1:
        yield "{} has one column"
    yield f"{{}} has {array.ndim} {'axis' if array.ndim == 1 else 'axes'}"
    if array.ndim > 1:
        yield "{} has several axes"
    if (array < 0).any():
        yield "{} holds negative numbers"


def _of_number(value: float) -> Iterator[str]:
    if value in (0.0, 1.0) or not np.isfinite(value):
        yield f"{{}} is {value:g}"
    if value < 0:
        yield "{} is negative"
    if value > 1:
        yield "{} is more than 1"
    if value:
        yield "{} is not 0"


def _of_list(values: Sequence[Any]) -> Iterator[str]:
    if not values:
        yield "{} is empty"
    if any(value is None for value in values):
        yield "there is a None in {}"
    if any(isinstance(value, np.ndarray) and not value.ndim for value in values):
        yield "there is a single number in {}"
    if len(values) == 1:
        yield "{} has one entry"
    if len(values) > 1:
        yield "{} has several entries"
