"""Lesson 05: Adam and AdamW."""

from course.exercises.lesson_05.adam import ADAM, ADAMW, UPDATE
from course.exercises.lesson_05.amsgrad import AMSGRAD
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (UPDATE, ADAM, ADAMW, AMSGRAD)
SEALED = COMMON
