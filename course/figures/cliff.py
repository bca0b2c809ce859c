"""A loss with a wall beside flat ground, after Pascanu and others (2013): that of a network with one unit."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import numpy as np
import torch
from matplotlib.axes import Axes

# Where to go, where the walk begins, and where the map ends: each w and b.
STAR = np.array([0.9, 0.1 / (1 - 0.9**10)])
WALL = np.array([1.2, 0.3])
W_RANGE, B_RANGE = (0.5, 1.4), (-0.2, 0.6)
# A walk of so many steps has arrived when it stays so near the star.
STEPS, NEAR = 60, 0.05


Numbers = TypeVar("Numbers", np.ndarray, torch.Tensor)


def loss(w: Numbers, b: Numbers) -> Numbers:
    """Loss of the one-unit network, from h = 0 and from h = 1; it is 0 at the star."""
    total = 0 * w
    for start, target in ((0.0, 1.0), (1.0, 1.0 + 0.9**10)):
        h = start + 0 * w
        for _ in range(10):
            h = w * h + b
        total = total + (h - target) ** 2 / 2
    return total


def gradient(point: np.ndarray) -> np.ndarray:
    """The gradient of the cliff's loss with respect to w and b, shape (2,)."""
    theta = torch.tensor(point, requires_grad=True)
    loss(theta[0], theta[1]).backward()
    assert theta.grad is not None
    return theta.grad.numpy()


def curvature(point: np.ndarray) -> float:
    """The largest curvature of the cliff's loss, in absolute value."""
    hessian = torch.autograd.functional.hessian(lambda theta: loss(theta[0], theta[1]), torch.tensor(point))
    assert isinstance(hessian, torch.Tensor)
    return float(torch.linalg.eigvalsh(hessian).abs().max())


def steps_to_star(points: np.ndarray) -> float:
    """The step from which a walk stays near the star; infinite for one that does not."""
    far = np.flatnonzero(np.linalg.norm(points - STAR, axis=1) > NEAR)[-1]
    return float(far + 1) if len(points) > STEPS and far < STEPS else np.inf


def draw(ax: Axes) -> None:
    """The contour lines of the loss, on a logarithmic scale."""
    xs, ys, values = _contours()
    ax.contour(xs, ys, values, levels=9, colors="0.75", linewidths=0.9)
    ax.grid(False)
    ax.set(xlim=W_RANGE, ylim=B_RANGE, xlabel="w", ylabel="b")


@cache
def _contours() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for every frame of what moves."""
    xs, ys = np.meshgrid(np.linspace(*W_RANGE, 49), np.linspace(*B_RANGE, 49))
    return xs, ys, np.log1p(loss(xs, ys))
