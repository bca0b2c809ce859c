"""What cells define, without what else they do."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

# What definitions are run with, as a lesson's first cell imports it.
IMPORTS = "import math, torch\nimport numpy as np\nfrom torch import nn\nfrom torch.nn import functional as F"


def defined(cells: Iterable[tuple[str, str]], name: str) -> dict[str, Any]:
    """Functions and classes by their names, with what they import and the constants they use.

    Calls that a cell makes are not run, nothing is printed, and what does not run is left out.

    Args:
        cells: what each is called in tracebacks, and its text.
        name: of the module that they seem to be.
    """
    namespace: dict[str, Any] = {"__name__": name}
    exec(IMPORTS, namespace)
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        for place, source in cells:
            for node in _definitions(source):
                with contextlib.suppress(Exception, SystemExit):
                    exec(compile(ast.Module([node], []), place, "exec"), namespace)
    return namespace


def definitions_alone(source: str) -> str:
    """The text of a cell with empty lines in place of what defines nothing: every line keeps its number."""
    kept: set[int] = set()
    for node in _definitions(source):
        marks = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(mark.lineno for mark in marks)])
        kept |= set(range(first, (node.end_lineno or node.lineno) + 1))
    lines = source.splitlines(keepends=True)
    return "".join(line if number in kept else "\n" for number, line in enumerate(lines, start=1))


def last_definitions(cells: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """For each of the names the text of the last cell that defines it as a function or a class."""
    found = {}
    for text in cells:
        body = statements(text) or ()
        made = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        found.update(dict.fromkeys(made.intersection(names), text))
    return found


def as_python(source: str, transform: Callable[[str], str]) -> str:
    """A cell with its magics as Python; every line keeps its number.

    Args:
        transform: IPython's, which takes away the empty lines at the beginning.
    """
    if statements(source) is not None:
        return source
    try:
        return "\n" * (len(source) - len(source.lstrip("\n"))) + transform(source)
    except Exception:
        return source  # it did not run


def statements(source: str) -> list[ast.stmt] | None:
    """The statements of a cell; None where it is no Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definitions(source: str) -> Iterator[ast.stmt]:
    """What of a cell's statements defines something, in their order."""
    yield from filter(_is_definition, statements(source) or ())


def _is_definition(node: ast.stmt) -> bool:
    """The course's own names are for cells that show something, and take long to load."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module or "").startswith("course")
    if isinstance(node, ast.Import):
        return not any(name.name.startswith("course") for name in node.names)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(node, ast.FunctionDef | ast.ClassDef)
