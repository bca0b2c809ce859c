"""Lesson 03: momentum."""

from course.exercises.lesson_03.momentum import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
