"""The counts of the sensitivity matrix, a row for each exercise."""

from __future__ import annotations

from rich import box
from rich.table import Table

from autograder.measure.sensitivity import Matrix

HEADS = (
    *(
        "exercise",
        "mistakes",
        "caught public",
        "caught graded",
        "named public",
        "named graded",
        "wrong names",
    ),
    *("pairs", "pairs named public", "pairs named graded", "variants", "accepted"),
)


def rows(matrix: Matrix) -> list[tuple[str | int, ...]]:
    """The numbers below ``HEADS``, one row for each exercise of the matrix."""
    exercises = dict.fromkeys(entry.exercise for entry in matrix.trials)
    return [_row(exercise, matrix.of(exercise)) for exercise in exercises]


def _row(name: str, matrix: Matrix) -> tuple[str | int, ...]:
    totals = list(matrix.totals().values())
    return (name, *totals[:-2], *matrix.pair_totals().values(), *totals[-2:])


def total_row(matrix: Matrix) -> tuple[str | int, ...]:
    return _row("all", matrix)


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
