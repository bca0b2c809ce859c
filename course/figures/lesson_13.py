"""The figures of lesson 13, fusing weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.figures import lesson_13_runs as runs
from course.measured import measured
from course.questions import reveal

LESSON = "13_fusing_weights"
SHARES = [round(0.1 * step, 1) for step in range(11)]
FIRST, SECOND = ("0.weight", "0.bias"), ("2.weight", "2.bias")
KEPT = (0.05, 0.1, 0.2, 0.5, 1.0)
SCALES = (0.25, 0.5, 1.0)
TEMPERATURES = (0.5, 1.0, 2.0, 4.0, 8.0)


def on_the_line() -> None:
    """Test loss on straight lines between networks of different starts, and of a common one."""
    stored = measured(LESSON)
    figure, ax = plt.subplots()
    names = ("different starts", "a common start")
    plots.bands(ax, dict(zip(names, stored["line"], strict=True)), x=stored["shares"])
    ax.set(xlabel="share t of the second network", ylabel="test loss (nats)", xlim=(0, 1), ylim=(0, 0.75))
    ax.set_title("Between different starts lies a ridge, between siblings none")
    plots.show(
        figure,
        "Test loss against the share of the second network. From different starts it rises from about 0.07 "
        "to about 0.4 in the middle and falls again; from a common start it stays at about 0.07.",
        seeds=runs.SEEDS,
    )
    middle = len(stored["shares"]) // 2
    reveal("halfway", float(round(np.median(stored["line"][0][:, middle]), 2)))


def _mixture(fuse: Callable[..., Any], seed: int, first: float, second: float) -> Any:
    shares = {name: [1 - first, first] for name in FIRST} | {name: [1 - second, second] for name in SECOND}
    return fuse(runs.specialists(seed, runs.HALVES), shares)


def specialists(fuse: Callable[..., Any]) -> None:
    """Sliders: the loss of a mixture of two specialists, with a share in each layer."""
    grid = np.array(
        [[runs.evaluated(_mixture(fuse, 0, first, second))[0] for first in SHARES] for second in SHARES]
    )

    def draw(first_layer: float = 0.0, second_layer: float = 0.0) -> tuple[Figure, str]:
        loss, accuracy = runs.evaluated(_mixture(fuse, 0, first_layer, second_layer))
        figure, ax = plt.subplots(figsize=(6, 4.2))
        shades = ax.contourf(SHARES, SHARES, np.log10(grid), levels=12, cmap="cividis_r")
        bar = figure.colorbar(shades, ax=ax)
        ticks = [value for value in (0.3, 0.5, 1, 2, 4) if grid.min() <= value <= grid.max()]
        bar.set_ticks(np.log10(ticks).tolist(), labels=[f"{value:g}" for value in ticks])
        bar.set_label("test loss (nats)")
        ax.plot([0, 1], [0, 1], color="white", linewidth=1, linestyle=":")
        ax.plot(first_layer, second_layer, "o", color=plots.PALETTE[3], markersize=11, clip_on=False)
        ax.set(xlabel="share of B in the first layer", ylabel="share of B in the second layer")
        said = f"Loss {loss:.2f}, {accuracy:.0f}% right"
        ax.set_title(said)
        return figure, f"A map of the loss over both shares, and the chosen mixture. {said}."

    plots.sliders(draw, first_layer=SHARES, second_layer=SHARES)


def specialists_line(fuse: Callable[..., Any]) -> None:
    """The same without sliders: accuracy on the diagonal, over five pairs of specialists."""
    every = np.array(
        [
            [runs.evaluated(_mixture(fuse, seed, share, share))[1] for share in SHARES]
            for seed in range(runs.SEEDS)
        ]
    )
    figure, ax = plt.subplots(figsize=(7, 3.4))
    plots.bands(ax, {"A and B mixed": every}, x=SHARES)
    start = np.median([runs.evaluated(runs.common_start(seed))[1] for seed in range(runs.SEEDS)])
    ax.axhline(start, color="0.6", linewidth=1)
    plots.label(ax, 0.02, start + 1.5, "before they parted")
    ax.set(xlabel="share of B in both layers", ylabel="test digits right (%)", xlim=(0, 1), ylim=(35, 100))
    ax.set_title("Half and half they know all ten digits")
    plots.show(
        figure,
        "Test accuracy against the share of B: 56% for A alone, 43% for B alone, and above 90% halfway.",
        seeds=runs.SEEDS,
    )


def twins(fuse: Callable[..., Any]) -> None:
    """Test accuracy of networks, their twins and the averages of both."""
    networks = runs.networks()
    found: dict[str, list[float]] = {"network": [], "twin": [], "average": []}
    for seed, network in enumerate(networks):
        twin = runs.twin_of(network, seed)
        for name, state in zip(found, (network, twin, fuse([network, twin])), strict=True):
            found[name].append(runs.evaluated(state)[1])
    figure, ax = plt.subplots(figsize=(7, 2.6))
    _dots(ax, found, "test digits right (%)", (60, 100))
    ax.set_title("Equal functions, and an average that is neither")
    plots.show(
        figure,
        "Dots for five networks: networks and twins at about 98%, their averages far lower and scattered.",
        seeds=len(networks),
    )
    reveal("twin_average", float(round(np.median(found["average"]))))


def _dots(ax: Axes, found: Mapping[str, Any], what: str, limits: tuple[float, float]) -> None:
    """A row of dots for each name, with a stroke at the median."""
    for height, values in enumerate(found.values()):
        color = plots.PALETTE[height]
        ax.plot(values, np.full(len(values), height), "o", color=color, alpha=0.6)
        ax.plot(np.median(values), height, "|", color=color, markersize=20, markeredgewidth=2.5)
    ax.set(yticks=range(len(found)), yticklabels=list(found), ylim=(len(found) - 0.5, -0.5))
    ax.set(xlabel=what, xlim=limits, xticks=np.arange(limits[0], limits[1] + 1, 5))


def federated(found: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Test accuracy of the fused network, round by round."""
    right = {
        name: np.array([[runs.evaluated(state)[1] for state in each] for each in rounds]).T
        for name, rounds in found.items()
    }
    figure, ax = plt.subplots(figsize=(7, 3.6))
    plots.bands(ax, {name: each[:, 1:] for name, each in right.items()}, start=1)
    ax.set(xlabel="rounds", ylabel="test digits right (%)", xlim=(1, 5), ylim=(75, 100))
    ax.set_xticks(range(1, 6))
    ax.set_title("In the end it helps a little that more rows count for more")
    plots.show(
        figure,
        "Test accuracy against rounds for both weightings. Both rise above 90%; with weights by counts the "
        "network ends one or two points ahead in the median.",
        seeds=runs.SEEDS,
    )
    lead = np.median(right["by counts"][:, -1]) - np.median(right["equal"][:, -1])
    within = "within 1% of each other"
    reveal("by_counts", within if abs(lead) < 1 else "by counts" if lead > 0 else "equal")


def stranger(temperatures: Sequence[float], found: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Test accuracy of four fused networks, one of which is a stranger, against the temperature."""
    right = {
        name: np.array([[runs.evaluated(state)[1] for state in each] for each in every])
        for name, every in found.items()
    }
    figure, ax = plt.subplots()
    plots.bands(ax, right, x=temperatures)
    ax.set(xscale="log", xlabel="temperature T", ylabel="test digits right (%)", ylim=(85, 100))
    ax.set_title("Strict enough, but not too strict, the stranger is left out")
    plots.show(
        figure,
        "Test accuracy against the temperature, on a log axis. Similarity weights are between the two others "
        "at T = 1, reach the three siblings from 0.3 down, and fall a little at 0.001.",
        seeds=runs.SEEDS,
    )
    at_one = {name: float(np.median(every[:, -1])) for name, every in right.items()}
    gained = at_one["similarity"] - at_one["equal weights"]
    missed = at_one["three siblings"] - at_one["similarity"]
    said = (
        "like equal weights" if gained < 0.5 else "like the siblings alone" if missed < 0.5 else "in between"
    )
    reveal("lenient", said)


def soft_gradients(loss: Callable[..., Any]) -> None:
    """The size of the gradient of the soft term, with the square of the temperature and without."""
    logits = [2.0 * np.random.default_rng(seed).normal(size=(2, 100, 10)) for seed in range(runs.SEEDS)]
    labels = np.zeros(100, dtype=int)
    with_square = np.array(
        [
            [100 * np.linalg.norm(loss(*pair, labels, T, 1.0)[1], axis=1).mean() for T in TEMPERATURES]
            for pair in logits
        ]
    )
    without = with_square / np.square(TEMPERATURES)
    figure, ax = plt.subplots(figsize=(7, 3.6))
    plots.bands(ax, {"with T²": with_square, "without": without}, x=TEMPERATURES)
    ax.set(xscale="log", yscale="log", xlabel="temperature T", ylabel="mean length of a row's gradient")
    ax.set_xticks(TEMPERATURES, [f"{T:g}" for T in TEMPERATURES])
    ax.minorticks_off()
    ax.set_title("The square keeps the soft term in play")
    plots.show(
        figure,
        "Length of the gradient against the temperature, both on log axes. Without the square it falls by "
        "more than ten from T = 1 to 4; with it, it stays of the same order.",
        seeds=len(logits),
    )
    at = np.median(without, axis=0)
    reveal("soft_gradient", float(round(at[TEMPERATURES.index(1.0)] / at[TEMPERATURES.index(4.0)], 1)))


def hundred_labels(found: Mapping[str, np.ndarray]) -> None:
    """Test accuracies of students, by what they learned from."""
    figure, ax = plt.subplots(figsize=(7, 2.8))
    _dots(ax, found, "test digits right (%)", (80, 100))
    ax.set_title("Soft answers help; more images help more")
    plots.show(
        figure,
        "Dots for five students of each kind: lowest from 100 labels, a little higher from the teacher's "
        "answers to the same images, and near the teachers from answers to all images.",
        seeds=runs.SEEDS,
    )
    reveal("same_hundred", float(round(np.median(found["teacher, the same 100"]))))


def two_tasks(found: Mapping[float, Mapping[str, np.ndarray]]) -> None:
    """Test accuracy of both tasks after the second, against the strength of the penalty."""
    strengths = list(found)
    places = np.arange(len(strengths))
    at_end = {
        f"task {task}": np.array([found[strength][task][:, -1] for strength in strengths]).T for task in "AB"
    }
    figure, ax = plt.subplots(figsize=(7, 3.8))
    plots.bands(ax, at_end, x=places)
    ax.set_xticks(places, ["none", *(f"{strength:g}" for strength in strengths[1:])])
    ax.set(xlabel="strength of the penalty", ylabel="test digits right (%)", ylim=(20, 100))
    ax.set_title("A stiffer spring keeps A, and in the end costs B")
    plots.show(
        figure,
        "Accuracy of both tasks after B, against the strength. Task A rises with the strength, task B falls; "
        "at a strength of 1000 both are at about 87%.",
        seeds=runs.SEEDS,
    )
    reveal("forgets", float(round(np.median(at_end["task A"][:, 0]))))


def forgetting(plain: Mapping[str, np.ndarray], held: Mapping[str, np.ndarray]) -> None:
    """Play: accuracy of both tasks while the second is learned, without a penalty and with one."""
    steps = runs.EVERY * np.arange(plain["A"].shape[1])

    def draw(update: int) -> tuple[Figure, str]:
        shown = steps <= update
        figure, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True)
        words = []
        for ax, name, found in zip(axes, ("no penalty", "your penalty"), (plain, held), strict=True):
            for task, color in zip("AB", plots.PALETTE, strict=False):
                middle = np.median(found[task], axis=0)
                ax.plot(steps[shown], middle[shown], color=color, linestyle="-" if task == "A" else "--")
                ax.plot(update, middle[shown][-1], "o", color=color)
                plots.label(ax, update + 12, float(middle[shown][-1]), task, color)
                words.append(f"{name}: task {task} at {middle[shown][-1]:.0f}%")
            ax.set(xlim=(-5, 340), ylim=(0, 102), xlabel="updates on task B", title=name)
        axes[0].set_ylabel("test digits right (%)")
        return figure, f"After {update} updates, medians of five networks. {'; '.join(words)}."

    plots.play(draw, steps.tolist(), label="update", start=0)


def merged(ties: Callable[..., Any]) -> None:
    """Accuracy by the share of changes that are kept: of one model, and of three specialists merged."""
    alone, together, means = [], [], []
    for seed in range(runs.SEEDS):
        start = runs.common_start(seed)
        base = runs.flat(start)
        full = runs.flat(runs.trained(start, np.arange(1500), 77 + seed, 240))
        thirds = np.array([runs.flat(state) for state in runs.specialists(seed, runs.THIRDS)])

        def accuracy(row: Any, like: Any = start) -> float:
            return runs.evaluated(runs.unflat(np.asarray(row), like))[1]

        counts = [round(share * len(base)) for share in KEPT]
        alone.append([accuracy(ties(base, full[None], k)) for k in counts])
        together.append([[accuracy(ties(base, thirds, k, scale)) for scale in SCALES] for k in counts])
        means.append([accuracy(base + scale * (thirds - base).mean(axis=0)) for scale in SCALES])
    # Each rival at its own best scale.
    by_scale, of_mean = np.array(together), np.array(means)
    best = np.median(by_scale, axis=0).argmax(axis=1)
    at_best = by_scale[:, np.arange(len(KEPT)), best]
    mean_at_best = of_mean[:, np.median(of_mean, axis=0).argmax()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True)
    places = np.arange(len(KEPT))
    plots.bands(left, {"": np.array(alone)}, x=places)
    plots.bands(right, {"TIES": at_best, "mean": np.repeat(mean_at_best[:, None], len(KEPT), 1)}, x=places)
    for ax in (left, right):
        ax.set_xticks(places, [f"{100 * share:g}" for share in KEPT])
        ax.set(xlabel="changes kept (%)", ylim=(84, 100))
    left.set(ylabel="test digits right (%)", title="One model: half is nearly enough")
    right.set_title("Three specialists: no gain here")
    plots.show(
        figure,
        "Accuracy against the share of changes kept. Left, one model: 98% with all of its changes, 97% "
        "with half of them, 89% with the largest twentieth. Right, three specialists merged: TIES is not "
        "above the plain mean.",
        seeds=runs.SEEDS,
    )
    reveal("half_kept", float(round(np.median(alone, axis=0)[KEPT.index(0.5)])))
