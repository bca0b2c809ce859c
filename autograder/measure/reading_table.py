"""What each lesson asks of a student, as a table in the terminal and as docs/lessons.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from autograder.measure.page import markdown_row
from autograder.measure.reading import LINES, WORDS, Reading

HEADS = (
    "lesson",
    "words",
    "given lines",
    "written lines",
    "given to written",
    "minutes said",
    "minutes counted",
    "predictions",
    "quiz",
    "figures",
    "of these random: seeds",
)
TEXT = """# What a lesson asks of a student

This page is made by `autograder lessons --page` from the lessons' sources and built notebooks.

- **words**: of the text and of docstrings; a formula counts as one, tables are left out.
- **given lines** and **written lines**: of code without blank ones and docstrings, those that stand there and
  those that the reference solution writes.
- **minutes said**: at the top of the lesson. **minutes counted**: {words} words a minute, {lines} lines
  of given code a minute, and what each exercise says under its heading.
- **seeds**: in how many figures chance has a part, and how many random seeds stand behind each of them.

{table}

## The figures

What each figure of the solution notebooks says, and the seeds behind it; a dash where nothing is random.

{figures}
"""


def table(readings: Sequence[Reading]) -> Table:
    """A row for each lesson."""
    shown = Table(box=box.SIMPLE_HEAD)
    for place, head in enumerate(HEADS):
        shown.add_column(head, justify="right" if place else "left")
    for entry in readings:
        shown.add_row(*map(str, _row(entry)))
    return shown


def page(readings: Sequence[Reading]) -> str:
    """The text of docs/lessons.md."""
    rows = [HEADS, ("---", *["---:"] * (len(HEADS) - 1)), *map(_row, readings)]
    figures: list[tuple[str, ...]] = [("lesson", "figure", "seeds"), ("---", "---", "---:")]
    figures += [
        (entry.lesson, drawn.title, str(drawn.seeds or "-")) for entry in readings for drawn in entry.figures
    ]
    return TEXT.format(
        words=WORDS,
        lines=LINES,
        table="\n".join(map(markdown_row, rows)),
        figures="\n".join(map(markdown_row, figures)),
    )


def write(readings: Sequence[Reading], root: Path) -> Path:
    """Write the page below ``root``; returns its path."""
    path = root / "docs" / "lessons.md"
    path.write_text(page(readings), encoding="utf-8")
    return path


def _row(entry: Reading) -> tuple[str | int, ...]:
    return (
        entry.lesson,
        entry.words,
        entry.given,
        entry.written,
        f"{entry.given / entry.written:.1f}" if entry.written else "-",
        entry.said,
        f"{entry.minutes:.0f}",
        entry.predictions,
        entry.quiz,
        len(entry.figures),
        entry.seeds,
    )
