"""Lesson 04: RMSprop, from AdaGrad."""

from course.exercises.lesson_04.rmsprop import ADAGRAD_UPDATE, RMSPROP, RMSPROP_UPDATE
from course.exercises.lesson_04.settings_from_log import SETTINGS_FROM_LOG
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (ADAGRAD_UPDATE, RMSPROP_UPDATE, RMSPROP, SETTINGS_FROM_LOG)
SEALED = COMMON
