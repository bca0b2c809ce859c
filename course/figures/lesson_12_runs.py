"""The networks behind lesson 12's figures of what spectral norm does to weights."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn


def unit(rng: np.random.Generator, size: int) -> np.ndarray:
    """A random vector of length 1."""
    vector = rng.normal(size=size)
    return np.asarray(vector / np.linalg.norm(vector))


def three_layers(
    linear: Callable[..., nn.Module], norm_class: Callable[..., Any], seed: int
) -> nn.Sequential:
    """A classifier of digits with three layers; those that can be normalised have an instance each."""
    widths = (64, 64, 64, 10)
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        each: list[Any] = [linear(*pair) for pair in pairwise(widths)]
    if linear is not nn.Linear:
        for layer in each:
            rows, columns = layer.weight.shape
            layer.norm = norm_class(unit(rng, rows), unit(rng, columns))
    return nn.Sequential(each[0], nn.ReLU(), each[1], nn.ReLU(), each[2]).double()


@torch.no_grad()
def bound(model: nn.Sequential) -> float:
    """The product of the largest singular values of what the layers multiply by: a Lipschitz bound."""
    product = 1.0
    for layer in model:
        if isinstance(layer, nn.Linear):
            # What it makes of the unit vectors, less its bias, is the weight that it uses.
            weight = layer(torch.eye(layer.in_features, dtype=torch.float64)) - layer.bias
            product *= float(torch.linalg.matrix_norm(weight, 2))
    return product


def evaluated(model: nn.Sequential) -> None:
    """Evaluation mode, of the normalisations too, which are no modules."""
    model.eval()
    for layer in model:
        norm = getattr(layer, "norm", None)
        if norm is not None:
            norm.eval()
