"""Lesson 06: what schedules do for the digits network under Adam and under SGD, five seeds each."""

import numpy as np
import torch

from course import data, training

# Six epochs of 23 updates with batches of 64, as in every lesson; the first epoch is the warm-up.
UPDATES, WARMUP = 138, 23
PEAKS = np.array([0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28])
SGD_RATES = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6])
DIGITS = data.digits()


def run(answers, rates, optimizer=torch.optim.Adam):
    """Final training losses and test losses of seeds 0 to 4, (2, 5), with one rate for each update."""
    models = training.networks(seeds=5)
    chosen = optimizer(models.parameters(), lr=1.0)
    schedule = answers.LambdaSchedule(chosen, lambda update: float(rates[min(update, UPDATES - 1)]))
    X, y = DIGITS.X_train, DIGITS.y_train
    training.train_each(models, lambda params: chosen, X, y, UPDATES, after_step=lambda *_: schedule.step())
    tests = training.evaluate_each(models, DIGITS.X_test, DIGITS.y_test)
    return np.array([training.evaluate_each(models, X, y)[0], tests[0]])


def decays(answers):
    """Shares of the peak in the updates after the warm-up, by the name of the schedule: a row for each setting."""
    update = np.arange(1, UPDATES - WARMUP + 1)
    last = UPDATES - WARMUP
    return {
        "fixed": [np.ones(last)],
        "inverse time": [answers.inverse_time_decay(1.0, k / last, update) for k in (3, 9)],
        "step": [answers.step_decay(1.0, gamma, 39, update) for gamma in (0.5, 0.3)],
        "multi-step": [answers.multistep_decay(1.0, gamma, [58, 87], update) for gamma in (0.3, 0.1)],
        "exponential": [answers.exponential_decay(1.0, end ** (1 / last), update) for end in (0.2, 0.03)],
        "cosine": [answers.cosine_decay(1.0, end, last, update) for end in (0.0, 0.2)],
    }


def measure(answers):
    """Arrays by name.

    peaks, sgd_rates: the grids.
    alone: (4, peaks, 2, 5): fixed, cosine, warm-up, and warm-up with cosine; training and test loss; seeds.
    sgd: (2, rates, 2, 5): SGD with a fixed rate and with a cosine.
    kinds: (6, 2, 5): each decay of ``decays`` after a warm-up, at the setting and peak of its lowest
        median training loss.
    trainer: (5,): warm-up and cosine at its best.
    """
    update = np.arange(UPDATES)
    cosine = answers.cosine_decay(1.0, 0.0, UPDATES, update)
    rise = np.minimum(1.0, (update + 1) / WARMUP)
    both = answers.planned_rates(1.0, 0.0, 1, 6, 1472, 64)
    shapes = (np.ones(UPDATES), cosine, rise, both)
    alone = np.array([[run(answers, peak * shape) for peak in PEAKS] for shape in shapes])
    sgd = np.array([[run(answers, lr * shape, torch.optim.SGD) for lr in SGD_RATES] for shape in shapes[:2]])
    kinds = []
    for rows in decays(answers).values():
        tried = [run(answers, np.r_[rise[:WARMUP], row] * peak) for row in rows for peak in PEAKS]
        kinds.append(min(tried, key=lambda losses: np.median(losses[0])))
    return {
        "peaks": PEAKS,
        "sgd_rates": SGD_RATES,
        "alone": alone,
        "sgd": sgd,
        "kinds": np.array(kinds),
        "trainer": kinds[-1][0],
    }
