"""Lesson 09: warm-up, restarts, chains of schedules, switching of optimisers."""

from course.exercises.lesson_09.cosine_restarts import COSINE_RESTARTS
from course.exercises.lesson_09.sequential_schedule import SEQUENTIAL_SCHEDULE
from course.exercises.lesson_09.switch_optimizer import SWITCH_OPTIMIZER
from course.exercises.lesson_09.warm_ups import NOAM, WARMUP_COSINE
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (WARMUP_COSINE, NOAM, SEQUENTIAL_SCHEDULE, SWITCH_OPTIMIZER, COSINE_RESTARTS)
SEALED = COMMON
