"""The table of a graded class, in the terminal."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from autograder.grade.class_run import Graded
from autograder.report.results import Results, Row
from course.printable import printable
from course.trial import State

# A state that is not "graded" needs a person; colour only repeats the word.
COLOURS: dict[State, str] = {"graded": "green"}


def table(results: Results) -> Table:
    """One row a student: state, score, points for each exercise, what to look at."""
    count = len(results.unprotected)
    unprotected = f", {count} of them graded without the sandbox" if count else ""
    made = Table(
        title=f"{results.lesson.name}: {len(results.rows)} submissions{unprotected}",
        title_justify="left",
        box=box.SIMPLE,
    )
    made.add_column("student", no_wrap=True)
    made.add_column("state", no_wrap=True)
    made.add_column("score", justify="right", no_wrap=True)
    for exercise in results.lesson.exercises:
        made.add_column(exercise.id, justify="right")
    made.add_column("what to look at", overflow="fold")
    for row in results.rows:
        state = row.judgement.state
        colour = COLOURS.get(state, "yellow")
        points = {name: f"{entry.score:g}" for name, entry in row.exercises.items() if entry.attempted}
        made.add_row(
            escape(printable(row.student)),
            f"[{colour}]{state}[/]",
            f"{row.score:g} / {results.max_score:g}",
            *(points.get(exercise.id, "-") for exercise in results.lesson.exercises),
            escape(look_at(row)),
        )
    return made


def changes(regraded: list[Graded]) -> Table:
    """Whose score is another one now."""
    made = Table(title="Scores that changed", title_justify="left", box=box.SIMPLE)
    for head in ("student", "before", "after"):
        made.add_column(head, justify="left" if head == "student" else "right", no_wrap=True)
    for entry in sorted(regraded, key=lambda entry: entry.student):
        made.add_row(escape(printable(entry.student)), f"{entry.before:g}", f"{entry.after:g}")
    return made


def look_at(row: Row) -> str:
    """The mistakes that were recognised, and the flags."""
    mistakes = [mistake.id.replace("_", " ") for _, mistake in row.mistakes]
    return "; ".join(mistakes + row.judgement.sentences)
