"""The runs behind the figures of lesson 13, fusing weights: networks as dicts, and what trains them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course import data, training

State = dict[str, np.ndarray]

SEEDS = 5
# Updates that a common start has behind it, and those of its copies.
SHARED, FURTHER = 40, 40
ROWS_OF_CLIENTS = (1200, 200, 100)
HALVES = (range(5), range(5, 10))
THIRDS = (range(3), range(3, 6), range(6, 10))
# Of the second task: how often the accuracies are taken, and how many losses give the Fisher information.
EVERY, SAMPLES = 20, 200
LABELLED = 100

digits = data.digits()
adam = partial(torch.optim.Adam, lr=0.01)


def fresh(seed: int) -> State:
    """An untrained network."""
    return state_of(training.network(seed))


def state_of(model: nn.Module) -> State:
    """Its parameters by name, as copies."""
    return {name: param.detach().numpy().copy() for name, param in model.named_parameters()}


def trained(start: State, rows: np.ndarray, seed: int, steps: int) -> State:
    """A copy after some updates on some of the training rows."""
    model = training.network()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in start.items()})
    training.train(model, adam, digits.X_train[rows], digits.y_train[rows], steps, seed=seed)
    return state_of(model)


def evaluated(state: Mapping[str, np.ndarray]) -> tuple[float, float]:
    """Loss in nats and accuracy in percent on the test digits."""
    hidden = np.maximum(digits.X_test @ state["0.weight"].T + state["0.bias"], 0.0)
    scores = torch.from_numpy(hidden @ state["2.weight"].T + state["2.bias"])
    labels = torch.from_numpy(digits.y_test)
    right = (scores.argmax(dim=1) == labels).double().mean()
    return F.cross_entropy(scores, labels).item(), 100 * right.item()


def rows_of(labels: Sequence[int]) -> np.ndarray:
    """The training rows with these digits."""
    return np.flatnonzero(np.isin(digits.y_train, list(labels)))


@cache
def common_start(seed: int) -> State:
    """A network after a few updates on all digits."""
    return trained(fresh(seed), np.arange(len(digits.y_train)), 300 + seed, SHARED)


@cache
def specialists(seed: int, parts: tuple[range, ...]) -> list[State]:
    """Copies of a common start, each trained further on some of the digits alone."""
    return [trained(common_start(seed), rows_of(part), seed, FURTHER) for part in parts]


@cache
def networks() -> tuple[State, ...]:
    """Five networks trained in full, from starts of their own."""
    models = training.networks(SEEDS)
    training.train_each(models, adam, digits.X_train, digits.y_train, 300)
    arrays = [param.detach().numpy() for param in models.parameters()]
    return tuple(dict(zip(fresh(0), (array[seed] for array in arrays), strict=True)) for seed in range(SEEDS))


def twin_of(state: State, seed: int) -> State:
    """The same function: the hidden units in another order."""
    order = np.random.default_rng(seed).permutation(len(state["0.bias"]))
    return {
        "0.weight": state["0.weight"][order],
        "0.bias": state["0.bias"][order],
        "2.weight": state["2.weight"][:, order],
        "2.bias": state["2.bias"],
    }


def clients(start: State, seed: int, number: int, steps: int = 20) -> list[State]:
    """What three clients send back in a round: each has trained a copy on rows of its own."""
    order = np.random.default_rng(seed).permutation(len(digits.y_train))
    parts = np.split(order, np.cumsum(ROWS_OF_CLIENTS)[:-1])
    return [trained(start, rows, 100 * seed + 10 * number + i, steps) for i, rows in enumerate(parts)]


def with_stranger(seed: int) -> list[State]:
    """Four clients with 375 digits each: three go on from a common start, the fourth from one of its own."""
    parts = np.split(np.random.default_rng(seed).permutation(len(digits.y_train)), 4)
    states = [trained(common_start(seed), rows, 10 * seed + i, 150) for i, rows in enumerate(parts[:3])]
    return [*states, trained(fresh(700 + seed), parts[3], 10 * seed + 3, 150 + SHARED)]


def flat(state: Mapping[str, np.ndarray]) -> np.ndarray:
    """All numbers of a network in one row."""
    return np.concatenate([array.ravel() for array in state.values()])


def unflat(row: np.ndarray, like: Mapping[str, np.ndarray]) -> State:
    """A network of these numbers."""
    ends = np.cumsum([array.size for array in like.values()])
    parts = np.split(row, ends[:-1])
    return {name: part.reshape(like[name].shape) for name, part in zip(like, parts, strict=True)}


def distilled(loss: Callable[..., Any]) -> dict[str, np.ndarray]:
    """Test accuracies in percent of five students, and of their teachers, (5,) each."""
    teachers = training.networks(SEEDS, hidden=64)
    training.train_each(teachers, adam, digits.X_train, digits.y_train, 300)
    X = torch.from_numpy(digits.X_train)
    with torch.no_grad():
        taught = teachers(X).numpy()
    few = [np.random.default_rng(seed).permutation(len(X))[:LABELLED] for seed in range(SEEDS)]
    every = [np.arange(len(X))] * SEEDS
    found = {
        "100 labels": _student(loss, X, taught, few, alpha=0.0),
        "teacher, the same 100": _student(loss, X, taught, few, alpha=1.0),
        "teacher, all 1500": _student(loss, X, taught, every, alpha=1.0),
        "the teachers themselves": teachers,
    }
    return {
        name: 100 * training.evaluate_each(models, digits.X_test, digits.y_test)[1]
        for name, models in found.items()
    }


def _student(
    loss: Callable[..., Any], X: torch.Tensor, taught: np.ndarray, rows: Sequence[np.ndarray], alpha: float
) -> training.Networks:
    """Five students after 300 updates, each on 50 of its rows."""
    models = training.networks(SEEDS)
    optimizer = adam(models.parameters())
    draws = [np.random.default_rng(seed) for seed in range(SEEDS)]
    for _ in range(300):
        batch = np.array([rng.choice(each, 50) for rng, each in zip(draws, rows, strict=True)])
        logits = models(X[batch])
        gradients = [
            loss(logits[seed].detach().numpy(), taught[seed, each], digits.y_train[each], 4.0, alpha)[1]
            for seed, each in enumerate(batch)
        ]
        optimizer.zero_grad()
        logits.backward(torch.from_numpy(np.array(gradients)))
        optimizer.step()
    return models


PIXELS = np.random.default_rng(0).permutation(64)


@cache
def after_first_task() -> training.Networks:
    """Five networks that have learned the digits in full."""
    models = training.networks(SEEDS, hidden=64)
    training.train_each(models, adam, digits.X_train, digits.y_train, 300)
    return models


def second_task(penalty_class: Callable[..., Any], strength: float) -> dict[str, np.ndarray]:
    """Test accuracies of both tasks in percent while the second is learned, (5, times) each.

    Five networks, side by side, with one penalty: each weight has its own Fisher information.
    """
    models = copy.deepcopy(after_first_task())
    ewc = penalty_class(models.parameters(), strength)
    X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    rows = np.random.default_rng(0).permutation(len(y))[:SAMPLES]
    ewc.consolidate(
        F.cross_entropy(models(X[row : row + 1])[:, 0], y[row].expand(SEEDS), reduction="sum") for row in rows
    )
    optimizer = adam(models.parameters())
    draws = [np.random.default_rng(seed) for seed in range(SEEDS)]
    tests = {"A": digits.X_test, "B": digits.X_test[:, PIXELS]}
    found: dict[str, list[np.ndarray]] = {name: [] for name in tests}
    for step in range(301):
        if step % EVERY == 0:
            for name, test in tests.items():
                found[name].append(100 * training.evaluate_each(models, test, digits.y_test)[1])
        batch = np.array([rng.integers(0, len(y), 64) for rng in draws])
        scores = models(X[:, PIXELS][batch])
        each = F.cross_entropy(scores.mT, y[batch], reduction="none").mean(dim=1)
        optimizer.zero_grad()
        (each.sum() + ewc.penalty()).backward()
        optimizer.step()
    return {name: np.array(each).T for name, each in found.items()}
