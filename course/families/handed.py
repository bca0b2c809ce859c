"""The optimiser that a probe hands to the student's code: ``torch.optim`` is out of reach where that runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import torch

from course.families.recorder import is_probes_turn
from course.sealing import refuse

# Those that a probe has made: a class that inherits may leave out the constructor.
_made: WeakSet[HandedOptimizer] = WeakSet()


class HandedOptimizer:
    """What the student's code is handed: ``param_groups``, ``zero_grad()`` and ``step()``; it watches.

    Its step is that of ``torch.optim.SGD``, and so is kept for what a probe has made.

    Args:
        param_groups: dicts with ``"params"``, a list of tensors, ``"lr"`` and perhaps ``"weight_decay"``.

    Attributes:
        seen: for each call of ``step()``, a copy of the gradients that it found, one a parameter.

    Raises:
        NotAvailable: it is made by the student's code, or outside of a case.
    """

    def __init__(self, param_groups: list[dict[str, Any]]):
        if not is_probes_turn():
            refuse()
        _made.add(self)
        self.param_groups = param_groups
        self.seen: list[list[torch.Tensor | None]] = []

    def zero_grad(self, set_to_none: bool = True) -> None:
        for param in params_of(self):
            if set_to_none or param.grad is None:
                param.grad = None
            else:
                param.grad = torch.zeros_like(param.grad)

    @torch.no_grad()
    def step(self) -> None:
        if self not in _made:
            refuse()
        self.seen.append(gradients_of(params_of(self)))
        for group in self.param_groups:
            decay = group.get("weight_decay", 0.0)
            for param in group["params"]:
                if param.grad is not None:
                    grad = param.grad.add(param, alpha=decay) if decay else param.grad
                    param.add_(grad, alpha=-group["lr"])


def torch_sgd(param_groups: list[dict[str, Any]]) -> Any:
    """``torch.optim.SGD`` with a ``seen`` like that of ``HandedOptimizer``: what the oracle is handed."""
    optimizer: Any = torch.optim.SGD(param_groups)
    optimizer.seen = []
    optimizer.register_step_pre_hook(lambda *_: optimizer.seen.append(gradients_of(params_of(optimizer))))
    return optimizer


def params_of(optimizer: Any) -> list[torch.Tensor]:
    """The parameters of an optimiser, one group after the other."""
    return [param for group in optimizer.param_groups for param in group["params"]]


def gradients_of(params: Iterable[torch.Tensor]) -> list[torch.Tensor | None]:
    """A copy of each parameter's gradient."""
    return [None if param.grad is None else param.grad.clone() for param in params]
