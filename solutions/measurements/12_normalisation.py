"""Behind two figures of lesson 12: networks by the size of their batches, and with their weights divided.

In the first experiment all networks of one kind, a seed and a rate each, train side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course import data, training
from course.figures import lesson_12_runs as runs

SIZES = (2, 8, 32)
RATES = np.array([0.001, 0.003, 0.01, 0.03, 0.1, 0.3])
KINDS = ("PyTorch's start", "He's start", "batch norm", "layer norm")
SEEDS, DEPTH, WIDTH, STEPS = 5, 6, 32, 300
NETWORKS = SEEDS * len(RATES)
ADAM_RATES = (0.0003, 0.001, 0.003)

digits = data.digits()
X, Y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    sizes: (sizes,), of training batches.
    rates: (rates,).
    small: (4 kinds, sizes, rates, seeds), test error in percent after 300 updates of plain SGD from PyTorch's
        start, from He's start, and from PyTorch's with batch and with layer normalisation.
    adam_rates: (rates,).
    bounded: (plain and spectrally normalised, rates, seeds, 2), the Lipschitz bound and the percentage of the
        test digits that are right, of the lesson's networks with three layers after 300 updates of Adam.
    """
    layer_norm = operation(answers)
    small = [[errors(kind, size, layer_norm) for size in SIZES] for kind in KINDS]
    bounded = [
        [[bound_and_right(linear, answers, lr, seed) for seed in range(SEEDS)] for lr in ADAM_RATES]
        for linear in (nn.Linear, SpectralLinear)
    ]
    return {
        "sizes": np.array(SIZES),
        "rates": RATES,
        "small": np.array(small),
        "adam_rates": np.array(ADAM_RATES),
        "bounded": np.array(bounded),
    }


def operation(answers: SimpleNamespace) -> Any:
    """The reference's layer norm, both passes, as an operation of PyTorch."""

    class Operation(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            y, ctx.cache = answers.layer_norm_forward(x.numpy(), np.ones(WIDTH), np.zeros(WIDTH))
            return torch.from_numpy(y)

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
            return torch.from_numpy(answers.layer_norm_backward(grads[0].numpy(), ctx.cache)[0])

    return Operation.apply


class Stacks:
    """Networks as the lesson's ``stack`` makes them; those of a seed start alike."""

    def __init__(self, kind: str, layer_norm: Any):
        self.kind, self.training, self.layer_norm = kind, True, layer_norm
        generators = [torch.Generator().manual_seed(seed) for seed in range(SEEDS)]
        widths = [64, *[WIDTH] * DEPTH, training.CLASSES]
        shapes = list(pairwise(widths))
        self.weights = [self._drawn(generators, shape) for shape in shapes]
        self.biases = [self._drawn(generators, (inputs, outputs), 1) for inputs, outputs in shapes]
        normed = kind.endswith("norm")
        self.affine = [(self._full(1.0), self._full(0.0)) for _ in range(DEPTH if normed else 0)]
        self.running = [(self._full(0.0), self._full(1.0)) for _ in range(DEPTH)]
        self.parameters = [*self.weights, *self.biases, *(each for pair in self.affine for each in pair)]
        for parameter in self.parameters:
            parameter.requires_grad_()

    def _drawn(
        self, generators: list[torch.Generator], shape: tuple[int, int], rows: int | None = None
    ) -> torch.Tensor:
        """Weights (inputs, outputs), or ``rows`` of biases; a seed's networks one after the other."""
        inputs, outputs = shape
        size = (rows or inputs, outputs)
        if self.kind == "He's start" and outputs == WIDTH:
            scale = 0.0 if rows else (2 / inputs) ** 0.5
            each = [scale * torch.randn(size, generator=one, dtype=torch.float64) for one in generators]
        else:
            each = [
                (2 * torch.rand(size, generator=one, dtype=torch.float64) - 1) / inputs**0.5
                for one in generators
            ]
        return torch.stack(each).repeat_interleave(len(RATES), dim=0)

    def _full(self, value: float) -> torch.Tensor:
        return torch.full((NETWORKS, 1, WIDTH), value, dtype=torch.float64)

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        """(networks, rows, 64) to (networks, rows, classes)."""
        for layer in range(DEPTH):
            x = x @ self.weights[layer] + self.biases[layer]
            if self.affine:
                gamma, beta = self.affine[layer]
                x = gamma * self._normalised(layer, x) + beta
            x = torch.relu(x)
        return x @ self.weights[-1] + self.biases[-1]

    def _normalised(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        if self.kind == "layer norm":
            return self.layer_norm(x.contiguous())
        mean, var = self.running[layer]
        if self.training:
            mean.lerp_(x.detach().mean(dim=1, keepdim=True), 0.1)
            var.lerp_(x.detach().var(dim=1, keepdim=True), 0.1)
            mean, var = x.mean(dim=1, keepdim=True), x.var(dim=1, keepdim=True, correction=0)
        return (x - mean) / torch.sqrt(var + 1e-5)


def errors(kind: str, size: int, layer_norm: Any) -> np.ndarray:
    """Test error in percent after training with batches of one size, (rates, seeds)."""
    stacks = Stacks(kind, layer_norm)
    orders = [batches(seed, size) for seed in range(SEEDS)]
    lr = torch.from_numpy(np.tile(RATES, SEEDS)).view(-1, 1, 1)
    for _ in range(STEPS):
        rows = np.repeat([next(order) for order in orders], len(RATES), axis=0)
        each = F.cross_entropy(stacks.scores(X[rows]).mT, Y[rows], reduction="none").mean(dim=1)
        gradients = torch.autograd.grad(each.sum(), stacks.parameters)
        with torch.no_grad():
            for parameter, gradient in zip(stacks.parameters, gradients, strict=True):
                parameter -= lr * gradient
    stacks.training = False
    with torch.no_grad():
        scores = stacks.scores(torch.from_numpy(digits.X_test).expand(NETWORKS, -1, -1))
    wrong = scores.argmax(dim=2).numpy() != digits.y_test
    return 100 * wrong.mean(axis=1).reshape(SEEDS, -1).T


def batches(seed: int, size: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    while True:
        yield from rng.permutation(len(X))[: len(X) // size * size].reshape(-1, size)


class SpectralLinear(nn.Linear):
    """As in the lesson: ``norm``, an instance of the reference, moves u and v at each forward in training."""

    norm: Any

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.norm(self.weight.detach().numpy())
        u, v = torch.as_tensor(self.norm.u), torch.as_tensor(self.norm.v)
        return F.linear(x, self.weight / (u @ self.weight @ v), self.bias)


def bound_and_right(
    linear: type[nn.Linear], answers: SimpleNamespace, lr: float, seed: int
) -> tuple[float, float]:
    model = runs.three_layers(linear, answers.SpectralNorm, seed)

    def adam(params: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        return torch.optim.Adam(params, lr=lr)

    training.train(model, adam, digits.X_train, digits.y_train, steps=STEPS)
    runs.evaluated(model)
    right = training.evaluate(model, digits.X_test, digits.y_test)[1]
    return runs.bound(model), 100 * right
