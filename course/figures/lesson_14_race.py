"""The figures of lesson 14, hyper-parameter search: five searches side by side, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from course import plots
from course.figures import lesson_14_runs as runs
from course.measured import measured
from course.questions import reveal

LESSON = "14_search"

# Settings that nobody searched for: SGD's in PyTorch, and those of many papers (He and others, 2016).
DEFAULT, CUSTOM = {"lr": 0.001, "momentum": 0.0}, {"lr": 0.1, "momentum": 0.9}

Searches = Mapping[str, runs.Searched]


def mine(random_points: Any, posterior: Any, improvement: Any, search: Any) -> dict[str, runs.Searched]:
    """The student's searches and Optuna's, 25 trials each, over five seeds."""
    uniform = {"lr": ("uniform", *runs.LR), "momentum": ("uniform", *runs.MOMENTUM)}
    return {
        "uniform": runs.by_chance(random_points, uniform),
        "log-uniform": runs.by_chance(random_points),
        "genetic": runs.by_generations(search),
        "process": runs.by_process(posterior, improvement),
        "Optuna": runs.by_optuna(),
    }


def race(searches: Searches) -> None:
    """The best loss so far against the number of trials, five seeds each."""
    best = {name: runs.best_so_far(each.losses) for name, each in searches.items()}
    figure, ax = plt.subplots(figsize=(7, 4))
    lines = {name: np.median(each, axis=0) for name, each in best.items()}
    plots.curves(ax, lines, start=1)
    ax.set(
        xlabel="trials",
        ylabel="lowest validation loss so far (nats)",
        ylim=(0.2, 2.4),
        yscale="log",
        xlim=(1, 25),
    )
    ax.set_yticks([0.25, 0.5, 1, 2], ["0.25", "0.5", "1", "2"])
    ax.minorticks_off()
    ax.set_title("The axis counts for more than the method")
    plots.show(
        figure,
        "The lowest loss so far against trials, the median of five seeds for five searches. Uniform draws "
        "stay behind; the four that search the rate on a log axis end within a tenth of each other.",
        seeds=runs.SEEDS,
    )
    last = {name: float(np.median(each[:, -1])) for name, each in best.items()}
    for name, value in last.items():
        print(f"{name}: {value:.2f} after 25 trials")
    reveal("highest_of_25", max(last, key=lambda name: last[name]))


def again(searched: runs.Searched) -> None:
    """The winner of 25 trials, and the same settings from five other starts."""
    starts = np.array(
        [
            runs.validation_losses([winner["lr"]] * 5, [winner["momentum"]] * 5, runs.NEW_STARTS[:5])
            for winner in searched.winners
        ]
    )
    figure, ax = plt.subplots(figsize=(7, 3.4))
    for seed, own in enumerate(starts):
        ax.plot(np.full(5, seed), own, "o", color="0.5", markersize=5, markerfacecolor="none")
        ax.plot(seed, searched.losses[seed].min(), "D", color=plots.PALETTE[3], markersize=6)
    ax.set(xlabel="search", ylabel="validation loss (nats)", ylim=(0, None), xlim=(-0.5, 4.8))
    ax.set_xticks(range(5), [str(seed + 1) for seed in range(5)])
    ax.set_title("Another start moves the loss as much as another setting")
    plots.show(
        figure,
        "For five searches the winner's loss, a diamond, and five rings, the same settings from other "
        "starts. The rings of one setting spread over about 0.1.",
        seeds=runs.SEEDS,
    )
    spread = np.median(starts.max(axis=1) - starts.min(axis=1))
    print(f"from start to start: {spread:.2f} between the lowest and the highest, in the median search")
    reveal("spread_of_starts", round(float(spread), 2))


def flattery() -> None:
    """What searches report of their winner, and what its settings do from new starts on new rows."""
    stored = measured(LESSON)
    reported, true = stored["reported"], stored["true"]
    trials = np.arange(1, reported.shape[2] + 1)
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True)
    for ax, rows, says, does in zip(axes, stored["rows"], reported, true, strict=True):
        plots.curves(ax, {"reported": np.median(says, axis=0), "true": np.median(does, axis=0)}, x=trials)
        for each, color in ((says, plots.PALETTE[0]), (does, plots.PALETTE[1])):
            low, high = np.quantile(each, [0.25, 0.75], axis=0)
            ax.fill_between(trials, low, high, color=color, alpha=0.15, linewidth=0)
        ax.set(xlim=(10, 100), ylim=(0, 0.75), xlabel="trials")
        ax.set_title(f"{rows:.0f} validation rows: {_median_ratio(says, does):.1f} times", fontsize=11)
    axes[0].set_ylabel("loss of the winner (nats)")
    figure.suptitle("A search flatters itself, most of all with few rows and many trials")
    plots.show(
        figure,
        "Two panels, 30 and 300 validation rows, each with two curves over 10 to 100 random trials, medians "
        "of 20 searches with their quartiles: the lowest loss that the search reports falls all the way, "
        "and the loss of the same settings from new starts on new rows stays near 0.3.",
        seeds=reported.shape[1],
    )
    for rows, says, does in zip(stored["rows"], reported[:, :, -1], true[:, :, -1], strict=True):
        print(f"{rows:.0f} rows, 100 trials: reported {np.median(says):.2f}, true {np.median(does):.2f}")
    reveal("flattery", round(_median_ratio(reported[0], true[0]), 1))


def _median_ratio(reported: np.ndarray, true: np.ndarray) -> float:
    """How many times what was reported the truth is after the last trial."""
    return float(np.median(true[:, -1] / reported[:, -1]))


def worth(searches: Searches) -> None:
    """The winners' losses on the test rows, means of 20 new starts, beside settings nobody searched for."""
    found = {name: runs.test_losses(each.winners).mean(axis=1) for name, each in searches.items()}
    both = runs.test_losses([DEFAULT, CUSTOM]).mean(axis=1, keepdims=True)
    given = dict(zip(("PyTorch's default", "rule of thumb"), both, strict=True))
    figure, ax = plt.subplots(figsize=(7, 3.6))
    rows = list((found | given).items())
    for place, (name, losses) in enumerate(rows):
        color = plots.PALETTE[0] if name in found else plots.PALETTE[1]
        ax.plot(losses, np.full(len(losses), place), "o", color=color, markersize=5, markerfacecolor="none")
        ax.plot(np.median(losses), place, "D", color=color, markersize=7)
    for place, each in enumerate(searches.values()):
        reported = np.median(each.losses.min(axis=1))
        ax.plot(reported, place, "|", color=plots.PALETTE[3], markersize=16, markeredgewidth=2)
    ax.set(xscale="log", xlim=(0.18, 2.7), xlabel="loss (nats)", ylim=(len(rows) - 0.5, -0.5))
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.set_xticks([0.2, 0.3, 0.5, 1, 2], ["0.2", "0.3", "0.5", "1", "2"])
    ax.minorticks_off()
    ax.set_title("A rule of thumb can be worth 25 trials")
    plots.show(
        figure,
        "A row for each of five searches: its five winners on the test rows as rings, their median as a "
        "diamond, and what the search reported as a red bar. Below, a diamond each: PyTorch's default stands "
        "at guessing, the rule of thumb as low as the best searches.",
        seeds=runs.SEEDS,
    )
    middle = {name: float(np.median(losses)) for name, losses in rows}
    for name, value in middle.items():
        print(f"{name}: {value:.2f} on the test rows")
    apart = middle["Optuna"] - middle["rule of thumb"]
    reveal("worth_of_a_search", "about the same" if abs(apart) < 0.05 else "lower" if apart < 0 else "higher")
