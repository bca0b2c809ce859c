"""Lesson 13: the loss on straight lines between networks, and new classes in the place of a new task."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from torch.nn import functional as F

from course import training
from course.figures import lesson_13_runs as runs

SHARES = np.linspace(0.0, 1.0, 21)
EVERY_ROW = np.arange(1500)
STRENGTHS = (0.0, 1.0, 10.0, 100.0, 1000.0)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """Arrays by name.

    shares: (21,), of the second network.
    line: (2, 5, 21), test loss between networks of different starts, and of a common one, by seed.
    accuracies: (2, 5, 21), the same in percent.
    strengths: (5,), of the penalty; classes: (2, 5, 5), test accuracy after the second half was learned:
        digits 0 to 4, then 5 to 9, by strength and seed, in percent of each half.
    """
    lines = [
        [on_the_line(answers, *pair) for pair in pairs] for pairs in (different_starts(), common_starts())
    ]
    both = np.moveaxis(np.array(lines), -1, 0)
    classes = np.array([new_classes(answers, strength) for strength in STRENGTHS])
    return {
        "shares": SHARES,
        "line": both[0],
        "accuracies": both[1],
        "strengths": np.array(STRENGTHS),
        "classes": np.moveaxis(classes, 0, 1),
    }


def on_the_line(answers: SimpleNamespace, first: runs.State, second: runs.State) -> list[tuple[float, float]]:
    return [runs.evaluated(answers.fuse([first, second], [1 - t, t])) for t in SHARES]


def different_starts() -> list[list[runs.State]]:
    return [
        [runs.trained(runs.fresh(seed + more), EVERY_ROW, 100 + seed + more, 300) for more in (0, 50)]
        for seed in range(runs.SEEDS)
    ]


def common_starts() -> list[list[runs.State]]:
    shared = [runs.trained(runs.fresh(seed), EVERY_ROW, 300 + seed, 60) for seed in range(runs.SEEDS)]
    return [
        [runs.trained(start, EVERY_ROW, 400 + seed + more, 240) for more in (0, 50)]
        for seed, start in enumerate(shared)
    ]


def new_classes(answers: SimpleNamespace, strength: float) -> np.ndarray:
    """After the digits 0 to 4, then 5 to 9: the accuracies on either, (2, seeds) in percent."""
    halves = [runs.rows_of(half) for half in runs.HALVES]
    X, y = runs.digits.X_train, runs.digits.y_train
    models = training.networks(runs.SEEDS)
    training.train_each(models, runs.adam, X[halves[0]], y[halves[0]], 300)
    ewc = answers.EWC(models.parameters(), strength)
    images, labels = torch.from_numpy(X), torch.from_numpy(y)
    rows = np.random.default_rng(0).permutation(halves[0])[: runs.SAMPLES]
    ewc.consolidate(
        F.cross_entropy(models(images[row : row + 1])[:, 0], labels[row].expand(runs.SEEDS), reduction="sum")
        for row in rows
    )
    optimizer = runs.adam(models.parameters())
    draws = [np.random.default_rng(seed) for seed in range(runs.SEEDS)]
    for _ in range(300):
        batch = np.array([rng.choice(halves[1], 64) for rng in draws])
        each = F.cross_entropy(models(images[batch]).mT, labels[batch], reduction="none").mean(dim=1)
        optimizer.zero_grad()
        (each.sum() + ewc.penalty()).backward()
        optimizer.step()
    tests = [np.isin(runs.digits.y_test, list(half)) for half in runs.HALVES]
    return np.array(
        [
            100 * training.evaluate_each(models, runs.digits.X_test[test], runs.digits.y_test[test])[1]
            for test in tests
        ]
    )
