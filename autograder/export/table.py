"""A table of everything: a row for each student, with states, flags and exercises."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence

from autograder.export.filling import Outcome
from autograder.export.matching import Left
from autograder.export.points import written
from autograder.grade.marks import LessonMarks, Mark
from autograder.roster.roster import Student
from course.cells import CHECK
from course.printable import FORMULA, printable


def export(lessons: Sequence[LessonMarks], known: Mapping[str, Student]) -> Outcome:
    """Make the table, in UTF-8 with the mark by which spreadsheet programs know it.

    For each lesson: state, when it was handed in (UTC), the total, the grader's points, what people added or
    took off, what being late cost, each exercise, flags. What is not graded is empty.
    """
    made = io.StringIO()
    writer = csv.writer(made)
    cells = {marks.lesson.name: _cells(marks) for marks in lessons}
    header = ["student", "name", "email"]
    for marks in lessons:
        lesson = marks.lesson.name
        parts = ("state", "handed in", f"total of {marks.max_score:g}", "automatic", "by hand", "late")
        header += [f"{lesson} {part}" for part in parts]
        header += [f"{lesson} {name}" for name in cells[lesson].values()]
        header.append(f"{lesson} flags")
    most = sum(marks.max_score for marks in lessons)
    writer.writerow([*map(harmless, header), f"total of {most:g}", "lessons graded"])
    for student, entry in known.items():
        row = [harmless(text) for text in (student, entry.name, entry.email)]
        found = [marks.marks.get(student) for marks in lessons]
        for marks, mark in zip(lessons, found, strict=True):
            row += _of_lesson(mark, list(cells[marks.lesson.name]))
        totals = [mark.total for mark in found if mark is not None and mark.total is not None]
        writer.writerow([*row, _points(sum(totals) if totals else None), len(totals)])
    left = [
        Left(student, f"{mark.lesson.name} waits for a manual grade in formgrader")
        for marks in lessons
        for student, mark in marks.marks.items()
        if mark.needs_manual
    ]
    count = f"{len(known)} students, {len(lessons)} lessons"
    return Outcome(codecs.BOM_UTF8 + made.getvalue().encode(), [f"A table of {count}."], left)


def _cells(marks: LessonMarks) -> dict[str, str]:
    """The cells that count, in the order of the lesson, others after it, and what each is called."""
    worths = {CHECK + name: (name, *worth) for name, worth in marks.worths.items()}
    ours = {
        cell: f"{name}{' extra' if counting == 'extra' else ''} of {most:g}"
        for cell, (name, counting, most) in worths.items()
        if cell in marks.max_scores and counting != "excluded"
    }
    others = {
        cell: f"{cell} of {marks.max_scores[cell]:g}"
        for cell in sorted(marks.max_scores)
        if cell not in worths
    }
    return ours | others


def _of_lesson(mark: Mark | None, cells: Sequence[str]) -> list[str]:
    if mark is None:
        return ["missing", *([""] * (6 + len(cells)))]
    scores = (mark.cells[cell].score if cell in mark.cells else None for cell in cells)
    numbers = (mark.total, mark.automatic, mark.manual, mark.penalty or None)
    return [
        mark.state,
        mark.when.isoformat(sep=" ", timespec="seconds") if mark.when else "",
        *map(_points, numbers),
        *map(_points, scores),
        harmless("; ".join(_flags(mark))),
    ]


def _flags(mark: Mark) -> list[str]:
    said = [entry.sentence for entry in mark.flags]
    if mark.changed:
        said.append("handed in again since it was graded")
    if mark.needs_manual:
        said.append("waits for a manual grade")
    if mark.misplaced:
        said.append(f"stands in {', '.join(mark.misplaced)}")
    return said


def _points(points: float | None) -> str:
    return "" if points is None else written(points, comma=False)


def harmless(text: str) -> str:
    """A text on one line that no spreadsheet program takes for a formula.

    As OWASP advises: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    line = printable(text)
    return f"'{line}" if text.startswith(FORMULA) or line.startswith(FORMULA) else line
