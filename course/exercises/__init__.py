"""The exercises of the course, one module a lesson."""

from __future__ import annotations

from course.exercise import Exercise
from course.exercises import adam

# A lesson's name is the name of its notebook.
LESSONS: dict[str, tuple[Exercise, ...]] = {
    "05_adam": adam.EXERCISES,
}

EXERCISES: dict[str, Exercise] = {exercise.id: exercise for group in LESSONS.values() for exercise in group}


def lesson_of(exercise_id: str) -> str:
    """The lesson that an exercise belongs to; raises KeyError for an unknown exercise."""
    return {exercise.id: lesson for lesson, group in LESSONS.items() for exercise in group}[exercise_id]
