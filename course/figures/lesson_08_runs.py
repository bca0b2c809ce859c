"""Figures of lesson 08 whose networks were measured beforehand; a student's own runs are drawn over them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course import plots
from course.figures.lesson_08 import nearest
from course.measured import measured
from course.plots.look import halo
from course.questions import reveal

LESSON = "08_batch_norm"
GOOD = 0.5  # a loss below this counts as learnt
OWN: dict[str, Any] = {
    "marker": "o",
    "markersize": 11,
    "markerfacecolor": "none",
    "markeredgewidth": 2,
    "linestyle": "none",
}


def depths(own: float) -> None:
    """Loss against depth, each kind at its best rate; ``own`` is the student's network of 12 layers."""
    stored = measured(LESSON)
    best = _at_best_rate(stored["depth"])  # (kinds, depths, seeds)
    figure, ax = plt.subplots()
    ax.set(
        xlabel="hidden layers", ylabel="training loss after 6 epochs (nats)", xlim=(1.5, 12.3), ylim=(0, 2.6)
    )
    ax.set_xticks(stored["depths"])
    names = ("PyTorch's start", "He's start", "batch norm")
    plots.bands(ax, {name: each.T for name, each in zip(names, best, strict=True)}, x=stored["depths"])
    _guessing(ax, 1.7)
    _own(ax, 12, own, "your run")
    ax.set_title("Batch norm learns at every depth, and best at each")
    plots.show(
        figure,
        "Training loss after 6 epochs against the number of hidden layers, each network at its best rate. "
        "With PyTorch's start it is at guessing from 8 layers on. With He's start it climbs to 1.3 at 12 "
        "layers. With batch norm it stays below 0.5 up to 12.",
        seeds=best.shape[-1],
    )
    deepest = stored["depths"][[(losses < GOOD).sum() >= 4 for losses in best[1]]].max()
    reveal("deepest_without", float(deepest))


def _at_best_rate(losses: np.ndarray) -> np.ndarray:
    """(..., rates, seeds) to (..., seeds): the rate with the lowest median."""
    best = np.median(losses, axis=-1).argmin(axis=-1)
    return np.take_along_axis(losses, best[..., None, None], axis=-2)[..., 0, :]


def _guessing(ax: Axes, x: float) -> None:
    ax.axhline(math.log(10), color="0.6", linewidth=1)
    plots.label(ax, x, math.log(10) + 0.13, "guessing: log 10")


def _own(ax: Axes, x: Any, y: Any, words: str) -> None:
    """The student's own runs as rings."""
    ax.plot(x, y, color=plots.PALETTE[3], zorder=5, **OWN)
    last = np.ravel(x)[-1], np.ravel(y)[-1]
    ax.annotate(
        words,
        last,
        xytext=(-10, 22),
        textcoords="offset points",
        ha="right",
        **halo() | {"color": plots.readable(plots.PALETTE[3])},
        arrowprops={"arrowstyle": "-", "color": plots.readable(plots.PALETTE[3]), "shrinkB": 5},
    )


def highest_rate(own: Mapping[float, float]) -> None:
    """Loss against the rate, four hidden layers, with and without; ``own`` are the student's runs by rate."""
    stored = measured(LESSON)
    four = stored["depth"][1:, list(stored["depths"]).index(4)]  # (2 kinds, rates, seeds)
    figure, ax = plt.subplots()
    ax.set(xlabel="learning rate", ylabel="training loss after 6 epochs (nats)", xscale="log")
    ax.set(xlim=(9e-4, 36), ylim=(0, 2.9))
    # Each kind up to where it is lost, so that their names stand apart.
    ends = {"He's start": 8, "batch norm": 9}
    runs = {name: each[:end].T for (name, end), each in zip(ends.items(), four, strict=True)}
    plots.bands(ax, runs, x={name: stored["rates"][:end] for name, end in ends.items()})
    ax.axhline(GOOD, color="0.5", linewidth=1, linestyle=":")
    _own(ax, list(own), np.minimum(list(own.values()), 2.85), "your runs")
    ax.set_title("Batch norm: a lower valley, and a far wider one")
    plots.show(
        figure,
        "Training loss against the learning rate on a log axis. With He's start alone two rates, 0.1 and "
        "0.3, get below 0.5. With batch norm all from 0.1 to 3 do, and the lowest loss is several times "
        "lower.",
        seeds=four.shape[-1],
    )
    good = [stored["rates"][(losses < GOOD).sum(axis=-1) >= 4].max() for losses in four]
    choices = {"no higher": 1, "3 times": 3, "10 times": 10, "100 times": 100}
    reveal("higher_rates", nearest(good[1] / good[0], choices))


def small_batches(own: Mapping[int, float]) -> None:
    """Test error against the size of training batches, each kind at its best rate; ``own`` by size."""
    stored = measured(LESSON)
    best, sizes = _at_best_rate(stored["small"]), stored["sizes"]
    figure, ax = plt.subplots()
    ax.set(
        xlabel="digits in a training batch",
        ylabel="test error (%)",
        xscale="log",
        yscale="log",
        xlim=(1.9, 34),
    )
    ax.set_xticks(sizes, map(str, sizes))
    ax.set_yticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    ax.minorticks_off()
    names = ("He's start", "batch norm", "layer norm")
    plots.bands(ax, {name: each.T for name, each in zip(names, best, strict=True)}, x=sizes)
    _own(ax, list(own), list(own.values()), "your runs")
    ax.set_title("Batch norm: ahead from 8 digits on, ruinous with 2")
    plots.show(
        figure,
        "Test error against the training batch size, on log axes. With batches of 2 batch norm errs on "
        "half of the digits and the others on about a fifth. With 4 all three are close together. From 8 "
        "on batch norm is lowest.",
        seeds=best.shape[-1],
    )
    worse = (best[1] > best[0]).sum(axis=-1) > best.shape[-1] / 2
    reveal("harmful_batch", float(sizes[worse].max()))


def steady(own: float) -> None:
    """Moves of unit means, and the loss, of three kinds at their best rate; ``own`` is a run with jitter."""
    stored = measured(LESSON)
    names = ("He's start", "batch norm", "batch norm + jitter")
    best = np.median(stored["jitter_loss"], axis=-1).argmin(axis=-1)
    moves, losses = (
        [stored[key][k, rate] for k, rate in enumerate(best)] for key in ("jitter_move", "jitter_loss")
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True)
    for ax, each in ((left, moves), (right, losses)):
        for height, values in enumerate(each):
            ax.plot(values, np.full(len(values), height), "o", color=plots.PALETTE[height], alpha=0.7)
            ax.plot(
                np.median(values),
                height,
                "|",
                color=plots.PALETTE[height],
                markersize=20,
                markeredgewidth=2.5,
            )
    left.set(yticks=range(3), yticklabels=names, ylim=(2.5, -0.5), xscale="log")
    left.set(
        xlabel="move of a unit's mean in one\nupdate (standard deviations)", title="Least steady: with jitter"
    )
    right.set(xlabel="training loss\nafter 6 epochs (nats)", xlim=(0, None), title="Worst: the plain network")
    right.plot(own, 2, color=plots.PALETTE[3], **OWN)
    plots.show(
        figure,
        "Two panels of dots for three kinds of networks. The means of units move most with jitter and "
        "least with batch norm. The loss is highest for the plain network, three times that of batch norm "
        "with jitter.",
        seeds=len(losses[0]),
    )
    reveal("worst_learner", names[int(np.argmax([np.median(each) for each in losses]))])
