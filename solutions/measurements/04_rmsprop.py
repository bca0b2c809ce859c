"""What lesson 04 compares over five seeds: letters, a late correction of the scale, and the options of RMSprop."""

from functools import partial

import numpy as np
import torch

from course import data, training

SEEDS = 5
DIGITS = data.digits()
# Updates in one epoch of the trainer, and epochs after the first in which the pixels are too large.
EPOCH, LATER = 23, 12
LETTER_RATES = np.array([0.03, 0.1, 0.3, 1.0, 3.0, 10.0])
# RMSprop's steps do not shrink as AdaGrad's do: it needs smaller rates.
SMALLER = np.array([1.0, 1.0, 0.03])
RATES = 10.0 ** np.arange(-4.5, -0.5, 0.5)
PLAIN_RATES = 10.0 ** np.arange(-3.0, 1.0, 0.5)
LATE_RATES = 10.0 ** np.arange(-3.0, 0.5, 0.5)


def measure(answers):
    """Arrays by name.

    letter_gaps: (3, 6, 5, 27), for SGD, AdaGrad and RMSprop with alpha 0.99, each of its rates and each order of
        the text: how far the loss after each letter is above the least possible, in nats.
    letter_rates: (3, 6), these rates.
    late: (5, 7, 5), for SGD, AdaGrad, RMSprop with alpha 0.9 and with 0.99, and AdaGrad that starts afresh
        after the first epoch, by each of ``late_rates`` and seed: the training loss in the end.
    late_epochs: (3, 5, 13), the mean mini-batch loss in each epoch of the first three at their best rates.
    options: (3, 8, 5), for RMSprop, centered, and with momentum 0.9, by each of ``rates`` and seed: the
        training loss after 138 updates.
    plain: (2, 8, 5), the same for SGD and for SGD with momentum 0.9, by each of ``plain_rates``.
    trainer: (5,), RMSprop with momentum at its best rate.
    """
    rules = (
        lambda W, grad, state, lr: (W - lr * grad, state),
        answers.adagrad_update,
        answers.rmsprop_update,
    )
    gaps = [
        [[letter_gaps(rule, lr, seed) for seed in range(SEEDS)] for lr in rates]
        for rule, rates in zip(rules, SMALLER[:, None] * LETTER_RATES, strict=True)
    ]
    makers = (
        torch.optim.SGD,
        torch.optim.Adagrad,
        partial(answers.RMSprop, alpha=0.9),
        answers.RMSprop,
    )
    late, epochs = [], []
    for make in makers:
        runs = [late_correction(make, lr) for lr in LATE_RATES]
        late.append([final for final, _ in runs])
        epochs.append(runs[int(np.argmin(np.median(late[-1], axis=1)))][1])
    late.append([late_correction(torch.optim.Adagrad, lr, afresh=True)[0] for lr in LATE_RATES])
    settings = ({}, {"centered": True}, {"momentum": 0.9})
    options = np.array([[final(answers.RMSprop, lr, **each) for lr in RATES] for each in settings])
    plain = [[final(torch.optim.SGD, lr, momentum=momentum) for lr in PLAIN_RATES] for momentum in (0.0, 0.9)]
    return {
        "letter_gaps": np.array(gaps),
        "letter_rates": SMALLER[:, None] * LETTER_RATES,
        "late": np.array(late),
        "late_rates": LATE_RATES,
        "late_epochs": np.array(epochs[:3]),
        "options": options,
        "plain": np.array(plain),
        "plain_rates": PLAIN_RATES,
        "rates": RATES,
        "trainer": options[2, np.argmin(np.median(options[2], axis=1))],
    }


def letter_gaps(rule, lr, seed):
    text = data.sonnets()
    letters = np.array([" abcdefghijklmnopqrstuvwxyz".index(letter) for letter in text])
    counts = np.zeros((27, 27))
    np.add.at(counts, (letters[:-1], letters[1:]), 1)
    W = state = np.zeros((27, 27))
    for place in np.random.default_rng(seed).permutation(len(letters) - 1):
        now, following = letters[place : place + 2]
        grad = np.zeros((27, 27))
        grad[now] = np.exp(log_softmax(W[now]))
        grad[now, following] -= 1
        W, state = rule(W, grad, state, lr)
    share = counts / counts.sum(axis=1, keepdims=True)
    least = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)
    return -(share * log_softmax(W)).sum(axis=1) - least


def log_softmax(scores):
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def late_correction(make, lr, afresh=False):
    """The training loss of each seed in the end, and its mean mini-batch loss in each epoch."""
    models = training.networks(SEEDS)
    optimizers = [make(models.parameters(), lr=lr) for _ in range(2)]
    runs = []
    for optimizer, pixels, steps in (
        (optimizers[0], 16 * DIGITS.X_train, EPOCH),
        (optimizers[int(afresh)], DIGITS.X_train, LATER * EPOCH),
    ):
        runs.append(
            training.train_each(models, lambda _, made=optimizer: made, pixels, DIGITS.y_train, steps)
        )
    losses = np.concatenate(runs, axis=1).reshape(SEEDS, 1 + LATER, EPOCH).mean(axis=2)
    return training.evaluate_each(models, DIGITS.X_train, DIGITS.y_train)[0], losses


def final(make, lr, **options):
    models = training.networks(SEEDS)
    training.train_each(
        models, lambda params: make(params, lr=lr, **options), DIGITS.X_train, DIGITS.y_train, steps=138
    )
    return training.evaluate_each(models, DIGITS.X_train, DIGITS.y_train)[0]
