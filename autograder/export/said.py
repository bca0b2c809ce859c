"""What came of an export, in the terminal."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.export.filling import Outcome
from autograder.export.matching import Left
from course.printable import printable

WIDTH = 80


def say(console: Console, path: Path, outcome: Outcome) -> None:
    """Print who got nothing, or should be looked at, and then what was written."""
    if outcome.left:
        console.print(table(outcome.left))
    for sentence in (*outcome.said, f"Written: {path}"):
        console.print(escape(printable(sentence)), highlight=False, soft_wrap=True)


def table(left: list[Left]) -> Table:
    """Those who got nothing, or whom somebody should look at, and why: a row each, for 80 columns."""
    made = Table(title=f"To look at: {len(left)}", title_justify="left", box=box.SIMPLE, width=WIDTH)
    made.add_column("who", ratio=2, overflow="fold")
    made.add_column("why", ratio=3, overflow="fold")
    for entry in left:
        made.add_row(escape(printable(entry.who)), escape(printable(entry.why)))
    return made
