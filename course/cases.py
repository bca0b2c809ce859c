"""The cases that students run, and what an answer does on cases."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from course.exercise import Case, Evidence, Exercise
from course.exercises import EXERCISES, SEALED, lesson_of
from course.sealing import refused


@cache
def public_cases(exercise_id: str) -> tuple[list[Case], list[Evidence]]:
    """The cases that every student runs, and what PyTorch does on them: the same on every machine."""
    exercise = EXERCISES[exercise_id]
    cases = exercise.cases(np.random.default_rng(zlib.crc32(exercise_id.encode())), "public")
    return cases, [exercise.oracle(case) for case in cases]


def probed(exercise: Exercise, student_object: Any, cases: Sequence[Case]) -> list[Evidence]:
    """What a student's object does on each case; what its lesson seals is refused, as in grading."""
    with refused(SEALED[lesson_of(exercise.id)]):
        return [exercise.probe(student_object, case) for case in cases]
