"""The games of lesson 15: several small GANs that learn eight modes on a circle, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, cast

import numpy as np
import torch
from torch import nn

MODES, RADIUS, SPREAD = 8, 2.0, 0.1
HIDDEN, ROWS, NOISE = 32, 64, 2
# A mode is found where so many of the samples are within three standard deviations of its centre.
SHARE, NEAR = 0.02, 3 * SPREAD
# Steps of a game.
STEPS = 600
# Steps between two looks at the samples, and how many samples are looked at.
EVERY, SAMPLES = 50, 500

ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = RADIUS * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def modes_found(samples: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """How many modes are found, (...,), in samples (..., n, 2) of data that are ``scale`` times as large."""
    away = np.linalg.norm(samples[..., None, :] / scale - CENTRES, axis=-1)
    return np.asarray(((away < NEAR).mean(axis=-2) >= SHARE).sum(axis=-1))


class Networks(nn.Module):
    """A network with two hidden layers for each seed; rows (seeds * n, inputs), one seed's after the other's.

    An optimiser that treats every element alike, as Adam does, trains each nearly as if it were alone: the
    mean over all seeds divides each gradient by their number, which Adam undoes but for its epsilon.
    """

    def __init__(self, inputs: int, outputs: int, seeds: int, first_seed: int, spectral: bool = False):
        super().__init__()
        generators = [torch.Generator().manual_seed(first_seed + seed) for seed in range(seeds)]
        self.seeds, self.spectral = seeds, spectral
        # Where power iteration stands, for each layer.
        self._at: dict[int, torch.Tensor] = {}
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for width, following in pairwise((inputs, HIDDEN, HIDDEN, outputs)):
            for held, rows in ((self.weights, width), (self.biases, 1)):
                # PyTorch's start for a linear layer.
                drawn = [
                    torch.rand(rows, following, generator=one, dtype=torch.float64) for one in generators
                ]
                held.append(nn.Parameter((2 * torch.stack(drawn) - 1) / width**0.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.reshape(self.seeds, -1, x.shape[-1])
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if self.spectral:
                weight = weight / self._sigma(layer, weight)
            x = torch.baddbmm(bias, torch.relu(x) if layer else x, weight)
        x = x.flatten(0, 1)
        return x[:, 0] if x.shape[1] == 1 else x

    def _sigma(self, layer: int, weight: torch.Tensor) -> torch.Tensor:
        """The largest singular value of each weight (seeds, inputs, outputs), by one iteration: lesson 12."""
        with torch.no_grad():
            v = self._at.get(layer, torch.ones_like(weight[:, :1]))
            u = nn.functional.normalize(weight @ v.mT, dim=1)
            self._at[layer] = v = nn.functional.normalize(u.mT @ weight, dim=2)
        return u.mT @ weight @ v.mT


class Noisy(nn.Module):
    """A discriminator that sees its rows through noise, which changes with the steps of a game."""

    def __init__(self, within: nn.Module, noise: Callable[[np.ndarray, int], Any]):
        super().__init__()
        self.within, self.noise, self.step = within, noise, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        noise = torch.as_tensor(self.noise(np.zeros(tuple(x.shape)), self.step))
        return cast(torch.Tensor, self.within(x + noise))


class Penalised:
    """Adam that adds the gradient of a penalty to what it finds, before each step."""

    def __init__(self, optimizer: Any, penalty: Callable[[], Any]):
        self.optimizer, self.penalty = optimizer, penalty

    def zero_grad(self) -> None:
        self.optimizer.zero_grad()

    def step(self) -> None:
        self.penalty().backward()
        self.optimizer.step()


class Game:
    """Games of several seeds, with all that a trainer needs.

    Args:
        seeds: how many; they share nothing.
        lr_g, lr_d: rates of Adam, with betas (0.5, 0.999).
        noise: from an array and the number of the step to the array with noise; for what the discriminator
            sees.
        penalty: from (critic, real, fake, eps) to a 0-d tensor, whose gradient the discriminator gets too.
        spectral: the discriminator's weights are divided by their largest singular values.
        scale: what the data are multiplied by.

    Attributes:
        generator, discriminator, opt_g, opt_d: for a ``GANTrainer``.
        steps, samples, losses: for each look the number of steps, samples (seeds, n, 2), and D's loss.
    """

    def __init__(
        self,
        seeds: int,
        lr_g: float,
        lr_d: float,
        noise: Callable[[np.ndarray, int], Any] | None = None,
        penalty: Callable[..., Any] | None = None,
        spectral: bool = False,
        scale: float = 1.0,
    ):
        self.generator = Networks(NOISE, 2, seeds, first_seed=1000)
        self._critic = Networks(2, 1, seeds, first_seed=2000, spectral=spectral)
        self.discriminator = Noisy(self._critic, noise) if noise else self._critic
        betas = (0.5, 0.999)
        # Fused, a step of networks as small as these takes a sixth less.
        self.opt_g = torch.optim.Adam(self.generator.parameters(), lr_g, betas, fused=True)
        self.opt_d: Any = torch.optim.Adam(self._critic.parameters(), lr_d, betas, fused=True)
        if penalty:
            self.opt_d = Penalised(self.opt_d, lambda: penalty(*self._between()))
        self.seeds, self.scale = seeds, scale
        self._rngs = [np.random.default_rng(seed) for seed in range(seeds)]
        # Of their own, so that every remedy meets the same batches.
        self._eps = np.random.default_rng(100)
        self._fixed = self._each(np.random.default_rng(99).standard_normal((SAMPLES, NOISE)))
        self.steps: list[int] = []
        self.samples: list[np.ndarray] = []
        self.losses: list[float] = []

    def batches(self, steps: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """So many pairs of data and random numbers; at first and every 50 steps it looks at the samples."""
        for step in range(steps):
            if step == 0:
                self._look(0)
            if isinstance(self.discriminator, Noisy):
                self.discriminator.step = step
            real = np.concatenate(
                [
                    CENTRES[rng.integers(MODES, size=ROWS)] + SPREAD * rng.standard_normal((ROWS, 2))
                    for rng in self._rngs
                ]
            )
            z = np.concatenate([rng.standard_normal((ROWS, NOISE)) for rng in self._rngs])
            self._batch = torch.from_numpy(self.scale * real), torch.from_numpy(z)
            yield self._batch
            if (step + 1) % EVERY == 0:
                self._look(step + 1)

    def note(self, loss_d: float) -> None:
        """Keep the discriminator's loss, the mean over the seeds."""
        self.losses.append(float(loss_d))

    def modes(self) -> np.ndarray:
        """How many modes are found at each look, (seeds, looks)."""
        return np.stack([modes_found(each, self.scale) for each in self.samples], axis=1)

    @torch.no_grad()
    def _look(self, step: int) -> None:
        self.steps.append(step)
        self.samples.append(self.generator(self._fixed).numpy().reshape(self.seeds, SAMPLES, 2))

    def _each(self, rows: np.ndarray) -> torch.Tensor:
        """The same rows for each seed."""
        return torch.from_numpy(np.concatenate([rows] * self.seeds))

    def _between(self) -> tuple[Any, ...]:
        """What a penalty is computed of at this step: (critic, real, fake, eps)."""
        real, z = self._batch
        with torch.no_grad():
            fake = self.generator(z)
        return self._critic, real, fake, torch.from_numpy(self._eps.random(len(real)))


def played(make_trainer: Callable[..., Any], game: Game, steps: int = STEPS, **options: Any) -> Game:
    """The game, after so many steps of a new trainer with these options."""
    trainer = make_trainer(game.generator, game.discriminator, game.opt_g, game.opt_d, **options)
    for real, z in game.batches(steps):
        loss_d, _ = trainer.step(real, z)
        game.note(loss_d)
    return game
