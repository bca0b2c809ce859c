"""What is known of the exercises on a student's machine: the mistakes that ``check`` can name.

``build`` stores them in two files a lesson. ``course/hints/NN_name.json`` says which there are, in the order
of the catalogue, and what they are called; ``course/hints/NN_name.npz`` holds a sketch of what each does on
the public cases, and of what two at once do (see ``course.judging.sketch``): enough to recognise them, and
nothing from which a solution could be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from course.exercise import Misconception
from course.exercises import lesson_of
from course.judging.mistakes import SketchedMistake
from course.judging.pairs import SUMS, SketchedPairs

# The name under which the digest of the inputs is stored.
DIGEST = "digest"

# By exercise and misconception, in the order of the catalogue: its name and its hint.
Texts = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of an exercise on its public cases: single mistakes, and pairs of them."""

    mistakes: tuple[SketchedMistake, ...] = ()
    pairs: SketchedPairs = field(
        default_factory=lambda: SketchedPairs((), np.empty((0, SUMS), dtype=np.uint32))
    )


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


def read_hints(texts: Texts, arrays: Mapping[str, np.ndarray]) -> dict[str, Known]:
    """The known mistakes of a lesson, by exercise id, from its two files.

    ``arrays`` holds for each exercise, by its id, the sketches of its mistakes, a row each, and of its pairs
    ``<id>.pairs``, (m, 2): which two mistakes, and ``<id>.pair_sketches``, (m, SUMS): what they do.
    """
    found = {}
    for exercise, texts_of in texts.items():
        if len(texts_of) != len(arrays.get(exercise, ())):
            continue  # of two builds: as if there were none, until the next one
        entries = [Misconception(id, text["name"], text["hint"]) for id, text in texts_of.items()]
        both = [(entries[first], entries[second]) for first, second in arrays[f"{exercise}.pairs"]]
        found[exercise] = Known(
            tuple(map(SketchedMistake, entries, arrays[exercise])),
            SketchedPairs(both, arrays[f"{exercise}.pair_sketches"]),
        )
    return found
