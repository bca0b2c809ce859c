"""Which names have a value where a piece of code stands, and which of them are of one kind."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from course.edits.code import Code

# What arrays and tensors have too; whatever has others is an object of another kind.
OF_ARRAYS = {
    *("T", "abs", "astype", "clone", "copy", "detach", "dim", "dtype", "flatten", "grad", "item", "max"),
    *("mean", "min", "ndim", "norm", "numel", "numpy", "pow", "prod", "ravel", "reshape", "shape", "size"),
    *("sqrt", "std", "sum", "t", "tolist", "transpose", "var", "view"),
}


class Quantities:
    """The names of a piece of code, ``self``'s attributes among them: ``m``, ``self.lr``, ``self.m[i]``."""

    def __init__(self, code: Code):
        self._code = code
        self._uses: dict[tuple[ast.AST | None, str], set[str]] = defaultdict(set)
        self._first: dict[tuple[ast.AST | None, str], int] = {}
        for node in code.nodes:
            if isinstance(node, ast.arg):
                self._bind(self._owner_of_argument(node), node.arg, 0)
            elif isinstance(node, ast.Name | ast.Attribute) and (text := self._plain(node)):
                self._use(node, text)

    def at(self, node: ast.expr) -> Iterator[str]:
        """The texts of what could stand in this one's place: of its kind, and with a value there."""
        text = self._code.text(node)
        base = node.value if isinstance(node, ast.Subscript) else node
        index = node.slice if isinstance(node, ast.Subscript) else None
        is_bound = any((owner, self._plain(base)) in self._first for owner in self._owners(base))
        if not is_bound and isinstance(self._code.parent[node], ast.Attribute):
            return  # a module: of the whole notebook, and no quantity
        kind = self._kind(base, self._plain(base))
        for other, is_indexed in self._there(base):
            if other in (self._plain(base), text) or self._kind(base, other) != kind:
                continue
            if index is not None and is_indexed:
                yield f"{other}[{self._code.text(index)}]"
            elif index is None:
                yield other

    def values(self, node: ast.expr) -> list[str]:
        """The plain quantities that have a value where a part stands."""
        return [name for name, _ in self._there(node) if self._kind(node, name) == "plain"]

    def readable(self, node: ast.expr) -> list[str]:
        """Whatever has a value where a part stands, of any kind but functions."""
        return [name for name, _ in self._there(node) if self._kind(node, name) != "called"]

    def plain(self) -> list[tuple[ast.AST, list[str]]]:
        """The plain arguments of each function, and the plain attributes of each class."""
        found: dict[ast.AST, list[str]] = defaultdict(list)
        for (owner, name), line in self._first.items():
            uses = self._uses[owner, name]
            if (
                owner is not None
                and (line == 0 or name.startswith("self."))
                and not uses & {"called", "opened"}
            ):
                found[owner].append(name)
        return list(found.items())

    def _there(self, node: ast.expr) -> Iterator[tuple[str, bool]]:
        """Names with a value where a part stands, and whether they are taken by index."""
        owners = self._owners(node)
        statement = self._code.statement(node)
        here = statement.lineno if statement else 0
        for (owner, name), line in self._first.items():
            if owner in owners and (line < here or name.startswith("self.")):
                yield name, "indexed" in self._uses[owner, name]

    def _kind(self, node: ast.AST, text: str) -> str:
        for owner in self._owners(node):
            uses = self._uses.get((owner, text))
            if uses is not None:
                first = ("called", "opened", "indexed") if text.startswith("self.") else ("called", "opened")
                return next((use for use in first if use in uses), "plain")
        return "plain"

    def _owners(self, node: ast.AST) -> list[ast.AST | None]:
        """The functions, comprehensions and the class whose names can be read where a part stands."""
        kinds = (
            ast.FunctionDef,
            ast.Lambda,
            ast.ListComp,
            ast.GeneratorExp,
            ast.DictComp,
            ast.SetComp,
            ast.ClassDef,
        )
        return [each for each in self._code.ancestors(node) if isinstance(each, kinds)]

    def _owner_of_argument(self, node: ast.arg) -> ast.AST | None:
        return self._code.parent[self._code.parent[node]]

    def _owner(self, node: ast.expr, text: str) -> ast.AST | None:
        """Where a name is at home: an attribute in its class, another where it is bound innermost."""
        owners = self._owners(node)
        if text.startswith("self."):
            return next((each for each in owners if isinstance(each, ast.ClassDef)), None)
        if isinstance(getattr(node, "ctx", None), ast.Store):
            return next((each for each in owners if not isinstance(each, ast.ClassDef)), None)
        return next((each for each in owners if (each, text) in self._first), None)

    def _bind(self, owner: ast.AST | None, name: str, line: int) -> None:
        if owner is not None and name not in ("self", "cls", "_"):
            self._first.setdefault((owner, name), line)

    def _use(self, node: ast.Name | ast.Attribute, text: str) -> None:
        owner, parent = self._owner(node, text), self._code.parent[node]
        is_called = isinstance(parent, ast.Call) and parent.func is node
        # What a class reads of itself and does not set, its parent does.
        is_own = text.startswith("self.") and not is_called
        if isinstance(node.ctx, ast.Store) or is_own:
            in_comprehension = isinstance(owner, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp)
            self._bind(owner, text, 0 if in_comprehension else node.lineno)
        uses = self._uses[owner, text]
        if is_called:
            uses.add("called")
        elif isinstance(parent, ast.Attribute) and parent.attr.rstrip("_") not in OF_ARRAYS:
            uses.add("opened")
        elif isinstance(parent, ast.Subscript) and parent.value is node:
            uses.add("indexed")

    @staticmethod
    def _plain(node: ast.expr) -> str:
        """``m`` or ``self.m``; empty for everything else."""
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return f"self.{node.attr}"
        return ""
