"""Lesson 02: averaged weights on the digits network, at the best rate and decay of a grid."""

import numpy as np
import torch

from course import data, training

RATES, DECAYS = (0.4, 0.6, 0.8, 1.0, 1.2), (0.7, 0.8, 0.9, 0.95)
SEEDS, UPDATES = 5, 138


def measure(answers):
    """Training losses after 138 updates: ``raw`` (rates, seeds), ``averaged`` (rates, decays, seeds), and
    ``trainer`` (seeds,), those of the best average."""
    digits = data.digits()
    X, y = digits.X_train, digits.y_train
    copy = training.networks(SEEDS)
    raw, averaged = [], []
    for lr in RATES:
        models = training.networks(SEEDS)
        averages = [answers.ModelEMA(models.parameters(), decay) for decay in DECAYS]

        def after_step(step, optimizer, models=models, averages=averages):
            for average in averages:
                average.update(models.parameters())

        def sgd(params, lr=lr):
            return torch.optim.SGD(params, lr=lr)

        training.train_each(models, sgd, X, y, UPDATES, after_step=after_step)
        raw.append(training.evaluate_each(models, X, y)[0])
        losses = []
        for average in averages:
            copy.load_state_dict(dict(zip(copy.state_dict(), average.shadow, strict=True)))
            losses.append(training.evaluate_each(copy, X, y)[0])
        averaged.append(losses)
    medians = np.median(averaged, axis=2)
    best = np.unravel_index(medians.argmin(), medians.shape)
    return {"raw": np.array(raw), "averaged": np.array(averaged), "trainer": np.array(averaged)[best]}
