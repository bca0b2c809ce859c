"""The recipes of lesson 16 with a piece less each: what was measured, and a student's own runs."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np

from course import plots
from course.measured import measured
from course.questions import reveal

LESSON = "16_recipes"
# By the piece that is left out: the recipe, and the name of a run without it.
PIECES = {
    "batch norm": ("CNN", "without batch norm"),
    "clipping": ("RNN", "without clipping"),
    "the orthogonal start": ("RNN", "from PyTorch's start"),
    "warm-up": ("Transformer", "without warm-up"),
    "convolutions": ("CNN, then Transformer", "without convolutions"),
}


def at_best() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each piece of PIECES the shares of test digits, (seeds,) each, with it and without it.

    Each is at its best rate: that of its grid with the highest median.
    """
    stored = measured(LESSON)
    cnn, plain = map(_best, stored["cnn"])
    rnn, free, from_torch = map(_best, stored["rnn"])
    cold, transformer = map(_best, stored["transformer"])
    return {
        "batch norm": (cnn, plain),
        "clipping": (rnn, free),
        "the orthogonal start": (rnn, from_torch),
        "warm-up": (transformer, cold),
        "convolutions": (_best(stored["hybrid"]), _best(stored["attention"])),
    }


def _best(shares: np.ndarray) -> np.ndarray:
    """Of (rates, seeds) the row of the highest median, in %."""
    return np.asarray(100 * shares[np.median(shares, axis=1).argmax()])


def with_a_piece_less(own: Mapping[str, float]) -> None:
    """Each recipe and the same with a piece less, each at its best rate; rings are a student's own runs.

    Args:
        own: the share of test digits that each recipe of the student's pieces reads.
    """
    found = at_best()
    figure, ax = plt.subplots(figsize=(7, 4.2))
    rows: list[str] = []

    def dots(name: str, shares: np.ndarray, color: str) -> None:
        ax.plot(shares, np.full(len(shares), len(rows)), "o", color=color, alpha=0.6)
        ax.plot(np.median(shares), len(rows), "|", color="black", markersize=14)
        rows.append(name)

    for piece, (recipe, without) in PIECES.items():
        if recipe not in rows:
            if recipe in own:
                ring = {"markerfacecolor": "none", "color": plots.PALETTE[3], "markeredgewidth": 1.5}
                ax.plot(100 * own[recipe], len(rows), "o", markersize=11, **ring)
            dots(recipe, found[piece][0], plots.PALETTE[0])
        dots(without, found[piece][1], plots.PALETTE[1])
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlim=(0, 100), xlabel="test digits that are right (%)")
    ax.invert_yaxis()
    gains = {piece: whole - less for piece, (whole, less) in found.items()}
    missed = [piece for piece, each in gains.items() if (each > 0).sum() >= 4]
    ax.set_title(f"Missed in four of five seeds: {' and '.join(missed) or 'none'}")
    medians = {piece: float(np.median(whole) - np.median(less)) for piece, (whole, less) in found.items()}
    plots.show(
        figure,
        "Rows of five dots with their median, recipes and what they come to without one piece: "
        + ", ".join(f"{without} {-medians[piece]:+.1f} points" for piece, (_, without) in PIECES.items()),
        seeds=len(found["clipping"][0]),
    )
    for piece, points in medians.items():
        ahead = int((gains[piece] > 0).sum())
        print(f"{piece}: {points:+.1f} points in the median, ahead in {ahead} of {len(gains[piece])} seeds")
    reveal("pieces_missed", float(len(missed)))
