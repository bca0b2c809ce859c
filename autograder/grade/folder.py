"""The nbgrader course folder: made by ``autograder setup``, graded into, and left as stock nbgrader has it.

``source/ release/ submitted/ autograded/ feedback/ gradebook.db`` are in nbgrader's own format: its
commands and its formgrader work in the folder as usual.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.judge.grader import Judgement
from autograder.judge.submission import SIZE_LIMIT

COURSE_ID = "descent"
SETTINGS = "nbgrader_config.py"
CONFIG = f'''"""Settings of nbgrader for this course folder."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "{COURSE_ID}"
'''


LOOKS_LIKE = "2026-01-31 12:00:00 UTC"
# A date and the name of a time zone have far less.
TIMESTAMP_LIMIT = 1000


class CourseFolder:
    """One nbgrader course folder.

    Args:
        path: the folder; nbgrader's ``CourseDirectory.root``. Its ``nbgrader_config.py`` holds.

    Raises:
        DescentError: the settings can't be read; the sentence says why.
    """

    def __init__(self, path: Path):
        self.path = path.resolve()
        self.config = _settings(self.path)
        self.config.CourseDirectory.root = str(self.path)
        self.course_id = self.config.CourseDirectory.setdefault("course_id", COURSE_ID)
        self.db_url = f"sqlite:///{self.path / 'gradebook.db'}"

    # Setting up

    def setup(self, lessons: list[Lesson]) -> None:
        """Make the folder, or add lessons to it: sources, release versions, gradebook entries."""
        self.path.mkdir(parents=True, exist_ok=True)
        settings = self.path / SETTINGS
        if not settings.exists():
            settings.write_text(CONFIG)
        for lesson in lessons:
            source = self.path / "source" / lesson.name / f"{lesson.name}.ipynb"
            source.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(lesson.notebook_path, source)
            self.convert(GenerateAssignment, lesson.name)

    def convert(self, converter: type, lesson: str, **settings: object) -> None:
        """Run one of nbgrader's converters on a lesson of this folder.

        Args:
            settings: attributes of the converter.

        Raises:
            DescentError: it could not do its work.
        """
        directory = CourseDirectory(config=self.config, assignment_id=lesson)
        made = converter(coursedir=directory, config=self.config)
        made.force = True
        made.log = _quiet()
        for name, value in settings.items():
            setattr(made, name, value)
        try:
            with _working_directory(self.path):
                made.start()
        except NbGraderException as error:
            raise DescentError(f"nbgrader could not work on {lesson} in {self.path}: {error}") from error

    def require(self, lesson: Lesson | None = None) -> None:
        """Raise DescentError, with what to do, unless this is a gradebook, and one that holds the lesson."""
        setup = f"make one with `autograder setup --gradebook {self.path}`"
        if not self.path.is_dir():
            raise DescentError(f"There is no folder {self.path}: {setup}.")
        if not (self.path / "gradebook.db").is_file():
            raise DescentError(f"{self.path} is no gradebook folder: {setup}.")
        if lesson is None:
            return
        with self.open() as gradebook:
            try:
                gradebook.find_assignment(lesson.name)
            except MissingEntry:
                raise DescentError(
                    f"The gradebook in {self.path} does not have the lesson {lesson.name}: "
                    f"add it with `autograder setup --gradebook {self.path}`."
                ) from None

    def open(self) -> Gradebook:
        """The gradebook's database, to be used in a ``with`` statement.

        Raises:
            DescentError: it can't be opened.
        """
        try:
            return Gradebook(self.db_url, self.course_id)
        except SQLAlchemyError as error:
            said = str(error).partition("\n")[0]
            raise DescentError(f"{self.path / 'gradebook.db'} can't be opened ({said}).") from error

    # Submissions

    def submissions(self, lesson: Lesson) -> dict[str, Path]:
        """For each student with a folder for the lesson, the notebook to grade, by student id.

        That is the one with the lesson's name, else the only or first other one.

        Raises:
            DescentError: a folder has a name that no gradebook can hold.
        """
        found = {}
        for folder in sorted((self.path / "submitted").glob(f"*/{lesson.name}")):
            student = folder.parent.name
            # No database holds the one, and nbgrader makes no page for the other.
            if student != student.encode(errors="replace").decode() or "\n" in student:
                raise DescentError(
                    f"The folder {student!a} in {self.path / 'submitted'} has a name that is not a line "
                    "of text: rename it."
                )
            notebooks = sorted(folder.glob("*.ipynb"))
            named = folder / f"{lesson.name}.ipynb"
            if named in notebooks or not notebooks:
                found[student] = named
            else:
                found[student] = notebooks[0]
        return found

    def digest(self, student: str, lesson: Lesson, notebook: Path) -> str:
        """What tells one submission from another: the file, its name, and when it was handed in."""
        found = hashlib.sha256(notebook.name.encode())
        for path in (notebook, notebook.parent / "timestamp.txt"):
            # What is no file, or can't be read, is a submission too: it is graded as unreadable.
            with contextlib.suppress(OSError):
                if _is_own_file(path):
                    with path.open("rb") as file:
                        found.update(file.read(SIZE_LIMIT + 1))
        return found.hexdigest()

    def graded(self, student: str, lesson: Lesson) -> dict | None:
        """What the autograded notebook says of its judgement; None where there is none of ours."""
        path = self.path / "autograded" / student / lesson.name / f"{lesson.name}.ipynb"
        try:
            return json.loads(path.read_text(encoding="utf-8"))["metadata"].get("descent")
        except (OSError, ValueError, KeyError):
            return None

    def seed(self) -> int:
        """The seed of the folder's secret cases: drawn once and kept, so that everybody gets the same."""
        path = self.path / "secret_seed"
        if not path.is_file():
            part = path.with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(f"{secrets.randbits(64)}\n")
            part.replace(path)
        try:
            return int(path.read_text())
        except ValueError:
            raise DescentError(f"{path} holds no number: put back the one that it held.") from None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs out of the folder for a while; raises DescentError when one is in it."""
        import fcntl  # not on every system, and nor is grading

        with (self.path / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DescentError(f"Somebody is grading in {self.path} already: wait for the end.") from None
            yield

    # Recording

    def record(
        self, gradebook: Gradebook, student: str, lesson: Lesson, judgement: Judgement, digest: str
    ) -> float:
        """Write the grades, late penalties as nbgrader works them out, and last the autograded notebook.

        Whoever stops us in between makes the next run do it again: what is not whole is not there.

        Args:
            gradebook: from ``open``.
            digest: of the submission that was judged; see ``digest``.

        Returns:
            The gradebook's score, which counts.
        """
        # The same wherever the folder is.
        line = {**judgement.line(), "notebook": Path(judgement.notebook).relative_to(self.path).as_posix()}
        with warnings.catch_warnings():
            # nbgrader's own, about the order in which it adds the parts of a submission.
            warnings.simplefilter("ignore", SAWarning)
            gradebook.update_or_create_student(student)
            timestamp = self._timestamp(student, lesson, line["flags"])
            gradebook.update_or_create_submission(lesson.name, student, **timestamp)
        notebook = judgement.graded
        notebook.metadata["descent"] = {
            "judgement": line,
            "submission": digest,
        }
        resources = {
            "nbgrader": {
                "student": student,
                "assignment": lesson.name,
                "notebook": lesson.name,
                "db_url": self.db_url,
            }
        }
        steps = [LimitOutput(config=self.config), _SaveGrades(gradebook, config=self.config)]
        if self._late(gradebook, student, lesson):
            steps.append(AssignLatePenalties(config=self.config))
        for step in steps:
            step.log = _quiet()
            notebook, resources = step.preprocess(notebook, resources)
        submission = gradebook.find_submission(lesson.name, student)
        if submission.late_submission_penalty:
            said = f"handed in late: {submission.late_submission_penalty:g} points less"
            notebook.metadata["descent"]["judgement"]["flags"].append(said)
        self._write(student, lesson, notebook)
        score = _score(submission)
        gradebook.db.commit()  # what was read is not held on to: the next step is another connection's
        return score

    def _late(self, gradebook: Gradebook, student: str, lesson: Lesson) -> bool:
        """Whether there is a penalty to work out, or one of before to take back."""
        submission = gradebook.find_submission(lesson.name, student)
        penalised = any(notebook.late_submission_penalty for notebook in submission.notebooks)
        return penalised or submission.total_seconds_late > 0

    def _timestamp(self, student: str, lesson: Lesson, flags: list[str]) -> dict:
        path = self.path / "submitted" / student / lesson.name / "timestamp.txt"
        if not _is_own_file(path):
            return {}
        try:
            with path.open() as file:
                return {"timestamp": parse_utc(file.read(TIMESTAMP_LIMIT).strip())}
        except (ValueError, OverflowError, OSError):
            flags.append(f"timestamp.txt holds no date that can be read: not {LOOKS_LIKE}")
            return {}

    def _write(self, student: str, lesson: Lesson, notebook: nbformat.NotebookNode) -> None:
        """The autograded notebook appears whole or not at all."""
        folder = self.path / "autograded" / student / lesson.name
        folder.mkdir(parents=True, exist_ok=True)
        submitted = self.path / "submitted" / student / lesson.name / "timestamp.txt"
        with contextlib.suppress(OSError):
            if _is_own_file(submitted) and submitted.stat().st_size <= TIMESTAMP_LIMIT:
                shutil.copyfile(submitted, folder / "timestamp.txt")
        part = folder / f".{lesson.name}.part"
        nbformat.write(notebook, part)
        part.replace(folder / f"{lesson.name}.ipynb")

    # Reading back

    def scores(self, lesson: Lesson) -> dict[str, float]:
        """The gradebook's score of every submission, by student: manual grades and late penalties count."""
        with self.open() as gradebook:
            submissions = gradebook.assignment_submissions(lesson.name)
            return {submission.student_id: _score(submission) for submission in submissions}

    def judged(self, lesson: Lesson) -> Iterator[tuple[str, dict, float]]:
        """For each graded student: id, what the notebook says of its judgement, and the gradebook's score."""
        scores = self.scores(lesson)
        for path in sorted((self.path / "autograded").glob(f"*/{lesson.name}")):
            student = path.parent.name
            found = self.graded(student, lesson)
            if found is not None and student in scores:
                yield student, found, scores[student]


class _SaveGrades(SaveAutoGrades):
    """nbgrader's own on a gradebook that is open already: to open one takes longer than the work."""

    def __init__(self, gradebook: Gradebook, **settings: Config):
        super().__init__(**settings)
        self.gradebook = gradebook

    def preprocess(self, notebook: nbformat.NotebookNode, resources: dict) -> tuple:
        where = resources["nbgrader"]
        self.student_id = where["student"]
        self.assignment_id = where["assignment"]
        self.notebook_id = where["notebook"]
        return NbGraderPreprocessor.preprocess(self, notebook, resources)


def _is_own_file(path: Path) -> bool:
    """Whether it is a file, and no link, which may lead to somebody else's."""
    return path.is_file() and not path.is_symlink()


def _score(submission: SubmittedAssignment) -> float:
    """What nbgrader exports: the points, manual ones before the grader's, less the late penalty."""
    return max(0.0, submission.score - submission.late_submission_penalty)


def _settings(path: Path) -> Config:
    """What the folder's ``nbgrader_config.py`` says, of late penalties for one; as nbgrader reads it."""
    if not (path / SETTINGS).is_file():
        return Config()
    try:
        return PyFileConfigLoader(SETTINGS, str(path)).load_config()
    except (Exception, SystemExit) as error:  # it is Python: anything can go wrong in it
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise DescentError(f"The settings in {path / SETTINGS} can't be read ({said}): mend them.") from error


@contextmanager
def _working_directory(path: Path) -> Iterator[None]:
    """nbgrader's converters resolve some paths against the working directory."""
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def _quiet() -> logging.Logger:
    """nbgrader logs a line for every step, and a traceback for what it also raises."""
    logger = logging.getLogger("descent.nbgrader")
    logger.setLevel(logging.CRITICAL)
    return logger
