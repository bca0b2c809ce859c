"""What students were given of a lesson: what a submission is put back to, and which exercises are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from course.cells import CHECK, grade_id
from course.exercise import Exercise


class HandedOut:
    """The student notebook of a lesson: the course's own, or what an instructor made of it.

    Args:
        lesson: whose exercises they are.
        notebook: the student notebook; the lesson's own when None.

    Attributes:
        cells: the cells that nbgrader knows, by their ids, in their order.
        texts: the texts of all cells, each with the pictures that are pasted into it.
        exercises: those of the lesson that the notebook asks for and checks, by id.

    Raises:
        DescentError: a check gives other points than its exercise is judged out of.
    """

    def __init__(self, lesson: Lesson, notebook: NotebookNode | None = None):
        self.lesson = lesson
        self.notebook = lesson.student_notebook() if notebook is None else notebook
        self.cells: Mapping[str, NotebookNode] = {
            grade_id(cell): cell for cell in self.notebook.cells if grade_id(cell)
        }
        self.texts = {cell.source: cell.get("attachments", {}) for cell in self.notebook.cells}
        self.exercises: Mapping[str, Exercise] = {
            entry.id: entry
            for entry in lesson.exercises
            if entry.id in self.cells and CHECK + entry.id in self.cells
        }
        for name, exercise in self.exercises.items():
            points = self.cells[CHECK + name].metadata.nbgrader.get("points")
            if points != exercise.points:
                raise DescentError(
                    f"The student notebook of {lesson.name} gives {points} points for {name}, which is "
                    f"judged out of {exercise.points:g}: put these into the cell {CHECK}{name}."
                )

    def missing(self, cells: list[NotebookNode]) -> Iterator[str]:
        """The solutions and checks that are not among ``cells``, which may get them meanwhile."""
        for exercise in self.exercises:
            for name in (exercise, CHECK + exercise):
                if not any(grade_id(cell) == name for cell in cells):
                    yield name

    def place(self, name: str, cells: list[NotebookNode]) -> int:
        """Where a missing cell belongs: at the end of what stood before it in the lesson."""
        order = list(self.cells)
        before = set(order[: order.index(name)])
        return max((i for i, cell in enumerate(cells) if grade_id(cell) in before), default=-1) + 1
