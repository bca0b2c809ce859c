"""The figures of lesson 06: learning-rate decay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course import plots
from course.measured import measured
from course.questions import reveal

# Loss above the minimum of points (..., 2), as the lesson defines it.
Above = Callable[[np.ndarray], np.ndarray]
# The lesson's walk: one rate an update in; points (updates, walks, 2) out.
Walk = Callable[..., np.ndarray]
GOAL = 0.003
GAME = {
    "lr0": [0.1, 0.2, 0.3, 0.5, 0.7],
    "gamma": [0.8, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 1.0],
}
ABOVE = "loss above the minimum"
# Where the names of the schedules stand beside their curves on the linear axis.
LABELS = (
    ("inverse time", 1.5, 0.11),
    ("step", 20.5, 0.43),
    ("multi-step", 16.5, 0.95),
    ("exponential", 16.3, 0.345),
    ("cosine", 31.0, 0.6),
)


def hover(runs: Mapping[str, np.ndarray], above: Above) -> None:
    """Mean loss of four ways to set the rate, and where the last updates of one walk lie."""
    losses = {name: above(points) for name, points in runs.items()}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), width_ratios=[1.35, 1])
    left.set(xlabel="update", ylabel=f"{ABOVE}, mean of the walks", yscale="log", xlim=(0, 600))
    left.set(ylim=(1e-3, 30), title="A fixed rate hovers; a falling one lands")
    plots.curves(left, {name: values.mean(axis=1) for name, values in losses.items()}, start=1)
    styles = dict(zip(runs, plots.line_styles(list(runs)), strict=True))
    for height, name in ((0.96, "0.3"), (0.89, "0.3, falling")):
        color = styles[name]["color"]
        right.plot(*runs[name][-150:, 0].T, "o", markersize=3, color=color)
        plots.label(right, 0.02, height, name, color, transform=right.transAxes)
    right.set(xlabel="intercept b", ylabel="slope w", title="The last 150 updates of one walk")
    plots.show(
        figure,
        "Left: a rate of 0.3 falls fastest and then stays; 0.03 takes longer and stays lower; 0.003 is"
        " still on its way; the falling rate ends lowest. Right: the fixed rate's points are scattered far"
        " more widely.",
        seeds=next(iter(runs.values())).shape[1],
    )
    factor = losses["0.3"][-100:].mean() / losses["0.03"][-100:].mean()
    reveal("tenth_of_the_rate", f"{min((3, 10, 100), key=lambda times: abs(np.log(factor / times)))} times")


def formula_1(lr: Any, A: np.ndarray, y: np.ndarray, batch_size: int = 8) -> Any:
    """Formula (1) for the line's two directions together, at a rate or an array of them."""
    residual = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    gradients = 2 * residual[:, None] * A  # of each row, at the minimum: their mean is zero
    curvatures, directions = np.linalg.eigh(2 * A.T @ A / len(y))
    variances = np.var(gradients @ directions, axis=0) / batch_size
    floors = [lr * v / (2 * (2 - lr * c)) for c, v in zip(curvatures, variances, strict=True)]
    return floors[0] + floors[1]


def floors(rates: Sequence[float], hovers: Sequence[float], A: np.ndarray, y: np.ndarray) -> None:
    """Where walks with a fixed rate stay, and formula (1)."""
    figure, ax = plt.subplots()
    grid = np.geomspace(0.025, 0.97, 200)
    ax.plot(grid, formula_1(grid, A, y), color="0.6")
    ax.plot(rates, hovers, "o", markersize=7)
    plots.label(ax, 0.03, 0.04, "line: formula (1)\ndots: your walks")
    ax.set(xlabel="learning rate", ylabel=f"{ABOVE}, where it stays", xscale="log", yscale="log")
    ax.set_title("The floor is proportional to the rate, until it shoots up")
    plots.show(
        figure,
        "The floor against the learning rate, both logarithmic. Five dots lie on the line of"
        " formula (1), which rises in proportion to the rate at first and ever faster close to 1.",
        seeds=200,
    )
    last = hovers[-1]
    verdict = "it diverges" if not last < 1e3 else "more than 1" if last > 1 else "0.5" if last > 0.32 else ""
    "0.2"
    reveal("near_the_limit", verdict)
    for lr, found in zip(rates, hovers, strict=True):
        print(f"lr = {lr:<4}: {found:.4f}, formula (1) {formula_1(lr, A, y):.4f}")


def all_five(epoch: np.ndarray, schedules: Mapping[str, np.ndarray], ratio: float) -> None:
    """Five schedules on two scales; ``ratio`` is that of the last rates with two values of gamma."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4))
    scales = (("linear", (0, 1.05)), ("log", (7e-4, 1.5)))
    for ax, (scale, limits) in zip(axes, scales, strict=True):
        ax.set(xlabel="epoch", xlim=(0, epoch[-1]), yscale=scale, ylim=limits)
        for (name, rates), style in zip(schedules.items(), plots.line_styles(list(schedules)), strict=True):
            stairs = name in ("step", "multi-step")
            ax.plot(epoch, rates, drawstyle="steps-post" if stairs else "default", **style)
    plots.curves(axes[1], schedules, linewidth=0)
    styles = dict(zip(schedules, plots.line_styles(list(schedules)), strict=True))
    for name, x, y in LABELS:
        plots.label(axes[0], x, y, name, styles[name]["color"])
    axes[0].set(ylabel="learning rate", title="Two jump, three glide")
    axes[1].set_title("Exponential decay is a straight line")
    plots.show(
        figure,
        "Five schedules over 65 epochs on a linear and a logarithmic axis. Step and multi-step are stairs,"
        " exponential is straight on the logarithmic axis, cosine is flat at both ends and ends lowest.",
    )
    reveal("two_gammas", round(ratio, 1))


def clouds(runs: Mapping[str, np.ndarray], rates: Mapping[str, np.ndarray], best: np.ndarray) -> None:
    """Where many walks stand, update by update, under two ways to set the rate."""
    names = list(runs)
    styles = dict(zip(names, plots.line_styles(names), strict=True))

    def draw(update: int) -> tuple[Figure, str]:
        figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), sharex=True, sharey=True)
        for ax, name in zip(axes, names, strict=True):
            ax.plot(*runs[name][update].T, ".", markersize=4, color=styles[name]["color"])
            ax.plot(*best, "*", markersize=13, color="0.15", markeredgecolor="white")
            ax.set(xlabel="intercept b", xlim=(2, 5.5), ylim=(-0.3, 5))
            ax.set_title(f"{name}: rate {rates[name][update]:.3f}")
        axes[0].set_ylabel("slope w")
        return figure, f"Two clouds of {runs[names[0]].shape[1]} points after update {update}."

    plots.play(draw, range(0, len(runs[names[0]]), 20), label="update")
    figure, ax = plt.subplots(figsize=(7, 3.5))
    spread = {name: np.sqrt(np.var(run, axis=1).sum(axis=-1)) for name, run in runs.items()}
    ax.set(xlabel="update", ylabel="width of the cloud", xlim=(0, 600), ylim=(0, 0.55))
    plots.curves(ax, spread)
    ax.set_title("Only a falling rate lets the cloud contract")
    plots.show(
        figure,
        "The width of both clouds over 600 updates: the one under the fixed rate stays as wide as it was"
        " after 100 updates, the one under the cosine contracts to a small part of that.",
        seeds=runs[names[0]].shape[1],
    )


def game(walk: Walk, above: Above, exponential_decay: Callable[..., np.ndarray]) -> None:
    """Sliders for the first rate and gamma: the rates and the noisy loss that comes of them, side by side."""
    update = np.arange(200)

    def draw(lr0: float = 0.3, gamma: float = 1.0) -> tuple[Figure, str]:
        rates = exponential_decay(lr0, gamma, update)
        losses = above(walk(rates))
        final = losses[-1].mean()
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
        left.plot(update, rates)
        left.set(xlabel="update", ylabel="learning rate", yscale="log", xlim=(0, 200), ylim=(1e-5, 1.5))
        left.set_title(f"Last rate {rates[-1]:.2g}")
        right.plot(update, losses[:, 0], ".", markersize=4, color="0.6")
        right.plot(update, losses.mean(axis=1), color=plots.PALETTE[1])
        plots.label(right, 6, 4e-5, "dots: one walk\nline: mean of all walks")
        right.set(xlabel="update", ylabel=ABOVE, yscale="log", xlim=(0, 200), ylim=(1e-5, 30))
        for ax in (left, right):  # minor ticks take half of the time to draw
            ax.minorticks_off()
        verdict = "goal reached" if final < GOAL else f"goal: below {GOAL}"
        right.set_title(f"Ends at {final:.4f} ({verdict})")
        return figure, f"lr0 = {lr0:g}, gamma = {gamma:g}: the mean loss ends at {final:.4f}; {verdict}."

    plots.sliders(draw, **GAME)


def game_map(walk: Walk, above: Above, exponential_decay: Callable[..., np.ndarray]) -> None:
    """The final loss for every position of the sliders."""
    update = np.arange(200)
    finals = [
        [above(walk(exponential_decay(lr0, gamma, update)))[-1].mean() for lr0 in GAME["lr0"]]
        for gamma in GAME["gamma"]
    ]
    figure, ax = plt.subplots(figsize=(7, 4.5))
    name = "mean final loss above the minimum"
    plots.heatmap(ax, finals, GAME["gamma"], GAME["lr0"], name, goal=GOAL, decimals=3, log=True)
    ax.set(xlabel="lr0", ylabel="gamma", title="The best fields lie on a diagonal")
    plots.show(
        figure,
        "The final loss for five first rates and nine values of gamma. The lowest values lie on a diagonal:"
        " the larger the first rate, the faster it may decay. A fixed rate never comes near them.",
        seeds=200,
    )


def drop(epochs: Sequence[int], finals: Sequence[float], never: float, cosine: float) -> None:
    """The final loss against the update at which the rate drops once."""
    figure, ax = plt.subplots()
    ax.plot(epochs, finals, marker="o", markersize=4)
    ax.set(xlabel="update at which the rate drops from 0.3 to 0.03", ylabel=f"{ABOVE}, after 200 updates")
    ax.set(xlim=(0, 200), ylim=(2e-3, 0.12), yscale="log")
    for value, name in ((never, "never: 0.3 all the way"), (cosine, "cosine from 0.3 to 0")):
        ax.axhline(value, color="0.6", linewidth=1.2)
        plots.label(ax, 100, value * 0.85, name, ha="center")
    plots.label(ax, 19, 0.024, "too early: not there yet")
    plots.label(ax, 183, 0.024, "too late: still wide", ha="right")
    ax.set_title("Any update in the middle will do")
    plots.show(
        figure,
        "The final loss against the update of the drop: a valley that falls until update 40, is flat up to"
        " 150 and rises in the last 30 updates. A cosine ends below the whole curve.",
        seeds=200,
    )
    left = np.interp(180, epochs, finals) / never
    reveal("late_drop", "nearly all" if left > 0.75 else "half" if left > 0.33 else "a fifth")


def patience(metrics: np.ndarray, truth: np.ndarray, rates: Mapping[str, np.ndarray]) -> None:
    """A noisy loss, and what is left of the rate under three values of patience: runs (seeds, epochs)."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.5, 5.5), sharex=True)
    top.plot(metrics[0], ".", color="0.6")
    top.plot(truth, color="0.3", linewidth=1.5)
    top.set(ylabel="loss", ylim=(0, 1.25), title="A loss that falls, then stalls, with noise on it")
    bottom.set(xlabel="epoch", ylabel="learning rate", yscale="log", xlim=(0, 120), ylim=(5e-4, 1.5))
    plots.bands(bottom, rates)
    bottom.set_title("Without patience the rate is gone before the loss has stalled")
    plots.show(
        figure,
        "Above, a noisy loss that falls for 50 epochs and then stays. Below, the rate under three values"
        " of patience: with 0 it is at its lowest after 30 epochs, with 2 it is low at epoch 50, with 8 it"
        " begins to fall once the loss has stalled.",
        seeds=len(metrics),
    )
    left = float(np.median(rates["patience 2"][:, 50]))
    verdict = "all" if left > 0.75 else "half" if left > 0.3 else "a tenth" if left > 0.03 else "nothing"
    reveal("patience_of_two", verdict)


def too_often(rates: Sequence[float]) -> None:
    """The rate when a schedule made for epochs is stepped after every batch."""
    share = rates[-1] / rates[0]
    words = ("half of it", 0.5), ("a hundredth of it", 1e-2), ("a millionth of it", 1e-6)
    reveal("step_per_batch", min(words, key=lambda pair: abs(np.log(share / pair[1])))[0])
    print(f"after 23, 69 and 138 updates: {rates[23]:.2g}, {rates[69]:.2g}, {rates[138]:.2g}")


def planned(rates: np.ndarray) -> None:
    """The rates of our trainer's run, update by update."""
    figure, ax = plt.subplots(figsize=(7, 3))
    ax.plot(np.arange(1, len(rates) + 1), rates, ".", markersize=5)
    ax.set(xlabel="update", ylabel="learning rate", xlim=(0, len(rates) + 1), ylim=(0, None))
    ax.set_title("A rise over the first epoch, half a cosine over the other five")
    plots.show(
        figure,
        "138 dots, one for each update: they rise in a straight line for 23 updates and fall along half a"
        " cosine to the last.",
    )


def together(peaks: Sequence[float], losses: Mapping[str, np.ndarray]) -> None:
    """The final training loss against the peak rate, for four ways to set the rate: runs (seeds, peaks)."""
    figure, ax = plt.subplots(figsize=(7.5, 4.4))
    ax.set(xlabel="largest learning rate", ylabel="training loss after 138 updates (nats)")
    ax.set(xscale="log", yscale="log", xlim=(0.028, 0.21), ylim=(0.02, 2.5))
    ax.set_xticks(peaks, [f"{peak:g}" for peak in peaks])
    ax.minorticks_off()
    plots.bands(ax, losses, x=peaks)
    ax.set_yticks([0.03, 0.1, 0.3, 1.0], ["0.03", "0.1", "0.3", "1"])
    ax.set_title("Warm-up and cosine pay together, and at larger rates")
    plots.show(
        figure,
        "Training loss of five networks against the largest rate, for four ways to set it. Fixed, warm-up"
        " alone and cosine alone have their lowest points at 0.05 to 0.07 and rise steeply; both together"
        " go on falling to 0.1 and stay low.",
        seeds=5,
    )
    best = {name: np.median(runs, axis=0).min() for name, runs in losses.items()}
    won = [name for name in ("warm-up", "cosine") if best[name] < best["fixed"]]
    reveal("which_alone", "both" if len(won) == 2 else won[0] if won else "neither")
    for name, loss in best.items():
        print(f"{name:16} at its best rate: {loss:.3f}")


def kinds(own: np.ndarray) -> None:
    """Each decay after a warm-up, at its own best, and ``own``, the student's exponential decay, (5,)."""
    names = ("no decay", "inverse time", "step", "multi-step", "exponential", "cosine")
    losses = measured("06_lr_decay")["kinds"][:, 0]
    figure, ax = plt.subplots(figsize=(7.5, 3.6))
    for height, row in enumerate(losses):
        ax.plot(row, np.full(len(row), height), "o", color="0.45", alpha=0.7)
        ax.plot(np.median(row), height, "|", color="0.2", markersize=18, markeredgewidth=2.5)
    ax.plot(own, np.full(len(own), 4.28), "^", color=plots.PALETTE[0])
    plots.label(ax, own.max() * 1.04, 4.28, "your run", plots.PALETTE[0])
    ax.set(xscale="log", xlim=(0.02, 0.11), ylim=(5.6, -0.6), yticks=range(6), yticklabels=names)
    ax.set_xticks([0.02, 0.03, 0.05, 0.1], ["0.02", "0.03", "0.05", "0.1"])
    ax.minorticks_off()
    ax.set(xlabel="training loss after 138 updates (nats), five seeds and their median")
    ax.set_title("That it decays matters more than how")
    plots.show(
        figure,
        "Five dots and a median for each of six schedules after a warm-up. The medians of the five that"
        " decay lie between 0.024 and 0.032; without decay it is 0.043.",
        seeds=5,
    )
    medians = np.median(losses[1:], axis=1)
    reveal("kinds_apart", round(float(medians.max() / medians.min()), 2))
