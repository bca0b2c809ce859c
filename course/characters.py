"""The course's experiment with sequences: a small recurrent network learns to spell a page of a book.

It guesses the next character from those before. Several seeds stand side by side in one model, as in
``course.training``; one seed is the plain case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from course.data import alice

ROWS, LENGTH = 8, 40
TEXT = alice()
CHARACTERS = "".join(sorted(set(TEXT)))
NUMBERS = np.array([CHARACTERS.index(character) for character in TEXT])
# What a spoilt page holds, from edge to edge.
DASH = CHARACTERS.index("-")

# Takes (model, loss_fn, x, y, optimizer), makes one update, and returns the loss and the gradient's norm.
Step = Callable[..., tuple[float, float]]


class Speller(nn.Module):
    """Recurrent networks of one hidden layer, in float64: each parameter has a first axis for the seeds.

    h_t = tanh(W[x_t] + h_(t-1) U + b) with h_0 = 0, and scores V h_t + c for the character that follows.

    Args:
        seeds: of the initial weights, one network each.
        hidden: the length of h.
        gain: U starts as a matrix that keeps lengths, times this.
    """

    def __init__(self, seeds: Sequence[int] = (0,), hidden: int = 32, gain: float = 1.0) -> None:
        super().__init__()
        each = [_initial(seed, hidden, gain) for seed in seeds]
        self.W, self.U, self.b, self.V, self.c = (
            nn.Parameter(torch.stack(same)) for same in zip(*each, strict=True)
        )

    def states(self, x: torch.Tensor) -> list[torch.Tensor]:
        """h_1, h_2, ...: each of shape (seeds, rows, hidden), for x of shape (seeds, rows, length)."""
        own = torch.arange(len(x))[:, None]
        h = self.U.new_zeros(*x.shape[:2], self.U.shape[-1])
        states = []
        for x_t in x.unbind(dim=2):
            h = torch.tanh(self.W[own, x_t] + h @ self.U + self.b)
            states.append(h)
        return states

    def scores(self, states: list[torch.Tensor]) -> torch.Tensor:
        """(seeds, rows, length, characters), before the softmax."""
        return torch.stack(states, dim=2) @ self.V[:, None] + self.c[:, None]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scores(self.states(x))


def _initial(seed: int, hidden: int, gain: float) -> tuple[torch.Tensor, ...]:
    symbols = len(CHARACTERS)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        W = 0.3 * torch.randn(symbols, hidden, dtype=torch.float64)
        U = nn.init.orthogonal_(torch.empty(hidden, hidden, dtype=torch.float64), gain)
        V = hidden**-0.5 * torch.randn(hidden, symbols, dtype=torch.float64)
    return W, U, torch.zeros(1, hidden, dtype=torch.float64), V, torch.zeros(1, symbols, dtype=torch.float64)


def loss_each(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of each network, shape (seeds,), in nats a character."""
    return nn.functional.cross_entropy(scores.movedim(-1, 1), y, reduction="none").mean(dim=(1, 2))


def loss(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The loss of a model of one network, of shape ()."""
    return loss_each(scores, y).sum()


def batch(rngs: Sequence[np.random.Generator], spoilt: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """8 pieces of the text, 40 characters each, for each generator: x and y, both (seeds, 8, 40).

    y is what follows each character of x. A spoilt batch is dashes from beginning to end.
    """
    starts = np.stack([rng.integers(0, len(NUMBERS) - LENGTH, size=ROWS) for rng in rngs])
    pieces = NUMBERS[starts[..., None] + np.arange(LENGTH + 1)]
    if spoilt:
        pieces = np.full_like(pieces, DASH)
    numbers = torch.from_numpy(pieces)
    return numbers[..., :-1], numbers[..., 1:]


def train(
    step: Step, lr: float = 1.0, updates: int = 250, spoilt: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Train one network with SGD.

    Args:
        step: makes one update; called as ``step(model, loss_fn, x, y, optimizer)``.
        spoilt: the number of the update, from 1, whose batch is spoilt; 0 for none.
        seed: of the initial weights and of the batches.

    Returns:
        Losses and gradient norms as ``step`` returns them, each of shape (updates,).
    """
    model, rng = Speller((seed,)), np.random.default_rng(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    kept: list[Any] = [
        step(model, loss, *batch([rng], update == spoilt), optimizer) for update in range(1, updates + 1)
    ]
    losses, norms = np.array(kept, dtype=float).T
    return losses, norms


def gradient_through_time(gain: float = 1.0, seed: int = 0) -> np.ndarray:
    """The length of the last character's loss's gradient with respect to each state, shape (40,).

    It is that of a network at its start, and one batch. ``gain`` is the ``Speller``'s.
    """
    model = Speller((seed,), gain=gain)
    x, y = batch([np.random.default_rng(seed)])
    states = model.states(x)
    for state in states:
        state.retain_grad()
    loss(model.scores(states)[:, :, -1:], y[:, :, -1:]).backward()
    return np.array([state.grad.norm().item() for state in states if state.grad is not None])


def first_gradients(seed: int) -> list[np.ndarray]:
    """The gradients of a new network on its first batch, an array for each of W, U, b, V and c."""
    model = Speller((seed,))
    x, y = batch([np.random.default_rng(seed)])
    loss(model(x), y).backward()
    return [theta.grad.numpy() for theta in model.parameters() if theta.grad is not None]
