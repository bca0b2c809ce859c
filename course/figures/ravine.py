"""The ravine of lesson 03: a quadratic loss of two parameters, 50 times as steep across as along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from course import plots

CURVATURE = np.array([1.0, 50.0])
START = np.array([-10.0, 2.0])
Gradient = Callable[[np.ndarray], np.ndarray]
# A run has settled once its loss stays below this share of its first.
SMALL = 0.01


def loss(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The loss at each pair, for a and b of one shape."""
    return 0.5 * (CURVATURE[0] * a**2 + CURVATURE[1] * b**2)


def settled(points: np.ndarray) -> float:
    """The step from which the loss stays below 1% of its first; infinite where it does not.

    Args:
        points: shape (steps + 1, 2), the starting point first.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        above = np.flatnonzero(~(loss(*points.T) <= SMALL * loss(*points[0])))
    return float(above[-1] + 1) if above[-1] + 1 < len(points) else np.inf


def fewest_steps(
    make_optimizer: Callable[[Iterable[torch.Tensor]], Any], rates: np.ndarray, steps: int = 100
) -> float:
    """How many steps an optimiser needs until it has settled, at the best of some constant rates.

    The rates are tried side by side, in one parameter: a rate that multiplies the gradient does what it
    does in front of the step.

    Args:
        make_optimizer: called once with the parameter; its own rate is 1.
        rates: shape (n,).
    """
    theta = torch.from_numpy(np.tile(START, (len(rates), 1))).requires_grad_()
    scale = torch.from_numpy(rates[:, None] * CURVATURE)
    optimizer = make_optimizer([theta])
    points = [theta.detach().numpy().copy()]
    for _ in range(steps):
        theta.grad = scale * theta.detach()
        optimizer.step()
        points.append(theta.detach().numpy().copy())
    return min(settled(path) for path in np.stack(points, axis=1))


def polyak(lrs: np.ndarray, mus: np.ndarray, gradient: Gradient, start: np.ndarray) -> np.ndarray:
    """The points that Polyak's form visits, (steps + 1, *start.shape); rates and momenta by step."""
    path = [start, start]
    for lr, mu in zip(lrs, mus, strict=True):
        path.append(path[-1] - lr * gradient(path[-1]) + mu * (path[-1] - path[-2]))
    return np.array(path[1:])


def scheduled(
    update: Callable[..., tuple[Any, Any]],
    lrs: np.ndarray,
    mus: np.ndarray,
    gradient: Gradient,
    start: np.ndarray,
) -> np.ndarray:
    """The points that an update rule visits, (steps + 1, *start.shape); rates and momenta by step."""
    theta, buf = start, np.zeros_like(start)
    path = [theta]
    for lr, mu in zip(lrs, mus, strict=True):
        theta, buf = update(theta, gradient(theta), buf, lr, mu)
        path.append(theta)
    return np.array(path)


def draw(ax: Axes, points: np.ndarray, name: str, right: float = 4.0) -> None:
    """A path over the contour lines, with the names of the axes."""
    plots.contours(ax, loss, (-11, right), (-2.6, 2.6), lines=5)
    with np.errstate(over="ignore", invalid="ignore"):
        plots.path(ax, np.clip(np.nan_to_num(points), -1e3, 1e3), name, goal=(0, 0))
    ax.set(ylabel="b, across")
