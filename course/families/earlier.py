"""Three ways to find the student's answer to an earlier exercise, for ``Uses.found_by``."""

from __future__ import annotations

import inspect
from typing import Any


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
