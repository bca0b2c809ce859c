"""What lesson 14's searches search: a small network on the digits, many trials side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

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

# From these starts winners are trained again: no search has seen them.
NEW_STARTS = range(10, 30)

Points = list[dict[str, float]]


class Searched(NamedTuple):
    """What came of a search, a row for each seed.

    points: lists of points, in the order of the trials.
    losses: (seeds, trials), the validation losses in nats.
    """

    points: list[Points]
    losses: np.ndarray

    @property
    def winners(self) -> Points:
        """The point of the lowest loss, for each seed."""
        return [own[place] for own, place in zip(self.points, self.losses.argmin(axis=1), strict=True)]


class Rows(NamedTuple):
    """Digits: X (rows, 64) and y (rows,)."""

    X: np.ndarray
    y: np.ndarray


@cache
def parts() -> tuple[Rows, Rows, Rows]:
    """What is fitted, what settings are compared by, and the test rows."""
    X, y, X_test, y_test = data.digits()
    return Rows(X[:FITTED], y[:FITTED]), Rows(X[FITTED:], y[FITTED:]), Rows(X_test, y_test)


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
    fitted, validation, _ = parts()
    return losses_on(validation, trained(fitted, lr, momentum, seeds))


def losses_on(rows: Rows, models: training.Networks) -> np.ndarray:
    """(trials,) the loss of each network in nats, at most that of guessing."""
    return np.minimum(training.evaluate_each(models, *rows)[0], GUESSING)


def trained(fitted: Rows, lr: Any, momentum: Any, seeds: Any) -> training.Networks:
    """Networks after 60 updates with SGD, one a trial; the arguments are those of ``validation_losses``."""
    X, y = map(torch.from_numpy, fitted)
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
    return models


def test_losses(points: Points) -> np.ndarray:
    """(points, new starts) losses on the test rows, each point trained from the starts that are new."""
    fitted, _, test = parts()
    flat = [(point["lr"], point["momentum"], seed) for point in points for seed in NEW_STARTS]
    return losses_on(test, trained(fitted, *zip(*flat, strict=True))).reshape(len(points), -1)


def tried(points: Sequence[Points]) -> np.ndarray:
    """The losses of lists of points, one list a seed: (seeds, points)."""
    flat = [(point["lr"], point["momentum"], seed) for seed, each in enumerate(points) for point in each]
    lr, momentum, seeds = np.array(flat, dtype=float).T
    return validation_losses(lr, momentum, seeds).reshape(len(points), -1)


def as_points(unit: np.ndarray, rates: tuple[float, float] = LR) -> Points:
    """Rows of the unit square as points of the space, the learning rate on a log scale."""
    lr = rates[0] * (rates[1] / rates[0]) ** unit[:, 0]
    momentum = MOMENTUM[0] + unit[:, 1] * (MOMENTUM[1] - MOMENTUM[0])
    return [{"lr": a, "momentum": b} for a, b in zip(lr, momentum, strict=True)]


def five_by_five(rates: tuple[float, float]) -> Points:
    """Five rates, evenly on a log scale, and five momenta."""
    square = np.stack(np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 5), indexing="ij"), axis=-1)
    return as_points(square.reshape(-1, 2), rates)


def first_points() -> dict[str, list[Points]]:
    """The two searches of the first figure, a list of points for each seed."""
    squares = [np.random.default_rng(seed).random((TRIALS, 2)) for seed in range(SEEDS)]
    return {
        "grid": [five_by_five(FIRST_LR)] * SEEDS,
        "random points": [as_points(square, FIRST_LR) for square in squares],
    }


def by_chance(random_points: Callable[..., Any], space: dict[str, Any] = SPACE) -> Searched:
    """Points that the student's function draws, all at once."""
    points = [random_points(space, TRIALS, np.random.default_rng(seed)) for seed in range(SEEDS)]
    return Searched(points, tried(points))


def by_process(posterior: Callable[..., Any], improvement: Callable[..., Any]) -> Searched:
    """Five random points, then one after the other by expected improvement."""
    rngs = [np.random.default_rng(seed) for seed in range(SEEDS)]
    X = [rng.random((5, 2)) for rng in rngs]
    losses = tried([as_points(each) for each in X])
    for _ in range(TRIALS - losses.shape[1]):
        for seed, rng in enumerate(rngs):
            X[seed] = np.vstack([X[seed], _next(posterior, improvement, X[seed], losses[seed], rng)])
        losses = np.hstack([losses, tried([as_points(each[-1:]) for each in X])])
    return Searched([as_points(each) for each in X], losses)


def _next(posterior: Any, improvement: Any, X: np.ndarray, losses: np.ndarray, rng: Any) -> np.ndarray:
    y = np.log(losses)
    y = (y - y.mean()) / y.std()
    candidates = rng.random((500, 2))
    mean, std = posterior(X, y, candidates, length=0.2, noise=1e-2)
    expected = improvement(np.asarray(mean), np.asarray(std), y.min())
    return np.asarray(candidates[int(np.argmax(np.asarray(expected)))])


def by_generations(search: Callable[..., Any], size: int = 5) -> Searched:
    """Five generations of five."""
    searches = [
        search(np.zeros(2), np.ones(2), size, np.random.default_rng(seed), elite=2) for seed in range(SEEDS)
    ]
    points: list[Points] = [[] for _ in searches]
    told = []
    for _ in range(TRIALS // size):
        asked = [as_points(np.asarray(each.ask())) for each in searches]
        losses = tried(asked)
        for each, own in zip(searches, losses, strict=True):
            each.tell(own.copy())
        points = [seen + now for seen, now in zip(points, asked, strict=True)]
        told.append(losses)
    return Searched(points, np.hstack(told))


def by_optuna() -> Searched:
    """Optuna's default sampler, asked trial by trial."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    studies = [optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed)) for seed in range(SEEDS)]
    points: list[Points] = [[] for _ in studies]
    told = []
    for _ in range(TRIALS):
        trials = [study.ask() for study in studies]
        asked = [[suggested(trial)] for trial in trials]
        losses = tried(asked)
        for study, trial, loss in zip(studies, trials, losses[:, 0], strict=True):
            study.tell(trial, float(loss))
        points = [seen + now for seen, now in zip(points, asked, strict=True)]
        told.append(losses)
    return Searched(points, np.hstack(told))


def as_study(name: str, points: Points, losses: np.ndarray) -> optuna.Study:
    """A search of any kind as a study of Optuna's, for its plots."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(study_name=name)
    ranges: dict[str, optuna.distributions.BaseDistribution] = {
        "lr": optuna.distributions.FloatDistribution(*LR, log=True),
        "momentum": optuna.distributions.FloatDistribution(*MOMENTUM),
    }
    for point, loss in zip(points, losses, strict=True):
        study.add_trial(
            optuna.trial.create_trial(params=dict(point), distributions=ranges, value=float(loss))
        )
    return study


def suggested(trial: Any) -> dict[str, float]:
    """A point of the space as a trial of Optuna's suggests it."""
    return {
        "lr": trial.suggest_float("lr", *LR, log=True),
        "momentum": trial.suggest_float("momentum", *MOMENTUM),
    }


def best_so_far(losses: np.ndarray) -> np.ndarray:
    """(seeds, trials) to the lowest loss up to each trial."""
    return np.minimum.accumulate(losses, axis=1)
