"""Lesson 05: the digits network by optimiser and learning rate, on three jobs that differ in scale alone."""

from functools import partial

import numpy as np
import torch

from course import data, training

SEEDS, UPDATES = 5, 138
RATES = 10.0 ** (np.arange(12) / 3 - 3)
DIGITS = data.digits()
# What the pixels and the loss are multiplied by: as in every lesson; the sum over a batch of 64 in the place of
# its mean; the pixels as the data set has them.
JOBS = ((1, 1), (1, 64), (16, 1))


def measure(answers):
    """Arrays by name; infinite where a run blew up.

    rates: (12,), the learning rates.
    train, test: (5, 12, 5), for SGD, momentum, RMSprop, Adam and Adam without the bias correction, by rate and
        seed: the loss after 138 updates.
    jobs: (3, 3, 12, 5), for SGD, momentum and Adam, by job, rate and seed: the training loss.
    trainer: (5,), Adam at its best rate.
    """

    class Uncorrected(answers.Adam):
        def __init__(self, params, lr):
            super().__init__(params, lr)
            self.t = [10**9] * len(self.params)  # nothing is left to correct

    momentum = partial(torch.optim.SGD, momentum=0.9)
    makers = (torch.optim.SGD, momentum, torch.optim.RMSprop, answers.Adam, Uncorrected)
    first = np.array([[final(make, lr) for lr in RATES] for make in makers])
    train, test = first[:, :, 0], first[:, :, 1]
    jobs = np.array(
        [
            [[final(make, lr, *job)[0] for lr in RATES] if job != JOBS[0] else train[place] for job in JOBS]
            for place, make in ((0, torch.optim.SGD), (1, momentum), (3, answers.Adam))
        ]
    )
    best = np.median(train[3], axis=1).argmin()
    return {"rates": RATES, "train": train, "test": test, "jobs": jobs, "trainer": train[3, best]}


def final(make, lr, pixels=1, loss=1):
    """Training and test loss of each seed, (2, seeds); the loss that is minimised is ``loss`` times as large."""

    def scaled(params):
        params = list(params)
        for theta in params:
            theta.register_hook(lambda g: loss * g)
        return make(params, lr=lr)

    models = training.networks(SEEDS)
    training.train_each(models, scaled, pixels * DIGITS.X_train, DIGITS.y_train, UPDATES)
    return np.array(
        [
            training.evaluate_each(models, pixels * X, y)[0]
            for X, y in ((DIGITS.X_train, DIGITS.y_train), (DIGITS.X_test, DIGITS.y_test))
        ]
    )
