"""The figures of lesson 16 on new digits: what helped, a rare class, and the student's own pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from course import plots
from course.figures import lesson_16_few as few
from course.measured import measured
from course.questions import reveal

LESSON = "16_recipes"
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
    figure, ax = plt.subplots(figsize=(7, 4.6))
    ax.axvline(np.median(new[0]), color="0.6", linewidth=1)
    for height, row in enumerate(order):
        color = plots.PALETTE[7 if row == 0 else 0]
        ax.plot(new[row], np.full(new.shape[1], height), "o", color=color, alpha=0.6)
        ax.plot(np.median(new[row]), height, "|", color="black", markersize=16, markeredgewidth=2)
        if row:
            plots.label(ax, 98.1, height, f"{gained[row]:+.1f}")
    ax.set(yticks=range(len(order)), yticklabels=[names[row] for row in order], xlim=(86, 99.4))
    ax.set(
        ylim=(len(order) - 0.5, -0.5), xlabel="new digits read right (%), and the median gain in five pairs"
    )
    ax.set_title("Moved digits are worth nearly as much as twice the digits")
    said = ", ".join(f"{names[row]} {np.median(new[row]):.1f}" for row in order)
    plots.show(
        figure,
        f"Rows of five dots, one a seed, with a stroke at the median, in percent of new digits: {said}.",
        seeds=new.shape[1],
    )
    asked = {name: gained[names.index(name)] for name in ASKED}
    reveal("helps_most", max(asked, key=lambda name: asked[name]))


def three_eights() -> None:
    """Accuracy on new 8s and on the rest after training with three 8s: as they are, and balanced."""
    rare = measured(LESSON)["rare"]
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.4), sharey=True)
    for ax, each, what in zip(axes, rare.swapaxes(0, 1), ("new 8s", "all other new digits"), strict=True):
        ax.plot(each, [0, 1], color="0.7", linewidth=1)
        for row, found in enumerate(each):
            ax.plot(found, np.full(len(found), row), "o", color=plots.PALETTE[row], alpha=0.7)
            ax.plot(np.median(found), row, "|", color="black", markersize=18, markeredgewidth=2)
        ax.set(xlabel=f"{what} read right (%)", yticks=(0, 1), yticklabels=("as they are", "balanced"))
        ax.set(ylim=(1.5, -0.5))
    before, after = np.median(rare, axis=2)
    axes[0].set_title(f"8s: {before[0]:.0f}, then {after[0]:.0f}%")
    axes[1].set_title(f"The rest: {before[1]:.0f}, then {after[1]:.0f}%")
    plots.show(
        figure,
        f"Five dots, one a seed, for training with three 8s as they are and balanced. Medians of new 8s: "
        f"{before[0]:.0f} and {after[0]:.0f} percent; of the other new digits {before[1]:.1f} and {after[1]:.1f}.",
        seeds=rare.shape[2],
    )
    gained = float(np.median(rare[1, 0] - rare[0, 0]))
    reveal("balanced", float(round(gained)))


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
