"""Lesson 11: initialisation."""

from course.exercises.lesson_11.initialisation import EXERCISES
from course.sealed import COMMON, INITIALISERS

__all__ = ["EXERCISES", "SEALED"]

SEALED = COMMON | INITIALISERS
