"""The figures of lesson 16, recipes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from course import plots
from course.measured import measured
from course.questions import reveal

LESSON = "16_recipes"
COLUMNS = ("update", "plan", "lr", "loss", "norm", "moved")


def at_first() -> None:
    """How many test digits a Transformer reads after training with clipping, with warm-up, with both."""
    shares = 100 * measured(LESSON)["accuracy"]
    medians = np.median(shares, axis=1)
    figure, ax = plt.subplots(figsize=(7, 2.6))
    names = ("as it is", "clipping", "warm-up", "both")
    for row, (each, median) in enumerate(zip(shares, medians, strict=True)):
        ax.plot(each, np.full(len(each), row), "o", color=plots.PALETTE[0], alpha=0.6)
        ax.plot(median, row, "|", color="black", markersize=18)
    ax.set(
        yticks=range(len(names)), yticklabels=names, xlim=(0, 100), xlabel="test digits that are right (%)"
    )
    ax.invert_yaxis()
    ax.set_title("Warm-up saves the run; clipping alone does not")
    said = ", ".join(f"{name} {median:.0f} %" for name, median in zip(names, medians, strict=True))
    plots.show(
        figure, f"Four rows of dots, one a seed, with a line at the median: {said}.", seeds=len(shares[0])
    )
    gains = medians[1:3] - medians[0]
    best = ("clipping", "warm-up")[int(np.argmax(gains))]
    reveal("what_saves_it", best if max(gains) > 10 else "neither")


def broken_runs() -> None:
    """The logs of a right run, and of five that have one mistake each, as text."""
    stored = measured(LESSON)
    for name, log in zip(("right", *"ABCDE"), stored["logs"], strict=True):
        print(f"run {name}")
        print("".join(f"{column:>9}" for column in COLUMNS))
        for update, (plan, (loss, norm, lr, moved)) in enumerate(
            zip(stored["rates"], log, strict=True), start=1
        ):
            print(f"{update:9}{plan:9.1f}{lr:9.1f}{loss:9.3f}{norm:9.3f}{moved:9.3f}")
        print()
