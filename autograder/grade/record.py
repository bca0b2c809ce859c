"""Recording: what came of a submission goes into the gradebook, beside it, and can be read back.

A file of ours beside nbgrader's folders holds each judgement. It is written last: where it is, and belongs
to the autograded notebook that is there, the submission is graded.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import LimitOutput, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import SECRET, TIMESTAMP, secret, timestamp
from autograder.grade.scores import submissions
from autograder.judge.flags import Flag, flag
from autograder.judge.grader import Judged
from autograder.judge.judgement import FormatError, Judgement
from autograder.judge.own_file import Unreadable
from autograder.machine.whole import put_whole
from autograder.policy.rules import Rules
from course.cells import CHECK
from course.printable import printable

# A folder beside ``autograded`` and the like: what is in those, nbgrader copies into what students get.
STEP = "judgements"
NAME = "judgement.json"
LOOKS_LIKE = "2026-01-31 12:00:00 UTC"


@dataclass(frozen=True)
class Record:
    """What is kept of a graded submission.

    Attributes:
        submission: the digest of what was judged; see ``CourseFolder.digest``.
        autograded: the SHA-256 of the autograded notebook that belongs to it.
    """

    judgement: Judgement
    submission: str
    autograded: str


def record(
    folder: CourseFolder,
    gradebook: Gradebook,
    student: str,
    lesson: Lesson,
    judged: Judged,
    digest: str,
    rules: Rules,
) -> float:
    """Write the grades, late penalties, the autograded notebook, the judgement.

    Whoever stops us in between makes the next run do it again: what is not whole is not there.

    Args:
        gradebook: from ``folder.open``.
        digest: of the submission that was judged; see ``CourseFolder.digest``.
        rules: what the class's policy makes of the points.

    Returns:
        The gradebook's score, which counts.
    """
    assert judged.notebook is not None  # the lesson is known
    said, flags = _read_timestamp(folder, student, lesson)
    when, undated = _parse(said)
    # What keeps the notebook from being read too is said of that.
    flags = [entry for entry in (*flags, *undated) if not judged.judgement.flagged(entry.id)]
    with warnings.catch_warnings():
        # nbgrader's own, about the order in which it adds the parts of a submission.
        warnings.simplefilter("ignore", SAWarning)
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(lesson.name, student, **when)
    notebook = _save_grades(folder, gradebook, student, lesson, judged.notebook)
    submission = gradebook.find_submission(lesson.name, student)
    rules.enter(submission, lesson, lambda: by_check(judged.judgement))
    rules.in_force.write()  # before what it takes the place of is gone from the gradebook
    gradebook.db.commit()
    path = _write_notebook(folder, student, lesson, notebook, said)
    judgement = replace(
        judged.judgement,
        notebook=_inside(folder, judged.judgement.notebook),
        flags=(*judged.judgement.flags, *flags),
    )
    _write(folder, student, lesson, Record(judgement, digest, _sha256(path)))
    score = submissions(gradebook, [lesson.name], [student])[lesson.name, student].score
    gradebook.db.commit()  # what was read is not held on to: the next step is another connection's
    return score or 0.0


def _save_grades(
    folder: CourseFolder, gradebook: Gradebook, student: str, lesson: Lesson, notebook: NotebookNode
) -> NotebookNode:
    """Enter the points that stand in the check cells."""
    resources: dict[str, Any] = {
        "nbgrader": {
            "student": student,
            "assignment": lesson.name,
            "notebook": lesson.name,
            "db_url": folder.db_url,
        }
    }
    settings = {"config": folder.config, "log": folder.directory.log}
    steps: list[NbGraderPreprocessor] = [LimitOutput(**settings), _SaveGrades(gradebook, **settings)]
    for step in steps:
        notebook, resources = step.preprocess(notebook, resources)
    return notebook


def by_check(judgement: Judgement) -> dict[str, float]:
    """The points of a judgement, by the name of the check cell."""
    return {CHECK + entry.id: entry.score for entry in judgement.exercises}


def _read_timestamp(folder: CourseFolder, student: str, lesson: Lesson) -> tuple[bytes | None, list[Flag]]:
    """What says when it was handed in, and what is wrong with the file that should."""
    try:
        return timestamp(folder, student, lesson), []
    except Unreadable as error:
        return None, [error.flag]


def _parse(said: bytes | None) -> tuple[dict[str, datetime], list[Flag]]:
    try:
        return {} if said is None else {"timestamp": parse_utc(said.decode().strip())}, []
    except (ValueError, OverflowError):
        return {}, [flag("no_date", like=LOOKS_LIKE)]


def _write_notebook(
    folder: CourseFolder, student: str, lesson: Lesson, notebook: NotebookNode, said: bytes | None
) -> Path:
    """The autograded notebook appears whole or not at all, with what says when it was handed in beside it.

    What nbgrader's exchange finds the page by is there too.
    """
    path = folder.autograded(student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    if said is not None:
        put_whole(path.with_name(TIMESTAMP), said)
    with suppress(Unreadable):  # then nobody can fetch the page, which is made all the same
        if (own := secret(folder, student, lesson)) is not None:
            put_whole(path.with_name(SECRET), own)
    put_whole(path, f"{nbformat.writes(notebook)}\n".encode())
    return path


def _inside(folder: CourseFolder, path: str) -> str:
    """A path within the folder, the same wherever the folder is; another one stays as it is."""
    root = printable(str(folder.path))
    inside = Path(path).is_relative_to(root)
    return Path(path).relative_to(root).as_posix() if inside else path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# What is kept


def judgement_path(folder: CourseFolder, student: str, lesson: Lesson) -> Path:
    """Where the judgement of a student's submission is kept."""
    return folder.place(STEP, student, lesson) / NAME


def _write(folder: CourseFolder, student: str, lesson: Lesson, kept: Record) -> None:
    path = judgement_path(folder, student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "judgement": kept.judgement.to_line(),
        "submission": kept.submission,
        "autograded": kept.autograded,
    }
    put_whole(path, f"{json.dumps(content, ensure_ascii=False)}\n".encode())


def read(folder: CourseFolder, student: str, lesson: Lesson) -> Record | None:
    """What is kept of a student's submission; None where nothing is, or it is of another notebook.

    Raises:
        FormatError: it is of another version.
    """
    try:
        text = judgement_path(folder, student, lesson).read_text(encoding="utf-8")
        autograded = _sha256(folder.autograded(student, lesson))
    except FileNotFoundError:
        return None
    try:
        content = json.loads(text)
        kept = Record(Judgement.from_line(content["judgement"]), content["submission"], content["autograded"])
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError from error
    # Graded by stock nbgrader since: what we said is of another notebook.
    return kept if kept.autograded == autograded else None


def is_graded(folder: CourseFolder, student: str, lesson: Lesson, digest: str) -> bool:
    """Whether just this submission is graded."""
    try:
        kept = read(folder, student, lesson)
    except FormatError:
        return False
    return kept is not None and kept.submission == digest


def scores(folder: CourseFolder, lesson: Lesson) -> dict[str, float]:
    """The gradebook's score of every graded submission, by student: manual points and penalties count."""
    with folder.open() as gradebook:
        found = submissions(gradebook, [lesson.name])
    return {student: entry.score for (_, student), entry in found.items() if entry.score is not None}


class _SaveGrades(SaveAutoGrades):
    """nbgrader's own on a gradebook that is open already: to open one takes longer than the work."""

    def __init__(self, gradebook: Gradebook, **settings: Any):
        super().__init__(**settings)
        self.gradebook = gradebook

    def preprocess(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        where = resources["nbgrader"]
        self.student_id = where["student"]
        self.assignment_id = where["assignment"]
        self.notebook_id = where["notebook"]
        return NbGraderPreprocessor.preprocess(self, notebook, resources)
