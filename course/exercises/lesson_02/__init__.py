"""Lesson 02: exponential moving averages."""

from course.exercises.lesson_02.ema import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
