"""What the course's trainer can do so far: the figure that each of lessons 01 to 08 ends with."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from course import plots
from course.measured import lessons, measured

# The array of a lesson's measurements that holds its row: (seeds,) training losses after 138 updates.
ROW = "trainer"
WORDS = {
    "01_mini_batch": "mini-batches",
    "02_ema": "averaged weights",
    "03_momentum": "momentum",
    "04_rmsprop": "RMSprop",
    "05_adam": "Adam",
    "06_lr_decay": "decay",
    "07_clipping": "clipping",
    "08_batch_norm": "batch normalisation",
}

# On the logarithmic axis, as far as they are needed.
TICKS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


def so_far(lesson: str) -> None:
    """Draw the training loss of the digits network after six epochs, a row for each lesson so far."""
    rows = {name: measured(name)[ROW] for name in lessons() if name in WORDS and name <= lesson}
    figure, ax = plt.subplots(figsize=(7, 1.3 + 0.42 * len(rows)))
    for height, losses in enumerate(rows.values()):
        own = height == len(rows) - 1
        color = plots.PALETTE[0] if own else "0.45"
        ax.plot(losses, np.full(len(losses), height), "o", color=color, markersize=6, alpha=0.7)
        ax.plot(np.median(losses), height, "|", color=color, markersize=20, markeredgewidth=2.5)
    ax.set(xscale="log", xlabel="training loss after 138 updates (nats), five seeds and their median")
    lowest, highest = (bound(np.concatenate(list(rows.values()))) for bound in (np.min, np.max))
    ticks = [tick for tick in TICKS if 0.8 * lowest <= tick <= 1.25 * highest]
    if len(ticks) < 3:  # the rows of the first lessons are near to each other
        ticks = [
            tick
            for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(lowest, highest)
            if lowest <= tick <= highest
        ]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(ylim=(len(rows) - 0.4, -0.6), yticks=range(len(rows)))
    ax.set_yticklabels([f"{name[:2]}  {WORDS[name]}" for name in rows])
    last = next(reversed(rows))
    ax.set_title(f"Our trainer after lesson {last[:2]}: {np.median(rows[last]):.3f}")
    said = ", ".join(f"{WORDS[name]} {np.median(losses):.3f}" for name, losses in rows.items())
    plots.show(
        figure,
        f"The training loss of the digits network after six epochs, median of five seeds: {said}.",
        seeds=min(len(losses) for losses in rows.values()),
    )
