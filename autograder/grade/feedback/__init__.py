"""The pages that students get back: made with the grades, and again whenever what they show has changed."""

from autograder.grade.feedback.pages import Tried, Writer, stale, write

__all__ = ["Tried", "Writer", "stale", "write"]
