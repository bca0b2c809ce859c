"""What the figures of lesson 00 draw: the hill, the errors of differences, the network, the valley."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course import training

# The walker's place, in kilometres east and north of the top.
HERE = np.array([-1.5, -1.0])
# Where the slope of the sine is measured.
POINTS = np.linspace(0.5, 1.0, 41)

ARRAYS = ("W1", "b1", "W2", "b2")
STEPS, ROWS, CHECKED_ROWS = 138, 64, 20
# The best of 0.1, 0.3, 0.5 and 1, with either gradient.
LR = 1.0

RATES = (0.02, 0.1, 0.18, 0.21)
VALLEY_START = np.array([3.0, 2.0])
SMALL = 0.01


def height(x: Any, y: Any) -> Any:
    """The hill, in metres above the fog; x and y in kilometres."""
    return 200 - 10 * x**2 - 20 * y**2


def slope_here() -> np.ndarray:
    """Its gradient at the walker's place, in metres a kilometre, by the rules of school."""
    x, y = HERE
    return np.array([-20 * x, -40 * y])


def turned(angle: float) -> np.ndarray:
    """The direction of length 1 at an angle from the east, over the north."""
    return np.array([np.cos(angle), np.sin(angle)])


def central_errors(numerical_gradient: Callable[..., Any], points: np.ndarray, h: float) -> np.ndarray:
    """How far the measured slope of the sine is from its cosine, at each point."""
    slopes = [float(numerical_gradient(np.sin, np.array(x), h=h)) for x in points]
    return np.abs(np.array(slopes) - np.cos(points))


def one_sided_errors(points: np.ndarray, h: float) -> np.ndarray:
    """The same by differences to one side."""
    return np.asarray(np.abs((np.sin(points + h) - np.sin(points)) / h - np.cos(points)))


def with_the_right_slope(
    params: list[np.ndarray], X: np.ndarray, y: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """The lesson's network, without its mistake."""
    W1, b1, W2, b2 = params
    hidden = np.tanh(X @ W1 + b1)
    loss, dscores = training.softmax_regression(hidden @ W2 + b2, np.eye(len(X)), y)
    dz = (dscores @ W2.T) * (1 - hidden**2)
    return loss, [X.T @ dz, dz.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0)]


def start(seed: int) -> list[np.ndarray]:
    """W1, b1, W2, b2 before training."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0, 1 / 8, (64, 32)), rng.normal(0, 1 / np.sqrt(32), (32, 10))
    return [first, np.zeros(32), second, np.zeros(10)]


def per_cent_right(network: Callable[..., Any], digits: Any, seed: int, lr: float = LR) -> float:
    """Per cent of test digits right after training by a network's own gradients."""
    params, rng = start(seed), np.random.default_rng([seed, 1])
    for _ in range(STEPS):
        rows = rng.choice(len(digits.X_train), ROWS, replace=False)
        _, grads = network(params, digits.X_train[rows], digits.y_train[rows])
        for param, grad in zip(params, grads, strict=True):
            param -= lr * grad
    W1, b1, W2, b2 = params
    scores = np.tanh(digits.X_test @ W1 + b1) @ W2 + b2
    return float(100 * np.mean(scores.argmax(axis=1) == digits.y_test))


def gradients(
    network: Callable[..., Any], numerical_gradient: Callable[..., np.ndarray], digits: Any
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Of each array the gradient by formula and the measured one, at a start, over some digits."""
    params, X, y = start(0), digits.X_train[:CHECKED_ROWS], digits.y_train[:CHECKED_ROWS]

    def measured(place: int) -> np.ndarray:
        def loss(array: np.ndarray) -> float:
            return float(network([*params[:place], array, *params[place + 1 :]], X, y)[0])

        return numerical_gradient(loss, params[place])

    return network(params, X, y)[1], [measured(place) for place in range(len(params))]


def relative_difference(a: np.ndarray, n: np.ndarray) -> float:
    """Formula (7); 0 where both are zero."""
    lengths = float(np.linalg.norm(a) + np.linalg.norm(n))
    return float(np.linalg.norm(a - n)) / lengths if lengths else 0.0


def valley_matrix(ratio: float) -> np.ndarray:
    """The symmetric matrix with the eigenvalues 1 along (1, 1) and ``ratio`` across it."""
    mean, half = (1 + ratio) / 2, (1 - ratio) / 2
    return np.array([[mean, half], [half, mean]])


def arrived(loss: np.ndarray) -> float:
    """The step from which the loss stays below 1% of its first; infinite where it does not."""
    with np.errstate(invalid="ignore"):
        above = np.flatnonzero(~(loss <= SMALL * loss[0]))
    return float(above[-1] + 1) if above[-1] + 1 < len(loss) else np.inf
