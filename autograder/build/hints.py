"""Writes what ``check`` recognises a mistake by: what it does on the public cases, never its code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from autograder.catalogue.answers import misconceptions, trace_mistakes
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from course.check import public_cases
from course.exercises import EXERCISES
from course.judging.mistakes import Mistake
from course.judging.pairs import SUMS, SketchedPairs
from course.judging.sketch import same_sketch, sketch


@dataclass
class Hints:
    """The hints of a lesson: what people read, and numbers; see ``course.known.read_hints``."""

    texts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def words(self) -> str:
        """The texts as they are stored."""
        return json.dumps(self.texts, ensure_ascii=False, indent=1) + "\n"


def hints(lesson: Lesson) -> Hints:
    """The known mistakes of a lesson and what they do."""
    made = Hints()
    for exercise in lesson.exercises:
        cases, expected = public_cases(exercise.id)
        entries = misconceptions(lesson, exercise.id)
        if not entries:
            continue
        mistakes = trace_mistakes(EXERCISES[exercise.id], entries, lesson, cases, expected)
        number = {mistake.misconception: row for row, mistake in enumerate(mistakes)}
        pairs = sketch_pairs(KnownRuns(exercise, lesson, cases, expected), mistakes)
        rows = [(number[first], number[second]) for first, second in pairs.pairs]
        made.texts[exercise.id] = {known.id: {"name": known.name, "hint": known.hint} for known in number}
        made.arrays[exercise.id] = np.array([mistake.sketched().sketch for mistake in mistakes])
        made.arrays[f"{exercise.id}.pairs"] = np.array(rows, dtype=np.uint16).reshape(len(rows), 2)
        made.arrays[f"{exercise.id}.pair_sketches"] = pairs.sketches
    return made


def sketch_pairs(runs: KnownRuns, mistakes: Sequence[Mistake]) -> SketchedPairs:
    """The pairs that can be told by their sketch from the right answer, each mistake and every other pair."""
    traces = runs.traces()
    known = [runs.right, *(mistake.trace for mistake in mistakes), *(row for _, row in traces)]
    every = np.array([sketch(row, SUMS) for row in known])
    own = every[1 + len(mistakes) :]
    alone = [bool(same_sketch(every, entry, runs.right.size).sum() == 1) for entry in own]
    return SketchedPairs([both for (both, _), kept in zip(traces, alone, strict=True) if kept], own[alone])


def write(made: Hints, numbers: Path, texts: Path) -> tuple[Path, Path]:
    """Write the hints of a lesson to two files, the same bytes for the same hints; returns the paths."""
    np.savez_compressed(numbers, allow_pickle=False, **made.arrays)
    texts.write_text(made.words(), encoding="utf-8")
    return numbers, texts
