"""Lesson 03: momentum."""

from course.exercises.lesson_03.momentum import EXERCISES

__all__ = ["EXERCISES"]
