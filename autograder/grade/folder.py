"""The nbgrader course folder that a class is graded into: its settings, its places, what is handed in.

The folders for sources, releases, submissions, autograded notebooks and feedback, and the database, are in
nbgrader's own format and where its settings say: its commands and its formgrader work there as usual.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import secrets
import shutil
import sys
from collections.abc import Collection, Iterator
from itertools import takewhile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.build.own import may_be_replaced
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.alone import Hold, ServerLock, folder_lock
from autograder.grade.connection import INSTALL, Book, is_server
from autograder.grade.settings import CONFIG, SETTINGS, course_directory
from autograder.machine.whole import one_writer, put_whole
from autograder.policy.example import EXAMPLE
from autograder.policy.terms import POLICY


class CourseFolder:
    """One nbgrader course folder.

    Args:
        path: the folder; nbgrader's ``CourseDirectory.root``. What its ``nbgrader_config.py`` says holds.

    Attributes:
        directory: nbgrader's own names of the folders and of the database.
        config: the settings of nbgrader's other classes.

    Raises:
        DescentError: the settings can't be read; the sentence says why.
    """

    def __init__(self, path: Path):
        self.path = path.resolve()
        self.directory = course_directory(self.path)
        self.config = self.directory.config
        self.db_url: str = self.directory.db_url

    # Places

    def place(self, step: str, student: str, lesson: Lesson) -> Path:
        """The folder of one student's lesson.

        Args:
            step: the name of one of nbgrader's folders: ``directory.submitted_directory``.
            student: the id; ``"."`` where nbgrader keeps what is everybody's.
        """
        return Path(self.directory.format_path(step, student, lesson.name))

    def students(self, step: str, lesson: Lesson) -> dict[str, Path]:
        """The students who have a folder for the lesson, by id, as nbgrader reads it from the path."""
        pattern = self.directory.directory_structure.format(
            nbgrader_step=glob.escape(step), student_id="*", assignment_id=glob.escape(lesson.name)
        )
        regexp = self.directory.format_path(
            re.escape(step), "(?P<student_id>.*)", re.escape(lesson.name), escape=True
        )
        found = {}
        for name in glob.glob(pattern, root_dir=self.path, include_hidden=True):
            path = self.path / name
            if path.is_dir() and (match := re.fullmatch(regexp, str(path), re.DOTALL)):
                found[match["student_id"]] = path
        return dict(sorted(found.items()))

    def autograded(self, student: str, lesson: Lesson) -> Path:
        """The graded notebook of a student."""
        place = self.place(self.directory.autograded_directory, student, lesson)
        return place / f"{lesson.name}.ipynb"

    def feedback(self, student: str, lesson: Lesson) -> Path:
        """The page that a student gets back."""
        return self.place(self.directory.feedback_directory, student, lesson) / f"{lesson.name}.html"

    def hidden(self) -> list[Path]:
        """What student code must not see: the folder, and what its settings put elsewhere."""
        names = ("source", "release", "submitted", "autograded", "feedback")
        steps = [getattr(self.directory, f"{name}_directory") for name in names]
        everybody = (Path(self.directory.format_path(step, "*", "*")).parts for step in steps)
        places = [Path(*takewhile(lambda part: "*" not in part, parts)) for parts in everybody]
        database = self._database_file()
        elsewhere = [path for path in (*places, database) if path and not path.is_relative_to(self.path)]
        return [self.path, *dict.fromkeys(elsewhere)]

    def _database_file(self) -> Path | None:
        url = make_url(self.db_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    # Setting up

    def setup(self, lessons: list[Lesson]) -> list[Path]:
        """Make the folder, or bring it up to date: sources, what students are given, gradebook entries.

        What students are given is a copy of ``lessons/``. From then on the folder's own counts: an instructor
        may change it, with nbgrader's generate_assignment for one, and what was changed is left as it is.

        Returns:
            The notebooks that were changed and therefore left.

        Raises:
            DescentError: the gradebook can't hold them; the sentence says why.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        settings = self.path / SETTINGS
        if not settings.exists():
            settings.write_text(CONFIG)
        policy = self.path / POLICY
        if not policy.exists():
            policy.write_text(EXAMPLE)
        left: list[Path] = []
        with self.lock():
            for lesson in lessons:
                left += self._add(lesson)
        return left

    def _add(self, lesson: Lesson) -> list[Path]:
        """Enter one lesson and give out its notebooks; returns those that are left."""
        left = []
        with self.open() as gradebook:
            gradebook.update_or_create_assignment(lesson.name)
        for given, step in (
            (lesson.student_path, self.directory.release_directory),
            (lesson.notebook_path, self.directory.source_directory),
        ):
            copy = self.place(step, ".", lesson) / f"{lesson.name}.ipynb"
            if not may_be_replaced(copy, nbformat.read(given, as_version=4)):
                left.append(copy)
                continue
            if given == lesson.student_path:
                self._save_cells(lesson)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copy)
        return left

    def _save_cells(self, lesson: Lesson) -> None:
        """Enter the cells of what students are given, as generate_assignment does."""
        where = {"assignment": lesson.name, "notebook": lesson.name, "db_url": self.db_url}
        save = SaveCells(config=self.config, log=self.directory.log)
        try:
            save.preprocess(lesson.student_notebook(), {"nbgrader": where})
        except (RuntimeError, SQLAlchemyError) as error:
            said = str(error).partition("\n")[0]
            raise DescentError(f"nbgrader could not enter {lesson.name} in {self.path}: {said}.") from error

    def student_notebook(self, lesson: Lesson) -> NotebookNode:
        """What students were given of the lesson: what stands in the folder's release.

        Raises:
            DescentError: it can't be read; the sentence says why.
        """
        path = self.place(self.directory.release_directory, ".", lesson) / f"{lesson.name}.ipynb"
        try:
            return nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError) as error:
            said = str(error).partition("\n")[0]
            raise DescentError(
                f"What students were given, {path}, can't be read ({said}): delete it and make it anew with "
                f"`autograder setup --gradebook {self.path}`."
            ) from error

    def require(self, lesson: Lesson | None = None) -> None:
        """Raise DescentError, with what to do, unless this is a gradebook, and one that holds the lesson."""
        setup = f"make one with `autograder setup --gradebook {self.path}`"
        if not self.path.is_dir():
            raise DescentError(f"There is no folder {self.path}: {setup}.")
        if not self._is_gradebook():
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

    # The database

    def _is_gradebook(self) -> bool:
        """Whether the database has nbgrader's tables; makes none."""
        if (file := self._database_file()) and not file.is_file():
            return False  # to connect would make it
        with self._database():
            engine = create_engine(self.db_url)
            try:
                return inspect(engine).has_table("assignment")
            finally:
                engine.dispose()

    def open(self) -> Gradebook:
        """The gradebook's database, to be used in a ``with`` statement.

        Raises:
            DescentError: it can't be opened.
        """
        with self._database():
            return Book(self.db_url, self.directory.course_id)

    @contextlib.contextmanager
    def _database(self) -> Iterator[None]:
        if shutil.which("alembic") is None:
            # nbgrader calls it by name to make a database; it stands beside the Python that runs this.
            tools = str(Path(sys.executable).parent)
            os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])
        try:
            yield
        except (SQLAlchemyError, ImportError) as error:  # ImportError: what speaks to that kind of database
            said = str(error).partition("\n")[0]
            name = self._database_file() or make_url(self.db_url).render_as_string()  # without the password
            todo = f": {INSTALL}" if isinstance(error, ImportError) and is_server(self.db_url) else ""
            raise DescentError(f"{name} can't be opened ({said}){todo}.") from error

    # Submissions

    def submit(self, student: str, lesson: Lesson, text: str | bytes, name: str | None = None) -> Path:
        """Hand in a notebook, in place of what the student handed in before.

        Args:
            text: the notebook, or whatever it is.
            name: of the file; the lesson's unless given.

        Returns:
            The file.
        """
        place = self.place(self.directory.submitted_directory, student, lesson)
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.ipynb"):
            old.unlink()
        path = place / (name or f"{lesson.name}.ipynb")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    # One seed, one run at a time

    def seed(self) -> int:
        """The seed of the folder's secret cases: drawn once and kept; they stay the same."""
        path = self.path / "secret_seed"
        if not path.is_file():
            with one_writer(self.path):  # two who draw it at once keep the same
                if not path.is_file():
                    put_whole(path, f"{secrets.randbits(64)}\n".encode(), 0o600)
        try:
            return int(path.read_text())
        except ValueError:
            raise DescentError(f"{path} holds no number: put back the one that it held.") from None

    def lock(self, lessons: Collection[Lesson] | None = None) -> contextlib.AbstractContextManager[Hold]:
        """Keep other runs away for a while; raises DescentError when one is there.

        Args:
            lessons: those that are worked on; all when None. Where the database is a file, it is the folder.
        """
        if not is_server(self.db_url):
            return folder_lock(self.path)
        with self._database():
            return ServerLock(self.db_url, None if lessons is None else [lesson.name for lesson in lessons])
