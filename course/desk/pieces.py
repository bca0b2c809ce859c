"""``own(AdamW=torch.optim.AdamW)`` in a notebook: what the student wrote in earlier lessons.

It is found in the notebooks beside this one, and tried as ``check`` tries it, within the limits of grading
and in a process of its own: what never ends, or ends its process, does the notebook that asks no harm. Only
experiments ask for it: where a submission is graded there is no other notebook, and no experiment is run.
Whoever begins with the last lesson, or has left one out, gets what stands in, and is told.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from course.cells import grade_id
from course.child import child, memory
from course.desk import DeskError
from course.desk.definitions import cells_of, defined_in
from course.desk.fresh_kernel import LOADING, PACE
from course.desk.place import find
from course.desk.played import Limits
from course.exercises import EXERCISES, lesson_of
from course.printable import printable
from course.trial import State as Ending

State = Literal["own", "no_notebook", "unreadable", "not_there", "not_written", "not_right", "stopped"]
SAID: dict[State, str] = {
    "own": "yours, from {file}",
    "no_notebook": "PyTorch's stands in: there is no {file} here",
    "unreadable": "PyTorch's stands in: {file} can't be read as a notebook",
    "not_there": "PyTorch's stands in: {file} has none that runs",
    "not_written": "PyTorch's stands in: it is not written in {file}",
    "not_right": "PyTorch's stands in: yours in {file} has {score:g} of {points:g} points",
    "stopped": "PyTorch's stands in: yours in {file} {reason}",
}


@dataclass(frozen=True)
class Piece:
    """The answer to one earlier exercise.

    Attributes:
        file: the notebook's name.
        made: the student's function or class; None unless ``state`` is "own".
        score: the points that its check gives it.
        reason: what it did that was stopped.
    """

    exercise: str
    state: State
    file: str
    made: Any = None
    score: float = 0.0
    reason: str = ""

    @property
    def sentence(self) -> str:
        points = EXERCISES[self.exercise].points
        values = {"file": printable(self.file), "score": self.score, "points": points, "reason": self.reason}
        return f"{self.exercise}: {SAID[self.state].format(**values)}."


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
    try:
        found = pieces(list(stand_ins), folder)
    except DeskError as error:
        print(f"{error} What you wrote in earlier lessons is not used: PyTorch's stands in.")
        return SimpleNamespace(**stand_ins)
    print("\n".join(each.sentence for each in found.values()))
    return SimpleNamespace(
        **{name: each.made if each.state == "own" else stand_ins[name] for name, each in found.items()}
    )


def pieces(
    exercises: Sequence[str],
    folder: Path | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> dict[str, Piece]:
    """The student's answers to these exercises, by their ids, tried on the cases that students run.

    Args:
        folder: where the notebooks are; by default here, and in ``work``.
        limits: what they may use: one answer, all of them together, and of memory.

    Raises:
        DeskError: no process starts to try them in.
    """
    folders = [folder.resolve()] if folder else _folders()
    found = {name: Piece(name, "no_notebook", f"{lesson_of(name)}.ipynb") for name in exercises}
    # The notebook of the lesson's name; where that has no right one, what else holds the exercise's cell.
    for notebooks in (_named, _others):
        waiting = {name: notebooks(name, folders) for name, each in found.items() if each.state != "own"}
        while asked := {name: paths.pop(0) for name, paths in waiting.items() if paths}:
            for name, piece in _tried(asked, limits).items():
                if piece.state == "own" or found[name].state in ("no_notebook", "not_written"):
                    found[name] = piece
                if piece.state == "own":
                    waiting[name].clear()
    return found


def _folders() -> list[Path]:
    places = [Path.cwd()]
    with contextlib.suppress(DeskError):
        places.append(find().work)
    return list(dict.fromkeys(place.resolve() for place in places))


def _named(exercise_id: str, folders: Sequence[Path]) -> list[Path]:
    name = f"{lesson_of(exercise_id)}.ipynb"
    return [path for folder in folders if (path := folder / name).is_file()]


def _others(exercise_id: str, folders: Sequence[Path]) -> list[Path]:
    """Notebooks of any other name with the exercise's own cell, the one that was changed last first."""
    every = [path for folder in folders for path in folder.glob("*.ipynb") if path.is_file()]
    own_names = {f"{lesson}.ipynb" for lesson in map(lesson_of, EXERCISES)}
    held = [path for path in every if path.name not in own_names and exercise_id in _graded(path)]
    return sorted(held, key=lambda path: (-path.stat().st_mtime, path.name))


def _graded(path: Path) -> set[str]:
    """The names by which grading knows the cells of a notebook."""
    return {grade_id(cell) for cell in cells_of(path) or ()}


def _tried(asked: Mapping[str, Path], limits: Limits) -> dict[str, Piece]:
    """Each answer, from its notebook; those that are right are defined here, too."""
    readable = {path for path in set(asked.values()) if cells_of(path) is not None}
    left = [name for name, path in asked.items() if path in readable]
    done: dict[str, tuple[State, float]] = {}
    stopped: dict[str, str] = {}
    seconds = limits.notebook
    while left:
        trial = _trial([(name, asked[name]) for name in left], limits, seconds)
        seconds -= trial.seconds
        done |= trial.done
        left = [name for name in left if name not in done]
        if left:
            # What was under way: one answer, or all of a notebook whose definitions came to no end.
            first = asked[left[0]]
            under_way = (
                left[:1] if first in trial.defined else [name for name in left if asked[name] == first]
            )
            if seconds <= 0:
                under_way = left
            stopped |= dict.fromkeys(under_way, limits.sentence(trial.ending))
            left = [name for name in left if name not in under_way]
    names = {
        path: defined_in(path)
        for path in {asked[name] for name, (state, _) in done.items() if state == "own"}
    }
    found = {}
    for name, path in asked.items():
        state, score = done.get(name, ("stopped" if name in stopped else "unreadable", 0.0))
        made = names[path].get(name) if state == "own" else None
        found[name] = Piece(name, state, path.name, made, score, stopped.get(name, ""))
    return found


@dataclass
class _Trial:
    """What a process came to that tries answers.

    Attributes:
        done: the state and the points of each answer that was tried to its end.
        defined: the notebooks whose definitions were run to their end.
        ending: what ended it: "graded" where nothing did.
        seconds: that the student's code took.
    """

    done: dict[str, tuple[State, float]] = field(default_factory=dict)
    defined: set[Path] = field(default_factory=set)
    ending: Ending = "graded"
    seconds: float = 0.0

    def read(self, note: Path) -> int:
        """Read what the process has written; the number of lines."""
        lines = note.read_text(encoding="utf-8").splitlines(keepends=True) if note.exists() else []
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        for kind, *rest in entries:
            if kind == "defined":
                self.defined.add(Path(rest[0]))
            elif kind == "tried":
                self.done[rest[0]] = rest[1], rest[2]
        return len(entries)


def _trial(pairs: Sequence[tuple[str, Path]], limits: Limits, seconds: float) -> _Trial:
    """Try answers in a process of their own, until one goes beyond the limits.

    Args:
        seconds: that all of them may take.

    Raises:
        DeskError: no process starts, or it can't load the course.
    """
    trial = _Trial()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        note = Path(folder, "note")
        # The folder in which it runs is empty, as in grading.
        place = Path(folder, "work")
        place.mkdir()
        with _process(pairs, note, place) as process:
            lines, most = 0, float("inf")
            started = step = time.monotonic()
            while process.poll() is None:
                time.sleep(PACE / 4)
                now, before = time.monotonic(), lines
                lines = trial.read(note)
                if lines and not before:
                    most, started = memory(process) + limits.memory, now
                if lines != before:
                    step = now
                trial.seconds = now - started if lines else 0.0
                if now - step > (limits.cell if lines else LOADING) or trial.seconds > seconds:
                    trial.ending = "timeout"
                    break
                if memory(process) > most:
                    trial.ending = "out_of_memory"
                    break
            else:
                lines = trial.read(note)
                if len(trial.done) < len(pairs):
                    trial.ending = "crashed"
        if not lines:
            raise DeskError(f"The process that tries earlier answers {limits.sentence(trial.ending)}.")
    return trial


@contextlib.contextmanager
def _process(pairs: Sequence[tuple[str, Path]], note: Path, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, and an end of it and of what it has started."""
    asked = json.dumps([(name, str(path)) for name, path in pairs])
    with contextlib.ExitStack() as stack:
        try:
            process = stack.enter_context(child("course.desk.piece_trial", str(note), asked, place=place))
        except OSError as error:
            raise DeskError(f"No process starts to try earlier answers in ({error}).") from error
        yield process
