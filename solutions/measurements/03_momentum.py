"""Lesson 03: momentum on the digits network, every momentum on the same grid of effective rates."""

import numpy as np

from course import data, training

# What stands in the name of a row: momentum, and whether Nesterov looks ahead.
ROWS = ((0.0, False), (0.5, False), (0.9, False), (0.95, False), (0.9, True))
# lr / (1 - momentum), eight to a decade: 0.18 to 7.5.
EFFECTIVE = 10.0 ** np.arange(-0.75, 0.88, 0.125)
SEEDS, UPDATES = 5, 138


def measure(answers):
    """Training losses after 138 updates: ``losses`` (rows, rates, seeds), in the order of ROWS and of
    ``effective`` (rates,), and ``trainer`` (seeds,), those at the best setting of all."""
    digits = data.digits()
    X, y = digits.X_train, digits.y_train

    def final(momentum, nesterov, rate):
        def optimizer(params):
            return answers.MomentumSGD(params, rate * (1 - momentum), momentum, nesterov=nesterov)

        models = training.networks(SEEDS)
        training.train_each(models, optimizer, X, y, UPDATES)
        return training.evaluate_each(models, X, y)[0]

    losses = np.array([[final(*row, rate) for rate in EFFECTIVE] for row in ROWS])
    medians = np.median(losses, axis=2)
    best = np.unravel_index(medians.argmin(), medians.shape)
    return {"losses": losses, "effective": EFFECTIVE, "trainer": losses[best]}
