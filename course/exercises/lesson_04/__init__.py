"""Lesson 04: RMSprop, from AdaGrad."""

from course.exercises.lesson_04.rmsprop import EXERCISES

__all__ = ["EXERCISES"]
