"""The exercises of the course, one module a lesson."""

from __future__ import annotations

from course.exercise import Exercise
from course.exercises import adam, batch_norm, clipping, ema, lr_decay, mini_batch, momentum, rmsprop

# A lesson's name is the name of its notebook.
LESSONS: dict[str, tuple[Exercise, ...]] = {
    "01_mini_batch": mini_batch.EXERCISES,
    "02_ema": ema.EXERCISES,
    "03_momentum": momentum.EXERCISES,
    "04_rmsprop": rmsprop.EXERCISES,
    "05_adam": adam.EXERCISES,
    "06_lr_decay": lr_decay.EXERCISES,
    "07_clipping": clipping.EXERCISES,
    "08_batch_norm": batch_norm.EXERCISES,
}

EXERCISES: dict[str, Exercise] = {exercise.id: exercise for group in LESSONS.values() for exercise in group}


def lesson_of(exercise_id: str) -> str:
    """The lesson that an exercise belongs to; raises KeyError for an unknown exercise."""
    return {exercise.id: lesson for lesson, group in LESSONS.items() for exercise in group}[exercise_id]
