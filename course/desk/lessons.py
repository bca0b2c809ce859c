"""What the lessons' notebooks say of themselves: title, minutes, exercises, questions. Nothing is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.cells import CHECK
from course.desk import DeskError
from course.questions.collected import collected

# In the paragraph of a lesson's opening that says how long it takes and what it builds on.
MINUTES = re.compile(r"About (\d+) minutes")
SIZE = re.compile(r"\d+ (?:minutes|points)")
NUMBER = re.compile(r"\b\d\d\b")


@dataclass(frozen=True)
class Lesson:
    """One lesson, as its notebook says.

    Attributes:
        name: of its notebook: "05_adam".
        title: with its number: "05 Adam and AdamW".
        minutes: how long it takes; 0 where it does not say.
        builds_on: the numbers of earlier lessons: ("02", "03").
        exercises: the points of each, by id, in the notebook's order.
        questions: the ids of its quiz.
        predictions: the ids of what it lets students predict.
        built: the digest that the build wrote into it, another one for another version; may be empty.
    """

    name: str
    title: str
    minutes: int
    builds_on: tuple[str, ...]
    exercises: dict[str, float]
    questions: tuple[str, ...]
    predictions: tuple[str, ...]
    built: str

    @property
    def ids(self) -> frozenset[str]:
        """Of everything in it that progress is noted of."""
        return frozenset((*self.exercises, *self.questions, *self.predictions))


def lessons(folder: Path) -> list[Lesson]:
    """The lessons in a folder, in their order.

    Raises:
        DeskError: there are none, or one of them can't be read.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise DeskError(
            f"There are no lessons in {folder.resolve()}: put those that you were handed out there."
        )
    return [read(path) for path in paths]


def read(path: Path) -> Lesson:
    """The lesson in a notebook.

    Raises:
        DeskError: it is no notebook.
    """
    try:
        return _read(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DeskError(
            f"{path} can't be read as a notebook: take it from what you were handed out once more."
        ) from error


def built(path: Path) -> str:
    """The digest that a student's copy had when it was handed out; empty where it can't be told."""
    try:
        return read(path).built
    except DeskError:
        return ""


def _read(name: str, notebook: dict[str, Any]) -> Lesson:
    cells = notebook["cells"]
    texts: dict[str, list[str]] = {"markdown": [], "code": []}
    for cell in cells:
        texts.get(cell["cell_type"], []).append("".join(cell["source"]))
    asked = collected(texts["code"])
    heading = next((line for line in "\n".join(texts["markdown"]).splitlines() if line.startswith("# ")), "")
    paragraphs = "\n\n".join(texts["markdown"]).split("\n\n")
    opening = next((part for part in paragraphs if MINUTES.search(part)), "")
    minutes = MINUTES.search(opening)
    return Lesson(
        name,
        heading.removeprefix("# ").strip() or name,
        int(minutes[1]) if minutes else 0,
        tuple(sorted(set(NUMBER.findall(SIZE.sub("", opening))))),
        dict(_graded(cells)),
        tuple(asked.answers),
        tuple(asked.predictions),
        str(notebook["metadata"].get("descent", {}).get("built", "")),
    )


def _graded(cells: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    for cell in cells:
        grading = cell["metadata"].get("nbgrader", {})
        if grading.get("grade"):
            yield grading["grade_id"].removeprefix(CHECK), float(grading["points"])
