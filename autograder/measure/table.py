"""The counts of the sensitivity matrix, a row for each exercise."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from autograder.measure.costs import Cost, middle
from autograder.measure.matrix import Matrix

# A column's head, and the count below it: of ``Matrix.totals``, or of ``Matrix.pair_totals``.
COLUMNS = (
    ("mistakes", "totals", "mistakes"),
    ("caught public", "totals", "caught_public"),
    ("caught graded", "totals", "caught_graded"),
    ("named public", "totals", "named_public"),
    ("named graded", "totals", "named_graded"),
    ("wrong names", "totals", "wrong_names"),
    ("pairs", "pairs", "pairs"),
    ("pairs named public", "pairs", "named_public"),
    ("pairs named graded", "pairs", "named_graded"),
    ("variants", "totals", "variants"),
    ("accepted", "totals", "accepted"),
)
COSTS = ("median cost", "largest cost")
HEADS = ("exercise", *(head for head, _, _ in COLUMNS))


def rows(matrix: Matrix) -> list[tuple[str | int, ...]]:
    """The numbers below ``HEADS``, one row for each exercise of the matrix."""
    return [_row(exercise, matrix.of(exercise)) for exercise in matrix.exercises]


def total_row(matrix: Matrix) -> tuple[str | int, ...]:
    return _row("all", matrix)


def _row(name: str, matrix: Matrix) -> tuple[str | int, ...]:
    counts = {"totals": matrix.totals(), "pairs": matrix.pair_totals()}
    return (name, *(counts[which][key] for _, which, key in COLUMNS))


def _paid(costs: Sequence[Cost]) -> tuple[str, str]:
    if not costs:
        return "", ""
    return f"{middle(costs):.0%}", f"{max(cost.share for cost in costs):.0%}"


def table(matrix: Matrix, costs: Sequence[Cost]) -> Table:
    """For the terminal; behind the counts stands what the mistakes cost, as shares of their exercise."""
    made = Table(
        title="Known mistakes and right answers", title_justify="left", box=box.SIMPLE, collapse_padding=True
    )
    for head in HEADS:
        made.add_column(head, justify="left" if head == "exercise" else "right", no_wrap=head == "exercise")
    for head in COSTS:
        made.add_column(head, justify="right")
    for row in rows(matrix):
        made.add_row(*map(str, row), *_paid([cost for cost in costs if cost.exercise == row[0]]))
    made.add_section()
    made.add_row(*map(str, total_row(matrix)), *_paid(costs))
    return made
