"""Lesson 06: learning-rate decay."""

from course.exercises.lesson_06.lr_decay import EXERCISES

__all__ = ["EXERCISES"]
