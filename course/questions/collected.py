"""The guesses and answers that stand in a notebook's cells, read from their text: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from course.questions.asked import Guess

# Characters of a line that is read: a name and an answer are short.
LONGEST = 300


class Collected(NamedTuple):
    """What a notebook holds, by id, in its order; None where no answer is, or none that can be read.

    Attributes:
        predictions: what ``predict`` was given.
        answers: what ``quiz`` was given.
    """

    predictions: dict[str, Guess | None]
    answers: dict[str, Guess | None]


def collected(cells: Iterable[str]) -> Collected:
    """Read the text of code cells. The last cell that answers a question counts."""
    found = Collected({}, {})
    kinds = {"predict": found.predictions, "quiz": found.answers}
    for text in cells:
        for line in text.splitlines():
            if len(line) <= LONGEST and line.startswith(tuple(kinds)):
                for kind, id, answer in _calls(line):
                    if kind in kinds:
                        kinds[kind][id] = answer
    return found


def _calls(line: str) -> Iterable[tuple[str, str, Guess | None]]:
    try:
        statements = ast.parse(line).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what ast raises for what a line can hold
        return
    for statement in statements:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and len(call.args) == 2:
            id, answer = (_literal(argument) for argument in call.args)
            if isinstance(id, str):
                yield call.func.id, id, answer


def _literal(node: ast.expr) -> Guess | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
