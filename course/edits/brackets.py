"""Brackets that stand elsewhere: in a product, in a quotient, around a root, in a mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.operators import sign_of
from course.edits.words import CALLED, Words, called, of_module

RANK: dict[type[ast.operator], int] = {
    ast.Add: 1,
    ast.Sub: 1,
    ast.Mult: 2,
    ast.Div: 2,
    ast.FloorDiv: 2,
    ast.Mod: 2,
    ast.MatMult: 2,
    ast.Pow: 3,
}
# Functions of one quantity into and out of which a term or a power slips.
CONTAINERS = {
    *("sqrt", "abs", "mean", "sum", "exp", "log", "norm", "max", "min", "prod", "std", "var", "square"),
    *("maximum", "minimum", "float"),
}


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each way to set the brackets of this node elsewhere."""
    if isinstance(node, ast.BinOp) and type(node.op) in RANK:
        yield from _regrouped(code, node)
        yield from _into_call(code, words, node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _under_minus(code, node)
    elif isinstance(node, ast.Call):
        yield from _out_of_call(code, words, node)


def _regrouped(code: Code, node: ast.BinOp) -> Iterator[Change]:
    """``a * (b + c)`` read as ``a * b + c``, and the other way round."""
    sign, outer = sign_of(node.op), RANK[type(node.op)]
    if isinstance(node.left, ast.BinOp) and type(node.left.op) in RANK:
        inner, a, b, c = (
            node.left,
            code.atom(node.left.left),
            code.atom(node.left.right),
            code.atom(node.right),
        )
        if not _alike(inner.op, node.op):
            said = _said(RANK[type(inner.op)] < outer)
            text = f"({a} {sign_of(inner.op)} ({b} {sign} {c}))"
            yield code.instead(node, text, "brackets_moved", said)
    if isinstance(node.right, ast.BinOp) and type(node.right.op) in RANK:
        inner, a, b, c = (
            node.right,
            code.atom(node.left),
            code.atom(node.right.left),
            code.atom(node.right.right),
        )
        if not _alike(node.op, inner.op):
            said = _said(RANK[type(inner.op)] <= outer)
            text = f"(({a} {sign} {b}) {sign_of(inner.op)} {c})"
            yield code.instead(node, text, "brackets_moved", said)


def _alike(first: ast.operator, second: ast.operator) -> bool:
    """Whether ``(a first b) second c`` is ``a first (b second c)`` but for rounding."""
    if isinstance(first, ast.Add):
        return isinstance(second, ast.Add | ast.Sub)
    return isinstance(first, ast.Mult) and isinstance(second, ast.Mult | ast.Div)


def _said(was_there: bool) -> str:
    return "a bracket is missing" if was_there else "a bracket is too much"


def _under_minus(code: Code, node: ast.UnaryOp) -> Iterator[Change]:
    inner = node.operand
    if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
        text = f"(-{code.atom(inner.left)} {sign_of(inner.op)} {code.atom(inner.right)})"
        yield code.instead(node, text, "brackets_moved", "a bracket is missing")


def _into_call(code: Code, words: Words, node: ast.BinOp) -> Iterator[Change]:
    """``sqrt(v) + eps`` read as ``sqrt(v + eps)``."""
    call, sign = node.left, sign_of(node.op)
    if isinstance(call, ast.Call) and (inside := _inside(call)) is not None:
        moved = f"{code.atom(inside)} {sign} {code.atom(node.right)}"
        said = f"{words.of(node.right, 'a part')} stands inside {CALLED.get(called(call), 'a step')}"
        yield code.instead(node, _called_with(code, call, moved), "moved_into_call", said)


def _out_of_call(code: Code, words: Words, node: ast.Call) -> Iterator[Change]:
    """``sqrt(v + eps)`` read as ``sqrt(v) + eps``, ``mean(x**2)`` as ``mean(x)**2``."""
    inside = _inside(node)
    if isinstance(inside, ast.BinOp) and (sign := sign_of(inside.op)):
        call = _called_with(code, node, code.text(inside.left))
        said = f"{words.of(inside.right, 'a part')} stands outside {CALLED.get(called(node), 'a step')}"
        yield code.instead(node, f"({call} {sign} {code.atom(inside.right)})", "moved_out_of_call", said)
        if isinstance(inside.op, ast.Mult | ast.Add):
            call = _called_with(code, node, code.text(inside.right))
            said = f"{words.of(inside.left, 'a part')} stands outside {CALLED.get(called(node), 'a step')}"
            yield code.instead(node, f"({code.atom(inside.left)} {sign} {call})", "moved_out_of_call", said)


def _inside(node: ast.Call) -> ast.expr | None:
    """What a function is taken of: its first argument, or what it is a method of."""
    if called(node) not in CONTAINERS:
        return None
    if isinstance(node.func, ast.Attribute) and not of_module(node):
        return node.func.value
    return (
        node.args[0] if node.args and not isinstance(node.args[0], ast.GeneratorExp | ast.Starred) else None
    )


def _called_with(code: Code, node: ast.Call, given: str) -> str:
    """The same call of something else."""
    rest = [code.text(each) for each in (*node.args, *node.keywords)]
    if isinstance(node.func, ast.Attribute) and not of_module(node):
        return f"({given}).{node.func.attr}({', '.join(rest)})"
    return f"{code.text(node.func)}({', '.join([given, *rest[1:]])})"
