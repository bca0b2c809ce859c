"""A line through a cloud of points: its loss, a bowl of two parameters, and ways down it."""

from __future__ import annotations

from functools import cache

import numpy as np

SEEDS = 5
# The rates that each batch size chooses from, and the sizes.
LRS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
SIZES = (512, 64, 1)


@cache
def cloud() -> tuple[np.ndarray, np.ndarray]:
    """512 points around y = 4 + 3x: their x and their y."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=512)
    return x, 4 + 3 * x + rng.normal(size=512)


@cache
def bowl() -> tuple[np.ndarray, np.ndarray, float]:
    """The mean squared error of a line as a quadratic in (b, w): curvature, minimum and value there."""
    x, y = cloud()
    A = np.stack([np.ones(len(x)), x], axis=1)
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    return A.T @ A / len(x), best, float(np.mean((A @ best - y) ** 2))


def above(b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """How far the loss of the line lies above its minimum."""
    H, best, _ = bowl()
    db, dw = b - best[0], w - best[1]
    return H[0, 0] * db**2 + 2 * H[0, 1] * db * dw + H[1, 1] * dw**2


def walk(batch_size: int, lr: float, epochs: int, seed: int) -> np.ndarray:
    """Every point (b, w) of a descent from zero, shape (updates + 1, 2)."""
    (x, y), rng, points = cloud(), np.random.default_rng(seed), [np.zeros(2)]
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            b, w = points[-1]
            error = b + w * x[rows] - y[rows]
            points.append(points[-1] - 2 * lr * np.array([error.mean(), (error * x[rows]).mean()]))
    return np.array(points)


@cache
def best_walks(batch_size: int, epochs: int) -> tuple[float, tuple[np.ndarray, ...]]:
    """The rate of the grid whose walks, one for each seed, end lowest in the median; and these walks."""
    seeds = range(SEEDS if batch_size < 512 else 1)  # the whole batch has no order
    runs = {lr: tuple(walk(batch_size, lr, epochs, seed) for seed in seeds) for lr in LRS}
    lr = min(LRS, key=lambda each: end(runs[each]))
    return lr, runs[lr]


def end(walks: tuple[np.ndarray, ...]) -> float:
    return float(np.median([above(*walk[-1]) for walk in walks]))
