"""What is known of the exercises on a student's machine: the mistakes that ``check`` can name.

``build`` stores the evidence of each mistake on the public cases as one row of numbers, in
``course/hints/NN_name.npz``, and a few sums of what two mistakes at once leave (see
``course.judging.pairs``): enough to recognise them, and nothing from which a solution could be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np

from course.exercise import Misconception
from course.exercises import lesson_of
from course.judging.mistakes import Mistake
from course.judging.pairs import SUMS, SketchedPairs


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of an exercise on its public cases: single mistakes, and pairs of them."""

    mistakes: tuple[Mistake, ...] = ()
    pairs: SketchedPairs = field(default_factory=lambda: SketchedPairs((), np.empty((0, SUMS))))


def known(exercise_id: str) -> Known:
    """The known mistakes of an exercise on its public cases, as ``build`` stored them."""
    return _stored(lesson_of(exercise_id)).get(exercise_id, Known())


@cache
def _stored(lesson: str) -> dict[str, Known]:
    """By exercise id."""
    file = resources.files("course") / "hints" / f"{lesson}.npz"
    if not file.is_file():
        return {}
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        return read_hints(stored)


def read_hints(stored: Mapping[str, np.ndarray]) -> dict[str, Known]:
    """The known mistakes of a lesson, by exercise id, from the arrays of its file.

    ``catalogue`` is (n, 5) text: exercise, id, name, hint, and the name of the array that is the trace.
    ``pairs`` is (m, 2): rows of the catalogue; and ``sketches`` (m, SUMS) what each pair does.
    """
    entries = [
        (str(exercise), Mistake(Misconception(str(id), str(name), str(hint)), stored[str(key)]))
        for exercise, id, name, hint, key in stored["catalogue"]
    ]
    pairs, sketches = stored["pairs"], stored["sketches"]
    found = {}
    for exercise in dict.fromkeys(exercise for exercise, _ in entries):
        own = [index for index, (first, _) in enumerate(pairs) if entries[first][0] == exercise]
        both = [
            (entries[first][1].misconception, entries[second][1].misconception)
            for first, second in pairs[own]
        ]
        mistakes = tuple(mistake for owner, mistake in entries if owner == exercise)
        found[exercise] = Known(mistakes, SketchedPairs(both, sketches[own]))
    return found
