"""What lesson 14's searches search: a small network on the digits, many trials side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import optuna
import torch
from torch.nn import functional as F

from course import data, training

# Of the 1500 training digits the last 300 are kept to compare settings by.
FITTED, UPDATES, BATCH = 1200, 60, 32
LR, MOMENTUM = (1e-4, 10.0), (0.0, 0.98)
# The rates of the first figure, before the lesson asks what a wider range does.
FIRST_LR = (1e-4, 1.0)
# What a network that guesses loses: a run that diverges counts as no worse.
GUESSING = float(np.log(10))
SPACE = {"lr": ("log", *LR), "momentum": ("uniform", *MOMENTUM)}
TRIALS, SEEDS = 25, 5

Objective = Callable[[Any, Any], np.ndarray]


@cache
def _rows() -> tuple[torch.Tensor, torch.Tensor]:
    digits = data.digits()
    return torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)


@cache
def _orders(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    epochs = -(-UPDATES * BATCH // FITTED)
    return np.concatenate([rng.permutation(FITTED) for _ in range(epochs)])


def validation_losses(lr: Any, momentum: Any, seeds: Any) -> np.ndarray:
    """The loss on 300 validation digits after 60 updates with SGD, for each trial.

    Args:
        lr, momentum, seeds: shape (trials,); the seed is that of the start and of the order of the rows.

    Returns:
        (trials,) in nats, at most that of guessing.
    """
    X, y = _rows()
    seeds = [int(seed) for seed in seeds]
    models = training.Networks([training.network(seed) for seed in seeds])
    params = list(models.parameters())
    velocities = [torch.zeros_like(param) for param in params]
    rate, mu = (torch.tensor(np.asarray(each, dtype=float)) for each in (lr, momentum))
    orders = np.stack([_orders(seed) for seed in seeds])
    for step in range(UPDATES):
        rows = orders[:, step * BATCH : (step + 1) * BATCH]
        each = F.cross_entropy(models(X[rows]).mT, y[rows], reduction="none").mean(dim=1)
        grads = torch.autograd.grad(each.sum(), params)
        with torch.no_grad():
            for param, velocity, grad in zip(params, velocities, grads, strict=True):
                beside = (-1,) + (1,) * (param.ndim - 1)
                velocity.mul_(mu.view(beside)).add_(grad)
                param.sub_(rate.view(beside) * velocity)
    losses = training.evaluate_each(models, X[FITTED:].numpy(), y[FITTED:].numpy())[0]
    return np.minimum(losses, GUESSING)


def tried(points: Sequence[Sequence[dict[str, float]]]) -> np.ndarray:
    """The losses of lists of points, one list a seed: (seeds, points)."""
    flat = [(point["lr"], point["momentum"], seed) for seed, each in enumerate(points) for point in each]
    lr, momentum, seeds = np.array(flat, dtype=float).T
    return validation_losses(lr, momentum, seeds).reshape(len(points), -1)


def as_points(unit: np.ndarray, rates: tuple[float, float] = LR) -> list[dict[str, float]]:
    """Rows of the unit square as points of the space, the learning rate on a log scale."""
    lr = rates[0] * (rates[1] / rates[0]) ** unit[:, 0]
    momentum = MOMENTUM[0] + unit[:, 1] * (MOMENTUM[1] - MOMENTUM[0])
    return [{"lr": a, "momentum": b} for a, b in zip(lr, momentum, strict=True)]


def five_by_five(rates: tuple[float, float]) -> list[dict[str, float]]:
    """Five rates, evenly on a log scale, and five momenta."""
    square = np.stack(np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 5), indexing="ij"), axis=-1)
    return as_points(square.reshape(-1, 2), rates)


def first_points() -> dict[str, list[list[dict[str, float]]]]:
    """The two searches of the first figure, a list of points for each seed."""
    squares = [np.random.default_rng(seed).random((TRIALS, 2)) for seed in range(SEEDS)]
    return {
        "grid": [five_by_five(FIRST_LR)] * SEEDS,
        "random points": [as_points(square, FIRST_LR) for square in squares],
    }


def by_process(posterior: Callable[..., Any], improvement: Callable[..., Any]) -> np.ndarray:
    """Losses in the order of the trials, (seeds, trials): five random ones, then by expected improvement."""
    rngs = [np.random.default_rng(seed) for seed in range(SEEDS)]
    X = [rng.random((5, 2)) for rng in rngs]
    losses = tried([as_points(each) for each in X])
    for _ in range(TRIALS - losses.shape[1]):
        for seed, rng in enumerate(rngs):
            X[seed] = np.vstack([X[seed], _next(posterior, improvement, X[seed], losses[seed], rng)])
        losses = np.hstack([losses, tried([as_points(each[-1:]) for each in X])])
    return losses


def _next(posterior: Any, improvement: Any, X: np.ndarray, losses: np.ndarray, rng: Any) -> np.ndarray:
    y = np.log(losses)
    y = (y - y.mean()) / y.std()
    candidates = rng.random((500, 2))
    mean, std = posterior(X, y, candidates, length=0.2, noise=1e-2)
    expected = improvement(np.asarray(mean), np.asarray(std), y.min())
    return np.asarray(candidates[int(np.argmax(np.asarray(expected)))])


def by_generations(search: Callable[..., Any], size: int = 5) -> np.ndarray:
    """Losses in the order of the trials, (seeds, trials): five generations of five."""
    searches = [
        search(np.zeros(2), np.ones(2), size, np.random.default_rng(seed), elite=2) for seed in range(SEEDS)
    ]
    told = []
    for _ in range(TRIALS // size):
        losses = tried([as_points(np.asarray(each.ask())) for each in searches])
        for each, own in zip(searches, losses, strict=True):
            each.tell(own.copy())
        told.append(losses)
    return np.hstack(told)


def by_optuna() -> np.ndarray:
    """Losses in the order of the trials, (seeds, trials): Optuna's default sampler, asked trial by trial."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    studies = [optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed)) for seed in range(SEEDS)]
    told = []
    for _ in range(TRIALS):
        trials = [study.ask() for study in studies]
        losses = tried([[suggested(trial)] for trial in trials])
        for study, trial, loss in zip(studies, trials, losses[:, 0], strict=True):
            study.tell(trial, float(loss))
        told.append(losses)
    return np.hstack(told)


def suggested(trial: Any) -> dict[str, float]:
    """A point of the space as a trial of Optuna's suggests it."""
    return {
        "lr": trial.suggest_float("lr", *LR, log=True),
        "momentum": trial.suggest_float("momentum", *MOMENTUM),
    }


def best_so_far(losses: np.ndarray) -> np.ndarray:
    """(seeds, trials) to the lowest loss up to each trial."""
    return np.minimum.accumulate(losses, axis=1)
