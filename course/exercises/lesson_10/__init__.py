"""Lesson 10: beyond Adam."""

from course.exercises.lesson_10.adafactor import ADAFACTOR
from course.exercises.lesson_10.lion import LION
from course.exercises.lesson_10.newton_schulz import NEWTON_SCHULZ
from course.exercises.lesson_10.schedule_free import SCHEDULE_FREE
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (LION, ADAFACTOR, SCHEDULE_FREE, NEWTON_SCHULZ)
SEALED = COMMON
