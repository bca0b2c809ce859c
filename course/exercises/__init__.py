"""The exercises of the course, one folder or module a lesson."""

from __future__ import annotations

from course.exercise import Exercise
from course.exercises import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
    lesson_13,
    lesson_14,
    lesson_15,
    lesson_16,
)
from course.sealed import ORACLES, Sealed

# A lesson's name is the name of its notebook.
MODULES = {
    "00_gradients": lesson_00,
    "01_mini_batch": lesson_01,
    "02_ema": lesson_02,
    "03_momentum": lesson_03,
    "04_rmsprop": lesson_04,
    "05_adam": lesson_05,
    "06_lr_decay": lesson_06,
    "07_clipping": lesson_07,
    "08_batch_norm": lesson_08,
    "09_warmup": lesson_09,
    "10_beyond_adam": lesson_10,
    "11_initialisation": lesson_11,
    "12_normalisation": lesson_12,
    "13_fusing_weights": lesson_13,
    "14_search": lesson_14,
    "15_gan": lesson_15,
    "16_recipes": lesson_16,
}
LESSONS: dict[str, tuple[Exercise, ...]] = {name: lesson.EXERCISES for name, lesson in MODULES.items()}

# What PyTorch and others have of what a lesson builds, and the course itself.
SEALED: dict[str, Sealed] = {name: lesson.SEALED | ORACLES for name, lesson in MODULES.items()}

EXERCISES: dict[str, Exercise] = {exercise.id: exercise for group in LESSONS.values() for exercise in group}


def lesson_of(exercise_id: str) -> str:
    """The lesson that an exercise belongs to; raises KeyError for an unknown exercise."""
    return {exercise.id: lesson for lesson, group in LESSONS.items() for exercise in group}[exercise_id]
