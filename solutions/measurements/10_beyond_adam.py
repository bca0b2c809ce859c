"""Lesson 10: the digits network by three rules and rate, and one run without a schedule against three cosines."""

from functools import partial

import numpy as np
import torch

from course import data, training
from course.figures.lesson_10_runs import Each, recorded

SEEDS, UPDATES = 5, 138
RATES = 10.0 ** (np.arange(13) / 3 - 4)
ENDS, EVERY = (100, 200, 400), 20
COSINE_RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
FREE_RATES = (0.5, 1.0, 2.0, 4.0, 8.0)
DIGITS = data.digits()


def measure(answers):
    """Arrays by name.

    rates: (13,), the learning rates of the three rules.
    train, test: (3, 13, 5), for Adam, Lion and Adafactor, by rate and seed: the loss after 138 updates.
    ends: (3,), when the cosines end; every: after how many updates a curve has a point.
    cosine_rates: (5,); cosine_ends: (3, 5, 5), by end, rate and seed: the training loss at the end.
    cosines: (3, 5, 20), by end, seed and time: the run at the best of these rates, nan after its end.
    free_rates: (5,); free: (5, 3, 5, 20), by rate, point (x, y, z), seed and time: the training loss.
    """
    makers = (
        torch.optim.Adam,
        partial(Each, update=answers.lion_update, matrices=False),
        partial(Each, update=answers.adafactor_update, matrices=True),
    )
    found = np.array([[final(make, lr) for lr in RATES] for make in makers])
    cosines = np.array([[cosine(lr, end) for lr in COSINE_RATES] for end in ENDS])
    at_end = np.array([runs[:, :, end // EVERY - 1] for runs, end in zip(cosines, ENDS, strict=True)])
    best = np.median(at_end, axis=2).argmin(axis=1)
    free = [
        np.stack(list(recorded(partial(answers.ScheduleFreeSGD, lr=lr), DIGITS, 0.9, 400, EVERY).values()))
        for lr in FREE_RATES
    ]
    return {
        "rates": RATES,
        "train": found[:, :, 0],
        "test": found[:, :, 1],
        "ends": np.array(ENDS),
        "every": np.array(EVERY),
        "cosine_rates": np.array(COSINE_RATES),
        "cosine_ends": at_end,
        "cosines": cosines[np.arange(len(ENDS)), best],
        "free_rates": np.array(FREE_RATES),
        "free": np.array(free),
    }


def final(make, lr):
    """Training and test loss of each seed, (2, seeds)."""
    models = training.networks(SEEDS)
    training.train_each(models, partial(make, lr=lr), DIGITS.X_train, DIGITS.y_train, UPDATES)
    return np.array(
        [
            training.evaluate_each(models, X, y)[0]
            for X, y in ((DIGITS.X_train, DIGITS.y_train), (DIGITS.X_test, DIGITS.y_test))
        ]
    )


def cosine(lr, end):
    """The training loss of SGD with momentum 0.9 and a cosine to 0, (seeds, 20), nan after the end."""
    models, losses = training.networks(SEEDS), np.full((SEEDS, max(ENDS) // EVERY), np.nan)

    def lower(step, optimizer):
        optimizer.param_groups[0]["lr"] = 0.5 * lr * (1 + np.cos(np.pi * step / end))
        if step % EVERY == 0:
            now = training.evaluate_each(models, DIGITS.X_train, DIGITS.y_train)[0]
            losses[:, step // EVERY - 1] = now

    make = partial(torch.optim.SGD, lr=lr, momentum=0.9)
    training.train_each(models, make, DIGITS.X_train, DIGITS.y_train, end, after_step=lower)
    return losses
