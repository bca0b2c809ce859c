"""Which lines of an answer run in a case: a change of the others changes nothing there."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

Body = ast.FunctionDef | ast.AsyncFunctionDef


@contextlib.contextmanager
def traced(file: str) -> Iterator[set[int]]:
    """The numbers of the lines of a file that run in the block."""
    ran: set[int] = set()

    def within(frame: FrameType, event: str, argument: Any) -> Any:
        ran.add(frame.f_lineno)
        return within

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return within if frame.f_code.co_filename == file else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield ran
    finally:
        sys.settrace(before)


def never_reached(source: str, ran: set[int]) -> set[int]:
    """The lines of statements in functions of which none ran; what stands around the bodies always counts."""
    missed: set[int] = set()
    for function in ast.walk(ast.parse(source)):
        for node in ast.walk(function) if isinstance(function, Body) else ():
            if node is not function and isinstance(node, ast.stmt):
                own = _own_lines(node)
                missed |= own if not own & ran else set()
    return missed


def _own_lines(node: ast.stmt) -> set[int]:
    """Of a statement with a block the lines before that; those of ``else`` are nobody's."""
    block = getattr(node, "body", None)
    end = block[0].lineno - 1 if isinstance(block, list) and block else node.end_lineno
    return set(range(node.lineno, max(node.lineno, end or 0) + 1))
