"""A weight in place of what is left of 1, and what is left in place of the weight."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from course.edits.code import Change, Code
from course.edits.words import Words


def changes(code: Code, words: Words, node: ast.AST, weights: frozenset[str]) -> Iterator[Change]:
    """``x`` for ``1 - x`` at this node, or ``1 - x`` for ``x``.

    Args:
        weights: what is taken from 1 somewhere; see ``weights``.
    """
    if _is_rest(node):
        name = words.of(node.right, "a weight")
        said = f"{name} stands in place of the rest to 1"
        yield code.instead(node, code.atom(node.right), "complement_left_out", said)
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        text = code.text(node)
        if text in weights and not _is_rest(code.parent[node]):
            said = f"the rest to 1 stands in place of {words.of(node, 'a weight')}"
            yield code.instead(node, f"(1 - {text})", "complement", said)


def swapped(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """``(1 - x) * a + x * b`` for ``x * a + (1 - x) * b``: both weights of a sum are exchanged."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return
    parts = [each for each in code.within(node) if _is_rest(each)]
    for rest in parts:
        weight = code.text(rest.right)
        plain = [
            each
            for each in code.within(node)
            if isinstance(each, ast.Name | ast.Attribute)
            and code.text(each) == weight
            and not _is_rest(code.parent[each])
        ]
        if len(plain) == 1 and sum(code.text(each.right) == weight for each in parts) == 1:
            places = (code.put(rest, code.atom(rest.right)), code.put(plain[0], f"(1 - {weight})"))
            yield Change("weights_swapped", "the two weights are exchanged", rest, places)


def weights(code: Code) -> frozenset[str]:
    """The texts of what the code takes from 1."""
    return frozenset(code.text(node.right) for node in code.nodes if _is_rest(node))


def _is_rest(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and isinstance(node.left, ast.Constant)
        and node.left.value == 1
    )
