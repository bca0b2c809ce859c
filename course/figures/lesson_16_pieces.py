"""What lesson 16 makes of answers to earlier lessons: layers that normalise; and what stands in for them.

Layers are made of a student's NumPy formulas and trained by PyTorch; where one of the answers that a layer
needs is not there, PyTorch's layer stands in whole.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.optim import lr_scheduler

from course.figures.lesson_16_networks import Norm


class _Formulas(torch.autograd.Function):
    """A student's forward and backward as one operation."""

    @staticmethod
    def forward(ctx: Any, x: Any, gamma: Any, beta: Any, forward: Any, backward: Any) -> torch.Tensor:
        y, ctx.cache = forward(x.numpy(), gamma.numpy(), beta.numpy())
        ctx.formula = backward
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        return (*map(torch.from_numpy, ctx.formula(dy.numpy(), ctx.cache)), None, None)


class Normalised(nn.Module):
    """A layer of a student's formulas, with gamma and beta of shape (width,).

    Args:
        averages: a student's layer of lesson 08, which remembers means and variances in training and uses
            them in evaluation; None where rows are normalised one by one.
    """

    def __init__(self, width: int, forward: Any, backward: Any, averages: Any = None):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width, dtype=torch.float64))
        self.beta = nn.Parameter(torch.zeros(width, dtype=torch.float64))
        self._forward, self._backward, self._averages = forward, backward, averages

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._averages is not None:
            rows = x.detach().numpy()
            if not self.training:
                self._averages.gamma = self.gamma.detach().numpy()
                self._averages.beta = self.beta.detach().numpy()
                self._averages.eval()
                return torch.from_numpy(self._averages(rows))
            self._averages.train()
            self._averages(rows)
        made = _Formulas.apply(x, self.gamma, self.beta, self._forward, self._backward)
        return cast(torch.Tensor, made)


def batch_norm(pieces: SimpleNamespace) -> Norm:
    """Batch norm of three answers of lesson 08."""
    own = (pieces.batch_norm_forward, pieces.batch_norm_backward)
    if None in own or pieces.BatchNorm1d is None:
        return nn.BatchNorm1d
    return lambda width: Normalised(width, *own, pieces.BatchNorm1d(width))


def layer_norm(pieces: SimpleNamespace) -> Norm:
    """Layer norm of two answers of lesson 12."""
    own = (pieces.layer_norm_forward, pieces.layer_norm_backward)
    return nn.LayerNorm if None in own else lambda width: Normalised(width, *own)


def _rates(make: Callable[[Any], Any], lr: float, updates: int) -> list[float]:
    """The rates of so many updates by a schedule of PyTorch's."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(()))], lr=lr)
    scheduler, rates = make(optimizer), []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def _cosine(lr0: float, lr_min: float, t_max: int, epoch: int) -> float:
    schedule = lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, t_max, lr_min)  # noqa: E731
    return _rates(schedule, lr0, min(epoch, t_max) + 1)[-1]


def _steps(lr0: float, gamma: float, step_size: int, epoch: int) -> float:
    return _rates(lambda optimizer: lr_scheduler.StepLR(optimizer, step_size, gamma), lr0, epoch + 1)[-1]


def _warmup(lr0: float, lr_min: float, warmup: int, total: int, step: int) -> float:
    def schedule(optimizer: Any) -> Any:
        rising = lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
        falling = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, lr_min)
        return lr_scheduler.SequentialLR(optimizer, [rising, falling], [warmup])

    return _rates(schedule, lr0, min(step, total) + 1)[-1]


def _xavier(shape: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0) -> np.ndarray:
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    weight = torch.empty(shape, dtype=torch.float64)
    return nn.init.xavier_uniform_(weight, gain, generator).numpy()


# For ``own``: what takes the place of an answer. None where a whole layer stands in.
STAND_INS: dict[str, Any] = {
    "batch_norm_forward": None,
    "batch_norm_backward": None,
    "BatchNorm1d": None,
    "layer_norm_forward": None,
    "layer_norm_backward": None,
    "MomentumSGD": torch.optim.SGD,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "cosine_decay": _cosine,
    "step_decay": _steps,
    "warmup_cosine": _warmup,
    "xavier_uniform": _xavier,
}
