"""Lesson 04: RMSprop, from AdaGrad."""

from course.exercises.lesson_04.rmsprop import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
