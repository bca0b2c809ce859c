"""Lesson 05: Adam and AdamW."""

from course.exercises.lesson_05.adam import EXERCISES

__all__ = ["EXERCISES"]
