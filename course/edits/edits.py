"""Every small change of a piece of code, each with the words for it.

``autograder build`` makes them of a reference solution, to know what each comes to; the search for the place
where a student's own code goes wrong makes them of that.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from course.edits import (
    additions,
    brackets,
    complements,
    conditions,
    constants,
    donors,
    leaving_out,
    moving,
    naming,
    operators,
    state,
    statements,
    throughout,
)
from course.edits.code import Change, Code
from course.edits.quantities import Quantities
from course.edits.words import Words


@dataclass(frozen=True)
class Edit:
    """One small change of a piece of code.

    Attributes:
        text: the whole text as it is then.
        line: which line of the original is changed, from 1.
        rule: the kind of change: ``"power_left_out"``.
        said: what is wrong then, without a full stop: "the square is missing".
        target: the name that the changed statement assigns: "m", also for ``self.m[i]``; empty where it
            assigns none.
    """

    text: str
    line: int
    rule: str
    said: str
    target: str


def edits(
    source: str, names: Collection[str] = (), adding: bool = True, joining: bool = True
) -> Iterator[Edit]:
    """Every small change of a function or class, the simplest first, no two with the same text.

    Args:
        source: its text; of one that is no Python there are none.
        names: what ``said`` may name besides numbers; every other name becomes a word.
        adding: also what adds a step to a quantity: a repair may need it, a slip seldom does it.
        joining: also what adds one quantity to another, of which there are very many.
    """
    try:
        code = Code(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    seen = {hash(source)}
    for change in _changes(code, Words(names), adding, joining):
        text = code.applied(change.splices)
        if hash(text) not in seen:
            seen.add(hash(text))
            line = getattr(change.node, "lineno", 1)
            yield Edit(text, line, change.rule, change.said, target_of(code, change.node))


def _changes(code: Code, words: Words, adding: bool, joining: bool) -> Iterator[Change]:
    quantities, weights = Quantities(code), complements.weights(code)
    small: list[Change] = []
    for change in _small(code, words, quantities, weights):
        small.append(change)
        yield change
    for block in code.blocks:
        yield from statements.reordered(code, words, block)
    for node in code.nodes:
        yield from state.changes(code, words, node)
        yield from moving.of_one_kind(code, words, quantities, node)
    yield from throughout.swapped(code, words, quantities)
    yield from throughout.alike(code, small)
    if adding:
        for node in code.nodes:
            yield from additions.changes(code, words, node)
    if adding and joining:
        for node in code.nodes:
            yield from additions.arguments(code, words, quantities, node)
        for node in code.nodes:
            yield from additions.joined(code, words, quantities, node)
        yield from donors.changes(code, words)


def _small(code: Code, words: Words, quantities: Quantities, weights: frozenset[str]) -> Iterator[Change]:
    """What is left out, and then what is exchanged, each in one place."""
    for node in code.nodes:
        yield from leaving_out.changes(code, words, node)
        yield from statements.left_out(code, words, node)
    for node in code.nodes:
        yield from constants.changes(code, words, node)
        yield from operators.changes(code, words, node)
        yield from brackets.changes(code, words, node)
        yield from conditions.changes(code, node)
        yield from complements.changes(code, words, node, weights)
        yield from complements.swapped(code, words, node)
        yield from moving.changes(code, words, node)
    for node in code.nodes:
        yield from naming.changes(code, words, quantities, node)


def target_of(code: Code, node: ast.AST) -> str:
    """The name that the statement of a part assigns; of several, the one whose value it is in."""
    statement = code.statement(node)
    if isinstance(statement, ast.Assign):
        target: ast.expr = statement.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            inside = {node, *code.ancestors(node)}
            place = next((i for i, each in enumerate(statement.value.elts) if each in inside), 0)
            target = target.elts[min(place, len(target.elts) - 1)]
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        target = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        target = function.value if isinstance(function, ast.Attribute) else function
        if not isinstance(function, ast.Attribute):
            return ""
    else:
        return ""
    while isinstance(target, ast.Subscript | ast.Starred | ast.Tuple | ast.List):
        target = target.elts[0] if isinstance(target, ast.Tuple | ast.List) else target.value
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
