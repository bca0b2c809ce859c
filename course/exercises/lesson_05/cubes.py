"""In the place of a wrong Adam, while AdamW is judged: plain steps along the cubes of the gradients."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from course.families.optimizers import TorchRate


def cubed_steps(adam: type) -> Mapping[str, Any]:
    """The constructor of the student's Adam, which looks at what it is handed, and a step of another kind.

    With weight decay in the gradient the step is another one than with a decay of its own.
    """
    constructor: Any = inspect.getattr_static(adam, "__init__")
    handed: dict[int, tuple[Any, list[torch.Tensor], float]] = {}

    def __init__(self: Any, params: Iterable[torch.Tensor], *arguments: Any, **keywords: Any) -> None:
        params = list(params)
        bound = inspect.signature(constructor).bind(self, params, *arguments, **keywords).arguments
        # The instance is kept too, so that its id stays its own.
        handed[id(self)] = self, params, bound.get("weight_decay", 0.0)
        constructor(self, params, *arguments, **keywords)

    @torch.no_grad()
    def step(self: Any) -> None:
        _, params, decay = handed[id(self)]
        for theta in params:
            if theta.grad is not None:
                theta -= self.lr * (theta.grad + decay * theta) ** 3

    def zero_grad(self: Any) -> None:
        for theta in handed[id(self)][1]:
            theta.grad = None

    return {"__init__": __init__, "step": step, "zero_grad": zero_grad}


class TorchCubes(TorchRate):
    """PyTorch's plain steps along the cubes. Their decay is decoupled: it takes no part in the cube."""

    def __init__(self, params: Iterable[torch.Tensor], lr: float, weight_decay: float, **others: Any):
        self._optimizer = torch.optim.SGD(params, lr=lr, weight_decay=weight_decay)
        self.zero_grad = self._optimizer.zero_grad

    def step(self) -> None:
        params = [param for param in self._optimizer.param_groups[0]["params"] if param.grad is not None]
        gradients = [param.grad for param in params]
        for param in params:
            param.grad = param.grad**3
        self._optimizer.step()
        for param, grad in zip(params, gradients, strict=True):
            param.grad = grad
