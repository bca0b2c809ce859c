"""What is to be tried of a notebook, within which limits, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from course.trial import ENDED, State, too_large, too_long


@dataclass(frozen=True)
class Limits:
    """What one notebook may use; the same as in grading.

    Attributes:
        cell: seconds for one cell, or for trying one exercise.
        notebook: seconds for all of it.
        memory: bytes, over what Python and PyTorch take by themselves.
    """

    cell: float = 20
    notebook: float = 60
    memory: int = 512_000_000

    def sentence(self, state: State) -> str:
        """What is said of what ended the kernel in that state."""
        return {
            "timeout": too_long(self.cell),
            "out_of_memory": too_large(self.memory),
        }.get(state, ENDED)


class Step(NamedTuple):
    """One thing to do: a cell to run, or an exercise to try.

    Attributes:
        place: of the cell in the notebook, counted from 1; 0 where an exercise is tried.
        source: of the cell.
        exercise: that is tried, or that the cell holds the answer to; empty for any other cell.
    """

    place: int = 0
    source: str = ""
    exercise: str = ""


@dataclass
class Played:
    """What came of it.

    Attributes:
        lesson: "05_adam"; None where the notebook is of none, and nothing of it was run.
        points: of each exercise of the lesson, by its id, in its order.
        steps: what was to be done.
        state: the first thing that went wrong with the kernel; ``"graded"`` when nothing did.
        verdicts: what ``course.desk.probing`` says of each exercise that was tried, by its id.
        failed: how the cells ended that did not get to their end, by their places.
    """

    lesson: str | None = None
    points: dict[str, float] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    state: State = "graded"
    verdicts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
