"""Lesson 07: gradient clipping."""

from course.exercises.lesson_07.clipping import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
