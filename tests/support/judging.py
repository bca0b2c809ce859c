"""What the public check finds of an answer, without showing it."""

import numpy as np

from course.judging.judge import judge


def judged(exercise, answer, seed=0):
    """The verdict on a function or class."""
    cases = exercise.cases(np.random.default_rng(seed), "public")
    observed = [exercise.probe(answer, case) for case in cases]
    return judge(exercise, cases, observed, [exercise.oracle(case) for case in cases])
