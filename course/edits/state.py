"""What is kept: an old value read in place of the new one, state of all instances, changes in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from course.edits.code import Change, Code, Splice, is_docstring
from course.edits.operators import sign_of
from course.edits.words import Words

# A name that no answer has.
OLD = "value_before"
MADE_OF_NOTHING = (ast.List, ast.Dict, ast.Constant)


def changes(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """Each way in which this assignment keeps what it should not."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return
    target = node.targets[0]
    if isinstance(target, ast.Name | ast.Subscript):
        yield from _in_place(code, words, node, target)
    if isinstance(target, ast.Name):
        yield from _old_read(code, words, node, target)
    if isinstance(target, ast.Attribute) and code.text(target.value) == "self":
        yield from _shared(code, words, node, target)


def _in_place(code: Code, words: Words, node: ast.Assign, target: ast.expr) -> Iterator[Change]:
    """``x = x - y`` written as ``x -= y``."""
    value = node.value
    if isinstance(value, ast.BinOp) and code.text(value.left) == code.text(target) and sign_of(value.op):
        text = f"{code.text(target)} {sign_of(value.op)}= {code.text(value.right)}"
        yield code.instead(node, text, "in_place", f"{words.of(target, 'an array')} is changed in place")


def _old_read(code: Code, words: Words, node: ast.Assign, target: ast.Name) -> Iterator[Change]:
    """A later reading gives what stood there before."""
    function = code.function(node)
    if function is None or not _has_value_before(function, node, target.id):
        return
    start = code.start(node)
    for each in code.nodes:
        if (
            isinstance(each, ast.Name)
            and isinstance(each.ctx, ast.Load)
            and each.id == target.id
            and each.lineno > (node.end_lineno or node.lineno)
            and code.function(each) is function
        ):
            said = f"{words.of(each, 'a quantity')} is read as it was before its update"
            yield Change(
                "old_value", said, each, (Splice(start, start, f"{OLD} = {target.id}; "), code.put(each, OLD))
            )


def _has_value_before(function: ast.FunctionDef, node: ast.Assign, name: str) -> bool:
    arguments = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    before = (
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and each.lineno < node.lineno
    )
    return name in arguments or name in before


def _shared(code: Code, words: Words, node: ast.Assign, target: ast.Attribute) -> Iterator[Change]:
    """An attribute of the class in place of the instance's: made once, or by the last instance."""
    function = code.function(node)
    if function is None or function.name != "__init__":
        return
    owner = code.parent[function]
    said = f"all instances share {words.of(target, 'what they keep')}"
    sets = [
        each
        for each in code.nodes
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and each.attr == target.attr
    ]
    inner = [each for each in sets if code.text(each) == code.text(target)]
    splices = tuple(code.put(each, f"type(self).{target.attr}") for each in inner)
    yield Change("state_shared", said, node, splices)
    is_empty = isinstance(node.value, ast.List | ast.Dict) and len(list(ast.walk(node.value))) <= 2
    if is_empty and isinstance(owner, ast.ClassDef):
        first = next((each for each in owner.body if not is_docstring(each)), owner.body[0])
        marks = getattr(first, "decorator_list", [])
        # Before its first statement, on a line of its own.
        place = code.start(marks[0] if marks else first) - first.col_offset - bool(marks)
        text = f"{' ' * first.col_offset}{target.attr} = {code.text(node.value)}\n"
        yield Change("made_once", said, node, (code.put(node, "pass"), Splice(place, place, text)))
