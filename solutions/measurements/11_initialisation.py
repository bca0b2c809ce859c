"""Behind the figures of lesson 11: eight hidden layers from four starts, at six rates."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from course import data, training

NAMES = ("default", "Xavier", "He", "default + LSUV")
RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
SIZES = [64] + [64] * 8 + [10]
SEEDS, STEPS, BATCH = 5, 200, 64

digits = data.digits()


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    eight: (4 starts, rates, seeds), the mean loss of the last 10 of 200 updates on 64 digits each, with SGD
        and momentum 0.9; infinite where it is no number.
    """
    with np.errstate(all="ignore"):
        losses = [
            [[train(started(answers, name, seed), lr, seed) for seed in range(SEEDS)] for lr in RATES]
            for name in NAMES
        ]
    return {
        "names": np.array(NAMES),
        "rates": np.array(RATES),
        "eight": np.nan_to_num(np.array(losses), nan=np.inf),
    }


def started(answers: SimpleNamespace, name: str, seed: int) -> Any:
    """The network of a start and a seed."""

    def default(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        bound = 1 / np.sqrt(shape[1])
        return rng.uniform(-bound, bound, size=shape)

    inits = {"Xavier": answers.xavier_uniform, "He": answers.he_normal}
    net = answers.MLP(SIZES, inits.get(name, default), np.random.default_rng(seed))
    if name == "default + LSUV":
        net.weights = answers.lsuv(digits.X_train[:BATCH], net.weights)
    return net


def train(net: Any, lr: float, seed: int) -> float:
    """As the lesson's ``train``; the mean of the last 10 losses."""
    rng = np.random.default_rng(seed)
    params = net.weights + net.biases
    velocity = [np.zeros_like(p) for p in params]
    losses = []
    for _ in range(STEPS):
        rows = rng.choice(len(digits.X_train), size=BATCH, replace=False)
        scores = net.forward(digits.X_train[rows])
        loss, dy = training.softmax_regression(scores, np.eye(BATCH), digits.y_train[rows])
        dW, db = zip(*net.backward(dy), strict=True)
        for p, v, g in zip(params, velocity, dW + db, strict=True):
            v[...] = 0.9 * v + g
            p -= lr * v
        losses.append(loss)
    return float(np.mean(losses[-10:]))
