"""``autograder export`` and ``autograder return``: from the gradebook folder to what a platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.catalogue.lesson import Lesson, lessons
from autograder.collect import records
from autograder.errors import DescentError
from autograder.export import canvas, moodle, pages, table
from autograder.export.filling import Outcome
from autograder.export.formats import Format, Platform
from autograder.export.place import put
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import LessonMarks, class_marks
from autograder.roster.roster import everybody
from autograder.roster.sheet import Sheet


def export(
    folder: CourseFolder,
    path: Path,
    form: Format,
    chosen: Sequence[Lesson] = (),
    source: Path | None = None,
    roster: Path | None = None,
    columns: Iterable[str] = (),
) -> Outcome:
    """Write a file of grades.

    Args:
        path: the CSV file to write.
        chosen: the lessons; those that anything was handed in of when empty.
        source: the platform's own file, which is filled in; needed for all but the table.
        roster: a CSV with the columns student, name, email, lms_id.
        columns: for Canvas, the columns of lessons: "05_adam=Homework 5 (4711)".

    Raises:
        DescentError: the sentence says what is missing, or in the way.
    """
    if source is not None and form == Format.TABLE:
        raise DescentError("The table is made anew and of no other file: leave --from out.")
    marks = class_marks(folder, chosen or lessons())
    known = everybody(marks.people, roster)
    some = [entry for entry in marks.lessons.values() if chosen or _is_there(entry)]
    if not some:
        raise DescentError(f"Nothing is handed in in {folder.path} yet: there are no grades to export.")
    if form == Format.TABLE:
        outcome = table.export(some, known)
    elif form == Format.CANVAS:
        numbers = _numbers(folder, [entry.lesson for entry in some], form)
        book = _source(source, canvas.EXPORT_IT)
        outcome = canvas.export(book, some, known, numbers, _columns(columns, some))
    else:
        if len(some) > 1:
            raise DescentError("Moodle's worksheet is of one assignment: say which with --lesson.")
        numbers = _numbers(folder, [some[0].lesson], form)
        outcome = moodle.export(_source(source, moodle.DOWNLOAD_IT), some[0], known, numbers)
    put(folder, path, outcome.data, ".csv")
    return outcome


def give_back(
    folder: CourseFolder,
    lesson: Lesson,
    path: Path,
    platform: Platform,
    source: Path | None = None,
    roster: Path | None = None,
) -> Outcome:
    """Write a zip of feedback pages; arguments and errors are those of ``export``.

    Args:
        source: Moodle's grading worksheet, where submissions were not collected from Moodle's own download.
    """
    if source is not None and platform != Platform.MOODLE:
        raise DescentError(
            "Canvas knows files by the names that it gave them, which no other file has: leave --from out."
        )
    marks = class_marks(folder, [lesson])
    worksheet = Sheet.read(source) if source else None
    known = everybody(marks.people, roster)
    outcome = pages.pack(folder, marks.lessons[lesson.name], platform, known, worksheet)
    put(folder, path, outcome.data, ".zip")
    return outcome


def _is_there(marks: LessonMarks) -> bool:
    return any(mark.points is not None or mark.handed_in for mark in marks.marks.values())


def _columns(given: Iterable[str], some: Iterable[LessonMarks]) -> dict[str, str]:
    """The column of lessons, by name."""
    names = {entry.lesson.name for entry in some}
    found: dict[str, str] = {}
    for entry in given:
        lesson, equals, column = entry.partition("=")
        if not equals or not column or lesson not in names:
            raise DescentError(
                f'"{entry}" says no column of a lesson that is exported: write it as 05_adam=COLUMN.'
            )
        found[lesson] = column
    return found


def _numbers(folder: CourseFolder, chosen: Iterable[Lesson], platform: str) -> dict[str, str]:
    """The platform's number of each student whose submission was collected from it."""
    found: dict[str, str] = {}
    for lesson in chosen:
        origins = records.read(folder, lesson).items()
        found |= {student: origin.id for student, origin in origins if origin.platform == platform}
    return found


def _source(path: Path | None, how: str) -> Sheet:
    if path is None:
        raise DescentError(f"Grades go into the platform's own file: {how} with --from.")
    return Sheet.read(path)
