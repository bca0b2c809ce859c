"""Points go into a column of a platform's file: who gets some, who gets none, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.errors import DescentError
from autograder.export.matching import Left, Matches
from autograder.export.points import written
from autograder.grade.marks import LessonMarks, Mark
from autograder.roster.sheet import Sheet
from course.printable import printable


@dataclass(frozen=True)
class Outcome:
    """What came of an export.

    Attributes:
        data: the file.
        said: sentences about it.
        left: those who got nothing, or whom somebody should look at, and why.
    """

    data: bytes
    said: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    """A column that takes the points of a lesson.

    Attributes:
        place: in the file, from 0 on.
        most: the points that the platform gives; None where it does not say.
        comma: whether numbers are written with a decimal comma.
    """

    name: str
    place: int
    most: float | None
    comma: bool


def fill(
    sheet: Sheet,
    column: Column,
    marks: LessonMarks,
    matches: Matches,
    refuses: Callable[[int, float], str],
) -> tuple[list[str], list[Left]]:
    """Write the points of a lesson; a cell for which there are none stays as it is.

    Args:
        refuses: why the platform takes no such points in a record; empty where it takes them.

    Returns:
        Sentences about it, and who got nothing, or should be looked at.
    """
    scale = column.most / marks.max_score if column.most and marks.max_score else 1.0
    left: list[Left] = []
    count: Counter[str] = Counter()
    for record, student in matches.students.items():
        mark = marks.marks.get(student)
        if mark is None or mark.total is None:
            count["kept"] += bool(sheet.cell(record, column.place).strip())
            if mark is not None and (why := why_none(mark)):
                left.append(Left(student, why))
            count["nothing"] += mark is None or mark.state == "missing"
            continue
        points = round(mark.total * scale, 6)
        if why := refuses(record, points):
            left.append(Left(student, why))
            continue
        sheet.put(record, column.place, written(points, column.comma))
        count["filled"] += 1
        left += [Left(student, why) for why in to_look_at(mark)]
    left += _without_row(marks, matches)
    return _sentences(column, marks, scale, count), left


def _sentences(column: Column, marks: LessonMarks, scale: float, count: Mapping[str, int]) -> list[str]:
    lesson, most = marks.lesson.name, marks.max_score
    said = [f"{lesson}: {count['filled']} grades are in the column {printable(column.name)}."]
    if scale != 1.0:
        said.append(f"{lesson} has {most:g} points, the column {column.most:g}: multiplied by {scale:g}.")
    elif not column.most:
        said.append(f"The column of {lesson} does not say its points: they are of {most:g}.")
    if count["nothing"]:
        said.append(f"{lesson}: {count['nothing']} have handed nothing in and get no grade, also no 0.")
    if count["kept"]:
        said.append(f"{lesson}: {count['kept']} have no grade here and keep what stands in the file.")
    return said


def _without_row(marks: LessonMarks, matches: Matches) -> list[Left]:
    rows = set(matches.students.values())
    graded = (mark for mark in marks.marks.values() if mark.total is not None and mark.student not in rows)
    return [Left(mark.student, f"has {mark.total:g} points and no row in the file") for mark in graded]


def why_none(mark: Mark) -> str:
    """Why a submission has no grade; empty where nothing was handed in."""
    lesson = mark.lesson.name
    if mark.score is not None:
        return f"{lesson} has parts that wait for a manual grade in formgrader"
    if mark.misplaced:
        return f"{lesson} stands in {mark.misplaced[0]}, where nothing looks: move it and grade"
    return f"{lesson} is not graded: run `autograder grade {lesson}`" if mark.handed_in else ""


def to_look_at(mark: Mark) -> list[str]:
    """What an instructor should know of a grade before it leaves the house."""
    lesson, said = mark.lesson.name, []
    if mark.changed:
        said.append(f"has handed in {lesson} again since: run `autograder grade {lesson}`")
    if mark.needs_manual:
        said.append(f"formgrader asks for another look at the manual grade of {lesson}")
    if mark.state == "unjudged":
        said.append(f"nbgrader alone graded {lesson}: run `autograder grade {lesson}`")
    elif mark.state != "graded":
        said.append(f"{lesson} ended as {mark.state.replace('_', ' ')}")
    return said


def require_some(matches: Matches, rows: int, file: str) -> None:
    """Raise DescentError where no row is a student: it is another course's file."""
    if not matches.students:
        why = f": {matches.left[0].who} {matches.left[0].why}" if matches.left else ""
        raise DescentError(
            f"None of the {rows} rows of {file} is a student of this gradebook{why}. "
            "Give this course's file, or a roster with lms_id."
        )
