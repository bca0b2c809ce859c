"""Runs of lesson 10: update rules as optimisers of several networks, and a run seen at x, y and z."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from course import training
from course.data import Digits

BATCH = 64


class Each:
    """An update rule in NumPy as an optimiser of ``training.Networks``.

    Args:
        params: each of shape (seeds, ...).
        update: ``lion_update``, or with ``matrices`` ``adafactor_update``.
        matrices: whether it takes one matrix at a time. A bias is a matrix of one column then, whose rows
            are its elements: its average of squares is a full one, as PyTorch's is.
        lr: the learning rate.
    """

    def __init__(self, params: Iterable[torch.Tensor], update: Callable[..., Any], matrices: bool, lr: float):
        self.params, self.update, self.matrices, self.lr = list(params), update, matrices, lr
        self.states: dict[tuple[int, int], list[np.ndarray]] = {}
        self.t = 0

    @torch.no_grad()
    def step(self) -> None:
        self.t += 1
        for index, param in enumerate(self.params):
            if param.grad is None:
                continue
            if not self.matrices:
                param.copy_(self._stepped((index, 0), param.numpy(), param.grad.numpy()))
                continue
            for seed in range(len(param)):
                as_matrix = (len(param[seed]), -1)
                theta, grad = (part[seed].reshape(as_matrix).numpy() for part in (param, param.grad))
                param[seed] = self._stepped((index, seed), theta, grad).reshape(param[seed].shape)

    def _stepped(self, place: tuple[int, int], theta: np.ndarray, grad: np.ndarray) -> torch.Tensor:
        if place not in self.states:
            zeros = np.zeros_like(theta)
            self.states[place] = [zeros[:, 0], zeros[0]] if self.matrices else [zeros]
        count = [self.t] if self.matrices else []
        new, *self.states[place] = self.update(theta, grad, *self.states[place], *count, lr=self.lr)
        return torch.from_numpy(np.asarray(new))

    def zero_grad(self) -> None:
        for param in self.params:
            param.grad = None


def gradients_of(models: training.Networks, digits: Digits, batches: int) -> Iterator[np.ndarray]:
    """For each network the gradients of its first layer's weights, (batches, 32, 64); nothing is trained."""
    for seed in range(models.seeds):
        rng, found = np.random.default_rng(seed), []
        for _ in range(batches):
            rows = rng.permutation(len(digits.X_train))[:BATCH]
            X, y = torch.from_numpy(digits.X_train[rows]), torch.from_numpy(digits.y_train[rows])
            loss = nn.functional.cross_entropy(models(X)[seed], y)
            (grad,) = torch.autograd.grad(loss, models.first_weight)
            found.append(grad[seed].numpy())
        yield np.array(found)


def recorded(
    make_optimizer: Callable[[Iterable[torch.Tensor]], Any],
    digits: Digits,
    momentum: float,
    steps: int,
    every: int,
) -> dict[str, np.ndarray]:
    """Training losses at x, y and z of five networks that a schedule-free optimiser trains.

    Args:
        make_optimizer: makes one with ``train()`` and ``eval()``.
        momentum: its own, from which z follows.
        steps: how many updates.
        every: after how many updates the losses are taken.

    Returns:
        By point, of shape (seeds, steps // every), in nats.
    """
    models = training.networks(5)
    found: dict[str, list[np.ndarray]] = {"x": [], "y": [], "z": []}

    def loss_at(points: list[torch.Tensor]) -> np.ndarray:
        with torch.no_grad():
            for param, point in zip(models.parameters(), points, strict=True):
                param.copy_(point)
        return training.evaluate_each(models, digits.X_train, digits.y_train)[0]

    def look(step: int, optimizer: Any) -> None:
        if step % every:
            return
        y = [param.detach().clone() for param in models.parameters()]
        optimizer.eval()
        x = [param.detach().clone() for param in models.parameters()]
        z = [(at_y - momentum * at_x) / (1 - momentum) for at_x, at_y in zip(x, y, strict=True)]
        for name, points in (("x", x), ("y", y), ("z", z)):
            found[name].append(loss_at(points))
        loss_at(x)  # as eval() left it
        optimizer.train()

    training.train_each(models, make_optimizer, digits.X_train, digits.y_train, steps, after_step=look)
    return {name: np.stack(losses, axis=1) for name, losses in found.items()}
