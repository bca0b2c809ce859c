"""One notebook of the corpus, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson, find
from course.cells import grade_id


@dataclass(frozen=True)
class Entry:
    """What is handed in, and how grading it must end.

    Attributes:
        name: what it tries, as the test's id.
        make: the file's content from the lesson: a notebook, text or bytes.
        state: how it must end.
        score: exactly; None where only the honest answer's score is the limit.
        flag: words that one of the flags must hold; empty where none is needed.
        file: the name of the file.
    """

    name: str
    make: Callable[[Lesson], NotebookNode | str | bytes]
    state: str = "graded"
    score: float | None = None
    flag: str = ""
    file: str = "05_adam.ipynb"

    def content(self, lesson: Lesson) -> bytes:
        made = self.make(lesson)
        if isinstance(made, bytes):
            return made
        text = made if isinstance(made, str) else nbformat.writes(made)
        return text.encode("utf-8", "surrogatepass")


def left_without(*exercises: str) -> float:
    """The points of 05_adam that are left when nothing of some exercises can be judged."""
    lesson = find("05_adam")
    assert set(exercises) <= {exercise.id for exercise in lesson.exercises}
    return sum(exercise.points for exercise in lesson.exercises if exercise.id not in exercises)


# AdamW inherits from Adam.
WITHOUT_ADAM = left_without("Adam", "AdamW")


def notebook(lesson: Lesson, answers: Mapping[str, str], before: str = "", after: str = "") -> NotebookNode:
    """The student notebook with some answers, and cells of the student's own at its start and its end."""
    made = lesson.student_notebook()
    for cell in made.cells:
        if grade_id(cell) in answers:
            cell.source = answers[grade_id(cell)]
    for place, source in ((0, before), (len(made.cells) + 1, after)):
        if source:
            made.cells.insert(place, nbformat.v4.new_code_cell(source, id=f"own-cell-{place}"))
    return made


def cell_of(made: NotebookNode, name: str) -> NotebookNode:
    """The cell with that nbgrader id."""
    return next(cell for cell in made.cells if grade_id(cell) == name)
