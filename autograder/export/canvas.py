"""Canvas: its own gradebook, as an instructor exports it, with the points of lessons in it.

What it looks like is told by Canvas's exporter, and what it takes back by its importer: in ``lib/`` of
https://github.com/instructure/canvas-lms, ``gradebook_exporter.rb`` and ``gradebook_importer.rb``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograder.export.filling import Column, Outcome, fill, require_some
from autograder.export.matching import Row, key, match, name_key
from autograder.export.points import has_commas, number, written
from autograder.grade.marks import LessonMarks
from autograder.roster.roster import Student
from autograder.roster.sheet import Sheet, SheetError

EXPORT_IT = "export the gradebook in Canvas, with Export in Grades, and give that file"
# What Canvas works out itself, with the name of a group or a period around it.
TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
# What stands in place of a grade where there can be none: excused, not assigned.
INSTEAD = {"EX": "is excused in Canvas", "N/A": "is not assigned the lesson in Canvas"}
WORD = re.compile(r"[^\W_]+")
POSSIBLE = "Points Possible"
TEST_STUDENT = "student, test"


@dataclass(frozen=True)
class Gradebook:
    """Where things are in Canvas's file.

    Attributes:
        columns: the place of each column that tells whose a row is, by name.
        assignments: the place of each column that points can be put into, and its name.
        possible: the record with what the assignments give at most; None where there is none.
        rows: the students.
    """

    columns: Mapping[str, int]
    assignments: Mapping[int, str]
    possible: int | None
    rows: tuple[Row, ...]


def export(
    sheet: Sheet,
    lessons: Sequence[LessonMarks],
    known: Mapping[str, Student],
    numbers: Mapping[str, str],
    chosen: Mapping[str, str],
) -> Outcome:
    """Fill in the columns of lessons; one that has none gets a new one, of which Canvas makes an assignment.

    Args:
        sheet: Canvas's file, which is changed.
        known: the class, by student id.
        numbers: Canvas's numbers of students, as far as they are known from what was collected.
        chosen: the name or number of the column of lessons, by the lesson's name.

    Raises:
        SheetError: it is no such file, or it is not clear which column is a lesson's.
        DescentError: nobody in it is a student of the gradebook.
    """
    _require_readable(sheet)
    book = _understood(sheet)
    matches = match(book.rows, known, numbers)
    require_some(matches, len(book.rows), str(sheet.path))
    places = _places(book, lessons, chosen)
    cells = (sheet.cell(record, place) for record in range(1, len(sheet)) for place in book.assignments)
    comma = has_commas(cells)
    said, left = matches.said, list(matches.left)
    for marks in lessons:
        place = places[marks.lesson.name]
        if place is None:
            place = _new_column(sheet, book, marks, comma)
            said.append(f"{marks.lesson.name} has a new column: Canvas will make an assignment of it.")
        most = number(sheet.cell(book.possible, place)) if book.possible is not None else None
        column = Column(sheet.names()[place], place, most, comma)
        sentences, others = fill(sheet, column, marks, matches, _refusing(sheet, place))
        said += sentences
        left += others
    return Outcome(sheet.data(), said, list(dict.fromkeys(left)))


def _refusing(sheet: Sheet, place: int) -> Callable[[int, float], str]:
    return lambda record, points: INSTEAD.get(sheet.cell(record, place).strip().upper(), "")


def _require_readable(sheet: Sheet) -> None:
    if sheet.encoding != "utf-8" or sheet.delimiter == "\t":
        raise SheetError(
            f"{sheet.path} is not in UTF-8 with commas or semicolons, which Canvas takes: {EXPORT_IT}."
        )


def _understood(sheet: Sheet) -> Gradebook:
    names = sheet.names()
    columns: dict[str, int] = {
        name: names.index(name) for name in ("ID", "SIS User ID", "SIS Login ID") if name in names
    }
    if names[0] not in ("Student", "LastName") or "ID" not in names or "Section" not in names:
        missing = next((name for name in ("Student", "ID", "Section") if name not in names), "Student")
        raise SheetError(f"{sheet.path} has no column {missing}: {EXPORT_IT}.")
    section = names.index("Section")
    possible = next((n for n in range(1, len(sheet)) if sheet.cell(n, 0).strip() == POSSIBLE), None)
    assignments = {
        place: name
        for place, name in enumerate(names)
        if place > section
        and not TOTALS.search(name)
        and not (possible is not None and "read only" in sheet.cell(possible, place))
    }
    rows = tuple(
        _row(sheet, record, columns, names)
        for record in range(1, len(sheet))
        if record != possible
        and any(sheet.cell(record, place).strip() for place in range(section))
        and sheet.cell(record, 0).strip().casefold() != TEST_STUDENT
    )
    return Gradebook(columns, assignments, possible, rows)


def _row(sheet: Sheet, record: int, columns: Mapping[str, int], names: Sequence[str]) -> Row:
    said = {name: sheet.cell(record, place) for name, place in columns.items()}
    student = sheet.cell(record, 0)
    if names[0] == "LastName":
        student = f"{student}, {sheet.cell(record, 1)}"
    id, user, login = (said.get(name, "") for name in ("ID", "SIS User ID", "SIS Login ID"))
    sure = (
        key("number", id)
        | key("lms", id)
        | key("student", user)
        | key("student", login)
        | key("email", login)
    )
    return Row(record, f"{student.strip()} ({id.strip()})", (sure, key("student", id), name_key(student)))


def _folded(text: str) -> str:
    return " ".join(["", *WORD.findall(text.casefold()), ""])


def _column_of(book: Gradebook, marks: LessonMarks, chosen: str | None) -> int | None:
    """The place of a lesson's column; None where it has none."""
    lesson = marks.lesson.name
    if chosen is not None:
        fits = [place for place, name in book.assignments.items() if chosen in _called(name)]
    else:
        names = {_folded(lesson), _folded(marks.lesson.title)}
        fits = [place for place, name in book.assignments.items() if any(n in _folded(name) for n in names)]
    if len(fits) > 1:
        listed = " and ".join(book.assignments[place] for place in fits)
        one = book.assignments[fits[0]]
        raise SheetError(f'{lesson} may be {listed}: choose one with its number, --column "{lesson}={one}".')
    if not fits and chosen is not None:
        raise SheetError(f"Canvas's file has no column {chosen}: write it as it stands in the file.")
    return fits[0] if fits else None


def _places(
    book: Gradebook, lessons: Sequence[LessonMarks], chosen: Mapping[str, str]
) -> dict[str, int | None]:
    """The place of each lesson's column, by the lesson's name; no two lessons have the same."""
    places = {marks.lesson.name: _column_of(book, marks, chosen.get(marks.lesson.name)) for marks in lessons}
    taken = [place for place in places.values() if place is not None]
    for name, place in places.items():
        if place is not None and taken.count(place) > 1:
            raise SheetError(
                f"Two lessons would go into the column {book.assignments[place]}: "
                f'say which is whose with --column "{name}=...".'
            )
    return places


def _called(name: str) -> set[str]:
    """What a column is called: "Adam (4711)", "Adam", "4711"."""
    found = re.fullmatch(r"(.*)\s\((\d+)\)", name)
    return {name, *(found.groups() if found else ())}


def _new_column(sheet: Sheet, book: Gradebook, marks: LessonMarks, comma: bool) -> int:
    """Make a column at the end, which shifts no other; returns its place."""
    place = sheet.append(marks.lesson.title)
    if book.possible is not None:
        sheet.put(book.possible, place, written(marks.max_score, comma))
    return place
