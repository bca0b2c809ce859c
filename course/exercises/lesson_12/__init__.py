"""Lesson 12: the normalisation family."""

from course.exercises.lesson_12.channels import GROUP_NORM
from course.exercises.lesson_12.rows import BACKWARD, FORWARD, RMS_NORM
from course.exercises.lesson_12.weights import SPECTRAL_NORM
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (FORWARD, RMS_NORM, BACKWARD, GROUP_NORM, SPECTRAL_NORM)

SEALED = COMMON
