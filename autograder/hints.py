"""Writes what ``check`` needs to recognise a mistake: its numbers on the public cases, never its code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.catalogue import misconceptions, trace_mistakes
from autograder.lesson import Lesson
from course.check import public_cases
from course.exercises import EXERCISES


def hints(lesson: Lesson) -> dict[str, np.ndarray]:
    """The arrays of ``course/hints/NN_name.npz``; see ``course.mistakes.stored_mistakes``.

    ``catalogue`` is (n, 5) text: exercise, id, name, hint, and the key of the row of numbers.
    """
    rows, arrays = [], {}
    for exercise in lesson.exercises:
        cases, expected = public_cases(exercise.id)
        entries = misconceptions(lesson, exercise.id)
        for mistake in trace_mistakes(EXERCISES[exercise.id], entries, lesson, cases, expected):
            found = mistake.misconception
            key = f"{exercise.id}.{found.id}"
            rows.append((exercise.id, found.id, found.name, found.hint, key))
            arrays[key] = mistake.trace
    return {"catalogue": np.array(rows, dtype=np.str_).reshape(len(rows), 5), **arrays}


def write(lesson: Lesson, folder: Path) -> Path:
    """Write the hints of a lesson into ``folder``, the same bytes for the same numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson.name}.npz"
    np.savez_compressed(path, **hints(lesson))
    return path
