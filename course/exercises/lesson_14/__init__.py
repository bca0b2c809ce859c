"""Lesson 14: hyper-parameter search."""

from course.exercises.lesson_14.genetic import GENETIC_SEARCH
from course.exercises.lesson_14.spaces import GRID, RANDOM_POINTS
from course.exercises.lesson_14.surrogate import EXPECTED_IMPROVEMENT, GP_POSTERIOR
from course.sealed import COMMON, OPTUNA

__all__ = ["EXERCISES", "SEALED"]

EXERCISES = (GRID, RANDOM_POINTS, GP_POSTERIOR, EXPECTED_IMPROVEMENT, GENETIC_SEARCH)

SEALED = COMMON | OPTUNA
