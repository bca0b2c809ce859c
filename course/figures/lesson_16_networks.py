"""The networks of lesson 16: digits as images, as rows one after the other, and as tokens.

Each takes (rows, 64) pixels and gives (rows, 10) logits, in float64; the same seed gives the same network.
What normalises is handed in, so that it may be the student's own: from a width to a module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import nn

SIDE, CLASSES, CHANNELS = 8, 10, 8
Norm = Callable[[int], nn.Module]


def seeded(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """The network that ``make`` gives with this seed, in float64; PyTorch's own state stays as it is."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make().double()


class Convolutions(nn.Module):
    """Two convolutions of 3 x 3, each followed by what normalises its channels: images of half the side.

    Args:
        norm: of (n, channels) rows, each pixel a row, as batch norm of images is.
        width: channels of the first convolution; the second has twice as many.
    """

    def __init__(self, norm: Norm, width: int = CHANNELS):
        super().__init__()
        self.first = nn.Conv2d(1, width, 3, padding=1)
        self.second = nn.Conv2d(width, 2 * width, 3, padding=1, stride=2)
        self.norms = nn.ModuleList([norm(width), norm(2 * width)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer, norm in zip((self.first, self.second), self.norms, strict=True):
            x = torch.relu(_by_pixel(norm, layer(x)))
        return x


class Convolutional(nn.Module):
    """Two convolutions, then a dense layer.

    Args:
        norm, width: of the convolutions.
        dropout: the share of features that is left out before the last layer.
    """

    def __init__(self, norm: Norm, width: int = CHANNELS, dropout: float = 0.0):
        super().__init__()
        self.convolutions = Convolutions(norm, width)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(2 * width * (SIDE // 2) ** 2, CLASSES)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        x = self.convolutions(X.reshape(-1, 1, SIDE, SIDE))
        return cast(torch.Tensor, self.last(self.dropout(x.flatten(1))))


def _by_pixel(norm: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Normalise the channels of images (n, channels, height, width), every pixel a row."""
    rows = x.movedim(1, -1)
    return cast(torch.Tensor, norm(rows.reshape(-1, rows.shape[-1]))).reshape(rows.shape).movedim(-1, 1)


class Recurrent(nn.Module):
    """Reads the rows of an image one after the other, and answers after the last."""

    def __init__(self, width: int = 32):
        super().__init__()
        self.cell = nn.RNNCell(SIDE, width)
        self.last = nn.Linear(width, CLASSES)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        hidden = X.new_zeros(len(X), self.cell.hidden_size)
        for row in X.reshape(-1, SIDE, SIDE).unbind(dim=1):
            hidden = self.cell(row, hidden)
        return cast(torch.Tensor, self.last(hidden))


class Layer(nn.Module):
    """Attention with one head, then two dense layers: each is added to what comes in, and then normalised."""

    def __init__(self, norm: Norm, width: int):
        super().__init__()
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.dense = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.norms = nn.ModuleList([norm(width), norm(width)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = self.norms
        queries, keys, values = self.queries_keys_values(x).chunk(3, dim=-1)
        scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5
        x = first(x + self.mix(torch.softmax(scores, dim=-1) @ values))
        return cast(torch.Tensor, second(x + self.dense(x)))


class Transformer(nn.Module):
    """Eight tokens, the rows of the image, or what a convolution makes of it; the mean of all tokens answers.

    Args:
        norm: of (n, tokens, width), each token by itself.
        stem: what normalises the channels of two convolutions that come first; the tokens are then the
            pixels of what they give, 4 x 4.
    """

    def __init__(self, norm: Norm, layers: int = 4, width: int = 32, stem: Norm | None = None):
        super().__init__()
        self.stem = Convolutions(stem) if stem else None
        tokens, size = ((SIDE // 2) ** 2, 2 * CHANNELS) if stem else (SIDE, SIDE)
        self.embed = nn.Linear(size, width)
        self.positions = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.layers = nn.ModuleList(Layer(norm, width) for _ in range(layers))
        self.last = nn.Linear(width, CLASSES)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        images = X.reshape(-1, 1, SIDE, SIDE)
        x = images[:, 0] if self.stem is None else self.stem(images).flatten(2).transpose(1, 2)
        x = self.embed(x) + self.positions
        for layer in self.layers:
            x = layer(x)
        return cast(torch.Tensor, self.last(x.mean(dim=1)))
