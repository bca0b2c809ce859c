"""The figures of lesson 09: warm-up, restarts, chains, switching."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.measured import measured
from course.questions import reveal

LESSON = "09_warmup"
GOAL = 0.4
# What a network that knows nothing pays, in nats.
IGNORANT = np.log(10)
AT_ONCE, WARM = "full rate at once", "30 updates of warm-up"
LOSS = "training loss (nats)"


def _runs() -> tuple[list[float], list[int], np.ndarray, np.ndarray]:
    """The rates, the warm-ups, the updates, and the losses (rates, warm-ups, seeds, updates)."""
    found = measured(LESSON)
    return found["rates"].tolist(), found["warmups"].tolist(), found["updates"], found["losses"]


def _ends() -> np.ndarray:
    """The loss at the end of each run: (rates, warm-ups, seeds)."""
    return measured(LESSON)["ends"]


def full_rate() -> None:
    """The loss of the transformer with a full rate at once and after a warm-up."""
    rates, warmups, updates, losses = _runs()
    place = rates.index(0.01)
    runs = {AT_ONCE: losses[place, warmups.index(0)], WARM: losses[place, warmups.index(30)]}
    figure, ax = plt.subplots()
    ax.set(xlabel="update", ylabel=f"{LOSS} of the batch", xlim=(0, 150), ylim=(0, 3.2))
    plots.bands(ax, runs, x=updates)
    ax.axhline(IGNORANT, color="0.6", linewidth=1)
    plots.label(ax, 3, 2.95, "knowing nothing: 2.30")
    ax.set_title("Without a warm-up five of five never start to learn")
    plots.show(
        figure,
        "Training loss over 150 updates, five networks each. After 30 updates of warm-up it falls steadily;"
        " with the full rate at once it lies at 2.3 from the first update to the last.",
        seeds=5,
    )
    at_once, warm = (float(np.median(_ends()[place, warmups.index(w)])) for w in (0, 30))
    verdict = "near 2.3" if at_once > 2 else "twice as high" if at_once > 1.5 * warm else "about the same"
    reveal("full_rate", "lower" if at_once < 0.8 * warm else verdict)


def two_batches(signs: Mapping[int, Sequence[tuple[np.ndarray, np.ndarray]]]) -> None:
    """On how many weights two batches agree, by their size: pairs of arrays of signs, (seeds, weights)."""
    agree = []
    for pairs in signs.values():
        shares = [
            [100 * np.mean(a == b, where=(a != 0) & (b != 0)) for a, b in zip(*pair, strict=True)]
            for pair in pairs
        ]
        agree.append(np.mean(shares, axis=0))
    sizes = list(signs)
    figure, ax = plt.subplots(figsize=(7, 3.5))
    plots.bands(ax, {"two batches": np.transpose(agree)}, x=sizes)
    ax.plot(sizes, np.median(agree, axis=1), "o", color=plots.PALETTE[0])
    ax.axhline(50, color="0.6", linewidth=1)
    plots.label(ax, sizes[-1], 47, "by chance", ha="right")
    ax.set(
        xscale="log",
        xlabel="rows in each of the two batches",
        ylabel="weights on which they agree (%)",
    )
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set(ylim=(40, 100))
    ax.set_title("The smaller the batch, the more of a first step is chance")
    plots.show(
        figure,
        "For how many of 100 weights two batches give Adam's first step the same sign, against their size:"
        " about half of them with 4 rows, seven in ten with 64, five sixths with 256.",
        seeds=len(agree[0]),
    )
    reveal("two_batches", round(float(np.median(agree[sizes.index(64)]))))


def game(warmup_cosine: Callable[..., Any]) -> None:
    """Sliders for the peak and the warm-up: the student's schedule, and what five transformers made of it."""
    rates, warmups, updates, losses = _runs()
    step = np.arange(150)

    def draw(peak: float = rates[-1], warmup: int = warmups[1]) -> tuple[Figure, str]:
        place = rates.index(peak), warmups.index(warmup)
        ends = _ends()[place]
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
        left.plot(step, warmup_cosine(peak, 0.0, warmup, 150, step))
        left.set(xlabel="step", ylabel="your rate", xlim=(0, 150), ylim=(0, 0.0105))
        left.set_title(f"Peak {peak:g}, warm-up {warmup}")
        runs = losses[place]
        right.fill_between(updates, runs.min(axis=0), runs.max(axis=0), alpha=0.2, color=plots.PALETTE[1])
        right.plot(updates, np.median(runs, axis=0), color=plots.PALETTE[1])
        right.set(xlabel="update", ylabel=LOSS, xlim=(0, 150), ylim=(0, 3.2))
        end = float(np.median(ends))
        verdict = "goal reached" if end < GOAL else f"goal: below {GOAL}"
        right.set_title(f"Ends at {end:.2f} ({verdict})")
        return figure, f"Peak {peak:g}, warm-up {warmup}: the median loss ends at {end:.2f}; {verdict}."

    plots.sliders(draw, peak=rates, warmup=warmups)


def game_map() -> None:
    """The final loss for every position of the sliders."""
    rates, warmups, _, _ = _runs()
    figure, ax = plt.subplots(figsize=(7, 3.2))
    finals = np.median(_ends(), axis=2)
    plots.heatmap(ax, finals, rates, warmups, "median final loss (nats)", goal=GOAL, decimals=2, log=True)
    ax.set(xlabel="updates of warm-up", ylabel="peak")
    ax.set_title("The largest peak: worst without a warm-up, best with one")
    plots.show(
        figure,
        "The final loss for three peaks and three lengths of the warm-up. At the largest peak it is near 2.3"
        " without a warm-up and lowest of all after 30 updates of it; at the smallest it hardly changes.",
        seeds=5,
    )


def strides(moved: Mapping[str, np.ndarray]) -> None:
    """How far Adam moves each weight in each update, for two schedules: (updates, weights) each."""
    names = list(moved)
    styles = dict(zip(names, plots.line_styles(names), strict=True))
    edges = np.linspace(0, 0.0105, 43)
    counts = {
        name: [100 * np.histogram(row[row > 0], edges)[0] / np.sum(row > 0) for row in rows]
        for name, rows in moved.items()
    }

    def draw(update: int) -> tuple[Figure, str]:
        figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.4), sharey=True)
        for ax, name in zip(axes, names, strict=True):
            ax.stairs(counts[name][update - 1], edges, fill=True, color=styles[name]["color"])
            ax.set(xlabel="stride in this update", xlim=(0, 0.0106), ylim=(0, 100))
            ax.set_title(f"{name}, update {update}")
        axes[0].set_ylabel("weights that move (%)")
        return figure, f"Two histograms of the strides of all weights in update {update}."

    plots.play(draw, [1, 2, 3, 4, 6, 8, 10, 15, 20, 25, 30, 40], label="update")
    figure, ax = plt.subplots(figsize=(7, 3.5))
    middle = {
        name: [np.median(row[row > 0]) if np.any(row > 0) else 0.0 for row in rows]
        for name, rows in moved.items()
    }
    ax.set(xlabel="update", ylabel="median stride", xlim=(0, 40), ylim=(0, 0.0105))
    plots.curves(ax, middle, start=1)
    ax.set_title("The longest strides come first, unless a warm-up holds them back")
    plots.show(
        figure,
        "The median stride of the weights over 40 updates. At the full rate it starts at 0.01, the whole"
        " rate, and falls; under a warm-up it starts near 0 and never comes near the whole rate.",
        seeds=5,
    )


def noam_at_zero(found: Any, noam: Callable[..., Any]) -> None:
    """What became of the notes' lambda, and the student's own schedule."""
    steps = np.arange(1, 20001)
    figure, ax = plt.subplots(figsize=(7, 3.3))
    rates = {f"warmup {warmup}": noam(512, warmup, steps) for warmup in (1000, 4000)}
    plots.curves(ax, rates, x=steps)
    ax.set(xlabel="step", ylabel="learning rate", xlim=(0, 20000), ylim=(0, None))
    ax.set_title("A longer warm-up has a lower peak; past both they are one")
    plots.show(
        figure,
        "Two of Noam's schedules of width 512 over 20,000 steps. With a warm-up of 1000 steps the peak is"
        " twice as high as with 4000; from step 4000 on the two are the same.",
    )
    if isinstance(found, Exception):
        reveal("noam_at_zero", "stops with an error")
        print(f"{type(found).__name__}: step 0 to the power of -1/2")
    else:
        reveal("noam_at_zero", "starts at the peak" if found > 0 else "waits at rate 0")


def chained(sequence: np.ndarray, chain: np.ndarray) -> None:
    """A rise and a fall one after the other, and at once."""
    figure, ax = plt.subplots(figsize=(7, 3.5))
    for (name, rates), style in zip(
        {"in sequence": sequence, "chained": chain}.items(),
        plots.line_styles(["in sequence", "chained"]),
        strict=True,
    ):
        ax.plot(np.arange(len(rates)), rates, marker="o", markersize=4, **style)
        top = int(np.argmax(rates))
        plots.label(ax, top + 0.4, rates[top] + 0.03, name, style["color"])
    ax.set(xlabel="step", ylabel="learning rate", xlim=(-0.3, 11.3), ylim=(0, 1.15))
    ax.set_title("In a chain the fall takes its share of the rise as well")
    plots.show(
        figure,
        "Rates over 12 steps. In sequence they rise in a line to 1 in step 4 and then fall; chained they"
        " peak lower, in the same step.",
    )
    reveal("chained_peak", round(float(np.max(chain)), 2))
    for name, rates in (("in sequence", sequence), ("chained", chain)):
        print(f"{name:12}", *(f"{rate:.2f}" for rate in rates[:6]))


def all_drawn(step: np.ndarray, plans: Mapping[str, np.ndarray]) -> None:
    """Three ways to plan a run of 150 steps with 30 of warm-up."""
    figure, ax = plt.subplots(figsize=(7.5, 3.6))
    plots.curves(ax, plans, x=step)
    ax.set(xlabel="step", ylabel="share of the peak", xlim=(0, 150), ylim=(0, 1.05))
    ax.set_title("One rise, three falls")
    plots.show(
        figure,
        "Three schedules over 150 steps that rise alike for 30. The cosine falls to 0 along a wave, Noam's"
        " with the root of the step to under a half, and the chain holds until step 100 and falls in a line.",
    )


def switch(
    switched: Mapping[float, np.ndarray], then: Mapping[float, np.ndarray], alone: Mapping[float, np.ndarray]
) -> None:
    """Training losses of five networks, (seeds,) each.

    Args:
        switched: after a switch from Adam at 0.01, by SGD's rate.
        then: after a switch to SGD at 0.2, by Adam's rate.
        alone: of Adam alone, by its rate.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), sharey=True)
    _dots(left, switched, plots.PALETTE[0])
    _dots(right, alone, plots.PALETTE[1], -0.17)
    _dots(right, then, plots.PALETTE[0], 0.17)
    best, best_alone = (min(map(np.median, losses.values())) for losses in (then, alone))
    left.set(title="After Adam at 0.01: best with 0.2", xlabel="rate of SGD")
    right.set(title=f"At their best: {best:.3f} and {best_alone:.3f}", xlabel="rate of Adam")
    plots.label(right, 0.05, 0.36, "300 updates of Adam", plots.PALETTE[1])
    plots.label(right, 0.05, 0.27, "100 of Adam, then SGD at 0.2", plots.PALETTE[0])
    left.set(ylabel=f"{LOSS}, 300 updates", yscale="log", ylim=(0.01, 0.5))
    left.set_yticks([0.01, 0.03, 0.1, 0.3], ["0.01", "0.03", "0.1", "0.3"])
    left.minorticks_off()
    plots.show(
        figure,
        "Final training losses of five networks. After Adam at 0.01 they are lowest with a rate of 0.2 for"
        " SGD and more than twice as high with 0.01. With SGD at 0.2 the switch is lowest after Adam at 0.1,"
        " Adam alone at 0.03, and these two end close together.",
        seeds=5,
    )
    middle = {lr: float(np.median(each)) for lr, each in switched.items()}
    reveal("rate_after_switch", min(middle, key=lambda lr: middle[lr]))
    for lr, loss in middle.items():
        print(f"SGD at {lr:<4}: {loss:.3f}")


def _dots(ax: Axes, losses: Mapping[float, np.ndarray], color: str, aside: float = 0.0) -> None:
    """A dot for each seed above each rate, and a line at their median."""
    for place, each in enumerate(losses.values()):
        ax.plot(np.full(len(each), place + aside), each, "o", color=color, alpha=0.6)
        ax.plot(place + aside, np.median(each), "_", color="0.2", markersize=16, markeredgewidth=2.5)
    ax.set_xlim(-0.5, len(losses) - 0.5)
    ax.set_xticks(range(len(losses)), [f"{lr:g}" for lr in losses])


def step_121(found: float, cosine_restarts: Callable[..., Any]) -> None:
    """The student's restarts, and where PyTorch's ``step(121)`` lands."""
    step = np.arange(150)
    figure, ax = plt.subplots(figsize=(7.5, 3.4))
    ax.plot(step, cosine_restarts(1.0, 0.0, 1, 3, step), ".", markersize=5)
    ax.plot(121, found, "X", color=plots.PALETTE[3], markersize=11)
    plots.label(ax, 124, 0.02, "PyTorch's step(121)", plots.PALETTE[3])
    ax.set(xlabel="step", ylabel="learning rate", xlim=(-1, 150), ylim=(-0.05, 1.08))
    ax.set_title("Sent to a restart, PyTorch lands at the end of the cycle before")
    plots.show(
        figure,
        "Your rates as dots over 150 steps: cycles of 1, 3, 9, 27 and 81 steps, each beginning at 1. A cross"
        " marks PyTorch's rate in step 121: 0, where your dots are back at 1.",
    )
    reveal("step_121", round(float(found), 3))


def restarts(firsts: Sequence[float], runs: Mapping[str, np.ndarray]) -> None:
    """Losses every 23 updates of both plans, each at its best first rate: runs (rates, 7, seeds)."""
    best = {name: int(np.median(losses[:, -1], axis=1).argmin()) for name, losses in runs.items()}
    figure, ax = plt.subplots(figsize=(7.5, 3.8))
    ax.set(xlabel="update", ylabel=LOSS, yscale="log", xlim=(18, 163), ylim=(0.025, 1))
    plots.bands(
        ax,
        {name: losses[best[name]].T for name, losses in runs.items()},
        x=23 * np.arange(1, 8),
    )
    ax.set_yticks([0.03, 0.1, 0.3, 1.0], ["0.03", "0.1", "0.3", "1"])
    ax.minorticks_off()
    for update in (23, 69):
        ax.axvline(update, color="0.6", linewidth=1)
    plots.label(ax, 71, 0.7, "restart")
    plots.label(ax, 25, 0.035, "restart")
    ax.set_title("Restarts end a little lower, in five of five seeds")
    plots.show(
        figure,
        "Training loss after 23, 46, ... 161 updates for a single cosine and for cycles of 23, 46 and 92"
        " updates. Both fall unevenly; at 69 updates the two are alike, at 161 restarts are a little lower.",
        seeds=next(iter(runs.values())).shape[-1],
    )
    one, again = (runs[name][best[name], -1] for name in ("one cosine", "restarts"))
    won = "restarts" if np.sum(again < one) >= 4 else "one cosine" if np.sum(one < again) >= 4 else "neither"
    reveal("restarts_or_one", won)
    for name, losses in runs.items():
        middle = np.median(losses[best[name]], axis=1)
        print(f"{name:10} from {firsts[best[name]]:g}: {middle[2]:.3f} after 69, {middle[-1]:.3f} after 161")
