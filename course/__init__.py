"""Descent: what a lesson imports. ``from course import check, data, plots, predict``."""

import sys

# Not for `python -m course`, which says in a sentence what is missing: with PyTorch missing all of it would.
if not (sys.argv[:1] == ["-m"] and "course" in sys.orig_argv):
    from course.numerics import pin

    pin()  # before anything below computes

    from course.check import check
    from course.questions import predict, quiz

__all__ = ["check", "predict", "quiz"]
