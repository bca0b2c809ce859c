"""What lesson 09 trains: digits read as eight tokens by a small transformer, several seeds side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course import data, training

TOKENS, WIDTH, HEADS, HIDDEN, LAYERS = 8, 32, 4, 64, 6
BATCH = 32


class Transformers(nn.Module):
    """Classifiers of digits, a row of pixels a token; each parameter has a first axis for the seeds.

    Each is ``LAYERS`` times PyTorch's ``nn.TransformerEncoderLayer(32, 4, 64, dropout=0)``, with its own
    initial weights, between two linear layers; the tokens' mean is classified. It is in float32.

    Args:
        seeds: how many; of the initial weights.
        pre_norm: whether a layer normalises before its two parts and not after them.
    """

    def __init__(self, seeds: int, pre_norm: bool = False) -> None:
        super().__init__()
        self.pre_norm = pre_norm
        each = [_weights(seed) for seed in range(seeds)]
        self.held = nn.ParameterDict(
            {name: nn.Parameter(torch.stack([one[name] for one in each])) for name in each[0]}
        )

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """(seeds, rows, 64) to (seeds, rows, 10), before the softmax."""
        held = self.held
        seeds, rows, _ = X.shape
        x = _linear(X.view(seeds, rows * TOKENS, -1), held["embed_weight"], held["embed_bias"])
        x = (x.view(seeds, rows, TOKENS, WIDTH) + held["position"][:, None]).view(seeds, -1, WIDTH)
        for layer in range(LAYERS):
            own = {name: held[f"{layer}_{name}"] for name in LAYER_NAMES}

            def normed(x: torch.Tensor, number: int, own: Any = own) -> torch.Tensor:
                scale, shift = own[f"norm{number}_weight"], own[f"norm{number}_bias"]
                return F.layer_norm(x, (WIDTH,)) * scale[:, None] + shift[:, None]

            if self.pre_norm:
                x = x + _attention(normed(x, 1), own, rows)
                x = x + _feed_forward(normed(x, 2), own)
            else:
                x = normed(x + _attention(x, own, rows), 1)
                x = normed(x + _feed_forward(x, own), 2)
        mean = x.view(seeds, rows, TOKENS, WIDTH).mean(dim=2)
        return _linear(mean, held["classify_weight"], held["classify_bias"])


LAYER_NAMES = (
    "self_attn_in_proj_weight",
    "self_attn_in_proj_bias",
    "self_attn_out_proj_weight",
    "self_attn_out_proj_bias",
    "linear1_weight",
    "linear1_bias",
    "linear2_weight",
    "linear2_bias",
    "norm1_weight",
    "norm1_bias",
    "norm2_weight",
    "norm2_bias",
)


def _weights(seed: int) -> dict[str, torch.Tensor]:
    """PyTorch's own initial weights of one classifier."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        embed, classify = nn.Linear(64 // TOKENS, WIDTH), nn.Linear(WIDTH, training.CLASSES)
        position = torch.randn(TOKENS, WIDTH)
        layers = [nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN) for _ in range(LAYERS)]
    found = {"position": position}
    stacked = {str(place): layer for place, layer in enumerate(layers)}
    for name, module in {"embed": embed, "classify": classify, **stacked}.items():
        for key, value in module.named_parameters():
            found[f"{name}_{key.replace('.', '_')}"] = value.detach()
    return found


def _linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return torch.baddbmm(bias[:, None], x, weight.mT)


def _attention(x: torch.Tensor, own: Any, rows: int) -> torch.Tensor:
    seeds = len(x)
    both = _linear(x, own["self_attn_in_proj_weight"], own["self_attn_in_proj_bias"])
    q, k, v = both.view(seeds * rows, TOKENS, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
    weights = torch.softmax(q @ k.mT / (WIDTH // HEADS) ** 0.5, dim=-1)
    mixed = (weights @ v).transpose(1, 2).reshape(seeds, -1, WIDTH)
    return _linear(mixed, own["self_attn_out_proj_weight"], own["self_attn_out_proj_bias"])


def _feed_forward(x: torch.Tensor, own: Any) -> torch.Tensor:
    hidden = torch.relu(_linear(x, own["linear1_weight"], own["linear1_bias"]))
    return _linear(hidden, own["linear2_weight"], own["linear2_bias"])


def losses_of(
    rates: Sequence[float],
    seeds: int = 5,
    pre_norm: bool = False,
) -> np.ndarray:
    """Training losses of the transformers, one update of Adam at each rate: (seeds, updates), in nats."""
    models, digits = Transformers(seeds, pre_norm), data.digits()
    X, y = torch.from_numpy(digits.X_train).float(), torch.from_numpy(digits.y_train)
    optimizer = torch.optim.Adam(models.parameters(), lr=1.0, fused=True)
    rngs, losses = [np.random.default_rng(seed) for seed in range(seeds)], []
    for lr in rates:
        rows = np.array([rng.choice(len(X), BATCH, replace=False) for rng in rngs])
        optimizer.param_groups[0]["lr"] = lr
        optimizer.zero_grad()
        scores = models(X[rows])
        each = F.cross_entropy(scores.mT, y[rows], reduction="none").mean(dim=1)
        each.sum().backward()
        optimizer.step()
        losses.append(each.detach().numpy())
    return np.array(losses).T
