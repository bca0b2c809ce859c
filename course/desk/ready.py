"""Is a notebook ready to hand in? It is tried as in grading, on the public cases, and never written to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course.cells import CHECK, EXPERIMENT, grade_id
from course.desk import DeskError
from course.desk.fresh_kernel import play
from course.desk.played import Limits, Played, Step
from course.printable import printable
from course.trial import NOT_REACHED, SIZE_LIMIT, State


@dataclass(frozen=True)
class Answer:
    """One exercise, on the public cases.

    Attributes:
        attempted: False where it is as it was handed out.
        message: what is wrong first; empty where nothing is.
        source: of its cell, as the file holds it.
    """

    exercise: str
    score: float
    max_score: float
    attempted: bool
    message: str
    source: str


@dataclass(frozen=True)
class FailedCell:
    """A cell that did not get to its end.

    Attributes:
        place: in the notebook, counted from 1, texts included.
        line: its first line.
        sentence: how it ended.
    """

    place: int
    line: str
    sentence: str


@dataclass(frozen=True)
class Readiness:
    """What came of trying one notebook.

    Attributes:
        path: the file, which is to be handed in.
        size: of the file, in bytes.
        lesson: "05_adam"; None where it is not known.
        state: as ``autograder judge`` says it: "graded" where nothing went wrong.
        reason: why it could not be tried; empty where it could.
        answers: one for each exercise, in the order of the lesson.
        failing: the cells that did not get to their end.
        seconds: that it took.
    """

    path: Path
    size: int
    lesson: str | None
    state: State
    reason: str = ""
    answers: tuple[Answer, ...] = ()
    failing: tuple[FailedCell, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def score(self) -> float:
        return round(sum(entry.score for entry in self.answers), 6)

    @property
    def max_score(self) -> float:
        return round(sum(entry.max_score for entry in self.answers), 6)

    @property
    def untouched(self) -> tuple[str, ...]:
        """The exercises that are as they were handed out."""
        return tuple(entry.exercise for entry in self.answers if not entry.attempted)


def ready(path: Path, limits: Limits = Limits()) -> Readiness:  # noqa: B008 - frozen
    """Run a notebook in a fresh kernel, as grading does, and judge its exercises on the public cases.

    The file is read once and never written. Experiments are not run. Whatever is wrong with the file or its
    cells is told in what is returned.

    Args:
        path: the notebook.
        limits: what it may use.

    Raises:
        DeskError: there is no such file, or no kernel to run it in.
    """
    start = time.monotonic()
    if not path.is_file():
        raise DeskError(f"There is no file {printable(str(path))}.")
    size = path.stat().st_size
    try:
        cells = _cells(path, size)
    except _Unreadable as error:
        return Readiness(path, size, None, "unreadable", str(error))
    played = play(list(filter(None, map(grade_id, cells))), partial(steps, cells), limits)
    if played.lesson is None:
        return Readiness(
            path, size, None, "unknown_lesson", f"{printable(path.name)} has no cell of any lesson."
        )
    return Readiness(
        path,
        size,
        played.lesson,
        played.state,
        answers=tuple(_answers(played)),
        failing=tuple(_failing(played)),
        seconds=time.monotonic() - start,
    )


class _Unreadable(Exception):
    """The sentence says why."""


def _cells(path: Path, size: int) -> list[NotebookNode]:
    name = printable(path.name)
    if size > SIZE_LIMIT:
        raise _Unreadable(
            f"{name} is larger than {SIZE_LIMIT // 1_000_000} MB: clear its outputs and save it."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _Unreadable(f"{name} can't be opened: {error.strerror}.") from error
    if not data.strip():
        raise _Unreadable(f"{name} is empty.")
    try:
        cells: list[NotebookNode] = nbformat.reads(data.decode("utf-8"), as_version=4).cells
        for cell in cells:
            _ = f"{cell.source}{cell.cell_type}{grade_id(cell)}"
    except Exception as error:  # nbformat raises many kinds for what a file can hold
        raise _Unreadable(f"{name} is not a notebook.") from error
    return cells


def steps(cells: Sequence[NotebookNode], exercises: Sequence[str]) -> list[Step]:
    """What grading does with the cells of a notebook, in their order.

    A check that is not there is made after the answer. A second cell of the same name is one of the student's
    own, and these are run whatever their tags.
    """
    return list(_steps(cells, exercises))


def _steps(cells: Sequence[NotebookNode], exercises: Sequence[str]) -> Iterator[Step]:
    there = set(map(grade_id, cells))
    seen: Counter[str] = Counter()
    for place, cell in enumerate(cells, start=1):
        name = grade_id(cell)
        seen[name] += 1
        checked = name.removeprefix(CHECK)
        first = bool(name) and seen[name] == 1
        if name != checked and checked in exercises:
            if first and checked in there:
                yield Step(exercise=checked)
        elif name in exercises and first:
            yield Step(place, cell.source, name)
            if CHECK + name not in there:
                yield Step(exercise=name)
        elif cell.cell_type == "code" and not (first and EXPERIMENT in cell.metadata.get("tags", [])):
            yield Step(place, cell.source)


def _answers(played: Played) -> Iterator[Answer]:
    sources = {step.exercise: step.source for step in played.steps if step.place and step.exercise}
    for exercise, points in played.points.items():
        if exercise not in sources:
            # Grading puts back what was handed out.
            yield Answer(exercise, 0.0, points, False, "Its cell is missing.", "")
            continue
        nothing: dict[str, Any] = {
            "score": 0.0,
            "attempted": True,
            "message": NOT_REACHED,
        }
        verdict = nothing | dict(played.verdicts.get(exercise, {}))
        yield Answer(
            exercise,
            verdict["score"],
            points,
            verdict["attempted"],
            verdict["message"],
            sources[exercise],
        )


def _failing(played: Played) -> Iterator[FailedCell]:
    for step in played.steps:
        if step.place in played.failed:
            line = next((line for line in step.source.splitlines() if line.strip()), "")
            yield FailedCell(step.place, printable(line.strip()[:60]), played.failed[step.place])


PUBLIC = (
    "These are the points on the public cases, as in the checks. Grading uses other cases, and harsher ones: "
    "it can give less."
)
STOPPED: Mapping[State, str] = {
    "timeout": "It was stopped for the time that it took, as grading would stop it.",
    "out_of_memory": "It was stopped for the memory that it took, as grading would stop it.",
    "crashed": "A cell ended the process that ran the notebook, as it would in grading.",
}


def say(readiness: Readiness) -> str:
    """What came of it, for a student to read in a terminal or below a cell."""
    if readiness.reason:
        return f"{readiness.reason} It can't be graded."
    lines = [f"{readiness.lesson}: {readiness.score:g} of {readiness.max_score:g} points", ""]
    width = max(len(entry.exercise) for entry in readiness.answers)
    for entry in readiness.answers:
        points = f"{entry.score:g} of {entry.max_score:g}"
        lines.append(f"  {entry.exercise:{width}}  {points:10}  {entry.message}".rstrip())
    if readiness.failing:
        lines += ["", "Cells that did not get to their end:"]
        lines += [f"  cell {cell.place}, `{cell.line}`: {cell.sentence}." for cell in readiness.failing]
    if readiness.state in STOPPED:
        lines += ["", STOPPED[readiness.state]]
    return "\n".join([*lines, "", *_hand_in(readiness), PUBLIC])


def _hand_in(readiness: Readiness) -> Iterator[str]:
    if readiness.score == readiness.max_score and not readiness.failing:
        yield "It is ready."
    size = readiness.size / 1000
    said = f"{size / 1000:.1f} MB" if size >= 1000 else f"{size:.0f} kB"
    yield f"The file to hand in: {printable(str(readiness.path))} ({said})."
    if readiness.path.stem != readiness.lesson:
        yield f"Name it {readiness.lesson}.ipynb before you hand it in."
