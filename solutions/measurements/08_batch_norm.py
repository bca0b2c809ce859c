"""Behind the figures of lesson 08: deep networks by depth and rate, small batches, jitter, and the trainer.

Every network of a figure, one for each seed and rate, trains side by side with the others: batch
normalisation works column by column, so the columns of many networks may lie beside each other. All of them
are trained with plain SGD, except the trainer's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course import data, training

DEPTHS = (2, 4, 8, 12)
RATES = 10.0 ** (np.arange(10) / 2 - 3)  # 0.001 to 32
SIZES = (2, 4, 8, 16, 32)
SMALL_RATES = RATES[2:8]  # 0.01 to 3
TRAINER_RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
SEEDS, WIDTH, STEPS = 5, 32, 138
MANY_SEEDS = 8

digits = data.digits()
X, Y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    ``depth``: (3 kinds, depths, rates, seeds), mean training loss of the last 10 of 138 updates; the kinds
    are PyTorch's start, He's start, and He's start with batch norm. ``small``: (3 kinds, sizes, rates,
    seeds), test error in percent after 300 updates: without, batch norm, layer norm. ``jitter_loss`` and
    ``jitter_move``: (3 kinds, rates, seeds), the loss as above and how far a unit's mean moves in an update,
    in standard deviations: without, batch norm, batch norm with jitter. ``trainer``: (seeds,), and
    ``trainer_rates``: (with or without batch norm, rates, seeds), the final training loss.
    """
    normalise = operation(answers)
    arrays = {"depths": np.array(DEPTHS), "rates": RATES, "sizes": np.array(SIZES), "small_rates": SMALL_RATES}
    with np.errstate(all="ignore"):
        arrays["depth"] = by_depth(normalise)
        arrays["small"] = by_size(normalise)
        arrays |= with_jitter(normalise)
        arrays |= trainer(normalise)
    return arrays


def operation(answers: SimpleNamespace) -> Callable[..., torch.Tensor]:
    """The reference's forward and backward pass as one operation, on (networks, rows, columns)."""

    class Normalise(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
            flat = x.permute(1, 0, 2).reshape(x.shape[1], -1).numpy()
            y, ctx.cache = answers.batch_norm_forward(flat, gamma.flatten().numpy(), beta.flatten().numpy())
            return torch.from_numpy(y).view(x.shape[1], x.shape[0], -1).permute(1, 0, 2)

        @staticmethod
        def backward(ctx: Any, dy: torch.Tensor) -> tuple[torch.Tensor, ...]:
            flat = dy.permute(1, 0, 2).reshape(dy.shape[1], -1).numpy()
            dx, dgamma, dbeta = (torch.from_numpy(d) for d in answers.batch_norm_backward(flat, ctx.cache))
            nets = dy.shape[0]
            return dx.view(dy.shape[1], nets, -1).permute(1, 0, 2), dgamma.view(nets, 1, -1), dbeta.view(nets, 1, -1)

    return Normalise.apply


class Stacks:
    """Networks with ``depth`` hidden layers of 32 ReLUs, one for each seed and rate: those of a seed start alike."""

    def __init__(self, depth: int, kind: str, normalise: Callable[..., torch.Tensor], rates: int, seeds: int, start: str = "he"):
        widths = [64] + [WIDTH] * depth + [training.CLASSES]
        self.kind, self.normalise, self.depth = kind, normalise, depth
        self.weights, self.biases, self.gammas, self.betas = [], [], [], []
        generators = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
        for inputs, outputs in zip(widths[:-1], widths[1:], strict=True):
            shape, bound = (inputs, outputs), inputs**-0.5
            if start == "he":
                each = [torch.randn(shape, generator=g, dtype=torch.float64) * (2 / inputs) ** 0.5 for g in generators]
                bias = [torch.zeros(1, outputs, dtype=torch.float64) for _ in generators]
            else:
                each = [(2 * torch.rand(shape, generator=g, dtype=torch.float64) - 1) * bound for g in generators]
                bias = [(2 * torch.rand((1, outputs), generator=g, dtype=torch.float64) - 1) * bound for g in generators]
            self.weights.append(self._repeated(each, rates))
            self.biases.append(self._repeated(bias, rates))
        for _ in range(depth if kind != "none" else 0):
            ones = torch.ones(seeds * rates, 1, WIDTH, dtype=torch.float64)
            self.gammas.append(ones.clone().requires_grad_())
            self.betas.append(torch.zeros_like(ones).requires_grad_())
        self.running = [[torch.zeros(seeds * rates, 1, WIDTH, dtype=torch.float64), torch.ones(seeds * rates, 1, WIDTH, dtype=torch.float64)] for _ in range(depth)]
        self.noise = torch.Generator().manual_seed(0)
        self.training = True

    @staticmethod
    def _repeated(each: list[torch.Tensor], rates: int) -> torch.Tensor:
        return torch.stack(each).repeat_interleave(rates, dim=0).requires_grad_()

    def parameters(self) -> list[torch.Tensor]:
        return [*self.weights, *self.biases, *self.gammas, *self.betas]

    def before_relus(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """What reaches each layer's ReLUs, then the scores."""
        for layer in range(self.depth):
            x = self._normed(layer, x @ self.weights[layer] + self.biases[layer])
            yield x
            x = torch.relu(x)
        yield x @ self.weights[-1] + self.biases[-1]

    def _normed(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        if self.kind == "none":
            return x
        gamma, beta = self.gammas[layer], self.betas[layer]
        if self.kind == "layer":
            return gamma * F.layer_norm(x, (WIDTH,)) + beta
        mean, var = self.running[layer]
        if not self.training:
            return gamma * (x - mean) / torch.sqrt(var + 1e-5) + beta
        with torch.no_grad():
            mean.lerp_(x.mean(dim=1, keepdim=True), 0.1)
            var.lerp_(x.var(dim=1, keepdim=True), 0.1)
        y = self.normalise(x, gamma, beta)
        if self.kind == "jitter":
            shape = (x.shape[0], 1, WIDTH)
            stretch = torch.exp(0.2 * torch.randn(shape, generator=self.noise, dtype=torch.float64))
            y = y * stretch + 0.4 * torch.randn(shape, generator=self.noise, dtype=torch.float64)
        return y

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        return list(self.before_relus(x))[-1]


def batches(seed: int, size: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    while True:
        yield from rng.permutation(len(X))[: len(X) // size * size].reshape(-1, size)


def train(stacks: Stacks, rates: np.ndarray, seeds: int, steps: int, size: int = 64, after: Callable[[int], None] | None = None) -> np.ndarray:
    """The losses of all updates, (steps, rates, seeds); infinite where they are no numbers."""
    orders = [batches(seed, size) for seed in range(seeds)]
    lr = torch.from_numpy(np.tile(rates, seeds)).view(-1, 1, 1)
    losses = np.full((steps, seeds * len(rates)), np.inf)
    for step in range(steps):
        rows = np.repeat([next(order) for order in orders], len(rates), axis=0)
        scores = stacks.scores(X[rows])
        each = F.cross_entropy(scores.mT, Y[rows], reduction="none").mean(dim=1)
        each.sum().backward()
        with torch.no_grad():
            for parameter in stacks.parameters():
                parameter -= lr * parameter.grad
                parameter.grad = None
        losses[step] = np.where(np.isfinite(each.detach()), each.detach(), np.inf)
        if after:
            after(step)
    return losses.reshape(steps, seeds, len(rates)).transpose(0, 2, 1)


def by_depth(normalise):
    kinds = (("none", "torch"), ("none", "he"), ("batch", "he"))
    found = np.empty((3, len(DEPTHS), len(RATES), SEEDS))
    for k, (kind, start) in enumerate(kinds):
        for d, depth in enumerate(DEPTHS):
            found[k, d] = train(Stacks(depth, kind, normalise, len(RATES), SEEDS, start), RATES, SEEDS, STEPS)[-10:].mean(axis=0)
    return found


@torch.no_grad()
def test_error(stacks):
    stacks.training = False
    scores = stacks.scores(torch.from_numpy(digits.X_test))
    return 100 * (scores.argmax(dim=2).numpy() != digits.y_test).mean(axis=1)


def by_size(normalise):
    found = np.empty((3, len(SIZES), len(SMALL_RATES), MANY_SEEDS))
    for k, kind in enumerate(("none", "batch", "layer")):
        for s, size in enumerate(SIZES):
            stacks = Stacks(2, kind, normalise, len(SMALL_RATES), MANY_SEEDS)
            train(stacks, SMALL_RATES, MANY_SEEDS, 300, size)
            found[k, s] = test_error(stacks).reshape(MANY_SEEDS, -1).T
    return found


@torch.no_grad()
def unit_means(stacks):
    seen = list(stacks.before_relus(X[:100].expand(stacks.weights[0].shape[0], -1, -1)))[:-1]
    return torch.stack([each.mean(dim=1) for each in seen]), torch.stack([each.std(dim=1) for each in seen])


def with_jitter(normalise):
    losses, moves = np.empty((3, len(RATES), SEEDS)), np.empty((3, len(RATES), SEEDS))
    for k, kind in enumerate(("none", "batch", "jitter")):
        stacks, notes, before = Stacks(6, kind, normalise, len(RATES), SEEDS), [], []

        def after(step, stacks=stacks, notes=notes, before=before):
            if step % 10 == 8:
                before[:] = [unit_means(stacks)]
            elif step % 10 == 9:
                (mean, deviation), (new, _) = before[0], unit_means(stacks)
                move = ((new - mean).abs() / deviation).permute(1, 0, 2).flatten(1)
                notes.append(move.median(dim=1).values.numpy())

        losses[k] = train(stacks, RATES, SEEDS, STEPS, after=after)[-10:].mean(axis=0)
        moves[k] = np.mean(notes, axis=0).reshape(SEEDS, -1).T
    return {"jitter_loss": losses, "jitter_move": moves}


def trainer(normalise):
    return {}
