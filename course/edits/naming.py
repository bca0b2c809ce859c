"""One name for another of its kind; two arguments, elements or results exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from course.edits.code import Change, Code
from course.edits.quantities import Quantities
from course.edits.words import Words, called

# Calls whose arguments may stand in any order, or whose first ones are no quantities.
SYMMETRIC = ("maximum", "minimum", "max", "min", "zip", "isinstance", "hasattr", "getattr", "print")


def changes(code: Code, words: Words, quantities: Quantities, node: ast.AST) -> Iterator[Change]:
    """Each way to read another quantity at this node."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and _is_read(code, node):
        for other in quantities.at(node):
            said = _instead(words, node, other)
            yield code.instead(node, other, "name_exchanged", said)
    elif isinstance(node, ast.Call) and called(node) not in SYMMETRIC and not code.in_raise(node):
        yield from _exchanged(code, node.args, "arguments_exchanged", "two arguments are exchanged")
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        if isinstance(code.parent[node], ast.Return):
            yield from _exchanged(code, node.elts, "results_exchanged", "the results stand in another order")
        else:
            yield from _exchanged(code, node.elts, "elements_exchanged", "two elements are exchanged")
    elif isinstance(node, ast.Dict) and len(node.values) > 1:
        yield from _exchanged(code, node.values, "elements_exchanged", "two elements are exchanged")


def _is_read(code: Code, node: ast.Name | ast.Attribute | ast.Subscript) -> bool:
    """Whether a node reads a quantity, and as a whole: not as the object of a method, say."""
    parent = code.parent[node]
    if not isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.AugAssign | ast.For):
        return False
    if isinstance(node.ctx, ast.Store) and isinstance(parent, ast.For):
        return False
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Name) and isinstance(node.value, ast.Attribute)
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.id != "self" and not (isinstance(parent, ast.Call) and parent.func is node)


def _instead(words: Words, node: ast.expr, other: str) -> str:
    stands = ast.parse(other, mode="eval").body
    return f"{words.of(stands, 'another quantity')} stands in place of {words.of(node, 'the right one')}"


def _exchanged(code: Code, parts: list[ast.expr], rule: str, said: str) -> Iterator[Change]:
    """Two neighbours that are not the same, each in the other's place."""
    for first, second in pairwise(parts):
        if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
            continue
        one, other = code.text(first), code.text(second)
        if one != other:
            yield Change(rule, said, first, (code.put(first, other), code.put(second, one)))
