"""What came of collecting, in the terminal of 80 columns: what to look at first, then who handed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder.collect.collect import Collected
from autograder.collect.placing import Change
from autograder.collect.platforms import TITLES
from autograder.collect.reasons import Problem
from course.printable import printable

# A class of more is told in counts: what needs nobody's look would hide what does.
ROWS_LIMIT = 30
KINDS = {
    "new": "new",
    "newer": "newer than what was there",
    "dated": "the same, now with its time",
    "older": "older than what is there",
    "unchanged": "unchanged",
}


def rendered(collected: Collected, dry_run: bool = False) -> Iterator[RenderableType]:
    """The parts of the output, in their order."""
    if collected.problems:
        yield _problems(collected.problems)
    if collected.missing:
        yield Text(f"Nothing of: {_some([printable(student) for student in collected.missing])}\n")
    if 0 < len(collected.changes) <= ROWS_LIMIT:
        yield _changes(collected)
    for sentence in sentences(collected, dry_run):
        yield Text(sentence)


def sentences(collected: Collected, dry_run: bool = False) -> Iterator[str]:
    """The counts, and what to know of the times."""
    name, counts = collected.lesson.name, collected.counts
    kinds = ", ".join(f"{counts[kind]} {said}" for kind, said in KINDS.items() if counts[kind])
    yield f"{name}, from {TITLES[collected.platform]}: {_many(len(collected.changes), 'student')} ({kinds})."
    if collected.class_size:
        handed_in = collected.class_size - len(collected.missing)
        yield f"Of {collected.class_size} in the roster {handed_in} have handed in."
    else:
        yield "Without a roster nobody is missed: --roster FILE.csv says who is in the class."
    if lost := len({problem.who or problem.reason for problem in collected.problems if problem.lost}):
        yield f"What {_many(lost, 'sender')} handed in is not collected as it should be: see above."
    if collected.elsewhere:
        yield f"{_many(collected.elsewhere, 'file')} of other lessons: collect those by themselves."
    yield from _times(collected)
    if dry_run:
        yield "Nothing is written: this is a dry run."
    elif not counts.keys() - {"unchanged"}:
        yield "Nothing has changed."
    else:
        yield f"Now grade: autograder grade {name}"


def _times(collected: Collected) -> Iterator[str]:
    unknown = sum(change.time is None for change in collected.changes)
    if collected.zone:
        yield f"Times of the worksheet were read as {printable(collected.zone)}; --zone names another."
    if not unknown:
        return
    who = "nobody" if unknown == len(collected.changes) else f"all but {_many(unknown, 'student')}"
    said = f"When it was handed in is known of {who}"
    if collected.platform == "moodle":
        yield f"{said}: Moodle's zip does not say. Its grading worksheet does: --times FILE.csv."
    elif collected.platform == "canvas":
        late = sum(change.newest.sender.late for change in collected.changes)
        yield f"{said}: Canvas's zip does not say. It marks {late} as late."
    else:
        yield f"{said}: a timestamp.txt beside a notebook says it."


def _problems(problems: list[Problem]) -> Table:
    made = _table("Please look at", "who", "why")
    for problem in problems[:ROWS_LIMIT]:
        why = Text(problem.reason.sentence, style="yellow" if problem.lost else "")
        made.add_row(escape(printable(problem.who)) or "-", why)
    if more := len(problems) - ROWS_LIMIT:
        made.caption = f"and {more} more" if more > 0 else None
        made.caption_justify = "left"
    return made


def _changes(collected: Collected) -> Table:
    made = _table("Handed in", "student", "file", "when (UTC)", "here")
    for change in sorted(collected.changes, key=lambda change: change.student):
        file = printable(change.newest.sender.file or change.newest.entry.parts[-1])
        made.add_row(escape(printable(change.student)), escape(file), _when(change), change.kind)
    return made


def _when(change: Change) -> str:
    late = ", late" if change.newest.sender.late else ""
    return (_minute(change.time) if change.time else "not known") + late


def _minute(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _table(title: str, *heads: str) -> Table:
    made = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for head in heads:
        made.add_column(head, overflow="fold", max_width=24 if head in ("who", "student") else None)
    return made


def _some(names: list[str]) -> str:
    more = len(names) - ROWS_LIMIT
    return ", ".join(names[:ROWS_LIMIT]) + (f", and {more} more" if more > 0 else "")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
