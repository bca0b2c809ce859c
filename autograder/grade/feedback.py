"""The pages that students get back: nbgrader's own, several at a time, where there is something new."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.machine.converter import ConversionError, convert
from autograder.machine.workers import WorkerLost, workers

# Enough to outweigh what a converter takes to get ready, few enough for a steady progress bar.
CHUNK = 8
# Where the page's template is; what it adds to nbgrader's stands there.
TEMPLATES, TEMPLATE, NBGRADERS = Path(__file__).parent / "templates", "descent", "feedback"
# Seconds for some pages, which are honestly made in a few, and what a process may use besides what it begins
# with: a notebook of ours has less than 40 MB.
SECONDS, MEMORY = 60.0, 1_000_000_000


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

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # nbgrader's own is what a folder's settings have not replaced.
        if self.config.HTMLExporter.template_name == NBGRADERS:
            pages = self.config.HTMLExporter
            pages.template_name = TEMPLATE
            # Ours extends nbgrader's by name.
            pages.extra_template_paths = [*pages.extra_template_paths, *pages.extra_template_basedirs]
            pages.extra_template_basedirs = [*pages.extra_template_basedirs, str(TEMPLATES)]

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
    with workers(min(count, len(chunks)), memory=MEMORY) as pool:

        def begin(some: Sequence[str]) -> Future[Pages]:
            return pool.submit(_write, folder.path, lesson.name, some, seconds=SECONDS)

        trying = {begin(some): some for some in chunks}
        while trying:
            done, _ = wait(trying, return_when=FIRST_COMPLETED)
            for future in done:
                some = trying.pop(future)
                problem = _lost(future)
                if not problem:
                    yield future.result()
                elif len(some) == 1:
                    yield Pages(1, problem)
                else:  # one of them keeps the others from being made: each is tried by itself
                    trying |= {begin([student]): [student] for student in some}


def _lost(tried: Future[Pages]) -> str:
    """Why nothing is known of some pages; empty where it is."""
    error = tried.exception()
    if isinstance(error, WorkerLost):
        return f"it took more than {SECONDS:g} s" if error.seconds else "the process that made it ended"
    if isinstance(error, DescentError):
        raise error
    return f"{type(error).__name__}: {error}" if error else ""


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
