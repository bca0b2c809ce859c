"""Lesson 14: what random searches report of their winners, and what the winners' settings do on new rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from course import data
from course.figures import lesson_14_runs as runs

SEARCHES, TRIALS = 20, 100
# How many validation rows decide; the 300 hold the 30.
ROWS = (30, 300)
STARTS = runs.NEW_STARTS[:5]


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """Arrays by name.

    rows: (2,), how many validation rows there are.
    reported: (2, 20, 100), the lowest validation loss up to each trial, by rows and search, in nats.
    true: (2, 20, 100), the loss of the settings that had it: on 297 rows that nothing was chosen by, the mean
        of five other starts.
    """
    both = np.array([search(answers, seed) for seed in range(SEARCHES)])
    reported, true = np.moveaxis(both, 0, 2)
    return {
        "rows": np.array(ROWS),
        "reported": reported.astype(np.float32),
        "true": true.astype(np.float32),
    }


def search(answers: SimpleNamespace, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What is reported and what is true, (2, 100) each, on digits that are split anew."""
    fitted, validation, test = split(seed)
    points = answers.random_points(runs.SPACE, TRIALS, np.random.default_rng(seed))
    lr, momentum = ([point[name] for point in points] for name in ("lr", "momentum"))
    models = runs.trained(fitted, lr, momentum, [seed] * TRIALS)
    reported, true = [], []
    for rows in ROWS:
        few = runs.Rows(validation.X[:rows], validation.y[:rows])
        losses = runs.losses_on(few, models)
        so_far = np.minimum.accumulate(losses)
        reported.append(so_far)
        leaders = np.array([int(np.argmax(losses == lowest)) for lowest in so_far])
        done = {leader: on_new_rows(fitted, test, points[leader]) for leader in np.unique(leaders)}
        true.append([done[leader] for leader in leaders])
    return np.array(reported), np.array(true)


def split(seed: int) -> tuple[runs.Rows, runs.Rows, runs.Rows]:
    """All 1797 digits in a new order, 1200, 300 and 297: by chance no part is harder than another."""
    X, y, X_test, y_test = data.digits()
    order = np.random.default_rng(1000 + seed).permutation(len(y) + len(y_test))
    X, y = np.concatenate([X, X_test])[order], np.concatenate([y, y_test])[order]
    edges = (slice(0, 1200), slice(1200, 1500), slice(1500, None))
    fitted, validation, test = (runs.Rows(X[edge], y[edge]) for edge in edges)
    return fitted, validation, test


def on_new_rows(fitted: runs.Rows, test: runs.Rows, point: dict[str, float]) -> float:
    models = runs.trained(fitted, [point["lr"]] * len(STARTS), [point["momentum"]] * len(STARTS), STARTS)
    return float(runs.losses_on(test, models).mean())
