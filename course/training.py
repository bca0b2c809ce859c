"""The course's standard experiment: a small network learns the digits with an optimiser of your choice.

One run says little: ``networks``, ``train_each`` and ``evaluate_each`` do the same for several seeds at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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


class Networks(nn.Module):
    """Several classifiers as ``network`` makes them, side by side: each parameter has a first axis for them.

    To an optimiser that treats every element alike (SGD, momentum, AdaGrad, RMSprop, Adam and their like)
    they are one model, and each of them goes the way that it would go alone. What looks at whole gradients,
    as clipping by the norm does, would mix them.
    """

    def __init__(self, each: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.seeds = len(each)

        def stacked(name: str) -> nn.Parameter:
            return nn.Parameter(torch.stack([model.get_parameter(name).detach() for model in each]))

        self.first_weight, self.first_bias = stacked("0.weight"), stacked("0.bias")
        self.second_weight, self.second_bias = stacked("2.weight"), stacked("2.bias")

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """(seeds, rows, 64), or (rows, 64) that all see, to (seeds, rows, 10), before the softmax."""
        hidden = torch.relu(X @ self.first_weight.mT + self.first_bias[:, None])
        return hidden @ self.second_weight.mT + self.second_bias[:, None]


def networks(seeds: int = 5, hidden: int = 32) -> Networks:
    """The networks of seeds 0, 1, 2, ..., as ``network`` makes each, side by side."""
    return Networks([network(seed, hidden) for seed in range(seeds)])


def train_each(
    models: Networks,
    make_optimizer: Callable[[Iterable[torch.Tensor]], Any],
    X: np.ndarray,
    y: np.ndarray,
    steps: int,
    batch_size: int = 64,
    after_step: Callable[[int, Any], None] | None = None,
) -> np.ndarray:
    """Train several classifiers in place, each on its own order of the rows, as ``train`` does one.

    Args:
        make_optimizer: called once with the parameters of all; it has to treat every element alike.
        X, y, steps, batch_size: those of ``train``.
        after_step: called after each update with its number, from 1, and the optimiser: for schedules.

    Returns:
        (seeds, steps) the cross-entropy of each network's mini-batch before its update, in nats; from the
        first that is not finite on, a network's losses are infinite.
    """
    X_all, y_all = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = make_optimizer(models.parameters())
    losses = np.full((models.seeds, steps), np.inf)
    batches = [_batches(len(X), batch_size, np.random.default_rng(seed)) for seed in range(models.seeds)]
    alive = np.ones(models.seeds, dtype=bool)
    for step in range(steps):
        rows = np.array([next(each) for each in batches])
        optimizer.zero_grad()
        scores = models(X_all[rows])
        each = nn.functional.cross_entropy(scores.mT, y_all[rows], reduction="none").mean(dim=1)
        alive &= torch.isfinite(each).numpy()
        if not alive.any():
            break
        each.sum().backward()
        optimizer.step()
        losses[alive, step] = each.detach().numpy()[alive]
        if after_step:
            after_step(step + 1, optimizer)
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


@torch.no_grad()
def evaluate_each(models: Networks, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As ``evaluate``, of each network: two arrays of shape (seeds,)."""
    scores, labels = models(torch.from_numpy(X)), torch.from_numpy(y)
    each = labels.expand(len(scores), -1)
    losses = nn.functional.cross_entropy(scores.mT, each, reduction="none").mean(dim=1).numpy()
    accuracies = (scores.argmax(dim=2) == each).double().mean(dim=1).numpy()
    return np.where(np.isfinite(losses), losses, np.inf), accuracies


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
