"""``own(AdamW=torch.optim.AdamW)`` in a notebook: what the student wrote in earlier lessons.

It is found in the notebooks beside this one, and tried as ``check`` tries it. Only experiments ask for it:
where a submission is graded there is no other notebook, and no experiment is run. Whoever begins with the
last lesson, or has left one out, gets what stands in, and is told.
"""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import nbformat

from course.cases import probed, public_cases
from course.desk import DeskError
from course.desk.place import find
from course.exercises import EXERCISES, lesson_of
from course.judging.judge import judge

State = Literal["own", "no_notebook", "not_written", "not_right"]
SAID: dict[State, str] = {
    "own": "yours, from {lesson}",
    "no_notebook": "PyTorch's stands in: there is no {lesson}.ipynb here",
    "not_written": "PyTorch's stands in: it is not written in {lesson}.ipynb",
    "not_right": "PyTorch's stands in: yours in {lesson}.ipynb has {score:g} of {points:g} points",
}

# What a notebook's definitions are run with, as its first cell imports it.
IMPORTS = "import math, torch\nimport numpy as np\nfrom torch import nn\nfrom torch.nn import functional as F"


@dataclass(frozen=True)
class Piece:
    """The answer to one earlier exercise.

    Attributes:
        made: the student's function or class; None unless ``state`` is "own".
        score: the points that its check gives it.
    """

    exercise: str
    state: State
    made: Any = None
    score: float = 0.0

    @property
    def sentence(self) -> str:
        points = EXERCISES[self.exercise].points
        said = SAID[self.state].format(lesson=lesson_of(self.exercise), score=self.score, points=points)
        return f"{self.exercise}: {said}."


def own(folder: Path | None = None, **stand_ins: Any) -> SimpleNamespace:
    """The student's answers to these exercises, by name, and a line for each that says whose it is.

    Args:
        folder: where the notebooks are; by default here, and in ``work``.
        stand_ins: for each exercise, by its id, what takes the place of an answer that is not there or does
            not have all points of its check.

    Raises:
        ValueError: a name is no exercise's.
    """
    if unknown := [name for name in stand_ins if name not in EXERCISES]:
        raise ValueError(f"There is no exercise {', '.join(unknown)}.")
    found = {name: piece(name, folder) for name in stand_ins}
    print("\n".join(each.sentence for each in found.values()))
    return SimpleNamespace(
        **{name: each.made if each.state == "own" else stand_ins[name] for name, each in found.items()}
    )


def piece(exercise_id: str, folder: Path | None = None) -> Piece:
    """The student's answer to an exercise, tried on the cases that students run."""
    path = _notebook(lesson_of(exercise_id), folder)
    if path is None:
        return Piece(exercise_id, "no_notebook")
    made = _defined(path).get(exercise_id)
    if made is None:
        return Piece(exercise_id, "not_written")
    exercise, (cases, expected) = EXERCISES[exercise_id], public_cases(exercise_id)
    verdict = judge(exercise, cases, probed(exercise, made, cases), expected)
    if not verdict.attempted:
        return Piece(exercise_id, "not_written")
    if verdict.score < verdict.max_score:
        return Piece(exercise_id, "not_right", score=verdict.score)
    return Piece(exercise_id, "own", made, verdict.score)


def _notebook(lesson: str, folder: Path | None) -> Path | None:
    """Where a lesson's notebook is: in the folder, or in this one, or in ``work``."""
    places = [folder or Path.cwd()]
    if folder is None:
        with contextlib.suppress(DeskError):
            places.append(find().work)
    return next((path for place in places if (path := place / f"{lesson}.ipynb").is_file()), None)


def _defined(path: Path) -> dict[str, Any]:
    """What a notebook defines: its functions and classes, and what they import. Nothing else of it is run.

    What does not run is left out; a file that is no notebook defines nothing.
    """
    namespace: dict[str, Any] = {"__name__": path.stem}
    exec(IMPORTS, namespace)
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        for name, statement in _definitions(path):
            with contextlib.suppress(Exception, SystemExit):
                exec(compile(statement, name, "exec"), namespace)
    return namespace


def _definitions(path: Path) -> Iterator[tuple[str, ast.Module]]:
    """The imports, functions and classes of a notebook one by one, in the order of its cells."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except Exception:
        return  # whatever a file can hold that nbformat does not read
    for number, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        try:
            body = ast.parse(cell.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in body:
            if _is_definition(node):
                yield f"<{path.name}, cell {number}>", ast.Module([node], [])


def _is_definition(node: ast.stmt) -> bool:
    """The course's own names are for cells that show something, and take long to load."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module or "").startswith("course")
    if isinstance(node, ast.Import):
        return not any(name.name.startswith("course") for name in node.names)
    return isinstance(node, ast.FunctionDef | ast.ClassDef)
