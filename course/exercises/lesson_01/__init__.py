"""Lesson 01: mini-batch gradient descent."""

from course.exercises.lesson_01.mini_batch import EXERCISES

__all__ = ["EXERCISES"]
