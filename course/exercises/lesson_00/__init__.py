"""Lesson 00: gradients and directions."""

from course.exercises.lesson_00.gradients import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
