"""Lesson 07: gradient clipping."""

from course.exercises.lesson_07.clipping import EXERCISES

__all__ = ["EXERCISES"]
