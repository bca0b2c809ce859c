"""Feedback pages under the names by which a learning platform knows whose each is.

Moodle takes a zip with a folder for each participant, ``Full Name_123_assignsubmission_file_/``, of which the
number counts: ``mod/assign/feedback/file/importziplib.php`` in https://github.com/moodle/moodle. Canvas takes
the files that it gave, by the two numbers in their names, and shows each under the name that the student's
file had: ``infer_comment_context_from_filename`` in ``app/models/abstract_assignment.rb`` of
https://github.com/instructure/canvas-lms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.catalogue.lesson import Lesson
from autograder.collect import records
from autograder.collect.times import NAME
from autograder.errors import DescentError
from autograder.export.filling import Outcome
from autograder.export.matching import Left, match
from autograder.export.moodle import Worksheet
from autograder.grade import feedback
from autograder.grade.folder import CourseFolder
from autograder.grade.marks import LessonMarks
from autograder.handout.zipped import zipped
from autograder.roster.roster import Student
from autograder.roster.sheet import Sheet

# The folder of a participant, or the beginning of the name of a file that stands in none.
MOODLES = re.compile(r"([^_/\\]+_\d+_assignsubmission_[a-z]+)(_.*)?")
# The name, perhaps LATE, the number of the student or "anon" and a word, and the number of the file.
CANVASES = re.compile(r"(anon_[^_\\]+_|[^\\]*?_?\d+_)\d+_[^\\]+")


@dataclass(frozen=True)
class _Pages(Mapping[str, bytes]):
    """The pages of a class, by their names in the zip; each is read when it is packed."""

    files: Mapping[str, Path]

    def __getitem__(self, name: str) -> bytes:
        return self.files[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def pack(
    folder: CourseFolder,
    marks: LessonMarks,
    platform: str,
    known: Mapping[str, Student],
    worksheet: Sheet | None = None,
) -> Outcome:
    """Pack the pages of everybody whose submission came from a platform.

    Args:
        platform: "moodle" or "canvas".
        known: the class, by student id.
        worksheet: Moodle's grading worksheet, where submissions were not collected from its download.

    Raises:
        DescentError: there is no page to return, or nothing tells under which names.
    """
    lesson = marks.lesson
    names, left = _names(folder, lesson, platform, known, worksheet)
    if not names:
        raise DescentError(_how(lesson, platform))
    old = set(feedback.stale(folder, lesson))
    files: dict[str, Path] = {}
    for student, mark in marks.marks.items():
        page = folder.feedback(student, lesson)
        if mark.score is None:
            continue
        if student not in names:
            left.append(Left(student, f"is graded, and was not collected from {platform.title()}"))
        elif not page.is_file() or student in old:
            left.append(Left(student, f"has no page of these grades: run `autograder grade {lesson.name}`"))
        elif names[student] in files:
            left.append(
                Left(student, "has a name in the download that is somebody else's too: collect again")
            )
        else:
            files[names[student]] = page
    if not files:
        raise DescentError(
            f"There is no page of {lesson.name} to return: make them with `autograder grade {lesson.name}`."
        )
    return Outcome(zipped(_Pages(files)), [f"{len(files)} pages of {lesson.name} are packed."], left)


def _names(
    folder: CourseFolder,
    lesson: Lesson,
    platform: str,
    known: Mapping[str, Student],
    worksheet: Sheet | None,
) -> tuple[dict[str, str], list[Left]]:
    """The name of each student's page in the zip."""
    origins = records.read(folder, lesson).items()
    entries = {student: origin for student, origin in origins if origin.platform == platform}
    named = _of_moodle if platform == "moodle" else _of_canvas
    names = {student: name for student, entry in entries.items() if (name := named(entry.file, lesson))}
    if worksheet is None:
        return names, []
    rows = Worksheet(worksheet)
    matches = match(rows.rows, known, {student: entry.id for student, entry in entries.items()})
    for record, student in matches.students.items():
        if number := rows.number(record):
            full_name = re.sub(r"[\W_]+", " ", rows.said(record, NAME)).strip() or student
            names[student] = _page(f"{full_name}_{number}_assignsubmission_file", lesson)
    return names, list(matches.left)


def _of_moodle(file: str, lesson: Lesson) -> str:
    found = next(filter(None, map(MOODLES.fullmatch, PurePosixPath(file).parts)), None)
    return _page(found[1], lesson) if found else ""


def _page(participant: str, lesson: Lesson) -> str:
    # Moodle before 4.1 wants the last underscore, later ones take either.
    return f"{participant}_/{lesson.name}_feedback.html"


def _of_canvas(file: str, lesson: Lesson) -> str:
    # The notebook itself, or the zip that a student packed it into.
    found = next(filter(None, map(CANVASES.fullmatch, PurePosixPath(file).parts)), None)
    return f"{PurePosixPath(found[0]).stem}_feedback.html" if found else ""


def _how(lesson: Lesson, platform: str) -> str:
    by_worksheet = ", or give its grading worksheet with --from" if platform == "moodle" else ""
    return (
        f"Nothing tells under which names {platform.title()} knows the submissions of {lesson.name}: "
        f"collect them from its download with `autograder collect {lesson.name} FILE.zip`{by_worksheet}."
    )
