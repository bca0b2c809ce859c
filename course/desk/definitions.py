"""What a notebook defines, without what else its cells do."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from course.trial import SIZE_LIMIT

# What a notebook's definitions are run with, as its first cell imports it.
IMPORTS = "import math, torch\nimport numpy as np\nfrom torch import nn\nfrom torch.nn import functional as F"


def cells_of(path: Path) -> list[nbformat.NotebookNode] | None:
    """The cells of a notebook; None where the file can't be read as one, or is larger than any is."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            return None
        cells: list[nbformat.NotebookNode] = nbformat.read(path, as_version=4).cells
        for cell in cells:
            _ = f"{cell.source}{cell.cell_type}{cell.metadata.get('nbgrader')}"
    except Exception:
        return None  # nbformat raises many kinds for what a file can hold
    return cells


def defined_in(path: Path) -> dict[str, Any]:
    """A notebook's functions and classes by their names, with what they import and the constants they use.

    Calls that a cell makes are not run, nothing is printed, and what does not run is left out.
    """
    namespace: dict[str, Any] = {"__name__": path.stem}
    exec(IMPORTS, namespace)
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        for name, statement in _definitions(path):
            with contextlib.suppress(Exception, SystemExit):
                exec(compile(statement, name, "exec"), namespace)
    return namespace


def _definitions(path: Path) -> Iterator[tuple[str, ast.Module]]:
    """What of a notebook's statements defines something, one by one, in the order of its cells."""
    for number, cell in enumerate(cells_of(path) or (), start=1):
        if cell.cell_type != "code":
            continue
        try:
            body = ast.parse(cell.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in body:
            if _is_definition(node):
                yield f"<{path.name}, cell {number}>", ast.Module([node], [])


def _is_definition(node: ast.stmt) -> bool:
    """The course's own names are for cells that show something, and take long to load."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module or "").startswith("course")
    if isinstance(node, ast.Import):
        return not any(name.name.startswith("course") for name in node.names)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(node, ast.FunctionDef | ast.ClassDef)
