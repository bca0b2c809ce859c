"""Writes what ``check`` needs to recognise a mistake: its numbers on the public cases, never its code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autograder.catalogue.answers import misconceptions, trace_mistakes
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from course.check import public_cases
from course.exercises import EXERCISES
from course.judging.mistakes import Mistake
from course.judging.pairs import SUMS, SketchedPairs, same_sketch, sketch


def hints(lesson: Lesson) -> dict[str, np.ndarray]:
    """The arrays of ``course/hints/NN_name.npz``; see ``course.known.read_hints``."""
    rows: list[tuple[str, ...]] = []
    arrays: dict[str, np.ndarray] = {}
    pairs: list[tuple[int, int]] = []
    sketches: list[np.ndarray] = []
    for exercise in lesson.exercises:
        cases, expected = public_cases(exercise.id)
        entries = misconceptions(lesson, exercise.id)
        mistakes = trace_mistakes(EXERCISES[exercise.id], entries, lesson, cases, expected)
        number = {mistake.misconception: len(rows) + i for i, mistake in enumerate(mistakes)}
        for mistake in mistakes:
            found = mistake.misconception
            key = f"{exercise.id}.{found.id}"
            rows.append((exercise.id, found.id, found.name, found.hint, key))
            arrays[key] = mistake.trace
        sketched = sketch_pairs(KnownRuns(exercise, lesson, cases, expected), mistakes)
        pairs += [(number[first], number[second]) for first, second in sketched.pairs]
        sketches += list(sketched.sketches)
    return {
        "catalogue": np.array(rows, dtype=np.str_).reshape(len(rows), 5),
        "pairs": np.array(pairs, dtype=np.int32).reshape(len(pairs), 2),
        "sketches": np.array(sketches, dtype=np.float64).reshape(len(pairs), SUMS),
        **arrays,
    }


def sketch_pairs(runs: KnownRuns, mistakes: Sequence[Mistake]) -> SketchedPairs:
    """The pairs that can be told by their sketch from the right answer, each mistake and every other pair."""
    traces = runs.traces()
    known = [runs.right, *(mistake.trace for mistake in mistakes), *(row for _, row in traces)]
    every = np.array([sketch(row) for row in known])
    own = every[1 + len(mistakes) :]
    alone = [same_sketch(every, entry, runs.right.size).sum() == 1 for entry in own]
    return SketchedPairs([both for (both, _), kept in zip(traces, alone, strict=True) if kept], own[alone])


def write(arrays: dict[str, np.ndarray], path: Path) -> Path:
    """Write the hints of a lesson, the same bytes for the same numbers; returns the path."""
    np.savez_compressed(path, **arrays)
    return path
