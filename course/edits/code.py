"""A piece of Python's text as rules see it: its tree, the text of every part, and what to put there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# What needs no brackets wherever it stands.
ATOMS = (
    ast.Name,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.Constant,
    ast.JoinedStr,
)
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True)
class Splice:
    """Bytes of a text, from ``start`` to ``end``, and what takes their place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Change:
    """What a rule does.

    Attributes:
        node: the smallest part of the tree that is changed: it gives the line.
    """

    rule: str
    said: str
    node: ast.AST
    splices: tuple[Splice, ...]


class Code:
    """The text of some statements, and their tree.

    Raises:
        SyntaxError, ValueError, RecursionError: it is no Python.
    """

    def __init__(self, source: str):
        self.source = source
        self.tree = ast.parse(source)
        self._bytes = source.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.parent: dict[ast.AST, ast.AST] = {}
        self.nodes = tuple(self._walk(self.tree))

    def _walk(self, node: ast.AST) -> Iterator[ast.AST]:
        """Every part that has a place, in the order of the text, but for docstrings and formatted texts.

        Of those, Python up to 3.11 does not tell the places.
        """
        for child in ast.iter_child_nodes(node):
            self.parent[child] = node
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if hasattr(child, "lineno"):
                yield child
            if not isinstance(child, ast.JoinedStr):
                yield from self._walk(child)

    def start(self, node: ast.AST) -> int:
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def text(self, node: ast.AST) -> str:
        """The text of a part as it stands there."""
        text = self._bytes[self.start(node) : self.end(node)].decode()
        # Their brackets are not theirs to Python; without them they stand in few places.
        return f"({text})" if isinstance(node, ast.Yield | ast.YieldFrom | ast.NamedExpr) else text

    def atom(self, node: ast.expr) -> str:
        """The text of an expression, in brackets where it could be torn apart."""
        text = self.text(node)
        return text if isinstance(node, ATOMS) or (text.startswith("(") and _closed(text)) else f"({text})"

    def instead(self, node: ast.AST, text: str, rule: str, said: str) -> Change:
        """A change of one part into ``text``."""
        return Change(rule, said, node, (self.put(node, text),))

    def put(self, node: ast.AST, text: str) -> Splice:
        start, end = self.start(node), self.end(node)
        if isinstance(node, ast.GeneratorExp) or (isinstance(node, ast.Tuple) and self.text(node)[:1] == "("):
            text = f"({text})"  # its brackets may be those of the call that it stands in
        before, after = self._bytes[start - 1 : start], self._bytes[end : end + 1]
        if start and _in_word(before) and _in_word(text[:1].encode()):
            text = f" {text}"
        if _in_word(after) and _in_word(text[-1:].encode()):
            text = f"{text} "
        return Splice(start, end, text)

    def applied(self, splices: Sequence[Splice]) -> str:
        """The whole text with these places changed; they do not overlap."""
        made = self._bytes
        for splice in sorted(splices, key=lambda each: (each.start, each.end), reverse=True):
            made = made[: splice.start] + splice.text.encode() + made[splice.end :]
        return made.decode()

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a part stands in, from the inside out."""
        while (node := self.parent.get(node, self.tree)) is not self.tree:
            yield node

    def within(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parts of a part, and itself, whose places are known."""
        return (each for each in ast.walk(node) if each in self.parent)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that a part is, or stands in."""
        return next((each for each in (node, *self.ancestors(node)) if isinstance(each, ast.stmt)), None)

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function whose body a part stands in."""
        inside = node
        for each in self.ancestors(node):
            if isinstance(each, ast.FunctionDef) and inside in each.body:
                return each
            inside = each
        return None

    def in_raise(self, node: ast.AST) -> bool:
        return any(isinstance(each, ast.Raise) for each in self.ancestors(node))

    @cached_property
    def blocks(self) -> tuple[list[ast.stmt], ...]:
        """The statements that stand below each other, docstrings left out; not those of a module."""
        found = []
        for node in self.nodes:
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and not isinstance(node, ast.ClassDef):
                    found.append([each for each in block if not is_docstring(each)])
        return tuple(block for block in found if block)

    def lines(self, statement: ast.stmt) -> Splice | None:
        """The whole lines of a statement that shares them with no other; None where it does."""
        start, end = self._starts[statement.lineno - 1], self._starts[statement.end_lineno or 0]
        before = self._bytes[start : self.start(statement)]
        after = self._bytes[self.end(statement) : end].strip()
        if before.strip() or (after and not after.startswith(b"#")):
            return None
        return Splice(start, end, self._bytes[start:end].decode())

    def indent(self, statement: ast.stmt) -> str:
        """What stands before a statement in its line: spaces or tabs."""
        return self._bytes[self._starts[statement.lineno - 1] : self.start(statement)].decode()


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _in_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_" or byte > b"\x7f"


def _closed(text: str) -> bool:
    """Whether the bracket that a text begins with is closed at its end."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return place == len(text) - 1
    return False
