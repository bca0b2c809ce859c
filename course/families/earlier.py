"""The student's answers to earlier exercises: how one is found, its calls, and what stands in for it."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

# Of each call, in their order: the arguments by position, and what came back.
Calls = list[tuple[tuple[Any, ...], Any]]


def called(student_object: Any, name: str) -> Any:
    """The student's answer to an earlier exercise where a function calls it by name; else None."""
    function = inspect.unwrap(student_object) if callable(student_object) else None
    return in_notebook(function, name) if name in _names(getattr(function, "__code__", None)) else None


def _names(code: CodeType | None) -> Iterator[str]:
    """The names that a function uses, and the functions that are written within it."""
    if code is None:
        return
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def in_notebook(student_object: Any, name: str) -> Any:
    """What stands under this name where a function was written, whether it is called there or not."""
    return getattr(inspect.unwrap(student_object), "__globals__", {}).get(name)


def inherited(student_object: Any, name: str) -> Any:
    """The class of this name from which a class inherits; else None."""
    bases = inspect.getmro(student_object)[1:] if inspect.isclass(student_object) else ()
    return next((base for base in bases if base.__name__ == name), None)


@contextlib.contextmanager
def standing_in(student_object: Any, stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Around calls of the student's function: what it finds in the notebook by these names."""
    written_in = (
        getattr(inspect.unwrap(student_object), "__globals__", {}) if callable(student_object) else {}
    )
    before = {name: written_in[name] for name in stand_ins if name in written_in}
    written_in |= {name: stand_ins[name] for name in before}
    try:
        yield
    finally:
        written_in |= before


@contextlib.contextmanager
def overridden(student_object: Any, name: str, methods: Callable[[Any], Mapping[str, Any]]) -> Iterator[None]:
    """Around uses of the student's class: methods of the class of this name from which it inherits.

    Args:
        methods: from that class to what stands in the place of its methods, by their names.
    """
    parent = inherited(student_object, name)
    stand_ins = methods(parent) if parent else {}
    before = {method: vars(parent)[method] for method in stand_ins if method in vars(parent)}
    for method, stand_in in stand_ins.items():
        setattr(parent, method, stand_in)
    try:
        yield
    finally:
        for method in stand_ins:
            if method in before:
                setattr(parent, method, before[method])
            else:
                delattr(parent, method)


@contextlib.contextmanager
def spied(student_object: Any, names: Sequence[str]) -> Iterator[dict[str, Calls]]:
    """Around a call of the student's function: what it asks of earlier answers by these names, and gets."""
    written_in = getattr(inspect.unwrap(student_object), "__globals__", {})
    before = {name: written_in[name] for name in names if callable(written_in.get(name))}
    calls: dict[str, Calls] = {name: [] for name in names}

    def spy(name: str) -> Any:
        def answer(*arguments: Any, **keywords: Any) -> Any:
            bound = inspect.signature(before[name]).bind(*arguments, **keywords)
            given = copy.deepcopy(bound.args)
            returned = before[name](*arguments, **keywords)
            calls[name].append((given, copy.deepcopy(returned)))
            return returned

        return answer

    with standing_in(student_object, {name: spy(name) for name in before}):
        yield calls
