"""The runs of lesson 16: a recipe is put together of a student's pieces and trains on the digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course.data import digits
from course.figures.lesson_16_networks import Recurrent
from course.training import network


class Grouped:
    """One of a student's optimisers for each param group: these know one rate and no groups.

    Args:
        make: from a list of parameters and a group's other settings, by name, to an optimiser that reads
            ``lr`` at every step.
        groups: as ``param_groups`` of the lesson returns them; each gets ``lr`` besides.
        lr: the first rate.
    """

    def __init__(self, make: Callable[..., Any], groups: Sequence[dict[str, Any]], lr: float):
        self.param_groups = [{**group, "lr": lr} for group in groups]
        self._each = [make(**group) for group in self.param_groups]

    def zero_grad(self) -> None:
        for optimizer in self._each:
            optimizer.zero_grad()

    def step(self) -> None:
        for optimizer, group in zip(self._each, self.param_groups, strict=True):
            optimizer.lr = group["lr"]
            for own in getattr(optimizer, "param_groups", ()):  # PyTorch's, where it stands in
                own["lr"] = group["lr"]
            optimizer.step()


class Plan:
    """Sets every group's rate: that of update 0 at once, the next at each ``step()``."""

    def __init__(self, optimizer: Any, rate: Callable[[int], float]):
        self._optimizer, self._rate, self._update = optimizer, rate, -1
        self.step()

    def step(self) -> None:
        self._update += 1
        for group in self._optimizer.param_groups:
            group["lr"] = float(self._rate(self._update))


def trained(
    training_step: Callable[..., Any],
    model: nn.Module,
    optimizer: Any,
    scheduler: Any,
    updates: int,
    max_norm: float = np.inf,
    batch_size: int = 32,
    seed: int = 0,
) -> np.ndarray:
    """Train in place with the student's own step; (updates, 3): its loss, norm and rate of each update."""
    data, rng = digits(), np.random.default_rng(seed)
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train)
    log = []
    for _ in range(updates):
        rows = rng.permutation(len(X))[:batch_size]
        batches = [(X[rows], y[rows])]
        log.append(training_step(model, F.cross_entropy, batches, optimizer, scheduler, max_norm))
    return np.array(log)


@cache
def validation_curves(seeds: int = 5, epochs: int = 50) -> np.ndarray:
    """(seeds, epochs): the loss on 200 digits after each epoch over 50 other ones, by torch's SGD.

    50 digits in batches of 10 are too few: the network knows them by heart after about ten epochs.
    """
    data, curves = digits(), np.empty((seeds, epochs))
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        train, valid = np.split(rng.permutation(len(X))[:250], [50])
        model = network(seed)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for epoch in range(epochs):
            for rows in rng.permutation(train).reshape(-1, 10):
                optimizer.zero_grad()
                F.cross_entropy(model(X[rows]), y[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                curves[seed, epoch] = F.cross_entropy(model(X[valid]), y[valid])
    return curves


def start_recurrent(model: Recurrent, xavier_uniform: Callable[..., np.ndarray], seed: int) -> None:
    """Set a recurrent network's start in place: an orthogonal matrix from one hidden state to the next.

    Such a matrix leaves the length of what it multiplies as it is, however often (Saxe and others 2014).
    """
    cell = model.cell
    drawn = xavier_uniform(tuple(cell.weight_ih.shape), np.random.default_rng(seed))
    with torch.no_grad():
        cell.weight_ih.copy_(torch.from_numpy(drawn))
        nn.init.orthogonal_(cell.weight_hh, generator=torch.Generator().manual_seed(seed))
        nn.init.zeros_(cell.bias_ih)
        nn.init.zeros_(cell.bias_hh)


@torch.no_grad()
def accuracy(model: nn.Module) -> float:
    """The share of test digits that it gets right."""
    data = digits()
    model.eval()
    right = model(torch.from_numpy(data.X_test)).argmax(dim=1) == torch.from_numpy(data.y_test)
    model.train()
    return float(right.double().mean())
