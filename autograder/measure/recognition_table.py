"""What came of the unseen answers, a row for each lesson."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from autograder.measure.recognition import Recognition, by_lesson, totals

HEADS = ("lesson", "wrong", "caught", "named", "in part", "placed", "right", "accepted")


def rows(found: Sequence[Recognition]) -> list[tuple[str, ...]]:
    """The counts below ``HEADS``, one row for each lesson and one for all."""
    lessons = {**by_lesson(found), "all": list(found)}
    return [_row(name, own) for name, own in lessons.items()]


def _row(name: str, found: Sequence[Recognition]) -> tuple[str, ...]:
    counts = totals(found)
    shares = (counts[key] / max(counts["caught"], 1) for key in ("named", "named_in_part", "placed"))
    named, in_part, placed = (f"{share:.1%}" for share in shares)
    numbers = (counts[key] for key in ("wrong", "caught", "right", "accepted"))
    wrong, caught, right, accepted = map(str, numbers)
    return (name, wrong, caught, named, in_part, placed, right, accepted)


def table(found: Sequence[Recognition]) -> Table:
    """For the terminal; shares are of the wrong answers that were caught."""
    made = Table(title="Unseen answers on public cases", title_justify="left", box=box.SIMPLE)
    for head in HEADS:
        made.add_column(head, justify="left" if head == "lesson" else "right")
    *lessons, every = rows(found)
    for row in lessons:
        made.add_row(*row)
    made.add_section()
    made.add_row(*every)
    return made
