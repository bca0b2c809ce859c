"""A statement left out, moved, exchanged with its neighbour, or reached one step too early."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from course.edits.code import SIMPLE, Change, Code, Splice
from course.edits.words import Words, called


def left_out(code: Code, words: Words, node: ast.AST) -> Iterator[Change]:
    """This statement, decorator or manager left out."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and _was_there(code, node):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        yield code.instead(
            node, "pass", "statement_left_out", f"{words.of(target, 'a quantity')} is not updated"
        )
    elif isinstance(node, ast.Expr):
        yield code.instead(node, "pass", "statement_left_out", _said(node))
    elif isinstance(node, ast.Continue):
        yield code.instead(node, "pass", "statement_left_out", "what should be skipped is not")
        yield code.instead(node, "break", "loop_ended", "the loop ends where it should go on")
    elif isinstance(node, ast.Break):
        yield code.instead(node, "pass", "statement_left_out", "the loop does not end when it should")
        yield code.instead(node, "continue", "loop_ended", "the loop goes on where it should end")
    elif isinstance(node, ast.Raise):
        yield code.instead(node, "pass", "statement_left_out", "an error is not raised")
    elif isinstance(node, ast.Return):
        yield code.instead(node, "pass", "statement_left_out", "a return is missing")
    elif isinstance(node, ast.With):
        item = node.items[-1]
        place = Splice(code.start(node), code.end(item.optional_vars or item.context_expr), "if True")
        text = code.source.encode()[place.start : place.end]
        if text.count(b"(") == text.count(b")"):
            yield Change("manager_left_out", "a block does not stand apart", node, (place,))
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        for mark in node.decorator_list:
            # From the sign before it, which stands alone in its line.
            splice = code.put(mark, "")
            start = code.source.encode().rfind(b"@", 0, splice.start)
            yield Change(
                "mark_left_out",
                "the mark before a function is missing",
                mark,
                (Splice(start, splice.end, ""),),
            )
    elif isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If):
        first, last = node.orelse[0], node.orelse[-1]
        place = Splice(code.start(first), code.end(last), "pass")
        yield Change("branch_left_out", "the other case is missing", first, (place,))


def _was_there(code: Code, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
    """Whether a value is left without this assignment: the name had one before, or is no local's."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Name) or isinstance(node, ast.AugAssign):
        return True
    function = code.function(node)
    if function is None:
        return False
    arguments = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    return target.id in arguments or any(
        isinstance(each, ast.Name)
        and isinstance(each.ctx, ast.Store)
        and each.id == target.id
        and each.lineno < node.lineno
        for each in ast.walk(function)
    )


def _said(node: ast.Expr) -> str:
    name = called(node.value) if isinstance(node.value, ast.Call) else ""
    return {
        "zero_grad": "the gradients are not reset",
        "backward": "there is no backward pass",
        "step": "a step is missing",
        "append": "what was worked out is not kept",
    }.get(name, "a statement is left out")


def reordered(code: Code, words: Words, block: Sequence[ast.stmt]) -> Iterator[Change]:
    """Neighbours of a block exchanged; one moved over the beginning or the end of a loop or a branch."""
    for first, second in pairwise(block):
        if isinstance(first, SIMPLE) and isinstance(second, SIMPLE):
            if _depend(first, second) and not isinstance(second, ast.Raise):
                yield from _exchanged(code, first, second)
        elif isinstance(second, ast.For | ast.While | ast.If | ast.With) and isinstance(first, SIMPLE):
            yield from _moved(code, first, second.body[0], before=True)
        elif isinstance(first, ast.For | ast.While | ast.If | ast.With) and isinstance(second, SIMPLE):
            yield from _moved(code, second, first.body[-1], before=False)
            if isinstance(first, ast.If) and first.orelse:
                yield from _moved(code, second, first.orelse[-1], before=False)
    owner = code.parent[block[0]]
    if isinstance(owner, ast.For | ast.While | ast.If | ast.With) and block[0] in owner.body:
        yield from _out_of(code, owner, block)


def _exchanged(code: Code, first: ast.stmt, second: ast.stmt) -> Iterator[Change]:
    said = "a result is returned too early" if isinstance(second, ast.Return) else "two steps are exchanged"
    one, other = code.lines(first), code.lines(second)
    if one and other and not isinstance(first, ast.Return | ast.Continue | ast.Break | ast.Raise):
        texts = (Splice(one.start, one.end, _ended(other.text)), Splice(other.start, other.end, one.text))
        yield Change("statements_exchanged", said, first, texts)


def _moved(code: Code, statement: ast.stmt, beside: ast.stmt, before: bool) -> Iterator[Change]:
    """A statement moved into the block that begins after it, or that ended before it."""
    here, there = code.lines(statement), code.lines(beside)
    if not (here and there) or isinstance(statement, ast.Continue | ast.Break):
        return
    text = _indented(here.text, statement.col_offset, code.indent(beside))
    # Where the last line of the text has no end of its own.
    text = text if before or there.text.endswith("\n") else f"\n{text}"
    place = there.start if before else there.end
    said = (
        "a result is returned too early"
        if isinstance(statement, ast.Return)
        else "a step stands in a block that it is not of"
    )
    splices = (Splice(here.start, here.end, ""), Splice(place, place, _ended(text)))
    yield Change("statement_moved_in", said, statement, splices)


def _out_of(code: Code, owner: ast.stmt, block: Sequence[ast.stmt]) -> Iterator[Change]:
    """The first statement of a block moved before it, the last one moved after it."""
    if len(block) < 2:
        return
    whole = Splice(code.start(owner) - owner.col_offset, code.end(owner), "")
    is_elif = code.text(owner).startswith("elif")
    for statement, place in ((block[0], whole.start), (block[-1], whole.end)):
        here = code.lines(statement)
        if here is None or not isinstance(statement, SIMPLE) or (is_elif and statement is block[0]):
            continue
        if isinstance(statement, ast.Continue | ast.Break | ast.Return | ast.Raise):
            continue
        text = _indented(here.text, statement.col_offset, code.indent(owner))
        if statement is block[-1]:
            if getattr(owner, "orelse", None) or here.end < whole.end:
                continue
            splices: tuple[Splice, ...] = (Splice(here.start, here.end, text),)
        else:
            splices = (Splice(here.start, here.end, ""), Splice(place, place, _ended(text)))
        yield Change(
            "statement_moved_out", "a step stands outside the block that it is of", statement, splices
        )


def _indented(text: str, was: int, indent: str) -> str:
    return "".join(indent + line[was:] if line.strip() else line for line in text.splitlines(keepends=True))


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _depend(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether it can matter which of two statements comes first."""
    if (isinstance(first, ast.Expr) and isinstance(second, ast.Expr)) or isinstance(second, ast.Return):
        return True
    one, other = _names(first), _names(second)
    return bool(one["set"] & other["all"] or other["set"] & one["all"])


def _names(node: ast.stmt) -> dict[str, set[str]]:
    """The names that a statement mentions, and those that it may change."""
    mentioned = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - {"self"}
    mentioned |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    targets: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    changed = {
        each.id if isinstance(each, ast.Name) else each.attr
        for target in targets
        for each in ast.walk(target)
        if isinstance(each, ast.Name | ast.Attribute)
    } - {"self"}
    if isinstance(node, ast.Expr):
        changed = mentioned
    return {"all": mentioned, "set": changed}
