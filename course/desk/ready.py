"""Whether a notebook is ready to hand in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Readiness:
    """What a run of a notebook from top to bottom showed.

    Attributes:
        path: the file to hand in.
        size: its bytes.
        exercises: the points that each exercise got, and those there are, by id, in the notebook's order.
        untouched: the exercises that nobody has written yet.
        failing: the cells that end in an error, each with the sentence that says which and why.
        seconds: how long the run took.
    """

    path: Path
    size: int
    exercises: dict[str, tuple[float, float]]
    untouched: tuple[str, ...]
    failing: tuple[str, ...]
    seconds: float


def ready(path: Path) -> Readiness:
    """Run a student's notebook in a fresh kernel and say what it would hand in.

    Raises:
        DeskError: there is no notebook to run.
    """
    raise NotImplementedError


def say(readiness: Readiness) -> str:
    """It in plain sentences, for a terminal and for a notebook's cell."""
    raise NotImplementedError
