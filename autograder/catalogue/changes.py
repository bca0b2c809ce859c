"""Every small change of a reference solution, and what it does: mistakes by the thousand, made by rules.

Changes that do the same are one, called by the simplest; what does the same as the solution is none.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import Lesson
from course.edits import Edit, edits
from course.exercise import Case, Evidence, Exercise
from course.judging.difference import first_difference
from course.judging.mistakes import trace
from course.judging.parts import Parts
from course.sealing import refused

# Some changes never end, or make arrays that take hours. All others take milliseconds.
SECONDS = 3.0
# Steps that a repair may need, and that nobody takes by mistake.
FOR_REPAIR = frozenset(
    f"{step}_added"
    for step in ("bound", "sign_taken", "copy", "clone", "detach", "item", "float", "list", "inverse")
) | {"transpose_added", "log_added", "exp_added"}


@dataclass(frozen=True, eq=False)
class SmallChange:
    """What one small change of the solution does.

    Attributes:
        said: what was changed, in a clause: "the square is missing".
        where: the formulas of what it breaks first; empty where there are none.
        sketch: by parts, uint32 of shape (parts,).
    """

    said: str
    where: str
    sketch: np.ndarray


def small_changes(
    exercise: Exercise,
    lesson: Lesson,
    cases: Sequence[Case],
    expected: Sequence[Evidence],
    known: Sequence[np.ndarray],
) -> list[SmallChange]:
    """The small changes that do what neither a right answer nor a known mistake does, the simplest first.

    Args:
        known: what the mistakes of the catalogue do, by parts.
    """
    parts = Parts(cases, expected)
    seen = [parts.sketch(trace(expected, expected)), *known]
    found: list[SmallChange] = []
    for edit in edits(lesson.solutions()[exercise.id], names_of(exercise), joining=False):
        if edit.rule in FOR_REPAIR:
            continue
        observed = observed_of(edit, exercise, lesson, cases)
        if observed is None or all(entry.problem for entry in observed):
            continue
        sketch = parts.sketch(trace(observed, expected))
        if parts.same(np.array(seen), sketch).all(axis=1).any():
            continue
        seen.append(sketch)
        found.append(SmallChange(edit.said, _where(exercise, cases, observed, expected), sketch))
    return found


def names_of(exercise: Exercise) -> set[str]:
    """What a reader of the lesson knows by name: the arguments, and the quantities of the formulas."""
    arguments = {part.split("=")[0].split(":")[0].strip(" *()") for part in exercise.signature.split(",")}
    return {*arguments, *exercise.look_at} - {""}


def observed_of(
    edit: Edit, exercise: Exercise, lesson: Lesson, cases: Sequence[Case]
) -> list[Evidence] | None:
    """What the changed solution does on the cases; None where it can't be made, or never ends."""
    try:
        with no_longer_than(SECONDS):
            made = answer(lesson, exercise.id, edit.text)
            # What else a probe writes down no mistake is known by.
            with refused(lesson.sealed):
                return [exercise.observe(made, case) for case in cases]
    except TimeUp:
        return None
    except Exception:
        return None  # a class whose body raises


def _where(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> str:
    """Where the first wrong quantity of the smallest failing case comes from."""
    differences = [
        (case.size, index, difference)
        for index, (case, found, should) in enumerate(zip(cases, observed, expected, strict=True))
        if (difference := first_difference(exercise, exercise.property_of(case), case, found, should))
    ]
    if not differences:
        return ""
    _, index, difference = min(differences, key=lambda entry: entry[:2])
    return exercise.where(cases[index], difference.reading) if difference.reading else ""


class TimeUp(BaseException):
    """Nothing that code which is tried could catch by accident."""


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> Any:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
