"""Lesson 03: momentum."""

from course.exercises.lesson_03.momentum import (
    HEAVY_BALL_UPDATE,
    MATCHING_LR,
    MOMENTUM_SGD,
    MOMENTUM_UPDATE,
)
from course.exercises.lesson_03.schedule import POLYAK_TO_TORCH
from course.sealed import COMMON

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (MOMENTUM_UPDATE, HEAVY_BALL_UPDATE, MATCHING_LR, MOMENTUM_SGD, POLYAK_TO_TORCH)
SEALED = COMMON
