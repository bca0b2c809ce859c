"""Descent: what a lesson imports. ``from course import check, data, plots``."""

from course.check import check

__all__ = ["check"]
