"""What the text of a cell reaches for that an answer does not need: told to a person, never to the score."""

from __future__ import annotations

import ast
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


def torch_optim(source: str) -> bool:
    """Whether a cell reaches for ``torch.optim``; text that does not parse does not."""
    return any(name == "torch.optim" for name in _found(source))


def unusual(source: str) -> list[str]:
    """The names, sorted, that a cell uses and that an answer to an exercise does not need."""
    return sorted({name for name in _found(source) if name != "torch.optim"})


def _found(source: str) -> Iterator[str]:
    try:
        # As IPython reads it: `!ls` and `%time` are no errors.
        tree = ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr == "optim":
                yield "torch.optim"
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
        if name == "torch.optim" or name.startswith("torch.optim."):
            yield "torch.optim"
        elif name.partition(".")[0] == "course":
            # `from course.plots import surface` names what is in the module.
            if (module or name) not in COURSE:
                yield module or name
        elif name.partition(".")[0] in MODULES:
            yield name.partition(".")[0]
        elif alias.name in ATTRIBUTES:
            yield name
