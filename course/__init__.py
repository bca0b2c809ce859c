"""Descent: what a lesson imports. ``from course import check, data, plots``."""

from course.numerics import pin

pin()  # before anything below computes

from course.check import check  # noqa: E402

__all__ = ["check"]
