"""Behind the figures of lesson 08: deep networks by depth and rate, small batches, jitter, and the trainer.

All networks of one kind, a seed and a rate each, train side by side. Batch normalisation works column by
column, so the columns of many networks may stand beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course import data, training

DEPTHS = (2, 4, 8, 12)
RATES = 10.0 ** (np.arange(10) / 2 - 3)  # 0.001 to 32, in half decades
JITTER_RATES = RATES[2:8]  # 0.01 to 3.2
SIZES = (2, 4, 8, 16, 32)
SMALL_RATES = RATES[2:8]
TRAINER_RATES = (0.01, 0.03, 0.1, 0.3)
SEEDS, MANY_SEEDS = 5, 8
WIDTH, STEPS, SMALL_STEPS = 32, 138, 300

Normalise = Callable[..., torch.Tensor]

digits = data.digits()
X, Y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read; losses are means over the last 10 of 138 updates with plain SGD.

    depth: (3 kinds, depths, rates, seeds), losses with PyTorch's start, He's start, He's start and batch norm.
    small: (3 kinds, sizes, small_rates, 8 seeds), test error in percent after 300 updates with He's start,
        with batch norm, with layer norm.
    jitter_loss, jitter_move: (3 kinds, rates, seeds), six layers without, with batch norm, with batch norm
        and jitter: the loss, and how far a unit's mean moves in an update, in standard deviations.
    trainer, trainer_without: (seeds,), the digits network's training loss after 138 updates with Adam and a
        cosine, with and without batch norm, each at its best of the trainer's rates.
    """
    normalise = operation(answers)
    with np.errstate(all="ignore"):
        return {
            "depths": np.array(DEPTHS),
            "rates": RATES,
            "sizes": np.array(SIZES),
            "depth": by_depth(normalise),
            "small": by_size(normalise),
            **with_jitter(normalise),
            "trainer": trainer("batch", normalise),
            "trainer_without": trainer("none", normalise),
        }


def operation(answers: SimpleNamespace) -> Normalise:
    """The reference's two passes as one operation on (networks, rows, columns)."""

    def to_columns(values: torch.Tensor) -> np.ndarray:
        return values.permute(1, 0, 2).reshape(values.shape[1], -1).numpy()

    def back(values: np.ndarray, networks: int) -> torch.Tensor:
        return torch.from_numpy(values).view(-1, networks, WIDTH).permute(1, 0, 2)

    class Operation(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
            parameters = gamma.flatten().numpy(), beta.flatten().numpy()
            y, ctx.cache = answers.batch_norm_forward(to_columns(x), *parameters)
            return back(y, len(x))

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, ...]:
            (dy,) = grads
            gradients = answers.batch_norm_backward(to_columns(dy), ctx.cache)
            dx, dgamma, dbeta = (back(gradient, len(dy)) for gradient in gradients)
            return dx, dgamma, dbeta

    return Operation.apply


class Stacks:
    """Networks as the lesson's ``stack`` makes them, one for each seed and rate; those of a seed start alike."""

    def __init__(
        self, depth: int, kind: str, normalise: Normalise, networks: tuple[int, int], he: bool = True
    ):
        seeds, self.rates = networks
        self.kind, self.normalise, self.training = kind, normalise, True
        generators = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
        self.layers = []
        for inputs in [64] + [WIDTH] * (depth - 1):
            self.layers.append(self._linear(generators, inputs, WIDTH, he))
        self.layers.append(self._linear(generators, WIDTH, training.CLASSES, he=False))
        self.affine = [(self._full(1.0), self._full(0.0)) for _ in range(depth if kind != "none" else 0)]
        self.running = [(self._full(0.0).detach(), self._full(1.0).detach()) for _ in self.affine]
        self.noise = torch.Generator().manual_seed(0)

    def _linear(
        self, generators: list[torch.Generator], inputs: int, outputs: int, he: bool
    ) -> list[torch.Tensor]:
        def uniform(rows: int, generator: torch.Generator) -> torch.Tensor:
            return (2 * torch.rand(rows, outputs, generator=generator, dtype=torch.float64) - 1) / inputs**0.5

        if he:
            shape = (inputs, outputs)
            weights = [torch.randn(shape, generator=g, dtype=torch.float64) for g in generators]
            return [
                self._repeated(weights) * (2 / inputs) ** 0.5,
                torch.zeros(self.count, 1, outputs).double(),
            ]
        weights, biases = zip(*((uniform(inputs, g), uniform(1, g)) for g in generators), strict=True)
        return [self._repeated(weights), self._repeated(biases)]

    def _repeated(self, each: Iterable[torch.Tensor]) -> torch.Tensor:
        whole = torch.stack(list(each)).repeat_interleave(self.rates, dim=0)
        self.count = len(whole)
        return whole

    def _full(self, value: float) -> torch.Tensor:
        return torch.full((self.count, 1, WIDTH), value, dtype=torch.float64)

    def parameters(self) -> list[torch.Tensor]:
        each = [parameter for pair in (*self.layers, *self.affine) for parameter in pair]
        return [parameter.requires_grad_() for parameter in each]

    def before_relus(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """What reaches each layer's ReLUs, then the scores."""
        *hidden, (weight, bias) = self.layers
        for layer, (own, shift) in enumerate(hidden):
            x = self._normed(layer, x @ own + shift)
            yield x
            x = torch.relu(x)
        yield x @ weight + bias

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        *_, scores = self.before_relus(x)
        return scores

    def _normed(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        if self.kind == "none":
            return x
        gamma, beta = self.affine[layer]
        if self.kind == "layer":
            return gamma * F.layer_norm(x, (WIDTH,)) + beta
        mean, var = self.running[layer]
        if not self.training:
            return gamma * (x - mean) / torch.sqrt(var + 1e-5) + beta
        mean.lerp_(x.detach().mean(dim=1, keepdim=True), 0.1)
        var.lerp_(x.detach().var(dim=1, keepdim=True), 0.1)
        y = self.normalise(x, gamma, beta)
        if self.kind == "jitter":
            stretch, shift = torch.randn(2, len(x), 1, WIDTH, generator=self.noise, dtype=torch.float64)
            y = y * torch.exp(0.2 * stretch) + 0.4 * shift
        return y

    @torch.no_grad()
    def evaluate(self, X: np.ndarray) -> torch.Tensor:
        self.training = False
        return self.scores(torch.from_numpy(X).expand(self.count, -1, -1))


def train(
    stacks: Stacks,
    update: Callable[[int], None],
    steps: int,
    size: int = 64,
    after: Callable[[int], None] | None = None,
) -> np.ndarray:
    """The losses of all updates, (steps, seeds * rates); infinite where they are no numbers."""
    orders = [batches(seed, size) for seed in range(stacks.count // stacks.rates)]
    losses = np.empty((steps, stacks.count))
    for step in range(steps):
        rows = np.repeat([next(order) for order in orders], stacks.rates, axis=0)
        each = F.cross_entropy(stacks.scores(X[rows]).mT, Y[rows], reduction="none").mean(dim=1)
        each.sum().backward()
        update(step)
        losses[step] = each.detach().nan_to_num(np.inf)
        if after:
            after(step)
    return losses


def batches(seed: int, size: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    while True:
        yield from rng.permutation(len(X))[: len(X) // size * size].reshape(-1, size)


def sgd(stacks: Stacks, rates: np.ndarray) -> Callable[[int], None]:
    """Plain SGD with each network's own rate."""
    parameters = stacks.parameters()
    lr = torch.from_numpy(np.tile(rates, stacks.count // len(rates))).view(-1, 1, 1)

    @torch.no_grad()
    def update(_: int) -> None:
        for parameter in parameters:
            parameter -= lr * parameter.grad
            parameter.grad = None

    return update


def last_loss(losses: np.ndarray, rates: int) -> np.ndarray:
    """Mean of the last 10 losses, (rates, seeds)."""
    return losses[-10:].mean(axis=0).reshape(-1, rates).T


def by_depth(normalise: Normalise) -> np.ndarray:
    found = np.empty((3, len(DEPTHS), len(RATES), SEEDS))
    for k, (kind, he) in enumerate((("none", False), ("none", True), ("batch", True))):
        for d, depth in enumerate(DEPTHS):
            stacks = Stacks(depth, kind, normalise, (SEEDS, len(RATES)), he)
            found[k, d] = last_loss(train(stacks, sgd(stacks, RATES), STEPS), len(RATES))
    return found


def by_size(normalise: Normalise) -> np.ndarray:
    found = np.empty((3, len(SIZES), len(SMALL_RATES), MANY_SEEDS))
    for k, kind in enumerate(("none", "batch", "layer")):
        for s, size in enumerate(SIZES):
            stacks = Stacks(2, kind, normalise, (MANY_SEEDS, len(SMALL_RATES)))
            train(stacks, sgd(stacks, SMALL_RATES), SMALL_STEPS, size)
            wrong = stacks.evaluate(digits.X_test).argmax(dim=2).numpy() != digits.y_test
            found[k, s] = 100 * wrong.mean(axis=1).reshape(MANY_SEEDS, -1).T
    return found


def with_jitter(normalise: Normalise) -> dict[str, np.ndarray]:
    losses, moves = np.empty((2, 3, len(JITTER_RATES), SEEDS))
    for k, kind in enumerate(("none", "batch", "jitter")):
        stacks = Stacks(6, kind, normalise, (SEEDS, len(JITTER_RATES)))
        watch = Watch(stacks)
        all_losses = train(stacks, sgd(stacks, JITTER_RATES), STEPS, after=watch)
        losses[k] = last_loss(all_losses, len(JITTER_RATES))
        moves[k] = np.mean(watch.moves, axis=0).reshape(SEEDS, -1).T
    return {"jitter_loss": losses, "jitter_move": moves}


class Watch:
    """Notes at every tenth update how far the means of the units moved, in standard deviations."""

    def __init__(self, stacks: Stacks):
        self.stacks, self.moves = stacks, []

    @torch.no_grad()
    def __call__(self, step: int) -> None:
        if step % 10 < 8:
            return
        *seen, _ = self.stacks.before_relus(X[:100].expand(self.stacks.count, -1, -1))
        means = torch.cat([values.mean(dim=1) for values in seen], dim=1)
        if step % 10 == 8:
            self.before = means, torch.cat([values.std(dim=1) for values in seen], dim=1)
        else:
            mean, deviation = self.before
            self.moves.append(((means - mean).abs() / deviation).median(dim=1).values.numpy())


def trainer(kind: str, normalise: Normalise) -> np.ndarray:
    each = [_trainer_at(lr, kind, normalise) for lr in TRAINER_RATES]
    return min(each, key=np.median)


def _trainer_at(lr: float, kind: str, normalise: Normalise) -> np.ndarray:
    stacks, start = Stacks(1, kind, normalise, (SEEDS, 1)), training.networks(SEEDS)
    stacks.layers = [
        [start.first_weight.detach().mT.clone(), start.first_bias.detach()[:, None].clone()],
        [start.second_weight.detach().mT.clone(), start.second_bias.detach()[:, None].clone()],
    ]
    adam = torch.optim.Adam(stacks.parameters())

    def update(step: int) -> None:
        adam.param_groups[0]["lr"] = lr * (1 + np.cos(np.pi * step / STEPS)) / 2
        adam.step()
        adam.zero_grad()

    train(stacks, update, STEPS)
    scores = stacks.evaluate(digits.X_train)
    return F.cross_entropy(scores.mT, Y.expand(SEEDS, -1), reduction="none").mean(dim=1).numpy()
