"""Lesson 02: exponential moving averages."""

from course.exercises.lesson_02.ema import EMA, EMA_CORRECTED, EMA_WEIGHTS, MODEL_EMA
from course.exercises.lesson_02.ema_gaps import EMA_WITH_GAPS
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (EMA, EMA_WEIGHTS, EMA_CORRECTED, EMA_WITH_GAPS, MODEL_EMA)
SEALED = COMMON
