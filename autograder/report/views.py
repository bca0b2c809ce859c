"""The tables of a report as data: one for each lesson, and one of the totals where there are several.

The page shows the same rows twice: ``report.js`` draws those that are asked for, and without it they stand in
a plain table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograder.grade.scores import CellScore, Person
from autograder.report.looks import KINDS, ORDER, Kind, to_do
from autograder.report.results import ClassResults, Part, Results, Row
from course.cells import CHECK
from course.printable import printable

TOTALS = "all"
# So many lessons of which nothing was handed in are named; of more, the table's own columns say which.
NAMED = 3
# As a page writes them.
NONE, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


class Column(NamedTuple):
    """A column of numbers.

    Attributes:
        most: None where they are no points, or none that count.
        exercise: whether it is asked who lost points there.
        said: of the most, below the head.
    """

    head: str
    most: float | None
    exercise: bool = False
    said: str = ""


class Cell(NamedTuple):
    """A number, what is to be said of it, and where it leads to."""

    value: float | None = None
    note: str = ""
    page: str | None = None


class Line(NamedTuple):
    """One student.

    Attributes:
        name: and e-mail address, where the gradebook knows them.
        page: the address of the feedback.
        notebook: what formgrader's addresses call it.
        worst: the place of the worst kind among all.
        kinds: what there is, as places among all kinds; what the table shows as the state comes first.
        mistakes: as places in the view's.
        notes: sentences.
    """

    student: str
    name: str
    page: str | None
    notebook: str | None
    worst: int
    cells: Sequence[Cell]
    kinds: Sequence[int]
    mistakes: Sequence[int]
    notes: Sequence[str]

    @property
    def state(self) -> str:
        return list(KINDS.values())[self.kinds[0]]

    def packed(self) -> list[Any]:
        """As ``report.js`` reads it: a cell without words is its number."""
        cells = [cell.value if not (cell.note or cell.page) else list(cell) for cell in self.cells]
        return [*self[:5], cells, self.kinds, self.mistakes, self.notes]


@dataclass(frozen=True)
class View:
    """One table.

    Attributes:
        mistakes: exercise, id and name of each that somebody made.
    """

    id: str
    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    mistakes: Sequence[tuple[str, str, str]] = field(default=())

    def packed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "columns": [list(column) for column in self.columns],
            "mistakes": [list(mistake) for mistake in self.mistakes],
            "rows": [line.packed() for line in self.lines],
        }


def views(found: ClassResults) -> list[View]:
    """The totals first, where there are several lessons; then each lesson."""
    lessons = [_lesson(entry, found.people) for entry in found.lessons]
    return [_totals(found), *lessons] if len(lessons) > 1 else lessons


def packed(made: Sequence[View]) -> dict[str, Any]:
    """What ``report.js`` is given."""
    kinds = [[kind, words, to_do(kind)] for kind, words in KINDS.items()]
    return {"kinds": kinds, "views": [view.packed() for view in made]}


def _lesson(entry: Results, people: Mapping[str, Person]) -> View:
    columns = [_points("score", entry.max_score)]
    columns += [_column(part, cell.startswith(CHECK)) for cell, part in entry.cells.items()]
    mistakes = {(mistake.exercise, mistake.id): mistake.name for mistake in entry.mistakes}
    places = {key: place for place, key in enumerate(mistakes)}
    return View(
        entry.lesson.name,
        entry.lesson.title,
        columns,
        [
            Line(
                printable(row.student),
                _known(people.get(row.student)),
                row.page,
                row.mark.points.notebook if row.mark.points else None,
                ORDER[row.worst],
                _cells(row, entry),
                [ORDER[kind] for kind in row.kinds],
                [places[exercise, mistake.id] for exercise, mistake in row.mistakes],
                [printable(sentence) for sentence in row.sentences],
            )
            for row in entry.rows
        ],
        [(exercise, id, printable(name)) for (exercise, id), name in mistakes.items()],
    )


def _points(head: str, most: float, exercise: bool = False, after: str = "") -> Column:
    return Column(head, most, exercise, f"of {most:.4g}{after}")


def _column(part: Part, exercise: bool) -> Column:
    if part.counting == "excluded":
        return Column(part.name, None, said="does not count")
    return _points(part.name, part.most, exercise, " extra" if part.counting == "extra" else "")


def _cells(row: Row, entry: Results) -> list[Cell]:
    """The score and what it is made of: the parts add up."""
    mark = row.mark
    late = f"late {MINUS}{mark.penalty:g}" if mark.penalty else ""
    attempted = {
        CHECK + exercise.id: exercise.attempted
        for exercise in (mark.judgement.exercises if mark.judgement else ())
    }
    parts = [
        Cell() if part.counting == "excluded" else _part(mark.cells.get(cell), attempted.get(cell, True))
        for cell, part in entry.cells.items()
    ]
    return [Cell(mark.score, late), *parts]


def _part(cell: CellScore | None, attempted: bool) -> Cell:
    if cell is None:
        return Cell()
    if cell.score is None:
        return Cell(None, "waits")
    if cell.manual is not None or cell.extra:
        return Cell(cell.score, "manual")
    return Cell(cell.score) if attempted or cell.score else Cell()


def _totals(found: ClassResults) -> View:
    rows = {entry.lesson.name: {row.student: row for row in entry.rows} for entry in found.lessons}
    most = round(sum(entry.max_score for entry in found.lessons), 6)
    columns = [_points("total", most), Column(f"graded, of {len(rows)}", None)]
    columns += [_points(entry.lesson.name, entry.max_score) for entry in found.lessons]
    students = [row.student for row in found.lessons[0].rows]
    lines = [
        _total(student, [by_student[student] for by_student in rows.values()], found.people.get(student))
        for student in students
    ]
    return View(TOTALS, "All lessons", columns, lines)


def _total(student: str, rows: Sequence[Row], person: Person | None) -> Line:
    scores = [row.mark.score for row in rows if row.mark.score is not None]
    kinds: list[Kind] = sorted({kind for row in rows for kind in row.kinds}, key=ORDER.__getitem__)
    # Where nothing is to be done, some lessons that are missing are not the state of all.
    state: Kind = kinds[0] if to_do(kinds[0]) else "graded" if scores else "missing"
    return Line(
        printable(student),
        _known(person),
        None,
        None,
        ORDER[kinds[0]],
        [
            Cell(round(sum(scores), 6) if scores else None),
            Cell(len(scores)),
            *(Cell(row.mark.score, "late" if row.mark.penalty else "", row.page) for row in rows),
        ],
        [ORDER[kind] for kind in dict.fromkeys((state, *kinds))],
        [],
        list(_total_notes(rows)),
    )


def _total_notes(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for look in row.looks:
            if to_do(look.kind):
                yield printable(f"{row.mark.lesson.name}: {look.sentence or KINDS[look.kind]}")
    missing = [row.mark.lesson.name for row in rows if row.worst == "missing"]
    if 0 < len(missing) < len(rows):
        names = ", ".join(missing) if len(missing) <= NAMED else f"{len(missing)} lessons"
        yield f"nothing handed in: {names}"


def _known(person: Person | None) -> str:
    return printable(" · ".join(filter(None, (person.name, person.email)))) if person else ""
