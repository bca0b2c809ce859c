"""The figures of lesson 12, the normalisation family: what spectral norm does to weights, and does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course import data, plots, training
from course.figures.lesson_12_runs import bound, evaluated, unit
from course.questions import reveal


def estimates(norm_class: Callable[..., Any], weight: np.ndarray, seed: int, calls: int) -> np.ndarray:
    """Sigma after each of so many calls of a new instance, from random vectors: (calls,)."""
    rng, matrix = np.random.default_rng(seed), weight.reshape(len(weight), -1)
    norm = norm_class(unit(rng, len(weight)), unit(rng, matrix.shape[1]))
    found = []
    for _ in range(calls):
        norm(weight)
        found.append(float(np.asarray(norm.u) @ matrix @ np.asarray(norm.v)))
    return np.array(found)


def hard_case(norm_class: Callable[..., Any], weight: np.ndarray, calls: int = 40) -> None:
    """How far below the true sigma the estimate is, iteration by iteration, from five starts."""
    sigma = float(np.linalg.norm(weight, 2))
    runs = np.array([estimates(norm_class, weight, seed, calls) for seed in range(5)])
    below = 100 * (1 - runs / sigma)
    figure, ax = plt.subplots()
    ax.set(xlabel="iterations", ylabel="estimate below sigma by (%)", yscale="log", ylim=(0.01, 60))
    ax.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    plots.bands(ax, {"five starts": np.maximum(below, 1e-6)}, start=1)
    ax.axhline(1.0, color="0.6", linewidth=1)
    plots.label(ax, 30, 1.35, "1%")
    ax.set_title("Within 1% after about ten iterations, though two values are close")
    plots.show(
        figure,
        "How far the estimate lies below the largest singular value, on a log axis, against iterations: a "
        "quarter after the first, 1% after about ten in the median, with a wide band.",
        seeds=len(runs),
    )
    within = np.median(below, axis=0) <= 1.0
    # What is not right yet may never come near.
    reveal("within_one_percent", float(np.argmax(within) + 1) if within.any() else float("nan"))


def bounds(found: Mapping[str, Sequence[nn.Sequential]]) -> None:
    """Lipschitz bounds and test accuracies of networks without and with spectral normalisation."""
    digits = data.digits()
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), sharey=True)
    reached = {}
    for height, (name, models) in enumerate(found.items()):
        for model in models:
            evaluated(model)
        reached[name] = np.array([bound(model) for model in models])
        right_share = [100 * training.evaluate(model, digits.X_test, digits.y_test)[1] for model in models]
        for ax, values in ((left, reached[name]), (right, right_share)):
            color = plots.PALETTE[height]
            ax.plot(values, np.full(len(models), height), "o", color=color, alpha=0.7)
            ax.plot(np.median(values), height, "|", color=color, markersize=20, markeredgewidth=2.5)
    left.set(yticks=range(len(found)), yticklabels=list(found), ylim=(1.5, -0.5), xscale="log")
    left.set(xlabel="Lipschitz bound", title="Ten times as tame and more", xlim=(0.8, 30))
    left.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    left.minorticks_off()
    right.set(xlabel="test digits right (%)", title="It costs accuracy", xlim=(80, 100))
    plots.show(
        figure,
        "Dots for five networks of each kind. Plain networks have a bound of about 16 and get 96% of the "
        "test digits right; normalised ones have a bound a little above 1 and get 89% right.",
        seeds=len(reached["plain"]),
    )
    middle = float(np.median(reached["with yours"]))
    near = {
        "exactly 1": abs(middle - 1) < 1e-6,
        "a little below 1": middle < 1,
        "a little above 1": middle < 2,
    }
    reveal("normalised_bound", next((name for name, holds in near.items() if holds), "about 5"))


def kernels(norm_class: Callable[..., Any], seeds: int = 5) -> None:
    """How much convolutions stretch images after division by the sigma of their flattened weights."""
    stretched, flat = [], []
    for seed in range(seeds):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            weight = nn.Conv2d(16, 16, 3).double().weight.detach()
        rng = np.random.default_rng(seed)
        norm = norm_class(unit(rng, 16), unit(rng, 144), 100)
        divided = torch.as_tensor(norm(weight.numpy()))
        stretched.append(stretch(divided))
        flat.append(float(torch.linalg.matrix_norm(divided.flatten(1), 2)))
    figure, ax = plt.subplots(figsize=(7, 2.4))
    for height, values in enumerate((flat, stretched)):
        ax.plot(values, np.full(seeds, height), "o", color=plots.PALETTE[height], alpha=0.7)
    ax.set(yticks=(0, 1), yticklabels=("as a matrix", "as a convolution"), ylim=(1.5, -0.5), xlim=(0.8, 2))
    ax.set(xlabel="largest factor by which it stretches")
    ax.set_title("A kernel whose matrix stretches nothing still stretches images")
    plots.show(
        figure,
        "Dots for five kernels. As a matrix each stretches by exactly 1 at most, as a convolution of "
        "images of 8 by 8 pixels by about 1.5.",
        seeds=seeds,
    )
    middle = float(np.median(stretched))
    choices = {"at most 1": 1.0, "about 1.5": 1.5, "about 3": 3.0}
    reveal("flattened_kernel", min(choices, key=lambda name: abs(choices[name] - middle)))


def stretch(weight: torch.Tensor, iterations: int = 200) -> float:
    """The largest factor by which a convolution with padding 1 stretches images of 8 x 8 pixels."""
    image = torch.randn(1, weight.shape[1], 8, 8, generator=torch.Generator().manual_seed(0)).double()
    for _ in range(iterations):
        image = F.conv_transpose2d(F.conv2d(image, weight, padding=1), weight, padding=1)
        image = image / image.norm()
    return float(F.conv2d(image, weight, padding=1).norm())
