"""An answer made once and changed many times: of a changed text only the changed function is compiled."""

from __future__ import annotations

import ast
import types
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Span = tuple[int, int]


class _Place(NamedTuple):
    """A function of the text.

    Attributes:
        span: its first and last line, from 1.
        within: the class that it is of; empty for one that stands alone.
    """

    span: Span
    within: str
    name: str


class Built:
    """What the text of a cell defines, and what it would define if a few of its lines were others.

    Attributes:
        made: the function or class of that name.

    Raises:
        Exception: whatever the text raises.
    """

    def __init__(self, source: str, namespace: Mapping[str, Any], name: str):
        self._name = name
        self._lines = source.splitlines()
        self._given = namespace
        tree = ast.parse(source)
        self._code = compile(tree, file_of(name), "exec")
        self._owners = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        self._places = () if _keeps_state(tree) else tuple(_places(tree))
        self._changed: tuple[types.FunctionType, tuple[Any, ...]] | None = None
        self._make()

    def _make(self) -> None:
        self._namespace = dict(self._given)
        exec(self._code, self._namespace)
        self.made = self._namespace[self._name]
        self._classes = [found for each in self._owners if (found := self._namespace.get(each))]
        self._attributes = [dict(vars(each)) for each in self._classes]

    def lines_changed(self, text: str) -> Span:
        """The first and the last line of the source that a changed text has otherwise."""
        lines, others = self._lines, text.splitlines()
        least = min(len(lines), len(others))
        first = next((at for at in range(least) if lines[at] != others[at]), least)
        last = next((at for at in range(least - first) if lines[-1 - at] != others[-1 - at]), least - first)
        return first + 1, max(first + 1, len(lines) - last)

    def with_text(self, text: str, changed: Span) -> Any:
        """What a changed text defines; valid until the next one is asked for.

        Raises:
            Exception: whatever the text raises.
        """
        self._put_back()
        if self._is_spoilt():
            self._make()
        place = next((each for each in self._places if _holds(each.span, changed)), None)
        function = self._function(place) if place else None
        if place and function and self._exchange(place, function, text):
            return self.made
        return self.anew(text)

    def anew(self, text: str) -> Any:
        """The same with everything made anew, and nothing of what ran before."""
        namespace = dict(self._given)
        exec(compile(text, file_of(self._name), "exec"), namespace)
        return namespace[self._name]

    def _function(self, place: _Place) -> types.FunctionType | None:
        owner = self._namespace.get(place.within)
        found = vars(owner).get(place.name) if place.within and owner else self._namespace.get(place.name)
        is_own = isinstance(found, types.FunctionType) and found.__code__.co_firstlineno == place.span[0]
        return found if is_own else None

    def _exchange(self, place: _Place, function: types.FunctionType, text: str) -> bool:
        """Give a function the code that it has in a changed text; whether it could be given."""
        lines = text.splitlines()
        own = lines[place.span[0] - 1 : len(lines) - (len(self._lines) - place.span[1])]
        head = [f"class {place.within}:"] if place.within else []
        made: dict[str, Any] = {}
        try:
            exec(compile("\n".join([*head, *own]), file_of(self._name), "exec"), self._namespace, made)
        except NameError:
            return False  # a default that is named in the class
        other = vars(made[place.within])[place.name] if place.within else made[place.name]
        if other.__code__.co_freevars != function.__code__.co_freevars:
            return False
        self._changed = function, (function.__code__, function.__defaults__, function.__kwdefaults__)
        _give(function, other.__code__, other.__defaults__, other.__kwdefaults__)
        return True

    def _is_spoilt(self) -> bool:
        """Whether what was tried has set something of a class, which all that is tried after would see."""
        return any(
            len(now) != len(before) or any(now.get(name) is not value for name, value in before.items())
            for now, before in zip(map(vars, self._classes), self._attributes, strict=True)
        )

    def _put_back(self) -> None:
        if self._changed:
            function, before = self._changed
            _give(function, *before)
            self._changed = None


def file_of(name: str) -> str:
    """What the text of an answer's cell is called where it runs."""
    return f"<{name}>"


def _give(function: types.FunctionType, code: Any, defaults: Any, keywords: Any) -> None:
    function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords


def _holds(span: Span, changed: Span) -> bool:
    return span[0] <= changed[0] and changed[1] <= span[1]


def _places(tree: ast.Module) -> list[_Place]:
    """The functions and methods that nothing is wrapped around."""
    found = []
    for node in tree.body:
        inside: Sequence[ast.stmt] = node.body if isinstance(node, ast.ClassDef) else [node]
        within = node.name if isinstance(node, ast.ClassDef) else ""
        for each in inside:
            if isinstance(each, ast.FunctionDef) and not each.decorator_list:
                found.append(_Place((each.lineno, each.end_lineno or each.lineno), within, each.name))
    return found


def _keeps_state(tree: ast.Module) -> bool:
    """Whether something outlives a call, which would then remember what was tried before."""
    plain = (ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.Tuple)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            return True
        if isinstance(node, ast.arguments) and not all(
            isinstance(each, plain) for each in (*node.defaults, *node.kw_defaults) if each
        ):
            return True
        if isinstance(node, ast.Module | ast.ClassDef):
            values = [each.value for each in node.body if isinstance(each, ast.Assign | ast.AnnAssign)]
            if not all(isinstance(each, plain) for each in values if each):
                return True
    return False
