"""The pages that students get back: nbgrader's own, several at a time, where there is something new."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.machine.workers import workers

# Enough to outweigh what a converter takes to get ready, few enough for a steady progress bar.
CHUNK = 8


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
        self.notebooks = []
        self.assignments = {folder: [os.path.join(folder, f"{lesson}.ipynb")] for folder in folders}


def missing(folder: CourseFolder, lesson: Lesson) -> list[str]:
    """The graded students whose page is not there, or is older than their grades."""
    found = []
    for graded in sorted((folder.path / "autograded").glob(f"*/{lesson.name}/{lesson.name}.ipynb")):
        student = graded.parent.parent.name
        page = folder.path / "feedback" / student / lesson.name / f"{lesson.name}.html"
        if not page.is_file() or page.stat().st_mtime_ns < graded.stat().st_mtime_ns:
            found.append(student)
    return found


def write(folder: CourseFolder, lesson: Lesson, students: Sequence[str], count: int) -> Iterator[int]:
    """Write the pages of these students, ``count`` at a time; yields how many were tried, as they are.

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


def _write(folder: Path, lesson: str, students: Sequence[str]) -> int:
    # nbgrader goes on to the end of the list before it says that something failed.
    with contextlib.suppress(DescentError):
        CourseFolder(folder).convert(_FeedbackOfSome, lesson, students=students)
    return len(students)
