"""The figures of lesson 16 on new digits: what helped, a rare class, and the student's own pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from course import plots
from course.figures import lesson_16_few as few
from course.figures.lesson_16_remedies import RARE
from course.measured import measured
from course.questions import reveal

LESSON = "16_recipes"
MINUS = "\N{MINUS SIGN}"
# What the prediction asks about, by its names in the figure.
ASKED = ("shifts", "dropout", "mixup", "weight decay")


def gains(new: np.ndarray) -> np.ndarray:
    """(remedies, seeds), the first of them nothing, to each median difference to it, pair by pair."""
    return np.asarray(np.median(new - new[0], axis=1))


def what_helps() -> None:
    """Accuracy on new digits for each remedy at its best: five dots, their median, the gain over nothing."""
    stored = measured(LESSON)
    new, names = stored["new"], [str(name) for name in stored["remedies"]]
    gained = gains(new)
    order = [0, *(1 + np.argsort(-gained[1:], kind="stable"))]
    figure, ax = plt.subplots(figsize=(7, 4.8))
    ax.axvline(np.median(new[0]), color="0.6", linewidth=1)
    for height, row in enumerate(order):
        _dots(ax, new[row], height, plots.PALETTE[7 if row == 0 else 0])
        if row:
            plots.label(ax, 97.6, height, f"{gained[row]:+.1f}".replace("-", MINUS))
    plots.label(ax, 97.6, 0, "gain")
    ax.set(yticks=range(len(order)), yticklabels=[names[row] for row in order])
    ax.set(ylim=(len(order) - 0.5, -0.5), xlim=(85.5, 98.9), xlabel="new digits read right (%)")
    ax.set_title("Moving digits by a pixel does nearly as much as twice the digits")
    said = "; ".join(f"{names[row]} {np.median(new[row]):.1f}" for row in order)
    plots.show(
        figure,
        f"Rows of five dots, one a seed, with a stroke at the median, in percent of new digits: {said}.",
        seeds=new.shape[1],
    )
    asked = {name: gained[names.index(name)] for name in ASKED}
    reveal("helps_most", max(asked, key=lambda name: asked[name]))


def three_eights() -> None:
    """Accuracy on new 8s, and on the rest, after training with all 8s, and with three: three ways."""
    rare = measured(LESSON)["rare"]
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.0), sharey=True)
    medians = np.median(rare, axis=2)
    for place, (ax, what) in enumerate(zip(axes, ("new 8s", "all other new digits"), strict=True)):
        for row, found in enumerate(rare[:, place]):
            _dots(ax, found, row, plots.PALETTE[row])
        ax.set(xlabel=f"{what} read right (%)", yticks=range(len(RARE)), yticklabels=list(RARE))
        ax.set(ylim=(len(RARE) - 0.5, -0.5))
    axes[0].set_xlim(0, 100)
    axes[1].set_xlim(80, 100)
    axes[0].set_title("Three 8s are too few")
    axes[1].set_title("The rest hardly notices")
    eights, rest = (
        "; ".join(f"{name} {median:.0f}" for name, median in zip(RARE, each, strict=True))
        for each in medians.T
    )
    plots.show(
        figure,
        f"Rows of five dots, one a seed, with a stroke at the median. New 8s in percent: {eights}. "
        f"All other new digits: {rest}.",
        seeds=rare.shape[2],
    )
    reveal("three_eights", float(round(medians[1, 0])))


def _dots(ax: Axes, values: np.ndarray, height: float, color: str) -> None:
    ax.plot(values, np.full(len(values), height), "o", color=color, alpha=0.6)
    ax.plot(np.median(values), height, "|", color="black", markersize=16, markeredgewidth=2)


def own_remedies(pieces: few.Pieces, remedies: Mapping[str, Mapping[str, Any]]) -> None:
    """A table: what each remedy, made of the student's pieces, gains over the first, pair by pair.

    Args:
        remedies: by name, the settings of ``few.Remedy`` that are not the usual ones.
    """
    found = np.array([few.on_new(few.run(pieces, few.Remedy(**each))) for each in remedies.values()])
    print(f"{'':18}{'median %':>9}{'gain':>7}   in each of five pairs")
    for name, each, gained in zip(remedies, found, gains(found), strict=True):
        pairs = "".join(f"{pair:+6.1f}" for pair in each - found[0])
        print(f"{name:18}{np.median(each):9.1f}{gained:+7.1f}  {pairs}")
