"""What lesson 04 runs: letters counted, axes turned, and what drives a student's rule or class."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from course import data

LETTERS = " abcdefghijklmnopqrstuvwxyz"
# A walk has arrived when each of its weights is this close to its answer, relative to that.
NEAR = 0.05

Update = Callable[..., tuple[Any, Any]]


def vowel_after(first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    """How often each of two letters stands in the sonnets, and how often a vowel follows, as a share."""
    followed = [[b in "aeiou" for a, b in pairwise(data.sonnets()) if a == one] for one in (first, second)]
    return np.array([len(each) for each in followed]), np.array([np.mean(each) for each in followed])


def arrival(points: np.ndarray, answer: np.ndarray) -> float:
    """The step from which on both weights stay near their answers; infinite where they do not."""
    away = np.flatnonzero(~(np.abs(points / answer - 1).max(axis=1) < NEAR))
    return float(away[-1] + 1) if away[-1] + 1 < len(points) else np.inf


def rotation(angle: float) -> np.ndarray:
    """The matrix that turns by so many degrees, (2, 2)."""
    a = np.radians(angle)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


class Driven:
    """Trains PyTorch parameters with an update rule in NumPy; what the rule keeps starts at zero.

    Args:
        params: the tensors to train, float64.
        update: called with theta, grad, what it keeps, and the settings; returns the first and third anew.
        settings: keywords of ``update``: lr and the like.
    """

    def __init__(self, params: Any, update: Update, **settings: float) -> None:
        self.params, self.update, self.settings = list(params), update, settings
        self.kept = [np.zeros(tuple(theta.shape)) for theta in self.params]

    @torch.no_grad()
    def step(self) -> None:
        for place, theta in enumerate(self.params):
            grad = theta.grad.numpy()
            after, self.kept[place] = self.update(theta.numpy(), grad, self.kept[place], **self.settings)
            theta.copy_(torch.from_numpy(np.asarray(after)))

    def zero_grad(self) -> None:
        for theta in self.params:
            theta.grad = None


def lengths(optimizer_class: Callable[..., Any], steps: int, **settings: Any) -> np.ndarray:
    """Lengths of an optimiser's steps, in units of lr, for a gradient that is always 0.5; shape (steps,)."""
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, 0.5)
    optimizer = optimizer_class([theta], lr=1.0, **settings)
    found = []
    for _ in range(steps):
        before = theta.item()
        optimizer.step()
        found.append(abs(theta.item() - before))
    return np.array(found)
