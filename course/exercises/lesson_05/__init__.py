"""Lesson 05: Adam and AdamW."""

from course.exercises.lesson_05.adam import EXERCISES
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON
