"""What the policy changed, in the terminal: before and after of each, at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from autograder.catalogue.lesson import Lesson
from autograder.grade.ruling import Ruled
from autograder.grade.scores import SubmissionScores
from autograder.policy.terms import Terms
from course.printable import printable

# So many rows are shown; of more the first, and how many there are.
ROWS = 15
# Letters of a student's id that fit beside the rest.
WIDTH = 24


def table(ruled: Ruled, dry_run: bool = False) -> Table:
    """Whose points are others now, or would be."""
    would = "would change" if dry_run else "changed"
    count, shown = len(ruled.changed), list(ruled.changed.items())[:ROWS]
    made = Table(
        title=f"{ruled.lesson.name}: the policy {would} {count} score{'' if count == 1 else 's'}",
        title_justify="left",
        box=box.SIMPLE,
        caption=f"and {count - ROWS} more" if count > ROWS else None,
        caption_justify="left",
    )
    made.add_column("student", no_wrap=True, max_width=WIDTH)
    for head in ("before", "after", "late before", "late after"):
        made.add_column(head, justify="right", no_wrap=True)
    for student, (before, after) in shown:
        parts = (_points(before), _points(after), _late(before), _late(after))
        made.add_row(escape(printable(student)), *parts)
    return made


def sentences(ruled: Ruled) -> Iterator[str]:
    """What an instructor should look at."""
    lesson = ruled.lesson.name
    if ruled.by_hand:
        yield (
            f"{lesson}: points that were given by hand stay as they are, though their exercise now "
            f"gives others: look at {_names(ruled.by_hand)} in formgrader."
        )
    if ruled.left:
        yield (
            f"{lesson}: no graded notebook is there of {_names(ruled.left)}, whose points are left "
            f"as they were: grade them with `autograder grade {lesson}`."
        )


def holds(lesson: Lesson, terms: Terms) -> str:
    """What the policy says of a lesson, in a line."""
    said = [f"due {terms.due:%Y-%m-%d %H:%M %Z}"] if terms.due else []
    if terms.extensions:
        said.append(f"extended for {_names(sorted(terms.extensions))}")
    said += [f"{name} gives {points:g} points" for name, points in terms.points.items()]
    for names, how in ((terms.excluded, "left out"), (terms.extra, "extra credit")):
        if names:
            said.append(f"{how}: {', '.join(sorted(names))}")
    return f"{lesson.name}: {'; '.join(said)}."


def _names(students: Sequence[str]) -> str:
    first, more = ", ".join(map(printable, students[:ROWS])), len(students) - ROWS
    return f"{first} and {more} more" if more > 0 else first


def _points(entry: SubmissionScores) -> str:
    return f"{'-' if entry.score is None else f'{entry.score:g}'} / {entry.maximum:g}"


def _late(entry: SubmissionScores) -> str:
    return f"-{entry.penalty:g}" if entry.penalty else ""
