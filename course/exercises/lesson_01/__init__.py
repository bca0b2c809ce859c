"""Lesson 01: mini-batch gradient descent."""

from course.exercises.lesson_01.mini_batch import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
