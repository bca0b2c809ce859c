"""Lesson 08: batch normalisation."""

from course.exercises.lesson_08.batch_norm import EXERCISES

__all__ = ["EXERCISES"]
