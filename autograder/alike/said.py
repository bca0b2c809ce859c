"""What is alike, in the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from autograder.alike import words
from autograder.alike.compare import Compared
from autograder.alike.groups import Beside, Group
from course.printable import printable

WIDTH = 80
# Of these a person can look at some; the page has more.
GROUPS, BESIDES = 20, 5


def say(console: Console, compared: Compared) -> None:
    """Print the list: groups, and in each what is put side by side."""
    found = compared.groups
    students = sum(len(group.students) for group in found)
    console.width = min(console.width, WIDTH)
    head = f"{compared.lesson.name}: {compared.count} submissions compared"
    console.print(f"[bold]{escape(head)}[/]", highlight=False)
    if not found:
        console.print(words.NOTHING, highlight=False)
    else:
        console.print(
            f"{_counted(len(found), 'group')} of {students} students to look at, the most alike first.",
            highlight=False,
        )
    for number, group in enumerate(found[:GROUPS], start=1):
        console.print(f"\n[bold]{number}.[/] {escape(_names(group.students))}", highlight=False)
        _besides(console, group)
    if len(found) > GROUPS:
        console.print(f"\n{_counted(len(found) - GROUPS, 'more group')}: see them all with --html FILE.html.")
    console.print(f"\n{words.SHOWS}\n\n{words.CANNOT}", highlight=False)
    for sentence in notes(compared):
        console.print(f"\n{escape(printable(sentence))}", highlight=False)


def notes(compared: Compared) -> list[str]:
    """What was not compared, and why."""
    said = list(compared.unread)
    if compared.cut:
        said.append(
            f"Only the beginning was looked at, because there is far more than a lesson asks for: "
            f"{', '.join(compared.cut)}."
        )
    return said


def _besides(console: Console, group: Group) -> None:
    for beside in group.besides[:BESIDES]:
        console.print(Padding(_table(beside), (0, 0, 0, 2)))
        for sentence in words.shared(beside):
            console.print(Padding(escape(sentence), (0, 0, 0, 4)), highlight=False)
    if (more := len(group.besides) - BESIDES) > 0:
        console.print(Padding(f"{more} more side by side in this group: see --html FILE.html.", (0, 0, 0, 4)))


def _table(beside: Beside) -> Table:
    made = Table(box=box.SIMPLE_HEAD, width=min(WIDTH - 2, 78), pad_edge=False)
    sides = [beside.left, beside.right] if beside.right else [beside.left]
    for side in sides:
        made.add_column(escape(_names(side.students)), ratio=1, overflow="fold")
    made.add_column("alike", ratio=1, overflow="fold")
    for row in beside.rows:
        places = [words.place(row.left), words.place(row.right)][: len(sides)]
        made.add_row(*map(escape, places), words.kind(row) if beside.right else "the same text")
    return made


def _names(students: list[str] | tuple[str, ...]) -> str:
    return ", ".join(map(printable, students))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
