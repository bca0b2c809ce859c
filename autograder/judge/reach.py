"""What the text of a cell reaches for that an answer does not need: told to a person, never to the score."""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

# Modules of the course that lessons use.
COURSE = ("course", "course.data", "course.plots", "course.training")
MODULES = {
    "ctypes",
    "gc",
    "importlib",
    "inspect",
    "marshal",
    "multiprocessing",
    "pickle",
    "pty",
    "resource",
    "signal",
    "socket",
    "sqlite3",
    "subprocess",
    "zipimport",
}
NAMES = {"__import__", "__loader__", "eval", "exec", "get_ipython"}
ATTRIBUTES = {
    "__code__",
    "__globals__",
    "__subclasses__",
    "_exit",
    "_getframe",
    "f_back",
    "f_globals",
    "f_locals",
    "fork",
    "kill",
    "meta_path",
    "modules",
    "setprofile",
    "settrace",
}


TORCH_OPTIM = "torch.optim"
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def unusual(source: str) -> list[str]:
    """The names, sorted, that a cell uses and that an answer to an exercise does not need.

    ``torch.optim`` is one of them, by whatever way it is reached. Text that does not parse uses none.
    """
    tree = _parse(source)
    return sorted(set(_found(tree, source))) if tree else []


def _parse(source: str) -> ast.Module | None:
    with warnings.catch_warnings(), contextlib.suppress(*UNREADABLE):
        warnings.simplefilter("ignore")
        with contextlib.suppress(*UNREADABLE):
            return ast.parse(source)
        # Or else as IPython reads it, which takes its time: `!ls` and `%time` are no errors.
        return ast.parse(TransformerManager().transform_cell(source))
    return None


def _found(tree: ast.Module, source: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr == "optim":
                yield TORCH_OPTIM
            elif node.attr in ATTRIBUTES or node.attr.startswith("_fused_"):
                yield node.attr
        elif isinstance(node, ast.Name) and node.id in NAMES:
            # IPython writes `!ls` as a call of get_ipython(): that is not the student's.
            if node.id not in source:
                continue
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _imported(node)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    module = getattr(node, "module", None)
    for alias in node.names:
        name = f"{module}.{alias.name}" if module else alias.name
        if name == TORCH_OPTIM or name.startswith(f"{TORCH_OPTIM}."):
            yield TORCH_OPTIM
        elif name.partition(".")[0] == "course":
            # `from course.plots import surface` names what is in the module.
            if (module or name) not in COURSE:
                yield module or name
        elif name.partition(".")[0] in MODULES:
            yield name.partition(".")[0]
        elif alias.name in ATTRIBUTES:
            yield name
