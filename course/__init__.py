"""Descent: what a lesson imports. ``from course import check, data, plots, predict``."""

from course.numerics import pin

pin()  # before anything below computes

from course.check import check  # noqa: E402
from course.questions import predict, quiz  # noqa: E402

__all__ = ["check", "predict", "quiz"]
