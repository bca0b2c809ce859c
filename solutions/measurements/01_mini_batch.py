"""What lesson 01 measures on the digits: batch sizes and learning rates, five seeds each.

Arrays:
    race_lrs, race_sizes: the settings of ``race``.
    race: (sizes, lrs, 5) mean squared error over all rows after five epochs of ``fit_linear`` on "is it a
        zero?", one shuffle a seed.
    lrs, sizes: the settings of ``reach`` and, for the first, of ``six_epochs``.
    reach: (sizes, lrs, 5) updates of the digits network until its loss over all rows is below ``GOAL``; infinite
        where that never was.
    six_epochs: (lrs, 5) its loss over all rows after 138 updates with batches of 64.
    trainer: (5,) the row of ``six_epochs`` with the lowest median.
    sorted_rows: (5,) the same at that rate, with the rows sorted by class and never shuffled.
"""

import numpy as np
import torch
from torch import nn

from course import data, training

SEEDS = 5
GOAL = 0.2
LRS = np.array([0.1, 0.2, 0.4, 0.8, 1.0, 1.2, 1.6])
# How many updates to wait for the goal, and after how many to look.
WAIT = {4: (800, 16), 16: (400, 4), 64: (200, 1), 256: (150, 1), 1500: (120, 1)}
RACE_LRS = np.array([0.001, 0.003, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1])
RACE_SIZES = np.array([1, 4, 16, 32, 64, 256, 1500])


def measure(answers):
    digits = data.digits()
    X, y = digits.X_train, digits.y_train

    def ends(size, lr):
        """The loss over all rows at the end of a race, one for each seed."""
        target, found = (y == 0).astype(float), []
        for seed in range(SEEDS):
            with np.errstate(all="ignore"):
                w, b, _ = answers.fit_linear(X, target, size, lr, 5, np.random.default_rng(seed))
                loss = np.mean((X @ w + b - target) ** 2)
            found.append(loss if np.isfinite(loss) else np.inf)
        return found

    def after_six_epochs(lr):
        models = training.networks(SEEDS)
        training.train_each(models, lambda params: answers.SGD(params, lr), X, y, 138)
        return training.evaluate_each(models, X, y)[0]

    def reach(size, lr):
        steps, every = WAIT[size]
        first = np.full(SEEDS, np.inf)
        models = training.networks(SEEDS)

        def look(step, optimizer):
            if step % every == 0:
                losses = training.evaluate_each(models, X, y)[0]
                first[(losses < GOAL) & np.isinf(first)] = step

        training.train_each(models, lambda params: answers.SGD(params, lr), X, y, steps, size, look)
        return first

    six_epochs = np.array([after_six_epochs(lr) for lr in LRS])
    best = np.argmin(np.median(six_epochs, axis=1))
    return {
        "race_lrs": RACE_LRS,
        "race_sizes": RACE_SIZES,
        "race": np.array([[ends(size, lr) for lr in RACE_LRS] for size in RACE_SIZES]),
        "lrs": LRS,
        "sizes": np.array(list(WAIT)),
        "reach": np.array([[reach(size, lr) for lr in LRS] for size in WAIT]),
        "six_epochs": six_epochs,
        "trainer": six_epochs[best],
        "sorted_rows": sorted_rows(answers, X, y, LRS[best]),
    }


def sorted_rows(answers, X, y, lr):
    """The loss over all rows after 138 updates on rows that stand in the order of their classes."""
    order, found = np.argsort(y, kind="stable"), []
    for seed in range(SEEDS):
        model = training.network(seed)
        optimizer = answers.SGD(model.parameters(), lr)
        for rows in 6 * answers.minibatch_indices(len(y), 64, drop_last=True):
            optimizer.zero_grad()
            batch = order[rows]
            loss = nn.functional.cross_entropy(model(torch.from_numpy(X[batch])), torch.from_numpy(y[batch]))
            loss.backward()
            optimizer.step()
        found.append(training.evaluate(model, X, y)[0])
    return np.array(found)
