"""The inputs of a case of an optimiser class: what is set before each of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired

import numpy as np
import torch

from course.families.classes import TensorScript


class OptimizerScript(TensorScript):
    """The inputs of a case.

    grads: for each step, the gradients to set, one a parameter and of its shape; None for a parameter
        without one, None for the whole step where those of the step before stay.
    hyper: the constructor's other arguments by name.
    lrs: for each step, what ``self.lr`` is set to before it; None to leave it.
    watch: the gradients should stay what they are; with True the parameters' memory as well.
    clear: ``zero_grad()`` is called after each step, and what it left is written down.
    beside: the other arguments of an instance that is made right after this one, and takes no step.
    anew: the step before which another instance takes over the same parameters.
    x, y: shapes (rows, features) and (rows,): the gradients are those of a linear model with a squared
        loss, whose weight, of shape (features,), and bias are the parameters; of ``grads`` only the number
        of steps counts.
    """

    grads: list[list[np.ndarray | None] | None]
    hyper: dict[str, Any]
    lrs: list[float] | None
    watch: NotRequired[bool | Literal["gradients"]]
    clear: NotRequired[bool]
    beside: NotRequired[dict[str, Any]]
    anew: NotRequired[int]
    x: NotRequired[np.ndarray]
    y: NotRequired[np.ndarray]


def linear_loss(params: Sequence[torch.Tensor], x: np.ndarray, y: np.ndarray) -> torch.Tensor:
    """The mean squared error of a linear model whose weight and bias are the parameters."""
    weight, bias = params
    return ((torch.tensor(x) @ weight + bias - torch.tensor(y)) ** 2).mean()
