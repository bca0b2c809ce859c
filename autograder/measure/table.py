"""The counts of the sensitivity matrix, a row for each exercise."""

from __future__ import annotations

from rich import box
from rich.table import Table

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
HEADS = ("exercise", *(head for head, _, _ in COLUMNS))


def rows(matrix: Matrix) -> list[tuple[str | int, ...]]:
    """The numbers below ``HEADS``, one row for each exercise of the matrix."""
    return [_row(exercise, matrix.of(exercise)) for exercise in matrix.exercises]


def total_row(matrix: Matrix) -> tuple[str | int, ...]:
    return _row("all", matrix)


def _row(name: str, matrix: Matrix) -> tuple[str | int, ...]:
    counts = {"totals": matrix.totals(), "pairs": matrix.pair_totals()}
    return (name, *(counts[which][key] for _, which, key in COLUMNS))


def table(matrix: Matrix) -> Table:
    """For the terminal."""
    made = Table(
        title="Known mistakes and right answers", title_justify="left", box=box.SIMPLE, collapse_padding=True
    )
    for head in HEADS:
        made.add_column(head, justify="left" if head == "exercise" else "right", no_wrap=head == "exercise")
    for row in rows(matrix):
        made.add_row(*map(str, row))
    made.add_section()
    made.add_row(*map(str, total_row(matrix)))
    return made
