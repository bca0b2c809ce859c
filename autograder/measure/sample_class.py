"""A class of any size that hands in right and wrong answers, in a course folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, cycle, islice
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.catalogue.sample import answered, right_answers, wrong_answers
from autograder.grade.folder import CourseFolder
from autograder.measure.graders import run_nbgrader
from course.cells import EXPERIMENT

# An answer that never ends.
ENDLESS = "while True:\n    pass\n"


def hand_in(
    folder: Path,
    lesson: Lesson,
    students: int,
    change: Callable[[NotebookNode], NotebookNode] = lambda notebook: notebook,
) -> None:
    """A course folder with submissions, half of them right; those that are there already stay.

    Args:
        change: made to the lesson and to every submission.
    """
    course = CourseFolder(folder)
    course.setup([lesson])
    source = folder / "source" / lesson.name / f"{lesson.name}.ipynb"
    nbformat.write(change(nbformat.read(source, as_version=4)), source)
    run_nbgrader(folder, "generate_assignment", lesson.name, "--force")
    right_and_wrong = zip(right_answers(lesson), wrong_answers(lesson), strict=False)
    texts = [
        nbformat.writes(change(answered(lesson, cells))) for cells in chain.from_iterable(right_and_wrong)
    ]
    for number, text in enumerate(islice(cycle(texts), students)):
        course.submit(f"student{number:04d}", lesson, text)


def hand_in_endless(folder: Path, lesson: Lesson, students: int) -> None:
    """Further submissions whose first exercise never ends, their ids among the others'.

    So it is not their place that makes them last.
    """
    course = CourseFolder(folder)
    endless = nbformat.writes(answered(lesson, {lesson.exercises[0].id: ENDLESS}))
    for number in range(students):
        course.submit(f"student{3 * number:04d}-endless", lesson, endless)


def without_experiments(notebook: NotebookNode) -> NotebookNode:
    kept = [cell for cell in notebook.cells if EXPERIMENT not in cell.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": kept})
