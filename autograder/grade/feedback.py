"""The pages that students get back: nbgrader's own, several at a time, where there is something new."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.machine.converter import ConversionError, convert
from autograder.machine.workers import workers

# Enough to outweigh what a converter takes to get ready, few enough for a steady progress bar.
CHUNK = 8


@dataclass(frozen=True)
class Pages:
    """Some pages that were tried.

    Attributes:
        count: how many.
        problem: what nbgrader says of the last one that could not be made; empty when all were.
    """

    count: int
    problem: str = ""


class _FeedbackOfSome(GenerateFeedback):
    """nbgrader's converter, for a list of students.

    Attributes:
        students: their ids.
    """

    students: Sequence[str] = ()

    def init_notebooks(self) -> None:
        # Not by nbgrader's patterns, which some ids are taken for: "[a-z]*", or what begins with a dot.
        lesson = self.coursedir.assignment_id
        folders = [self._format_source(lesson, student) for student in self.students]
        self.assignments = {folder: [os.path.join(folder, f"{lesson}.ipynb")] for folder in folders}


def missing(folder: CourseFolder, lesson: Lesson) -> list[str]:
    """The graded students whose page is not there, or is older than their grades."""
    found = []
    for student in folder.students(folder.directory.autograded_directory, lesson):
        graded, page = folder.autograded(student, lesson), folder.feedback(student, lesson)
        if graded.is_file() and not (page.is_file() and page.stat().st_mtime_ns >= graded.stat().st_mtime_ns):
            found.append(student)
    return found


def write(folder: CourseFolder, lesson: Lesson, students: Sequence[str], count: int) -> Iterator[Pages]:
    """Write the pages of these students, ``count`` at a time; yields them some at a time, once tried.

    A page that can't be made keeps no other from being made; it is ``missing`` afterwards.
    """
    chunks = [students[start : start + CHUNK] for start in range(0, len(students), CHUNK)]
    if not chunks:
        return
    with workers(min(count, len(chunks))) as pool:
        for future in as_completed(
            [pool.submit(_write, folder.path, lesson.name, chunk) for chunk in chunks]
        ):
            yield future.result()


def _write(path: Path, lesson: str, students: Sequence[str]) -> Pages:
    folder = CourseFolder(path)
    directory = CourseDirectory(config=folder.config, assignment_id=lesson)
    converter = _FeedbackOfSome(coursedir=directory, config=folder.config, force=True)
    converter.students = students
    try:
        convert(converter)
    except ConversionError as error:  # nbgrader goes on to the end of the list before it says so
        return Pages(len(students), str(error))
    return Pages(len(students))
