"""The cases that students run, and what an answer does on cases."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from course.exercise import Case, Evidence, Exercise
from course.exercises import EXERCISES, SEALED, lesson_of
from course.judging.difference import all_agree
from course.sealing import refused


@cache
def public_cases(exercise_id: str) -> tuple[list[Case], list[Evidence]]:
    """The cases that every student runs, and what PyTorch does on them: the same on every machine."""
    exercise = EXERCISES[exercise_id]
    cases = exercise.cases(np.random.default_rng(zlib.crc32(exercise_id.encode())), "public")
    return cases, [exercise.oracle(case) for case in cases]


def probed(
    exercise: Exercise, student_object: Any, cases: Sequence[Case], expected: Sequence[Evidence]
) -> list[Evidence]:
    """What a student's object does on each case, and beside those that fail.

    What its lesson seals is refused, as in grading.
    """
    with refused(SEALED[lesson_of(exercise.id)]):
        observed = [exercise.observe(student_object, case) for case in cases]
        for number in failing(exercise, cases, observed, expected):
            aside = exercise.aside(student_object, cases[number], observed[number])
            observed[number] = observed[number].beside(aside)
    return observed


def failing(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> list[int]:
    """The numbers of the cases on which something differs: of these more is asked, to tell why."""
    return [
        number
        for number, (case, found, should) in enumerate(zip(cases, observed, expected, strict=True))
        if not all_agree(found, should, exercise.property_of(case))
    ]
