"""A factor that belongs to the other term; names of one kind read for another in a whole statement."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.operators import sign_of
from course.edits.quantities import Quantities
from course.edits.words import Words


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """``a * x + y`` written as ``x + a * y``, and each other factor of one term at the other."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return
    left, right, sign = node.left, node.right, sign_of(node.op)
    for rest, factor in _without_a_factor(code, left):
        said = f"the factor {words.of(factor, 'of one term')} stands at the other term"
        text = f"({rest} {sign} {code.atom(factor)} * {code.atom(right)})"
        yield code.instead(node, text, "factor_moved", said)
    for rest, factor in _without_a_factor(code, right):
        said = f"the factor {words.of(factor, 'of one term')} stands at the other term"
        text = f"({code.atom(factor)} * {code.atom(left)} {sign} {rest})"
        yield code.instead(node, text, "factor_moved", said)


def _without_a_factor(code: Code, node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each factor of a product, and the text of what is left of it."""
    factors = _factors(node)
    for factor in factors if len(factors) > 1 else ():
        yield " * ".join(code.atom(each) for each in factors if each is not factor), factor


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]


def of_one_kind(code: Code, words: Words, quantities: Quantities, node: ast.AST) -> Iterator[Change]:
    """Every ``m_hat`` and ``v_hat`` of a statement read as ``m`` and ``v``, and the other way round."""
    if not isinstance(node, ast.Return | ast.Assign) or node.value is None:
        return
    read = [each for each in code.within(node.value) if isinstance(each, ast.Name)]
    there = set(quantities.values(node.value))
    kinds: dict[tuple[str, str], list[tuple[ast.Name, str]]] = defaultdict(list)
    for each in read:
        for other in there - {each.id}:
            if other.startswith(each.id):
                kinds["", other.removeprefix(each.id)].append((each, other))
            elif each.id.startswith(other):
                kinds[each.id.removeprefix(other), ""].append((each, other))
    for (was, _), found in sorted(kinds.items()):
        if len(found) > 1:
            said = "quantities stand in place of those " + ("before" if was else "after") + " one more step"
            yield Change(
                "kind_exchanged", said, found[0][0], tuple(code.put(each, other) for each, other in found)
            )
