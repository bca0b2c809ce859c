"""Moodle: the grading worksheet of an assignment, with the points of a lesson in it.

What it takes back is told by ``mod/assign/feedback/offline`` in https://github.com/moodle/moodle: it finds
rows by the identifier, and leaves out grades above the maximum, locked ones, and empty ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.collect.times import DOWNLOAD_IT, EMAIL, IDENTIFIER, NAME, NUMBER
from autograder.export.filling import Column, Outcome, fill, require_some
from autograder.export.matching import Row, key, match, name_key
from autograder.export.points import has_commas, number
from autograder.grade.marks import LessonMarks
from autograder.roster.roster import Student
from autograder.roster.rows import columns, plain
from autograder.roster.sheet import Sheet, SheetError

ID, GRADE, MODIFIED = IDENTIFIER, "Grade", "Last modified (grade)"
MAXIMUM, SCALE = "Maximum grade", "Scale"
AT_END = re.compile(r"\d+$")


class Worksheet:
    """Where things are in Moodle's worksheet.

    Raises:
        SheetError: it is none; the sentence says what is missing.
    """

    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        if sheet.encoding != "utf-8":
            raise SheetError(f"{sheet.path} is not in UTF-8, which Moodle takes: {DOWNLOAD_IT}.")
        self._places = columns(sheet, (ID, GRADE, MODIFIED), (MAXIMUM, NAME, EMAIL, NUMBER), DOWNLOAD_IT)
        self.grade = self._places[plain(GRADE)]
        records = [record for record in range(1, len(sheet)) if self.said(record, ID)]
        self.rows = tuple(map(self._row, records))

    def said(self, record: int, name: str) -> str:
        """What stands in a record below a name; empty where there is no such column."""
        place = self._places.get(plain(name))
        return "" if place is None else self.sheet.cell(record, place).strip()

    def number(self, record: int) -> str:
        """Moodle's number for the student in this assignment, "123" of "Participant 123"."""
        found = AT_END.search(self.said(record, ID))
        return found[0] if found else ""

    def _row(self, record: int) -> Row:
        email, number = self.said(record, EMAIL), self.said(record, NUMBER)
        sure = key("number", self.number(record)) | key("email", email) | key("student", email)
        sure |= key("student", number) | key("lms", number) | key("student", self.said(record, "Username"))
        name = self.said(record, NAME)
        return Row(record, name or self.said(record, ID), (sure, name_key(name)))

    def most(self) -> float | None:
        """What the assignment gives at most.

        Raises:
            SheetError: it gives no points but words.
        """
        if not any(plain(name) in self._places for name in (MAXIMUM, SCALE)):
            return None
        cells = {self.said(row.record, MAXIMUM) for row in self.rows}
        found = {number(cell) for cell in cells}
        if None in found or plain(SCALE) in self._places:
            raise SheetError(
                f"{self.sheet.path} is of an assignment without points: set its grade type to Point."
            )
        return max((entry for entry in found if entry is not None), default=None)


def export(
    sheet: Sheet, marks: LessonMarks, known: Mapping[str, Student], numbers: Mapping[str, str]
) -> Outcome:
    """Fill in the grades of a lesson.

    Args:
        sheet: Moodle's worksheet, which is changed.
        known: the class, by student id.
        numbers: Moodle's numbers of students in this assignment, as far as they were collected.

    Raises:
        SheetError: it is no worksheet.
        DescentError: nobody in it is a student of the gradebook.
    """
    worksheet = Worksheet(sheet)
    matches = match(worksheet.rows, known, numbers)
    require_some(matches, len(worksheet.rows), str(sheet.path))
    most = worksheet.most()
    numeric = (GRADE, MAXIMUM)
    comma = has_commas(worksheet.said(row.record, name) for row in worksheet.rows for name in numeric)

    def refuses(record: int, points: float) -> str:
        if worksheet.said(record, "Grade can be changed").casefold() == "no":
            return "has a grade that is locked in Moodle"
        if most is not None and points > most:
            return f"has {points:g} points: Moodle takes no more than {most:g}"
        return ""

    said, left = fill(sheet, Column(GRADE, worksheet.grade, most, comma), marks, matches, refuses)
    return Outcome(sheet.data(), matches.said + said, list(dict.fromkeys((*matches.left, *left))))
