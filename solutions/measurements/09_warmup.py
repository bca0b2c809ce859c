"""Lesson 09: a transformer by rate and warm-up, five seeds each."""

import numpy as np

from course.figures.lesson_09_runs import losses_of

UPDATES, EVERY = 150, 3
RATES, WARMUPS = (0.001, 0.003, 0.01), (0, 10, 30)


def measure(answers):
    """Arrays by name.

    rates, warmups: the grid.
    updates: (50,): the middle of every three updates.
    losses: (3, 3, 5, 50), by rate, warm-up and seed: the mean loss of three updates' batches.
    ends: (3, 3, 5): the mean loss of the last ten batches.
    pre: (2, 5): the same with pre-norm layers at a rate of 0.01, without a warm-up and with 30 updates of it.
    """
    step = np.arange(UPDATES)

    def run(lr, warmup, pre_norm=False):
        return losses_of(answers.warmup_cosine(lr, 0.0, warmup, UPDATES, step), pre_norm=pre_norm)

    runs = np.array([[run(lr, warmup) for warmup in WARMUPS] for lr in RATES])
    pre = np.array([run(RATES[-1], warmup, pre_norm=True) for warmup in (0, 30)])
    return {
        "rates": np.array(RATES),
        "warmups": np.array(WARMUPS),
        "updates": np.arange(EVERY // 2 + 1, UPDATES + 1, EVERY),
        "losses": runs.reshape(*runs.shape[:3], -1, EVERY).mean(axis=-1),
        "ends": runs[..., -10:].mean(axis=-1),
        "pre": pre[..., -10:].mean(axis=-1),
    }
