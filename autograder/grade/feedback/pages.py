"""Writes pages, several at a time, and knows which no longer show what is the case."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Self

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade import record, scores
from autograder.grade.connection import repeated
from autograder.grade.feedback.cells import Cells
from autograder.grade.feedback.page import MARK, page
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import SECRET, TIMESTAMP
from autograder.grade.scores import Person, SubmissionScores
from autograder.judge.judgement import FormatError, Judgement
from autograder.judge.own_text import make_safe
from autograder.machine.whole import put_whole
from autograder.machine.workers import WorkerLost, Workers, workers
from autograder.policy.in_force import counting
from autograder.policy.terms import Counting

# Seconds for a page, which is honestly made in a thousandth of that: a machine with ten times its work needs
# them. And what a process may use besides what it begins with: a notebook of ours has less than 40 MB.
SECONDS, MEMORY = 60.0, 1_000_000_000
# Where a page says what it shows: in its head.
HEAD, DIGEST = 2000, re.compile(rf'<meta name="{MARK}" content="([0-9a-f]{{64}})">')
# As nbgrader sets them: for the group too where it is told to.
PERMISSIONS, SHARED = 0o644, 0o664


@dataclass(frozen=True)
class Tried:
    """A page that was tried; the problem says why it could not be made, and is empty where it was."""

    student: str
    problem: str = ""


@dataclass(frozen=True)
class _Lesson:
    """What the pages of a lesson have in common."""

    folder: CourseFolder
    lesson: Lesson
    given: NotebookNode
    cells: Cells
    counting: Mapping[str, tuple[Counting, float]]


@dataclass(frozen=True)
class _Entry:
    """What the gradebook says of one student, and of what they handed in."""

    student: Person
    scores: SubmissionScores


def stale(folder: CourseFolder, lesson: Lesson) -> list[str]:
    """The graded students who have no page, or one that shows something else than there is to show now.

    Whatever it was that changed: the notebook, points, a comment, a name, or how pages are made.
    """
    graded = [
        student
        for student in folder.students(folder.directory.autograded_directory, lesson)
        if folder.autograded(student, lesson).is_file()
    ]
    if not graded:
        return []
    given, counts = folder.student_notebook(lesson), counting(folder.path, lesson.name)
    with folder.open() as gradebook:
        found = _entries(gradebook, lesson)
    return [
        student
        for student in graded
        if student in found
        and _shown(folder, student, lesson) != _digest(folder, found[student], lesson, given, counts)
    ]


def _entries(
    gradebook: Gradebook, lesson: Lesson, students: Collection[str] | None = None
) -> dict[str, _Entry]:
    """Everybody's who has a submission, or only some students', by id."""
    people = scores.people(gradebook, students)
    found = scores.submissions(gradebook, [lesson.name], students)
    gradebook.db.rollback()  # what was read is not held on to: the next step is another connection's
    return {student: _Entry(people[student], entry) for (_, student), entry in found.items()}


def write(folder: CourseFolder, lesson: Lesson, students: Sequence[str], count: int) -> Iterator[Tried]:
    """Write the pages of these students, ``count`` at a time; yields each once it was tried."""
    if students:
        with Writer(folder, lesson, min(count, len(students))) as pages:
            pages.begin(students)
            yield from pages.rest()


class Writer:
    """Writes the pages of a lesson beside other work, to be used in a ``with`` statement.

    A page that can't be made keeps no other from being made, and leaves the one of before.

    Args:
        count: how many are made at a time.
    """

    def __init__(self, folder: CourseFolder, lesson: Lesson, count: int):
        given = folder.student_notebook(lesson)
        self._folder, self._lesson = folder, lesson
        # What everybody has is made before there are several processes.
        common = _Lesson(folder, lesson, given, Cells(given.cells), counting(folder.path, lesson.name))
        self._pool = workers(count, _start, common, memory=MEMORY)
        self._trying: dict[Future[None], str] = {}

    def __enter__(self) -> Self:
        self._gradebook: Gradebook = self._folder.open()
        self._workers: Workers = self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)
        self._gradebook.__exit__(kind, error, trace)

    def begin(self, students: Collection[str]) -> None:
        """Have some students' pages written, from what the gradebook says of them now."""
        entries = repeated(self._gradebook, partial(_entries, self._gradebook, self._lesson, students))
        for student, entry in entries.items():
            self._trying[self._workers.submit(_write, entry, seconds=SECONDS)] = student

    def rest(self) -> Iterator[Tried]:
        """All that were begun, as they are done."""
        for future in as_completed(self._trying):
            yield Tried(self._trying[future], _problem(future))


def _problem(tried: Future[None]) -> str:
    error = tried.exception()
    if isinstance(error, WorkerLost):
        return f"it took more than {SECONDS:g} s" if error.seconds else "the process that made it ended"
    if isinstance(error, DescentError):
        raise error
    return f"{type(error).__name__}: {error}".partition("\n")[0] if error else ""


# In the processes

_common: _Lesson | None = None


def _start(common: _Lesson) -> None:
    global _common
    _common = common


def _write(entry: _Entry) -> None:
    assert _common is not None  # the process began with _start
    folder, lesson, student = _common.folder, _common.lesson, entry.student.id
    source, path = folder.autograded(student, lesson), folder.feedback(student, lesson)
    digest = _digest(folder, entry, lesson, _common.given, _common.counting)
    notebook, judgement = nbformat.read(source, as_version=4), _judgement(folder, student, lesson)
    if judgement is None:
        # Another program's work: students' texts are as they were typed.
        list(make_safe(cell for cell in notebook.cells if _is_own_text(cell)))
    graded = _graded(folder, student, lesson)
    made = page(
        lesson.title,
        notebook,
        _common.cells,
        entry.student,
        entry.scores,
        graded,
        judgement,
        digest,
        _common.counting,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in (TIMESTAMP, SECRET):  # nbgrader's release_feedback reads both
        if (beside := source.with_name(name)).is_file():
            shutil.copyfile(beside, path.with_name(name))
    put_whole(path, made.encode(), SHARED if folder.directory.groupshared else PERMISSIONS)


def _is_own_text(cell: NotebookNode) -> bool:
    assert _common is not None
    return cell.cell_type != "code" and not _common.cells.is_handed_out(cell)


def _judgement(folder: CourseFolder, student: str, lesson: Lesson) -> Judgement | None:
    """What is kept of the notebook; None where another program graded it, or another version."""
    try:
        kept = record.read(folder, student, lesson)
    except FormatError:
        return None
    return kept.judgement if kept else None


# What a page shows


def _graded(folder: CourseFolder, student: str, lesson: Lesson) -> date:
    """On which day a student was graded, whenever the page is made."""
    return datetime.fromtimestamp(folder.autograded(student, lesson).stat().st_mtime, UTC).date()


def _digest(
    folder: CourseFolder,
    entry: _Entry,
    lesson: Lesson,
    given: NotebookNode,
    counting: Mapping[str, tuple[Counting, float]],
) -> str:
    """Of all that a student's page is made of."""
    student = entry.student.id
    notebook = hashlib.sha256(folder.autograded(student, lesson).read_bytes()).hexdigest()
    judgement = _judgement(folder, student, lesson)
    # What formgrader calls the notebook is drawn anew in every gradebook, and is on no page.
    scores_shown = replace(entry.scores, notebook=None)
    shown = {
        "grades": asdict(replace(entry, scores=scores_shown)),
        "graded": _graded(folder, student, lesson),
        "state": judgement and judgement.state,
        "attempted": judgement and [entry.attempted for entry in judgement.exercises],
        "notebook": notebook,
        "handed out": [cell.source for cell in given.cells],
        "counting": {name: list(entry) for name, entry in counting.items()},
        "title": lesson.title,
        "made by": _makers(),
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()


@cache
def _makers() -> str:
    """The digest of what makes pages: this folder."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".html", ".css"):
            found.update(path.read_bytes())
    return found.hexdigest()


def _shown(folder: CourseFolder, student: str, lesson: Lesson) -> str | None:
    """The digest of what the student's page shows; None where there is none, or it is another program's."""
    try:
        with folder.feedback(student, lesson).open(encoding="utf-8", errors="replace") as file:
            found = DIGEST.search(file.read(HEAD))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found[1] if found else None
