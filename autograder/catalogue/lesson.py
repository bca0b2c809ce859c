"""A lesson: where its files are, and what its source says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import DescentError
from course.cells import CHECK, grade_id
from course.exercise import Exercise
from course.exercises import LESSONS, SEALED
from course.sealed import Sealed


class UnknownLesson(DescentError):
    """No lesson has that name; the sentence lists the lessons there are."""


class LessonError(DescentError):
    """A lesson's source or notebook is not as it must be; the sentence says where."""


def project(holding: str = "solutions") -> Path:
    """The project's folder: the one that this package was installed from.

    Args:
        holding: a folder that has to be in it; ``solutions`` may be missing where nothing is built or graded.

    Raises:
        DescentError: the package was copied elsewhere, without the lessons.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / holding).is_dir():
        raise DescentError(
            "The lessons are not beside the installed package: install it with `pip install -e .`."
        )
    return root


@dataclass(frozen=True)
class Lesson:
    """One lesson. Its source and its student notebook are read once, when first asked for.

    Attributes:
        name: the name of its files, without their endings: ``"05_adam"``.
        root: the project's folder.
    """

    name: str
    root: Path

    @property
    def source_path(self) -> Path:
        """The authored lesson, in jupytext's percent format."""
        return self.root / "solutions" / f"{self.name}.py"

    @property
    def notebook_path(self) -> Path:
        """The same as a notebook, executed."""
        return self.root / "solutions" / f"{self.name}.ipynb"

    @property
    def student_path(self) -> Path:
        """What students open."""
        return self.root / "lessons" / f"{self.name}.ipynb"

    @property
    def hints_path(self) -> Path:
        """What ``check`` recognises known mistakes by."""
        return self.root / "course" / "hints" / f"{self.name}.npz"

    @property
    def hint_texts_path(self) -> Path:
        """What the known mistakes are called, and their hints."""
        return self.hints_path.with_suffix(".json")

    @property
    def misconceptions_path(self) -> Path:
        return self.root / "solutions" / "misconceptions" / f"{self.name}.py"

    @property
    def variants_path(self) -> Path:
        return self.root / "solutions" / "variants" / f"{self.name}.py"

    @property
    def measurements_path(self) -> Path:
        """What computes the numbers that take too long for the notebook."""
        return self.root / "solutions" / "measurements" / f"{self.name}.py"

    @property
    def measured_path(self) -> Path:
        """These numbers, as ``course.measured`` reads them."""
        return self.root / "course" / "measured" / f"{self.name}.npz"

    @property
    def title(self) -> str:
        """The first heading: ``"Adam and AdamW"``."""
        headings = (
            line for cell in self._source.cells for line in cell.source.splitlines() if line.startswith("# ")
        )
        return next(headings, self.name).removeprefix("# ")

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """How the lesson's exercises are judged, in their order; empty when ``course`` has none for it."""
        return LESSONS.get(self.name, ())

    @property
    def sealed(self) -> Sealed:
        """What of PyTorch its answers must do without; nothing when ``course`` has no exercise of it."""
        return SEALED.get(self.name, Sealed())

    def source(self) -> NotebookNode:
        """The authored lesson as a notebook without outputs; a copy of the caller's own."""
        return copy.deepcopy(self._source)

    def student_notebook(self) -> NotebookNode:
        """What students were given; a copy of the caller's own.

        Raises:
            LessonError: the notebook has not been built.
        """
        return copy.deepcopy(self._student_notebook)

    def solutions(self) -> Mapping[str, str]:
        """The text of each solution cell by exercise id, in the order of the lesson."""
        return MappingProxyType({name: solution.source for name, (solution, _) in self._cells.items()})

    def points(self) -> Mapping[str, float]:
        """What each exercise is worth, as its check cell says, by exercise id."""
        checks = {name: check for name, (_, check) in self._cells.items()}
        return MappingProxyType(
            {name: float(check.metadata.nbgrader.points) for name, check in checks.items()}
        )

    @property
    def grade_ids(self) -> frozenset[str]:
        """The ids of all cells that nbgrader knows, of what students were given; none before it is built."""
        built = self.student_path.is_file()
        return frozenset(_known_to_nbgrader(self._student_notebook)) if built else frozenset()

    @cached_property
    def _source(self) -> NotebookNode:
        return jupytext.read(self.source_path, fmt="py:percent")

    @cached_property
    def _student_notebook(self) -> NotebookNode:
        if not self.student_path.is_file():
            raise LessonError(f"lessons/{self.name}.ipynb is missing: make it with `autograder build`.")
        return nbformat.read(self.student_path, as_version=4)

    @cached_property
    def _cells(self) -> dict[str, tuple[NotebookNode, NotebookNode]]:
        """Solution cell and check cell of each exercise.

        Raises:
            LessonError: one is there without the other, or a check cell has no points.
        """
        known = _known_to_nbgrader(self._source)
        pairs = {}
        for name, cell in known.items():
            if cell.metadata.nbgrader.get("grade"):
                exercise = name.removeprefix(CHECK)
                if name == exercise or exercise not in known:
                    raise self._error(f"the check cell {name} has no solution cell {exercise}")
                if "points" not in cell.metadata.nbgrader:
                    raise self._error(f"the check cell {name} does not say how many points it gives")
            elif cell.metadata.nbgrader.get("solution"):
                if CHECK + name not in known:
                    raise self._error(f"the solution cell {name} has no check cell {CHECK}{name}")
                pairs[name] = (cell, known[CHECK + name])
        return pairs

    def _error(self, what: str) -> LessonError:
        return LessonError(f"solutions/{self.name}.py: {what}.")


def _known_to_nbgrader(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {name: cell for cell in notebook.cells if (name := grade_id(cell))}


def lessons(root: Path | None = None) -> list[Lesson]:
    """The lessons of the project, by file name."""
    root = root or project()
    return [Lesson(path.stem, root) for path in sorted((root / "solutions").glob("[0-9][0-9]_*.py"))]


def find(name: str, root: Path | None = None) -> Lesson:
    """The lesson of that name; raises UnknownLesson where there is none."""
    known = {lesson.name: lesson for lesson in lessons(root)}
    if name not in known:
        there_are = f"the lessons are {', '.join(known)}" if known else "solutions/ holds no lesson yet"
        raise UnknownLesson(f'There is no lesson "{name}": {there_are}.')
    return known[name]
