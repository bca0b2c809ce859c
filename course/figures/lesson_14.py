"""The figures of lesson 14, hyper-parameter search: where its methods look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.figures import lesson_14_runs as runs
from course.questions import reveal


def _rates(axis: Any, last: int = 1) -> None:
    powers = range(-4, last + 1)
    axis.set_ticks([10.0**power for power in powers], [f"{10.0**power:g}" for power in powers])
    axis.set_minor_locator(plt.NullLocator())


def problem() -> None:
    """The loss over the learning rate and momentum, with 25 points of a grid and 25 random ones."""
    rate, momentum = np.meshgrid(np.geomspace(*runs.FIRST_LR, 21), np.linspace(*runs.MOMENTUM, 9))
    losses = runs.validation_losses(rate.ravel(), momentum.ravel(), np.zeros(rate.size)).reshape(rate.shape)
    searches = runs.first_points()
    best = {name: runs.tried(points).min(axis=1) for name, points in searches.items()}
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True)
    for ax, (name, (points, *_)) in zip(axes, searches.items(), strict=True):
        ax.contourf(rate, momentum, losses, levels=np.linspace(0.25, 2.35, 8), cmap="Greys", alpha=0.55)
        x, y = ([point[key] for point in points] for key in ("lr", "momentum"))
        ax.plot(x, y, "o", color=plots.PALETTE[0], markersize=5, zorder=3)
        ax.plot(x, np.full(len(x), -0.07), "|", color=plots.PALETTE[3], markersize=9, clip_on=False)
        ax.set(xscale="log", xlim=(7e-5, 1.4), ylim=(-0.1, 1.02), xlabel="learning rate")
        _rates(ax.xaxis, last=0)
        ax.tick_params(axis="x", labelsize=8)
        ax.grid(False)
        count = len({round(float(np.log10(value)), 6) for value in x})
        ax.set_title(f"{name.capitalize()}: {count} rates tried", fontsize=11)
    axes[0].set_ylabel("momentum")
    plots.show(
        figure,
        "Two maps of the validation loss over learning rate, on a log axis, and momentum; it is low, and the "
        "map light, only at the right, from rates of about 0.1 on. Left a grid of 25 points, which stand "
        "in 5 columns; right 25 random points, with 25 different rates.",
        seeds=runs.SEEDS,
    )
    middle = {name: float(np.median(each)) for name, each in best.items()}
    for name, value in middle.items():
        print(f"lowest loss of 25 trials, {name}: {value:.2f} (median of 5 seeds)")
    apart = middle["grid"] - middle["random points"]
    reveal(
        "grid_or_chance",
        "about the same" if abs(apart) < 0.05 else min(middle, key=lambda name: middle[name]),
    )


def drawn_rates(random_points: Callable[..., Any]) -> None:
    """25 learning rates drawn uniformly and log-uniformly, over five seeds, on a log axis."""
    kinds = {"uniform": ("uniform", *runs.LR), "log": ("log", *runs.LR)}
    figure, ax = plt.subplots(figsize=(7, 3))
    below = {}
    for row, (name, domain) in enumerate(kinds.items()):
        drawn = np.array(
            [
                [point["lr"] for point in random_points({"lr": domain}, 25, np.random.default_rng(seed))]
                for seed in range(5)
            ]
        )
        for seed, rates in enumerate(drawn):
            ax.plot(rates, np.full(25, row + 0.12 * seed - 0.24), "|", color=plots.PALETTE[row], markersize=7)
        below[name] = float(np.median((drawn < 0.1).sum(axis=1)))
    ax.axvspan(0.1, 1, color="0.9", zorder=0)
    ax.set(xscale="log", xlim=(6e-5, 17), ylim=(-0.6, 1.6), xlabel="learning rate")
    ax.set_yticks([0, 1], ["uniform", "log"])
    _rates(ax.xaxis)
    ax.set_title("Uniform draws crowd into the last factor of ten")
    plots.show(
        figure,
        "Learning rates drawn from 0.0001 to 10 on a log axis, five seeds in rows. Uniform draws nearly all "
        "lie above 1; log-uniform ones are spread evenly over the five factors of ten. The good rates, 0.1 "
        "to 1, are shaded.",
        seeds=5,
    )
    reveal("below_a_tenth", below["uniform"])


def _projected(points: Any, degrees: float) -> np.ndarray:
    """Where points lie along a direction of the unit square, from 0 to 1."""
    angle = np.deg2rad(degrees)
    along = np.array([[point["x"], point["y"]] for point in points]) @ [np.cos(angle), np.sin(angle)]
    return np.asarray(np.sort(along) / (np.cos(angle) + np.sin(angle)))


def _gap(along: np.ndarray) -> float:
    """The longest stretch without a point."""
    return float(np.diff(np.concatenate([[0.0], along, [1.0]])).max())


def _square(grid: Any, random_points: Any, side: int, seed: int = 0) -> dict[str, Any]:
    values = [(k + 0.5) / side for k in range(side)]
    space = {"x": ("uniform", 0.0, 1.0), "y": ("uniform", 0.0, 1.0)}
    rng = np.random.default_rng(seed)
    return {"grid": grid({"x": values, "y": values}), "random": random_points(space, side**2, rng)}


def coverage(grid: Callable[..., Any], random_points: Callable[..., Any]) -> None:
    """Sliders: points in a square, and where they lie along the one direction that matters."""

    def draw(side: int = 5, direction: float = 0) -> Figure:
        figure, axes = plt.subplots(1, 2, figsize=(7, 3.9))
        angle = np.deg2rad(direction)
        toward = np.array([np.cos(angle), np.sin(angle)])
        for ax, (name, points) in zip(axes, _square(grid, random_points, side).items(), strict=True):
            ax.plot(*np.array([[point["x"], point["y"]] for point in points]).T, "o", markersize=4)
            plots.arrow(ax, (0.5, 0.5) - 0.3 * toward, 0.6 * toward, "", plots.PALETTE[1])
            along = _projected(points, direction)
            ax.plot(along, np.full(len(along), -0.15), "|", color=plots.PALETTE[3], markersize=10)
            ax.set(xlim=(-0.02, 1.02), ylim=(-0.22, 1.02), aspect="equal", xlabel="x")
            ax.set_title(f"{name}: longest gap {_gap(along):.2f}", fontsize=11)
            ax.grid(False)
        axes[0].set_ylabel("y")
        return figure

    plots.sliders(draw, side=[3, 4, 5, 6], direction=[0, 5, 10, 15, 30, 45, 60, 75, 90])


def coverage_lines(grid: Callable[..., Any], random_points: Callable[..., Any]) -> None:
    """The same without sliders: the longest gap against the direction, for 25 points."""
    degrees = np.arange(0, 91, 3)
    sets = [_square(grid, random_points, 5, seed) for seed in range(5)]
    gaps = {
        name: np.array([[_gap(_projected(each[name], float(angle))) for angle in degrees] for each in sets])
        for name in ("grid", "random")
    }
    figure, ax = plt.subplots(figsize=(7, 3.4))
    plots.bands(ax, gaps, x=degrees)
    ax.set(xlabel="direction that matters (degrees)", ylabel="longest gap along it", ylim=(0, None))
    ax.set_xticks([0, 15, 30, 45, 60, 75, 90])
    ax.set_title("A grid is worst where one axis alone matters")
    plots.show(
        figure,
        "The longest gap along a direction against the direction, for 25 points. The grid's is longest, "
        "0.20, at 0 and 90 degrees, where its points fall onto five places, and below that of random "
        "points in between.",
        seeds=5,
    )


TRIED_X = np.array([[0.8], [2.0], [2.7], [4.6]])
TRIED_Y = np.array([0.9, 0.2, 0.4, 1.3])


def posterior(gp_posterior: Callable[..., Any]) -> None:
    """The mean and two standard deviations around it, through four points."""
    x = np.linspace(0, 10, 201)
    mean, std = map(np.asarray, gp_posterior(TRIED_X, TRIED_Y, x[:, None]))
    figure, ax = plt.subplots(figsize=(7, 3.4))
    _process(ax, x, mean, std, TRIED_X, TRIED_Y)
    ax.set_title("Away from its points the process falls back to its prior")
    plots.show(
        figure,
        "The mean of a Gaussian process through four points between 0.8 and 4.6, in a band of two standard "
        "deviations. The band is narrow between the points; to the right the mean falls to 0 and the band "
        "widens to plus and minus 2.",
    )
    far = float(mean[-1])
    choices = {"the last value": 1.3, "the mean of the four values": float(TRIED_Y.mean()), "0": 0.0}
    reveal("far_away", min(choices, key=lambda name: abs(choices[name] - far)))


def _process(
    ax: Axes, x: np.ndarray, mean: np.ndarray, std: np.ndarray, X: np.ndarray, y: np.ndarray
) -> None:
    ax.fill_between(x, mean - 2 * std, mean + 2 * std, color=plots.PALETTE[0], alpha=0.2, linewidth=0)
    ax.plot(x, mean, color=plots.PALETTE[0])
    ax.plot(X[:, 0], y, "o", color="0.15", markersize=6, zorder=3)
    ax.set(xlabel="hyper-parameter", ylabel="loss", xlim=(x[0], x[-1]))


def next_trials(gp_posterior: Callable[..., Any], improvement: Callable[..., Any], trials: int = 7) -> None:
    """Play: the process, its expected improvement and the next trial, one after the other."""
    x = np.linspace(0, 10, 201)

    def loss(at: np.ndarray) -> np.ndarray:
        return np.asarray(np.sin(at) * 0.8 + 0.04 * (at - 6) ** 2 - 0.3)

    X, steps = TRIED_X[[0, 3]], []
    for _ in range(trials):
        mean, std = map(np.asarray, gp_posterior(X, loss(X[:, 0]), x[:, None]))
        hoped = np.asarray(improvement(mean, std, loss(X[:, 0]).min()))
        steps.append((X, mean, std, hoped))
        X = np.vstack([X, [[x[int(np.argmax(hoped))]]]])

    def draw(trial: int) -> tuple[Figure, str]:
        X, mean, std, hoped = steps[trial]
        at = x[int(np.argmax(hoped))]
        figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.4), sharex=True, height_ratios=[3, 1])
        top.plot(x, loss(x), color="0.5", linestyle=":")
        _process(top, x, mean, std, X, loss(X[:, 0]))
        top.set(xlabel="", ylim=(-3, 3))
        bottom.plot(x, hoped, color=plots.PALETTE[1])
        for ax in (top, bottom):
            ax.axvline(at, color=plots.PALETTE[3], linewidth=1, linestyle="--")
        bottom.set(xlabel="hyper-parameter", ylabel="EI", ylim=(0, None))
        title = f"{len(X)} trials, best {loss(X[:, 0]).min():.2f}: the next is at {at:.1f}"
        top.set_title(title)
        return figure, f"After {title}."

    plots.play(draw, trials, label="trial")
    _, mean, std, hoped = steps[0]
    at = int(np.argmax(hoped))
    places = {"where the mean is lowest": int(np.argmin(mean)), "where std is largest": int(np.argmax(std))}
    reveal("where_next", next((name for name, place in places.items() if place == at), "at neither"))


def generations(search: Callable[..., Any], count: int = 8, size: int = 12) -> None:
    """Play: the points of a genetic search over a valley, generation by generation."""

    def loss(x: Any, y: Any) -> np.ndarray:
        return np.asarray((x - 1.3) ** 2 + 4 * (y + 0.4) ** 2)

    made = search(np.array([-3.0, -3.0]), np.array([3.0, 3.0]), size, np.random.default_rng(2), elite=3)
    seen = []
    for _ in range(count):
        points = np.asarray(made.ask())
        seen.append(points)
        made.tell(loss(*points.T))

    def draw(generation: int) -> tuple[Figure, str]:
        points = seen[generation]
        losses = loss(*points.T)
        figure, ax = plt.subplots(figsize=(5, 4))
        plots.contours(ax, loss, (-3, 3), (-3, 3))
        ax.plot(*points.T, "o", color=plots.PALETTE[0], markersize=6)
        ax.plot(
            *points[np.argsort(losses)[:3]].T,
            "o",
            markersize=12,
            markerfacecolor="none",
            color=plots.PALETTE[3],
        )
        ax.set(xlabel="first hyper-parameter", ylabel="second", aspect="equal")
        title = f"Generation {generation}: lowest loss {losses.min():.3f}"
        ax.set_title(title)
        return figure, f"{title}; the rings are the three that stay."

    plots.play(draw, count, label="generation")
