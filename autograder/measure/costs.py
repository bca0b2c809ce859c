"""What each known mistake costs: points of its own exercise, and of the lesson's others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from autograder.catalogue.answers import answers, misconceptions
from autograder.catalogue.lesson import Lesson
from autograder.machine.workers import workers
from course.cases import probed, public_cases
from course.exercise import Exercise
from course.judging.judge import judge

WORKERS = 2
# What a slip in one formula costs at most, unless nothing else in the exercise is right.
MUCH = 0.6


@dataclass(frozen=True)
class Cost:
    """What one known mistake costs on the public cases.

    Attributes:
        lost: points of its exercise.
        of: what the exercise is worth.
        elsewhere: points that right answers to other exercises of the lesson lose to it, by their id.
    """

    lesson: str
    exercise: str
    mistake: str
    lost: float
    of: float
    elsewhere: dict[str, float]

    @property
    def share(self) -> float:
        return self.lost / self.of


def costs(lessons: Iterable[Lesson]) -> list[Cost]:
    """The cost of every known mistake, in the order of the catalogue."""
    with workers(WORKERS) as pool:
        return [cost for found in pool.map(of_lesson, lessons) for cost in found]


def of_lesson(lesson: Lesson) -> list[Cost]:
    """The cost of every known mistake of one lesson; see ``costs``."""
    return [
        _cost(lesson, exercise, mistake.misconception.id, mistake.code(lesson.solutions()[exercise.id]))
        for exercise in lesson.exercises
        for mistake in misconceptions(lesson, exercise.id)
    ]


def middle(found: Sequence[Cost]) -> float:
    """The median of what a mistake costs of its exercise, from 0 to 1."""
    return median(cost.share for cost in found)


def _cost(lesson: Lesson, exercise: Exercise, id: str, code: str) -> Cost:
    made = answers(lesson, {exercise.id: code})
    lost = partial(_lost, made)
    others = [other for other in lesson.exercises if exercise in (used.earlier for used in other.uses)]
    elsewhere = {other.id: points for other in others if (points := lost(other))}
    return Cost(lesson.name, exercise.id, id, lost(exercise), exercise.points, elsewhere)


def _lost(made: dict[str, object], exercise: Exercise) -> float:
    cases, expected = public_cases(exercise.id)
    verdict = judge(exercise, cases, probed(exercise, made[exercise.id], cases, expected), expected)
    return round(verdict.max_score - verdict.score, 6)
