"""What one line does and another lacks: a part of the code once more, with the names of its new place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from course.edits.code import Change, Code
from course.edits.operators import sign_of
from course.edits.words import Words

# Characters of a part: what is longer is a line of its own.
LONGEST = 60


def changes(code: Code, words: Words) -> Iterator[Change]:
    """``v_hat = v / (1 - beta2**t)`` for ``v_hat = v``, where the same is done to ``m_hat``."""
    functions = [node for node in code.nodes if isinstance(node, ast.FunctionDef)]
    for function in functions:
        steps = list(dict.fromkeys(_steps(code, function)))
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value is not None:
                for place in code.within(node.value):
                    if isinstance(place, ast.Name | ast.BinOp | ast.Subscript) and _is_whole(code, place):
                        for sign, part in steps:
                            text = f"({code.atom(place)} {sign} {part})"
                            yield code.instead(place, text, "step_added", "a step is too much")


def _steps(code: Code, function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Each operation with a compound right side, as it stands and with its names counted on: beta1, beta2."""
    names = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
    names |= {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    for node in code.within(function):
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            continue
        sides = (node.right, node.left) if isinstance(node.op, ast.Add | ast.Mult) else (node.right,)
        for side in sides:
            text = code.atom(side)
            if isinstance(side, ast.Constant | ast.Name) or len(text) > LONGEST:
                continue
            yield sign_of(node.op), text
            for name in sorted(names):
                for other in sorted(names):
                    if name != other and re.sub(r"\d", "", name) == re.sub(r"\d", "", other):
                        yield sign_of(node.op), re.sub(rf"\b{re.escape(name)}\b", other, text)


def _is_whole(code: Code, node: ast.expr) -> bool:
    """Whether a part is read as a value: it is no function, and nothing is taken out of it."""
    parent = code.parent[node]
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or isinstance(parent, ast.Attribute):
        return False
    return not (isinstance(parent, ast.Call) and parent.func is node) and not (
        isinstance(parent, ast.Subscript) and parent.value is node
    )
