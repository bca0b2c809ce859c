"""One constant for another; one more or one less in a counter, a range, a slice, a power."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.words import Words, called

OTHERS: dict[float, tuple[str, ...]] = {
    0: ("1", "2"),
    1: ("0", "2"),
    2: ("1", "3", "0.5"),
    3: ("2", "4", "6"),
    0.5: ("1", "2"),
    0.9: ("0.99", "0.999", "0.5"),
    0.99: ("0.9", "0.999"),
    0.999: ("0.99", "0.9"),
    1e-3: ("1e-2", "1e-4"),
    1e-5: ("1e-8", "1e-6"),
    1e-6: ("1e-8", "1e-5"),
    1e-8: ("1e-6", "1e-7", "1e-10"),
}
# What frameworks and papers have as defaults.
DEFAULTS = [
    "0",
    "1e-12",
    "1e-10",
    "1e-8",
    "1e-7",
    "1e-6",
    "1e-5",
    "1e-4",
    "1e-3",
    "1e-2",
    "0.1",
    "0.5",
    "0.9",
    "0.95",
    "0.98",
    "0.99",
    "0.999",
    "1",
]
# Arguments that say along which axis, and what else they may be.
AXES = ("axis", "dim")
SAID_OF_AXES = "it goes along another axis"
COUNTS = (ast.Slice, ast.Subscript)


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each other constant, and each count that is one off, at this node."""
    if isinstance(node, ast.Constant) and not code.in_raise(node):
        yield from _constant(code, words, node)
    elif isinstance(node, ast.keyword):
        yield from _setting(code, node)
    elif isinstance(node, ast.Call) and called(node) in ("range", "arange", "linspace") and node.args:
        yield from _range(code, words, node)
    elif isinstance(node, ast.Call) and called(node) == "enumerate" and len(node.args) == 1:
        if not node.keywords:
            text = f"{code.text(node.func)}({code.text(node.args[0])}, 1)"
            yield code.instead(node, text, "one_off", f"{_counter(code, words, node)} counts from 1")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield from _one_off(code, words, node.right)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.expr):
        yield from _one_off(code, words, node.slice)
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield from _one_off(code, words, bound)
    elif isinstance(node, ast.UnaryOp) and code.text(node) == "-1" and not _is_axis(code.parent[node]):
        for other in ("0", "1", "-2"):
            yield code.instead(node, other, "constant_exchanged", f"{other} stands in place of -1")


def _is_axis(parent: ast.AST) -> bool:
    return isinstance(parent, ast.keyword) and parent.arg in AXES


def _constant(code: Code, words: Words, node: ast.Constant) -> Iterator[Change]:
    parent, value = code.parent[node], node.value
    if (isinstance(parent, ast.UnaryOp) and isinstance(code.parent[parent], ast.keyword)) or _is_axis(parent):
        return  # of an axis, or what stands under its minus
    if isinstance(value, bool):
        yield code.instead(node, str(not value), "constant_exchanged", "a switch stands the other way")
    elif isinstance(value, int | float) and isinstance(parent, ast.arguments):
        yield from _default(code, node, parent)
    elif isinstance(value, int | float):
        for other in OTHERS.get(value, ()) or _near(value):
            other = f"{other}.0" if isinstance(value, float) and other.isdigit() else other
            said = _counts(code, words, node, other) or f"{_said(other)} stands in place of {value:g}"
            yield code.instead(node, other, "constant_exchanged", said)
        if value:
            said = f"-{value:g} stands in place of {value:g}"
            yield code.instead(node, f"(-{code.text(node)})", "constant_exchanged", said)
    elif value is None and isinstance(parent, ast.Return | ast.Assign):
        yield code.instead(node, "0", "constant_exchanged", "0 stands in place of nothing")


def _default(code: Code, node: ast.Constant, arguments: ast.arguments) -> Iterator[Change]:
    """Another framework's default of an argument."""
    optional = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    pairs = [
        *zip(optional, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    name = next((argument.arg for argument, default in pairs if default is node), "an argument")
    for other in DEFAULTS:
        if float(other) != node.value:
            text = str(int(other)) if isinstance(node.value, int) and float(other).is_integer() else other
            yield code.instead(node, text, "default_exchanged", f"the default of {name} is {float(other):g}")


def _near(value: float) -> tuple[str, ...]:
    """Of a number that is not in the list: ten times as much or as little, or one more or less."""
    if isinstance(value, int):
        return str(value + 1), str(value - 1), str(value * 2), str(value // 2)
    return f"{value * 10:g}", f"{value / 10:g}"


def _said(number: str) -> str:
    return f"{float(number):g}"


def _counts(code: Code, words: Words, node: ast.Constant, other: str) -> str:
    """ "t counts from 0", where the constant is what a counter begins with."""
    parent = code.parent[node]
    is_start = isinstance(parent, ast.Call) and (
        called(parent) in ("range", "arange") and len(parent.args) > 1 and parent.args[0] is node
    )
    return f"{_counter(code, words, node)} counts from {_said(other)}" if is_start else ""


def _counter(code: Code, words: Words, node: ast.AST) -> str:
    """What a loop or an assignment calls the numbers that it counts."""
    statement = code.statement(node)
    target = statement.target if isinstance(statement, ast.For) else None
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
    target = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
    return words.of(target, "the counter")


def _setting(code: Code, node: ast.keyword) -> Iterator[Change]:
    if node.arg in AXES:
        here = code.text(node.value)
        for other in ("0", "1", "-1", "None"):
            if other != here:
                yield code.instead(node.value, other, "axis_exchanged", SAID_OF_AXES)
        if isinstance(node.value, ast.Tuple):
            for dropped in node.value.elts:
                kept = [code.text(each) for each in node.value.elts if each is not dropped]
                text = f"({', '.join(kept)},)" if kept else "()"
                yield code.instead(node.value, text, "axis_exchanged", SAID_OF_AXES)
    elif node.arg == "side" and isinstance(node.value, ast.Constant):
        other = '"left"' if node.value.value == "right" else '"right"'
        yield code.instead(node.value, other, "constant_exchanged", "a bound is counted to the other side")


def _range(code: Code, words: Words, node: ast.Call) -> Iterator[Change]:
    end = node.args[1] if len(node.args) > 1 else node.args[0]
    if len(node.args) == 1:
        text = f"1, {code.text(end)}"
        yield code.instead(end, text, "one_off", f"{_counter(code, words, node)} counts from 1")
    for sign, said in (("+", "goes one too far"), ("-", "ends one too early")):
        if not isinstance(end, ast.Constant):
            yield code.instead(
                end, f"{code.atom(end)} {sign} 1", "one_off", f"{_counter(code, words, node)} {said}"
            )


def _one_off(code: Code, words: Words, node: ast.expr) -> Iterator[Change]:
    """One more and one less of what counts; a number has its own rule."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp) or _is_number(node):
        return
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice | ast.Tuple):
        return
    for sign, said in (("-", "small"), ("+", "large")):
        text = (
            f"({code.text(node)} {sign} 1)"
            if not isinstance(node, ast.BinOp)
            else f"({code.text(node)}) {sign} 1"
        )
        text = f"({text})" if isinstance(node, ast.BinOp) else text
        yield code.instead(node, text, "one_off", f"{words.of(node, 'a count')} is one too {said}")


def _is_number(node: ast.expr) -> bool:
    return all(not isinstance(each, ast.Name) for each in ast.walk(node))
