"""Writes what ``check`` recognises a mistake by: what it does on the public cases, never its code.

They are worked out once for the same inputs, whose digest stands beside the numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.catalogue import inputs
from autograder.catalogue.answers import misconceptions, trace_mistakes
from autograder.catalogue.changes import small_changes
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from course.cases import public_cases
from course.exercises import EXERCISES
from course.judging.mistakes import Mistake
from course.judging.pairs import SUMS, SketchedPairs
from course.judging.parts import Parts
from course.judging.sketch import same_sketch, sketch
from course.known import BAR, DIGEST, Texts


@dataclass(frozen=True)
class Hints:
    """The hints of a lesson, as stored: what people read, and numbers; see ``course.known.read_hints``."""

    words: str
    arrays: Mapping[str, np.ndarray]


def renewed(lesson: Lesson) -> Hints | None:
    """The hints of a lesson; None where those stored stand."""
    return None if up_to_date(lesson) else hints(lesson)


def up_to_date(lesson: Lesson) -> bool:
    """Whether what is stored was worked out from the inputs as they are, and nobody has changed it since."""
    if not (lesson.hints_path.is_file() and lesson.hint_texts_path.is_file()):
        return False
    words = lesson.hint_texts_path.read_text(encoding="utf-8")
    with np.load(lesson.hints_path, allow_pickle=False) as stored:
        arrays = dict(stored)
    return str(arrays.pop(DIGEST, "")) == _digest(lesson, words, arrays)


def hints(lesson: Lesson) -> Hints:
    """The known mistakes of a lesson and what they do."""
    texts: dict[str, Texts] = {}
    arrays: dict[str, np.ndarray] = {}
    for exercise in lesson.exercises:
        cases, expected = public_cases(exercise.id)
        entries = misconceptions(lesson, exercise.id)
        mistakes = trace_mistakes(EXERCISES[exercise.id], entries, lesson, cases, expected)
        number = {mistake.misconception: row for row, mistake in enumerate(mistakes)}
        pairs = sketch_pairs(KnownRuns(exercise, lesson, cases, expected), mistakes)
        rows = [(number[first], number[second]) for first, second in pairs.pairs]
        parts = Parts(cases, expected)
        own = [parts.sketch(mistake.trace) for mistake in mistakes]
        changes = small_changes(exercise, lesson, cases, expected, own)
        texts[exercise.id] = {
            "mistakes": {known.id: {"name": known.name, "hint": known.hint} for known in number},
            "changes": [BAR.join(filter(None, (change.said, change.where))) for change in changes],
        }
        arrays[exercise.id] = np.array([mistake.sketched().sketch for mistake in mistakes])
        arrays[f"{exercise.id}.parts"] = np.array([*own, *(change.sketch for change in changes)])
        arrays[f"{exercise.id}.pairs"] = np.array(rows, dtype=np.uint16).reshape(len(rows), 2)
        arrays[f"{exercise.id}.pair_sketches"] = pairs.sketches
    words = json.dumps(texts, ensure_ascii=False, indent=1) + "\n"
    return Hints(words, {**arrays, DIGEST: np.array(_digest(lesson, words, arrays))})


def sketch_pairs(runs: KnownRuns, mistakes: Sequence[Mistake]) -> SketchedPairs:
    """The pairs that can be told by their sketch from the right answer, each mistake and every other pair."""
    traces = runs.traces()
    known = [runs.right, *(mistake.trace for mistake in mistakes), *(row for _, row in traces)]
    every = np.array([sketch(row, SUMS) for row in known])
    own = every[1 + len(mistakes) :]
    alone = [bool(same_sketch(every, entry, runs.right.size).sum() == 1) for entry in own]
    return SketchedPairs([both for (both, _), kept in zip(traces, alone, strict=True) if kept], own[alone])


def write(made: Hints, numbers: Path, texts: Path) -> None:
    """Write the hints of a lesson to two files, the same bytes for the same hints."""
    np.savez_compressed(numbers, allow_pickle=False, **made.arrays)
    texts.write_text(made.words, encoding="utf-8")


def _digest(lesson: Lesson, words: str, arrays: Mapping[str, np.ndarray]) -> str:
    """Of what the hints depend on, and of themselves."""
    digest = hashlib.sha256(f"{inputs.digest(lesson, __name__)}\n{words}".encode())
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
