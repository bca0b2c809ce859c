"""Descent: what a lesson imports. ``from course import check, data, plots, predict``."""

import sys

# Not for `python -m course`, which says what to do where PyTorch is missing, or Python too old; nor for the
# process that looks for a wrong line, whose answer somebody waits for.
LIGHT = {"course", "course.repair.child"}
if not (sys.argv[:1] == ["-m"] and LIGHT & set(getattr(sys, "orig_argv", LIGHT))):
    from course.numerics import pin

    pin()  # before anything below computes

    from course.check import check
    from course.desk.own_notebook import ready
    from course.questions import predict, quiz

__all__ = ["check", "predict", "quiz", "ready"]
