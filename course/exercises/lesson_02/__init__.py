"""Lesson 02: exponential moving averages."""

from course.exercises.lesson_02.ema import EXERCISES

__all__ = ["EXERCISES"]
