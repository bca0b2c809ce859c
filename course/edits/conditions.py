"""A condition that always holds, never holds, or holds when it should not; branches exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code


def changes(code: Code, node: ast.AST) -> Iterator[Change]:
    """Each way in which the condition at this node goes wrong; an endless loop is not made."""
    if isinstance(node, ast.If | ast.IfExp):
        for text, said in (("False", "never"), ("True", "always")):
            yield code.instead(node.test, text, f"condition_{said}", f"a condition {said} holds")
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield _negated(code, node.test)


def _negated(code: Code, test: ast.expr) -> Change:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        text = code.atom(test.operand)
    else:
        text = f"not {code.atom(test)}"
    return code.instead(test, text, "condition_negated", "a condition is the other way round")
