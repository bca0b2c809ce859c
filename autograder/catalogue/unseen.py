"""Answers written from the lessons' text alone, by hands that knew neither the solutions nor the catalogue.

``tests/support/unseen/NN_name.py`` holds them, each the text of a solution cell::

    # %% adam_update: forgets_the_square
    # Wrong: v is the average of g and not of its square.
    def adam_update(...):
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.catalogue.lesson import Lesson, LessonError

FOLDER = "tests/support/unseen"
_HEAD = re.compile(r"^# %% (\w+): (\w+)\n# (Wrong|Right): (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class UnseenAnswer:
    """One of them.

    Attributes:
        exercise, id: tell it from all others.
        wrong: whether its author meant it to be.
        said: what its author says of it.
        code: the text of the cell.
    """

    exercise: str
    id: str
    wrong: bool
    said: str
    code: str


def unseen(lesson: Lesson) -> list[UnseenAnswer]:
    """Those of a lesson, in the order of its file; none where there is none.

    Raises:
        LessonError: one is of no exercise of the lesson, or two have one name.
    """
    path = lesson.root / FOLDER / f"{lesson.name}.py"
    found = list(_read(path.read_text(encoding="utf-8"))) if path.is_file() else []
    names = [(answer.exercise, answer.id) for answer in found]
    exercises = {exercise.id for exercise in lesson.exercises}
    for exercise, id in names:
        if exercise not in exercises or names.count((exercise, id)) > 1:
            raise LessonError(
                f"{FOLDER}/{path.name}: {exercise}: {id} is of no exercise, or stands there twice."
            )
    return found


def _read(text: str) -> Iterator[UnseenAnswer]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        exercise, id, kind, said = head.groups()
        yield UnseenAnswer(exercise, id, kind == "Wrong", said, text[head.end() : end].strip() + "\n")
