"""What a person should know of a graded class, in the terminal: counts, and whom to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from autograder.grade.class_run import Graded
from autograder.report.looks import KINDS, to_do
from autograder.report.results import Results, Row
from course.printable import printable

# A class that is no larger is shown whole; of a larger one, so many of those who need a person.
ROWS = 20
# As many mistakes or names stand in a sentence.
FEW = 5


def summary(results: Results, students: Collection[str] = ()) -> Iterator[RenderableType]:
    """Counts, a table, and below it what is to be said of the whole class.

    Args:
        students: show these and nobody else; the class unless given.
    """
    yield escape(counts(results))
    if students:
        yield table(results, [row for row in results.rows if row.student in students])
        return
    yield table(results, results.handed_in if len(results.handed_in) <= ROWS else results.to_do[:ROWS])
    if len(results.handed_in) > ROWS and (more := len(results.to_do[ROWS:])):
        yield f"{more} more to look at: the report has them all."
    if results.mistakes:
        made = [f"{entry.name} ({entry.exercise}, {len(entry.students)})" for entry in results.mistakes]
        yield _sentence("Mistakes", made, "; ")
    if results.missing:
        yield _sentence(f"Nothing handed in ({len(results.missing)})", results.missing, ", ")


def table(results: Results, rows: Sequence[Row] | None = None) -> Table:
    """One row a student: state, score, what to look at.

    Args:
        rows: which; those who handed something in unless given.
    """
    made = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    made.add_column("student", overflow="fold", max_width=20)
    made.add_column("state", no_wrap=True)
    made.add_column("score", justify="right", no_wrap=True)
    made.add_column("what to look at", overflow="fold")
    for row in results.handed_in if rows is None else rows:
        kind = row.looks[0].kind
        colour = "yellow" if to_do(kind) else "green"  # it only repeats the word
        made.add_row(
            escape(printable(row.student)), f"[{colour}]{KINDS[kind]}[/]", _score(row), escape(_look_at(row))
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


def counts(results: Results) -> str:
    """How many there are of what: "05_adam: 300 submissions, mean 7.4 of 10; 290 graded, 10 unreadable"."""
    scores = results.scores
    mean = f", mean {sum(scores) / len(scores):.3g} of {results.max_score:g}" if scores else ""
    kinds = {kind: count for kind, count in results.kinds.items() if kind not in ("missing", "noted")}
    states = ", ".join(f"{count} {KINDS[kind]}" for kind, count in kinds.items())
    unprotected = len(results.unprotected)
    without = f"; {unprotected} of them graded without the sandbox" if unprotected else ""
    return f"{results.lesson.name}: {len(results.handed_in)} submissions{without}{mean}; {states}"


def _score(row: Row) -> str:
    if row.mark.score is None:
        return "-"
    return f"{row.mark.score:.4g}" + (" manual" if "by_hand" in row.kinds else "")


def _look_at(row: Row) -> str:
    """The mistakes that were recognised, and what else there is."""
    mistakes = [mistake.id.replace("_", " ") for _, mistake in row.mistakes]
    return printable("; ".join([*row.sentences, *mistakes]))


def _sentence(begins: str, entries: Sequence[str], between: str) -> str:
    more = f" and {len(entries) - FEW} more" if len(entries) > FEW else ""
    return escape(printable(f"{begins}: {between.join(entries[:FEW])}{more}."))
