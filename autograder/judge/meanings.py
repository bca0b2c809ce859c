"""What the names of a notebook stand for, as far as its text tells: modules, and what they hold."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

from autograder.judge.paths import Path
from autograder.sandbox.allowed import words

# Attributes in a row, and modules that one name may stand for, that are followed.
STEPS, MEANINGS = 12, 8
# What a notebook of the course has imported when its first cell has run, and what is known by its own name.
USUAL = {
    "np": "numpy",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "sns": "seaborn",
    "data": "course.data",
    "plots": "course.plots",
    "training": "course.training",
    **{
        name: name
        for name in words("builtins course ctypes gc importlib inspect math numpy os subprocess sys torch")
    },
}

# What lets a name stand for something else's.
BINDING = (
    *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For),
    *(ast.comprehension, ast.arguments),
)

Meanings = frozenset[Path]
NOTHING: Meanings = frozenset()


class Names:
    """The names of one notebook. A name keeps what it ever stood for: it may again."""

    def __init__(self) -> None:
        self._known = {name: frozenset({tuple(module.split("."))}) for name, module in USUAL.items()}
        # Names that stand for something of the student's own as well.
        self._own: set[str] = set()

    def learn(self, nodes: Sequence[ast.AST]) -> None:
        """Remember what the names of a cell stand for."""
        followed: set[str] = set()
        binding = [node for node in nodes if isinstance(node, BINDING)]
        for _ in range(2):  # an alias may come before what it is an alias of
            for node in binding:
                for name, meanings in self._bound(node):
                    followed.add(name)
                    known = self._known.get(name, NOTHING) | meanings
                    if len(known) <= MEANINGS:
                        self._known[name] = known
        self._own |= {name for node in nodes if (name := _stored(node))} - followed

    def is_own(self, node: ast.expr) -> bool:
        """Whether it is, or is an attribute of, a name that the student also gave something else."""
        for _ in range(STEPS):
            if isinstance(node, ast.Attribute):
                node = node.value
        return isinstance(node, ast.Name) and node.id in self._own

    def meanings(self, node: ast.expr, depth: int = STEPS) -> Meanings:
        """The paths of names that an expression may stand for."""
        if depth == 0:
            return NOTHING
        if isinstance(node, ast.Name):
            return self._known.get(node.id, NOTHING)
        if isinstance(node, ast.Attribute):
            return below(self.meanings(node.value, depth - 1), node.attr)
        parts: Iterable[ast.expr] = ()
        if isinstance(node, ast.Call):
            # `getattr(torch, "nn")` stands for what `torch.nn` does.
            if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
                name = node.args[1]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    return below(self.meanings(node.args[0], depth - 1), name.value)
        elif isinstance(node, ast.IfExp):
            parts = (node.body, node.orelse)
        elif isinstance(node, ast.NamedExpr):
            parts = (node.value,)
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            parts = node.elts[:MEANINGS]
        elif isinstance(node, (ast.BoolOp, ast.Dict)):
            parts = node.values[:MEANINGS]
        elif isinstance(node, ast.Subscript) and not isinstance(node.value, (ast.Name, ast.Attribute)):
            parts = (node.value,)
        return NOTHING.union(*(self.meanings(part, depth - 1) for part in parts))

    def _bound(self, node: ast.AST) -> Iterator[tuple[str, Meanings]]:
        """The names that a statement or expression lets stand for something that is known."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = tuple(alias.name.split("."))
                yield alias.asname or whole[0], frozenset({whole if alias.asname else whole[:1]})
        elif isinstance(node, ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.iter if isinstance(node, (ast.For, ast.comprehension)) else node.value
            pairs = [(target, value) for target in targets]
            for target in targets:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs += zip(target.elts, value.elts, strict=False)
            for target, given in pairs:
                if given and isinstance(target, ast.Name) and (meanings := self.meanings(given)):
                    yield target.id, meanings
        elif isinstance(node, ast.arguments):
            last = [*node.posonlyargs, *node.args][::-1]
            for argument, default in zip(last, node.defaults[::-1], strict=False):
                if meanings := self.meanings(default):
                    yield argument.arg, meanings


def below(meanings: Meanings, name: str) -> Meanings:
    """What an attribute of that name may be."""
    return frozenset((*path, name) for path in meanings if len(path) < STEPS)


def _imported(node: ast.ImportFrom) -> Iterator[tuple[str, Meanings]]:
    module = node.module or ""
    for alias in node.names:
        if alias.name != "*":
            yield alias.asname or alias.name, frozenset({(*module.split("."), alias.name)})
            continue
        for name, held in vars(sys.modules.get(module, ModuleType(""))).items():
            if isinstance(held, ModuleType):
                yield name, frozenset({tuple(held.__name__.split("."))})


def _stored(node: ast.AST) -> str:
    """The name that is given a value there; "" where none is."""
    if isinstance(node, ast.Name):
        return "" if isinstance(node.ctx, ast.Load) else node.id
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else ""
