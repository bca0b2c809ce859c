"""The course's standard experiment: a small network learns the digits with an optimiser of your choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import BatchSampler

CLASSES = 10


def network(seed: int = 0, hidden: int = 32) -> nn.Sequential:
    """A classifier of 64 pixels into 10 digits with one hidden layer, in float64.

    Args:
        seed: of the initial weights: the same seed gives the same network.
        hidden: width of the hidden layer.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES))
    return layers.double()


def train(
    model: nn.Module,
    make_optimizer: Callable[[Iterable[torch.Tensor]], Any],
    X: np.ndarray,
    y: np.ndarray,
    steps: int,
    batch_size: int = 64,
    seed: int = 0,
) -> np.ndarray:
    """Train a classifier in place on mini-batches, in a new order each epoch.

    Args:
        model: takes (rows, features) and returns (rows, classes), before the softmax.
        make_optimizer: called once with the parameters; its result has ``step()`` and ``zero_grad()``.
        X, y: (rows, features) float64 and (rows,) int64.
        steps: how many updates.
        batch_size: rows an update; the last batch of an epoch is left out when it is short.
        seed: of the order of the rows.

    Returns:
        (steps,) the cross-entropy of each mini-batch before its update, in nats. Once a loss is not
        finite training stops, and the losses that are left are infinite.
    """
    X_all, y_all = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = make_optimizer(model.parameters())
    losses = np.full(steps, np.inf)
    batches = _batches(len(X), batch_size, np.random.default_rng(seed))
    for step in range(steps):
        rows = next(batches)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X_all[rows]), y_all[rows])
        if not torch.isfinite(loss):
            break
        loss.backward()
        optimizer.step()
        losses[step] = loss.item()
    return losses


def _batches(rows: int, batch_size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    while True:
        order = rng.permutation(rows).tolist()
        yield from BatchSampler(order, batch_size, drop_last=rows >= batch_size)


@torch.no_grad()
def evaluate(model: nn.Module, X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy in nats (infinite where it is not a number) and share of rows classified right."""
    scores, labels = model(torch.from_numpy(X)), torch.from_numpy(y)
    loss = nn.functional.cross_entropy(scores, labels).item()
    accuracy = (scores.argmax(dim=1) == labels).double().mean().item()
    return (loss if np.isfinite(loss) else np.inf), accuracy


def softmax_regression(W: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient of a linear classifier without a bias, in NumPy.

    Args:
        W: (features, classes) weights.
        X, y: (rows, features) float64 and (rows,) int64.

    Returns:
        The mean cross-entropy in nats, and its gradient with respect to W, (features, classes).
    """
    scores = X @ W
    scores -= scores.max(axis=1, keepdims=True)
    probabilities = np.exp(scores)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    each = np.arange(len(y))
    # Not zero, where a hopeless score underflows: its logarithm is -745 then, and not minus infinity.
    loss = -np.log(np.maximum(probabilities[each, y], np.finfo(float).smallest_subnormal)).mean()
    probabilities[each, y] -= 1.0
    return float(loss), X.T @ probabilities / len(y)
