"""The graded cases of an exercise, as a seed draws them."""

from __future__ import annotations

import zlib

import numpy as np

from course.exercise import Case, Evidence, Exercise


def graded_cases(exercise: Exercise, seed: int) -> tuple[list[Case], list[Evidence]]:
    """The cases that a seed gives an exercise, and what PyTorch does on them."""
    cases = exercise.cases(np.random.default_rng([seed, zlib.crc32(exercise.id.encode())]), "graded")
    return cases, [exercise.oracle(case) for case in cases]
