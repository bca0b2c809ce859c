"""The figures of lesson 03: momentum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from course import plots
from course.figures import ravine
from course.figures.ravine import settled
from course.measured import measured
from course.questions import reveal

Update = Callable[..., tuple[Any, Any]]
Walk = Callable[..., np.ndarray]
Make = Callable[..., Any]

# What a game of two sliders asks for, and its settings.
GOAL = 15
LRS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8)
BETAS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def _steps(points: np.ndarray) -> str:
    steps = settled(points)
    return f"settled after {steps:.0f} steps" if np.isfinite(steps) else f"not in {len(points) - 1} steps"


def three_runs(runs: Mapping[str, np.ndarray]) -> None:
    """SGD below its limit and above it, and momentum at the rate above."""
    figure, axes = plt.subplots(3, 1, figsize=(7, 5.6), sharex=True)
    verbs = ("crawls", "explodes", "arrives")
    for ax, (name, points), verb in zip(axes, runs.items(), verbs, strict=True):
        steps = settled(points)
        ravine.draw(ax, points[: (12 if steps == np.inf else int(steps)) + 1], name.split(",")[0])
        ax.set_title(f"{name}: {verb}" + (f", {_steps(points)}" if np.isfinite(steps) else ""))
    axes[-1].set_xlabel("a, along the ravine")
    figure.suptitle("Momentum arrives at a rate at which SGD explodes")
    plots.show(
        figure,
        "Three paths over the contour lines of a long ravine. SGD at 0.038 jumps from wall to wall and "
        "creeps towards the minimum. SGD at 0.045 jumps further at every step and leaves the picture. "
        "Momentum at 0.045 swings a little, moves along in long strides and reaches the minimum.",
    )
    slow, _, fast = map(settled, runs.values())
    found = "explodes" if fast == np.inf else "arrives later" if fast > slow else "arrives sooner"
    reveal("past_limit", found)


def average_alone(paths: Mapping[float, np.ndarray]) -> None:
    """The averaging form at one rate, without and with averaging, by beta."""
    figure, axes = plt.subplots(2, 1, figsize=(7, 4.2), sharex=True)
    for ax, (beta, points) in zip(axes, paths.items(), strict=True):
        ravine.draw(ax, points[:47], "momentum" if beta else "SGD")
        ax.set_title(f"beta = {beta:g}: {_steps(points)}")
    axes[-1].set_xlabel("a, along the ravine")
    figure.suptitle("The average calms the swings and gains next to nothing")
    plots.show(
        figure,
        "Two paths at the same rate of 0.038. Without an average the path zigzags from wall to wall. With "
        "beta = 0.7 the swings die out after a few steps. Along the ravine both creep and come equally "
        "far.",
    )
    *_, averaged = paths.values()
    reveal("same_rate", settled(averaged))


def race(walk: Walk, update: Update) -> None:
    """Sliders for the rate and beta of the averaging form, with a number of steps to reach."""

    def draw(lr: float = 0.02, beta: float = 0.9) -> Figure:
        with np.errstate(over="ignore", invalid="ignore"):
            points = walk(update, lr, beta)
        figure, ax = plt.subplots(figsize=(7, 3.6))
        ravine.draw(ax, points, "momentum", right=8)
        ax.set_xlabel("a, along the ravine")
        reached = settled(points) <= GOAL
        result = _steps(points).capitalize()
        ax.set_title(f"{result}. {'Goal reached!' if reached else f'Goal: {GOAL} or fewer.'}")
        return figure

    plots.sliders(draw, lr=LRS, beta=BETAS)


def ball(update: Update) -> None:
    """The ball step by step: what it keeps of its motion, and what the gradient adds."""
    lr, beta, last = 0.1, 0.9, 40
    theta, v = ravine.START, np.zeros(2)
    points, kept = [theta], []
    for _ in range(last):
        kept.append(-lr * beta * v)
        theta, v = update(theta, ravine.CURVATURE * theta, v, lr, beta)
        points.append(theta)
    way = np.array(points)
    heights = ravine.loss(*way.T)

    def draw(step: int) -> tuple[Figure, str]:
        figure, ax = plt.subplots(figsize=(7, 3.6))
        ravine.draw(ax, way[: step + 1], "ball", right=5)
        ax.set(xlabel="a, along the ravine", ylim=(-3, 2.6))
        at, stride = way[step], way[step + 1] - way[step]
        ax.plot(*at, "o", markersize=11, color="0.15", zorder=5)
        plots.arrow(ax, at, kept[step], "velocity")
        plots.arrow(ax, at + kept[step], stride - kept[step], "gradient")
        way_it_goes = "uphill" if heights[step + 1] > heights[step] else "downhill"
        ax.set_title(f"Step {step + 1} goes {way_it_goes}, from a loss of {heights[step]:.0f}")
        said = (
            f"The ball after {step} steps, at a = {at[0]:.1f}, b = {at[1]:.1f}. One arrow is the motion "
            f"that it keeps, the second the gradient's push; together they lead to step {step + 1}, which "
            f"goes {way_it_goes}."
        )
        return figure, said

    plots.play(draw, last)
    reveal("uphill_steps", int((np.diff(heights[:21]) > 0).sum()))


def what_is_kept(gradients: np.ndarray, averages: np.ndarray) -> None:
    """Gradients of SGD across and along the ravine, with their average; both of shape (steps, 2)."""
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2))
    titles = ("Across: the swings cancel", "Along: the slope stays")
    for ax, index, title in zip(axes, (1, 0), titles, strict=True):
        ax.set(xlabel="step", xlim=(0, len(gradients)), title=title)
        series = {"gradient": gradients[:, index], "average v": averages[:, index]}
        plots.curves(ax, series, start=1, marker="o", markersize=3)
    axes[0].set_ylabel("component of the gradient")
    plots.show(
        figure,
        "Gradients of SGD and their average over 31 steps. Across the ravine the gradient swings, from "
        "plus to minus 100 at first, and the average stays near zero. Along it the gradient goes from -10 "
        "to -3, and the average catches up with it.",
    )
    reveal("kept_swing", round(float(np.abs(averages[:, 1]).max()), 1))


def step_lengths(averaging: Mapping[float, np.ndarray], summing: Mapping[float, np.ndarray]) -> None:
    """Lengths of steps on an even slope in the two forms, by beta or mu."""
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.3), sharey=True)
    for ax, lengths, symbol in zip(axes, (averaging, summing), ("beta", "mu"), strict=True):
        ax.set(xlabel="step", xlim=(0, 60), ylim=(0, 22), yticks=range(0, 21, 5))
        plots.curves(ax, {f"{symbol} = {keep}": values for keep, values in lengths.items()}, start=1)
    axes[0].set(title="Averaging form: up to lr", ylabel="length of the step, in units of lr")
    axes[1].set_title("PyTorch's form: up to lr / (1 - mu)")
    plots.show(
        figure,
        "Step lengths for a constant gradient. In the averaging form they rise to 1 lr whatever beta is. In "
        "PyTorch's form they rise to 2, 10 and 20 lr for mu = 0.5, 0.9 and 0.95.",
    )
    reveal("even_slope", round(float(summing[0.95][-1])))


def race_map(walk: Walk, update: Update) -> None:
    """The game of the two sliders as a table."""
    with np.errstate(over="ignore", invalid="ignore"):
        needed = np.array([[settled(walk(update, lr, beta)) for lr in LRS] for beta in BETAS])
    figure, ax = plt.subplots(figsize=(7.5, 4.2))
    plots.heatmap(ax, needed, BETAS, LRS, "steps until settled", goal=GOAL + 1, decimals=0)
    ax.set(xlabel="lr of the averaging form", ylabel="beta")
    ax.set_title("More inertia bears a larger rate, and too much rings")
    plots.show(
        figure,
        "Steps until settled, for 12 learning rates and 8 values of beta; a dash where a run does not "
        "settle within 100. Each row is faster the larger the rate, up to its limit, and the limit grows "
        "with beta. The rows of 0.6 and 0.7 reach the goal of 15; that of 0.95 never gets below 80.",
    )


def nesterov(runs: Mapping[str, np.ndarray], make_optimizer: Make) -> None:
    """Swings across with and without looking ahead, and the fewest steps at each mu's best rate."""
    rates, mus = np.arange(0.001, 0.0805, 0.001), np.arange(0.05, 0.96, 0.05)
    fewest: dict[str, list[float]] = {"momentum": [], "Nesterov": []}
    for mu in mus:
        for name, steps in fewest.items():

            def make(params: Iterable[torch.Tensor], mu: float = mu, ahead: bool = name == "Nesterov") -> Any:
                return make_optimizer(params, lr=1.0, momentum=mu, nesterov=ahead)

            steps.append(ravine.fewest_steps(make, rates))
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
    left.set(xlabel="step", ylabel="b, across", xlim=(0, 50), title="lr = 0.01, mu = 0.9")
    plots.curves(left, {name: points[:51, 1] for name, points in runs.items()})
    right.set(
        xlabel="mu", ylabel="steps until settled", xlim=(0, 1), ylim=(0, 90), title="Each mu at its best lr"
    )
    plots.curves(right, fewest, x=mus)
    figure.suptitle("Looking ahead forgives too much inertia")
    plots.show(
        figure,
        "Left, positions across the ravine: ordinary momentum swings back and forth for more than 50 "
        "steps, Nesterov is still after about 10. Right, the fewest steps against mu: momentum is best at "
        "0.6, Nesterov at 0.85, both with 12 steps; at 0.9 momentum needs 38 and Nesterov 16.",
    )
    place = int(np.abs(mus - 0.9).argmin())
    reveal("ahead_at_09", fewest["Nesterov"][place])


def after_the_drop(update: Update) -> None:
    """Lengths of steps on an even slope in two forms, when the rate falls to a tenth after 30 steps."""
    lrs, mus, slope = np.repeat([1.0, 0.1], 30), np.full(60, 0.9), np.ones_like
    paths = {
        "PyTorch's form": ravine.scheduled(update, lrs, mus, slope, np.array(0.0)),
        "Polyak's form": ravine.polyak(lrs, mus, slope, np.array(0.0)),
    }
    lengths = {name: -np.diff(path) for name, path in paths.items()}
    figure, ax = plt.subplots(figsize=(7, 3.6))
    ax.set(xlabel="step", ylabel="length of the step", xlim=(0, 60), ylim=(0, 11))
    plots.curves(ax, lengths, start=1, marker="o", markersize=3)
    ax.set_title("PyTorch brakes at once, Polyak's ball coasts")
    plots.show(
        figure,
        "Step lengths for a constant gradient; from step 31 on the rate is a tenth. Both climb to almost 10. "
        "PyTorch's form then falls to 1 in one step, Polyak's form takes some 30 steps.",
    )
    reveal("coasting", round(float(lengths["Polyak's form"][30]), 1))


def carried_over(
    lrs: np.ndarray, mus: np.ndarray, settings: tuple[np.ndarray, np.ndarray], update: Update
) -> None:
    """How far PyTorch's form is from Polyak's on the ravine, with his settings and with translated ones."""

    def gradient(theta: np.ndarray) -> np.ndarray:
        return ravine.CURVATURE * theta

    recipe = ravine.polyak(lrs, mus, gradient, ravine.START)
    paths = {
        "copied": ravine.scheduled(update, lrs, mus, gradient, ravine.START),
        "carried over": ravine.scheduled(update, *settings, gradient, ravine.START),
    }
    gaps = {name: np.abs(recipe - path).max(axis=1) for name, path in paths.items()}
    figure, ax = plt.subplots(figsize=(7, 3.2))
    ax.set(xlabel="step", ylabel="gap to the recipe", xlim=(0, 60))
    plots.curves(ax, gaps)
    ax.set_title(
        f"Copied: up to {gaps['copied'].max():.3f}. Carried over: up to {gaps['carried over'].max():.3f}"
    )
    plots.show(
        figure,
        "The distance between the recipe's path in Polyak's form and the path in PyTorch's form, over 60 "
        f"steps. With copied settings it reaches {gaps['copied'].max():.3f} after the rate falls; with "
        f"those carried over it is at most {gaps['carried over'].max():.3f}.",
    )


def digits(own: Mapping[float, np.ndarray]) -> None:
    """Training losses of the digits network against the effective rate.

    Args:
        own: the student's runs with momentum 0.9, (seeds,) losses by effective rate.
    """
    stored = measured("03_momentum")
    rates, losses = stored["effective"], stored["losses"]
    rows = {"SGD": losses[0], "momentum": losses[2], "Nesterov": losses[4]}
    figure, ax = plt.subplots(figsize=(7, 4.4))
    ax.set(xscale="log", yscale="log", xlim=(0.17, 8), ylim=(0.02, 4))
    for axis, ticks in ((ax.xaxis, (0.2, 0.5, 1, 2, 5)), (ax.yaxis, (0.03, 0.1, 0.3, 1, 3))):
        axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.set_ticks([], minor=True)
    ax.set(xlabel="effective rate, lr / (1 - mu)", ylabel="training loss after 6 epochs (nats)")
    plots.bands(ax, {name: runs.T for name, runs in rows.items()}, x=rates)
    for rate, found in own.items():
        ax.plot(np.full(len(found), rate), found, "o", color="0.15", markersize=5, zorder=5)
    ax.set_title("At small rates one curve; then momentum goes on where SGD stops")
    plots.show(
        figure,
        "Training loss against the effective rate on logarithmic axes, median and range of five seeds. Up "
        "to a rate of 1 the curves of SGD, momentum 0.9 and Nesterov 0.9 lie on each other and fall to "
        "0.1. Beyond, SGD jumps to 2.3, momentum falls on to 0.055 and Nesterov to 0.03. Dots are your "
        "own runs.",
        seeds=losses.shape[2],
    )
    best = {name: float(np.median(runs, axis=1).min()) for name, runs in rows.items()}
    print("lowest medians:", ", ".join(f"{name} {loss:.3f}" for name, loss in best.items()))
    share = best["momentum"] / best["SGD"]
    reveal("digits_gain", "a tenth" if share < 0.25 else "about half" if share < 0.75 else "about the same")


def saddle(escapes: Mapping[str, Sequence[float]]) -> None:
    """The distance from the saddle, step by step, until it is 1."""
    figure, ax = plt.subplots(figsize=(7, 3.4))
    ax.set(xlabel="step", ylabel="distance from the saddle, |b|", xlim=(0, 300), yscale="log", ylim=(8e-4, 9))
    plots.curves(ax, escapes)
    ax.set_title("The longer step leaves the saddle early; the average alone does not")
    plots.show(
        figure,
        "Distance from the saddle on a logarithmic axis. In PyTorch's form with 0.9 it reaches 1 after 55 "
        "steps, SGD after 234, the averaging form at the same lr after 291.",
    )
