"""Lesson 15: a step of a GAN in PyTorch, with its own cross-entropy, and the networks that it is tried on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F


class TwoLayers(nn.Module):
    """``tanh(x W1 + b1) W2 + b2``, the last axis dropped where it is asked for, from tensors."""

    def __init__(self, held: Sequence[torch.Tensor], flat: bool = False):
        super().__init__()
        self.held = nn.ParameterList(nn.Parameter(tensor.detach().clone()) for tensor in held)
        self.flat = flat

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        W1, b1, W2, b2 = self.held
        y = torch.tanh(x @ W1 + b1) @ W2 + b2
        return y[:, 0] if self.flat else y


class TorchTrainer:
    """The lesson's loop with PyTorch's own cross-entropy."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        opt_g: Any,
        opt_d: Any,
        real_label: float = 0.9,
        d_steps: int = 1,
    ):
        if d_steps < 1 or not 0 < real_label <= 1:
            raise ValueError
        self.generator, self.opt_g = generator, opt_g
        self.discriminator, self.opt_d = discriminator, opt_d
        self.real_label, self.d_steps, self.calls = real_label, d_steps, 0

    def step(self, real: torch.Tensor, z: torch.Tensor) -> tuple[float, float | None]:
        loss_d, grads = self.torch_discriminator(real, z)
        _torch_update(self.discriminator, grads, self.opt_d)
        self.calls += 1
        if self.calls % self.d_steps:
            return float(loss_d), None
        loss_g, grads = self.torch_generator(z)
        _torch_update(self.generator, grads, self.opt_g)
        return float(loss_d), float(loss_g)

    def torch_discriminator(self, real: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Its loss and the gradients of its parameters."""
        with torch.no_grad():
            fake = self.generator(z)
        with torch.enable_grad():
            loss = self._torch_loss(real, self.real_label) + self._torch_loss(fake, 0.0)
            return loss, torch.autograd.grad(loss, list(self.discriminator.parameters()))

    def torch_generator(self, z: torch.Tensor) -> tuple[torch.Tensor, Any]:
        """Its loss and the gradients of its parameters."""
        with torch.enable_grad():
            loss = self._torch_loss(self.generator(z), 1.0)
            return loss, torch.autograd.grad(loss, list(self.generator.parameters()))

    def _torch_loss(self, rows: torch.Tensor, label: float) -> torch.Tensor:
        logits = self.discriminator(rows)
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def _torch_update(network: nn.Module, grads: Sequence[torch.Tensor], optimizer: Any) -> None:
    for param, grad in zip(network.parameters(), grads, strict=True):
        param.grad = grad
    optimizer.step()
    network.zero_grad()
