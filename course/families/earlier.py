"""The student's answers to earlier exercises: three ways to find one, for ``Uses.found_by``; and calls."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

# Of each call, in their order: the arguments by position, and what came back.
Calls = list[tuple[tuple[Any, ...], Any]]


def called(student_object: Any, name: str) -> Any:
    """The student's answer to an earlier exercise where a function calls it by name; else None."""
    function = inspect.unwrap(student_object) if callable(student_object) else None
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    return in_notebook(function, name) if name in names else None


def in_notebook(student_object: Any, name: str) -> Any:
    """What stands under this name where a function was written, whether it is called there or not."""
    return getattr(inspect.unwrap(student_object), "__globals__", {}).get(name)


def inherited(student_object: Any, name: str) -> Any:
    """The class of this name from which a class inherits; else None."""
    bases = inspect.getmro(student_object)[1:] if inspect.isclass(student_object) else ()
    return next((base for base in bases if base.__name__ == name), None)


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

    written_in |= {name: spy(name) for name in before}
    try:
        yield calls
    finally:
        written_in |= before
