"""The figures of lesson 08, batch normalisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from course import data, plots, training
from course.questions import reveal

DIGIT = 3  # the row that meets many batches
SIZES = (2, 4, 8, 16, 32, 64, 128)


def ten_layers(networks: Mapping[str, Sequence[nn.Sequential]]) -> None:
    """Violins of what reaches the ReLUs of ten layers, for each kind of network; values of all its seeds."""
    figure, axes = plt.subplots(len(networks), 1, figsize=(7, 6.3), sharex=True, sharey=True)
    spreads = {}
    for ax, (name, each) in zip(axes, networks.items(), strict=True):
        layers = [np.concatenate(values) for values in zip(*map(_before_relus, each), strict=True)]
        spreads[name] = [values.std() for values in layers]
        sns.violinplot(
            layers, ax=ax, color=plots.PALETTE[0], inner=None, cut=0, linewidth=0.5, density_norm="width"
        )
        ax.set(
            title=f"{name}: {_number(spreads[name][0])} in layer 1, {_number(spreads[name][-1])} in layer 10"
        )
        ax.set(ylabel="value - mean", ylim=(-3, 3))
    axes[-1].set(xlabel="layer")
    axes[-1].set_xticks(range(len(layers)), range(1, len(layers) + 1))
    figure.suptitle("By layer 4 PyTorch's start has lost the digits; batch norm keeps them")
    plots.show(
        figure,
        "Violins of the values that reach the ReLUs of ten layers, less the mean of each unit. From "
        "PyTorch's start they shrink to a line by layer 3, from He's start they shrink slowly, with batch "
        "normalisation every layer has a spread of 1.",
        seeds=len(each),
    )
    left = spreads["PyTorch's start"][-1] / spreads["PyTorch's start"][0]
    choices = {"a half": 0.5, "a tenth": 0.1, "a hundredth": 0.01, "less than a thousandth": 0.0003}
    reveal("left_in_layer_ten", nearest(left, choices))


@torch.no_grad()
def _before_relus(model: nn.Sequential) -> list[np.ndarray]:
    """One array a layer: what every tenth digit gives the units before the ReLU, less the unit's mean."""
    values, found = torch.from_numpy(data.digits().X_train), []
    for module in model:
        if isinstance(module, nn.ReLU):
            found.append((values - values.mean(dim=0))[::10].flatten().numpy())
        values = module(values)
    return found


def _number(value: float) -> str:
    return f"{value:.2f}" if value > 0.005 else f"{value:.5f}"


def nearest(value: float, choices: Mapping[str, float]) -> str:
    """The choice whose number is nearest by its logarithm."""
    return min(choices, key=lambda name: abs(math.log(value / choices[name])))


def two_pixels(pixels: np.ndarray, normalised: np.ndarray, affine: np.ndarray) -> None:
    """Histograms of two columns: before, after (3) and after (4); each of shape (rows, 2)."""
    figure, axes = plt.subplots(3, 1, figsize=(7, 6.3))
    steps = {
        "Before: two means, two spreads": (pixels, (-0.1, 1.1)),
        "After (3): mean 0 and variance 1, and the same shapes as before": (normalised, (-5, 7.5)),
        "After (4) with gamma = 3 and beta = 4 for the second pixel": (affine, (-5, 7.5)),
    }
    for ax, (title, (values, limits)) in zip(axes, steps.items(), strict=True):
        for column, hatch in enumerate(("", "///")):
            color = plots.PALETTE[column]
            look = {"bins": 17, "stat": "density", "color": color, "alpha": 0.5, "hatch": hatch}
            sns.histplot(values[:, column], ax=ax, **look)
            ax.axvline(values[:, column].mean(), color=color, linestyle=("-", "--")[column])
        ax.set(title=title, xlim=limits, ylabel="density")
    plots.label(axes[0], 0.25, axes[0].get_ylim()[1] * 0.7, "pixel 14, mostly white", plots.PALETTE[0])
    plots.label(axes[0], 0.42, axes[0].get_ylim()[1] * 0.35, "pixel 3, mostly dark", plots.PALETTE[1])
    axes[-1].set_xlabel("value")
    plots.show(
        figure,
        "Histograms of two pixels over all digits: one piles up at 0, the other at 1. After formula (3) "
        "both have mean 0 and variance 1 and still lean to opposite sides. After formula (4) the second "
        "lies around 4 and is three times as wide.",
    )
    before, after = (_skewness(values[:, 0]) for values in (pixels, normalised))
    same = math.isclose(before, after, rel_tol=1e-3)
    reveal("shape_of_a_pixel", "as lopsided as before" if same else "a bell")


def _skewness(values: np.ndarray) -> float:
    return float((((values - values.mean()) / values.std()) ** 3).mean())


def neighbours(forward: Callable[..., Any]) -> None:
    """Sliders: one digit's normalised value in 200 batches of N digits, the values multiplied by scale."""

    def draw(N: int = 8, scale: float = 1.0) -> Figure:
        answers = _answers(forward, N, scale)
        figure, ax = plt.subplots()
        ax.hist(answers, bins=list(np.linspace(-3, 3, 61)), color=plots.PALETTE[0], alpha=0.7)
        ax.set(xlabel="result for one and the same digit", ylabel="batches", xlim=(-3, 3))
        ax.set_title(f"200 batches of {N}: the results spread by {answers.std():.2f}")
        return figure

    plots.sliders(draw, N=SIZES, scale=[0.1, 1.0, 10.0])


def neighbours_map(forward: Callable[..., Any]) -> None:
    """The same without sliders: the spread against N, five seeds of the batches, for two scales."""
    figure, ax = plt.subplots()
    ax.set(xlabel="digits in the batch, N", ylabel="spread of one digit's result", xscale="log", yscale="log")
    runs = {
        scale: np.array([[_answers(forward, n, scale, seed).std() for n in SIZES] for seed in range(5)])
        for scale in (1.0, 10.0)
    }
    slope, _ = np.polyfit(np.log(SIZES[2:]), np.log(np.median(runs[1.0], axis=0)[2:]), 1)
    times = float(round(2 ** (-1 / slope)))
    ax.set_xticks(SIZES, map(str, SIZES))
    ax.minorticks_off()
    ax.set_yticks([0.1, 0.2, 0.4, 0.8], ["0.1", "0.2", "0.4", "0.8"])
    plots.bands(ax, {"scale = 1": runs[1.0], "scale = 10": runs[10.0]}, x=SIZES)
    ax.set_title("Four times the batch, half the noise; the scale plays no part")
    plots.show(
        figure,
        "Spread of one digit's result against the batch size, both on log axes. From 8 digits on it is a "
        "straight line that halves when the batch is four times as large. The lines for two scales "
        "coincide.",
        seeds=5,
    )
    reveal("steadier_company", times)


def _answers(
    forward: Callable[..., Any], n: int, scale: float, seed: int = 0, batches: int = 200
) -> np.ndarray:
    """One digit's value of one unit, normalised in each of several batches of n digits: (batches,)."""
    rng, unit = np.random.default_rng(seed), scale * _unit()
    found = []
    for _ in range(batches):
        rows = np.append(rng.integers(len(unit), size=n - 1), DIGIT)
        found.append(forward(unit[rows, None], np.ones(1), np.zeros(1))[0][-1, 0])
    return np.array(found)


def _unit() -> np.ndarray:
    """What one unit of the untrained digits network gives for each of the 1500 digits."""
    with torch.no_grad():
        values = training.network()[0](torch.from_numpy(data.digits().X_train)).numpy()
    # The one whose mean is furthest from 0, measured by its spread: its averages have a long way to go.
    return np.asarray(values[:, np.argmax(np.abs(values.mean(axis=0) / values.std(axis=0)))])


def remembered(layer_class: Callable[..., Any], batches: int = 60, rows: int = 32) -> None:
    """Play: a layer's running averages, batch by batch, over the distribution that they estimate."""
    unit, rng, layer = _unit(), np.random.default_rng(0), layer_class(1)
    seen = [(np.empty(0), 0.0, 1.0)]
    for _ in range(batches):
        batch = rng.choice(unit, size=rows, replace=False)
        layer(batch[:, None])
        seen.append((batch, float(layer.running_mean[0]), float(layer.running_var[0])))

    def draw(t: int) -> tuple[Figure, str]:
        batch, mean, var = seen[t]
        figure, ax = plt.subplots(figsize=(7, 3.2))
        peak = float(np.max(ax.hist(unit, bins=30, density=True, color="0.85", histtype="stepfilled")[0]))
        ax.plot(batch, np.full(len(batch), -0.07 * peak), "|", color=plots.PALETTE[1], markersize=12)
        plots.label(ax, unit.max() + 0.1, -0.07 * peak, "this batch", plots.PALETTE[1])
        _bar(ax, -0.2 * peak, unit.mean(), unit.std(), plots.PALETTE[0], "all digits")
        _bar(ax, -0.33 * peak, mean, math.sqrt(var), plots.PALETTE[3], "remembered")
        ax.set(xlim=(-1.1, 1.7), ylim=(-0.42 * peak, None), yticks=[], xlabel="what the unit gives")
        ax.set_title(f"After {t} batches: mean {mean:.2f}, standard deviation {math.sqrt(var):.2f}")
        return (
            figure,
            f"After {t} batches the remembered mean is {mean:.2f}; that of all digits is {unit.mean():.2f}.",
        )

    plots.play(draw, batches + 1, label="batch")


def _bar(ax: Axes, height: float, mean: float, deviation: float, color: str, name: str) -> None:
    ax.errorbar(mean, height, xerr=deviation, color=color, fmt="o", capsize=4, linewidth=3)
    plots.label(ax, mean + deviation + 0.1, height, name, color)


def memory(layer_class: Callable[..., Any], batches: int = 60, rows: int = 32) -> None:
    """The same without moving: running_mean after each batch for three momenta, five orders of the digits."""
    unit = _unit()
    runs = {}
    for momentum in (0.01, 0.1, 0.5):
        runs[f"momentum {momentum}"] = np.empty((5, batches))
        for seed in range(5):
            rng, layer = np.random.default_rng(seed), layer_class(1, momentum=momentum)
            for t in range(batches):
                layer(rng.choice(unit, size=rows, replace=False)[:, None])
                runs[f"momentum {momentum}"][seed, t] = layer.running_mean[0]
    figure, ax = plt.subplots()
    ax.set(xlabel="batches seen", ylabel="running_mean", xlim=(1, batches), ylim=(0, 0.62))
    ax.axhline(unit.mean(), color="0.5", linewidth=1)
    plots.label(ax, 20, unit.mean() + 0.06, "mean of all digits")
    plots.bands(ax, runs, start=1)
    ax.set_title("A small momentum remembers the start, a large one the last batch")
    plots.show(
        figure,
        "running_mean against the number of batches for three momenta. With 0.5 it arrives at once and "
        "shakes, with 0.1 it arrives after about 30 batches, with 0.01 it has not come half of the way "
        "after 60.",
        seeds=5,
    )


def wrong_mode(networks: Sequence[nn.Module]) -> None:
    """Test error in evaluation mode, and in training mode by the size of the batches that are classified."""
    digits, sizes = data.digits(), (2, 4, 8, 16, 32, 64, 148, 297)
    right, wrong = [], np.empty((len(networks), len(sizes)))
    for seed, model in enumerate(networks):
        right.append(_error(model.eval(), digits.X_test, digits.y_test))
        model.train()
        for place, size in enumerate(sizes):
            batches = [slice(start, start + size) for start in range(0, 297 - size + 1, size)]
            errors = [_error(model, digits.X_test[rows], digits.y_test[rows]) for rows in batches]
            wrong[seed, place] = np.mean(errors)
    figure, ax = plt.subplots()
    ax.set(xscale="log", xlabel="digits in a batch at test time", ylabel="test error (%)", ylim=(0, 75))
    ax.set_xticks(sizes, map(str, sizes))
    ax.minorticks_off()
    flat = np.repeat(np.array(right)[:, None], len(sizes), axis=1)
    plots.bands(ax, {"training mode": wrong, "evaluation mode": flat}, x=sizes)
    ax.set_title("In training mode a digit's label depends on its neighbours")
    plots.show(
        figure,
        "Test error against the batch size at test time. In training mode more than half of the digits "
        "are wrong in batches of 2, and the error falls to that of evaluation mode for all 297 at once. "
        "In evaluation mode it is the same for every batch size.",
        seeds=len(networks),
    )
    reveal("pairs_in_training_mode", round(float(np.median(wrong[:, 0]))))


def _error(model: nn.Module, X: np.ndarray, y: np.ndarray) -> float:
    return 100 * (1 - training.evaluate(model, X, y)[1])
