"""Lesson 06: learning-rate decay."""

from course.exercises.lesson_06.lr_decay import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
