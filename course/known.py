"""What is known of the exercises on a student's machine: the mistakes that ``check`` can name.

``build`` stores them in two files a lesson. ``course/hints/NN_name.json`` says which there are, in the order
of the catalogue, and what they are called, and what small changes of a right answer there are besides;
``course/hints/NN_name.npz`` holds a sketch of what each does on the public cases, and of what two at once do
(see ``course.judging.sketch``): enough to recognise them, and nothing from which a solution could be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TypedDict

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.exercises import lesson_of
from course.judging.mistakes import SketchedMistake, recognise, trace
from course.judging.pairs import SUMS, SketchedPairs
from course.judging.slips import KnownSlips, Slip

# The name under which the digest of the inputs is stored.
DIGEST = "digest"
# Between what a small change is and where it shows.
BAR = " | "


class Texts(TypedDict):
    """What is said of an exercise's mistakes.

    mistakes: by the misconception's id, in the order of the catalogue: its name and its hint.
    changes: of each small change what it is, and after a bar the formulas that it breaks first, if any.
    """

    mistakes: Mapping[str, Mapping[str, str]]
    changes: Sequence[str]


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of an exercise on its public cases: single mistakes, pairs of them, and small changes."""

    mistakes: tuple[SketchedMistake, ...] = ()
    pairs: SketchedPairs = field(
        default_factory=lambda: SketchedPairs((), np.empty((0, SUMS), dtype=np.uint32))
    )
    slips: KnownSlips = field(default_factory=lambda: KnownSlips((), np.empty((0, 0), dtype=np.uint32)))

    def naming(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        observed: Sequence[Evidence],
        expected: Sequence[Evidence],
    ) -> tuple[Misconception, ...]:
        """What the evidence on the public cases is known as: all of it, or for the most part."""
        named = recognise(trace(observed, expected), self.mistakes, self.pairs.explaining)
        return named or self.slips.naming(exercise, cases, observed, expected)


def known(exercise_id: str) -> Known:
    """The known mistakes of an exercise on its public cases, as ``build`` stored them."""
    return _stored(lesson_of(exercise_id)).get(exercise_id, Known())


@cache
def _stored(lesson: str) -> dict[str, Known]:
    return load_hints(resources.files("course") / "hints", lesson)


def load_hints(folder: Traversable, lesson: str) -> dict[str, Known]:
    """The known mistakes of a lesson, by exercise id, from its two files; empty where they are not built."""
    texts, numbers = folder / f"{lesson}.json", folder / f"{lesson}.npz"
    if not (texts.is_file() and numbers.is_file()):
        return {}
    with numbers.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return read_hints(json.loads(texts.read_text(encoding="utf-8")), arrays)


def read_hints(texts: Mapping[str, Texts], arrays: Mapping[str, np.ndarray]) -> dict[str, Known]:
    """The known mistakes of a lesson, by exercise id, from its two files.

    ``arrays`` holds for each exercise, by its id, the sketches of its mistakes, a row each, and of its pairs
    ``<id>.pairs``, (m, 2): which two mistakes, and ``<id>.pair_sketches``, (m, SUMS): what they do; and
    ``<id>.parts``, (n, parts): what each mistake and then each small change does part by part.
    """
    found = {}
    for exercise, said in texts.items():
        if len(said["mistakes"]) != len(arrays.get(exercise, ())):
            continue  # of two builds: as if there were none, until the next one
        entries = [Misconception(id, text["name"], text["hint"]) for id, text in said["mistakes"].items()]
        both = [(entries[first], entries[second]) for first, second in arrays[f"{exercise}.pairs"]]
        changes = [_change(number, change) for number, change in enumerate(said["changes"])]
        slips = [*map(Slip, entries), *(Slip(entry, is_change=True) for entry in changes)]
        found[exercise] = Known(
            tuple(map(SketchedMistake, entries, arrays[exercise])),
            SketchedPairs(both, arrays[f"{exercise}.pair_sketches"]),
            KnownSlips(slips, arrays[f"{exercise}.parts"]),
        )
    return found


def _change(number: int, words: str) -> Misconception:
    """A small change as a mistake: that a right answer with it does the same is all that is known of it."""
    said, _, where = words.partition(BAR)
    look = f" Look at {where}." if where else ""
    return Misconception(
        f"change_{number}", said, f"A right answer with this one change does what yours does.{look}"
    )
