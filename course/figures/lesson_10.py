"""The figures of lesson 10: beyond Adam."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course import plots
from course.measured import measured
from course.questions import reveal

Walk = Callable[..., np.ndarray]

LESSON = "10_beyond_adam"
RULES = ("Adam", "Lion", "Adafactor")
# Of the sliders and of the map below them.
RACE_RATES = (0.02, 0.03, 0.05, 0.1, 0.2, 0.4)
RACE_BETAS = (0.0, 0.5, 0.8, 0.9, 0.95)
RACE_GOAL = 0.02
CURVATURES = np.array([1.0, 10.0])
# Between these lie all singular values that start above 0.005, after five steps.
LANDING = (0.68, 1.16)


def memory(parameters: int, kept: Mapping[str, int]) -> None:
    """How many numbers optimisers keep for one layer, on a log scale."""
    numbers = {"SGD": 0, "momentum": parameters, "Lion": parameters, **kept}
    names = list(numbers)
    figure, ax = plt.subplots(figsize=(7, 3))
    ax.barh(names, [max(number, 1) for number in numbers.values()], color=plots.PALETTE[0], height=0.6)
    for place, number in enumerate(numbers.values()):
        plots.label(ax, 1.2 * max(number, 1), place, f"{number:,}", "0.2")
    ax.axvline(parameters, color="0.4", linewidth=1, linestyle="--")
    plots.label(ax, parameters * 0.85, -0.02, f"parameters: {parameters:,}", "0.3", ha="right")
    ax.set(xscale="log", xlim=(1, 4e7), xlabel="numbers kept for one layer of 1024 x 1024 weights")
    ax.set_ylim(4.6, -0.6)
    ax.grid(False, axis="y")
    ax.set_title("Adam keeps 2 million numbers, Adafactor 2048")
    plots.show(
        figure,
        "Bars on a log axis: SGD keeps no number, momentum and Lion 1,048,576, as many as there are "
        "parameters, Adam 2,097,152, Adafactor 2048.",
    )
    reveal("adafactor_memory", kept["Adafactor"])


def lion_floor(paths: Mapping[float, np.ndarray]) -> None:
    """The distance from the minimum along a, step by step, at two rates."""
    figure, ax = plt.subplots(figsize=(7, 3.6))
    distances = {f"lr = {lr:g}": np.abs(points[:, 0]) for lr, points in paths.items()}
    plots.curves(ax, distances, linewidth=1.0)
    ax.set(yscale="log", ylim=(1e-3, 8), xlabel="step", ylabel="distance |a| from the minimum")
    ax.set(yticks=[0.01, 0.1, 1], yticklabels=["0.01", "0.1", "1"], xlim=(0, 1000))
    ax.set_title("Near the minimum Lion's steps are as long as ever")
    ends = {lr: float(np.abs(points[800:, 0]).max()) for lr, points in paths.items()}
    plots.show(
        figure,
        "Distance from the minimum over 1000 steps, log scale. "
        + " ".join(f"With lr = {lr:g} it falls and then swings up to {end:.2g}." for lr, end in ends.items()),
    )
    reveal("lion_floor", round(ends[0.1], 2))


def final_loss(points: np.ndarray) -> float:
    """The median loss of the last 20 points of a walk, (steps + 1, 2)."""
    return float(np.median(0.5 * points[-20:] ** 2 @ CURVATURES))


def lion_race(walk: Walk) -> None:
    """Sliders for the rate and the betas of Lion on a ravine without noise."""

    def draw(lr: float = 0.1, beta1: float = 0.9, beta2: float = 0.99) -> Figure:
        points = walk(lr, beta1, beta2)
        figure, ax = plt.subplots(figsize=(7, 3.8))
        plots.contours(ax, lambda a, b: 0.5 * (a**2 + 10 * b**2), (-4.6, 2.6), (-2.4, 2.4), lines=8)
        plots.path(ax, points, "Lion", goal=np.zeros(2))
        end = final_loss(points)
        verdict = "Goal reached!" if end < RACE_GOAL else f"Goal: below {RACE_GOAL:g}."
        ax.set(xlabel="a", ylabel="b", title=f"Loss at the end {end:.2g}. {verdict}")
        return figure

    plots.sliders(draw, lr=RACE_RATES, beta1=RACE_BETAS, beta2=[0.5, 0.9, 0.99])


def lion_map(walk: Walk) -> None:
    """The loss at the end of 100 steps for each pair of lr and beta1."""
    ends = np.array([[final_loss(walk(lr, beta1)) for lr in RACE_RATES] for beta1 in RACE_BETAS])
    figure, ax = plt.subplots(figsize=(7, 3.6))
    plots.heatmap(ax, ends, RACE_BETAS, RACE_RATES, "loss at the end", goal=RACE_GOAL, decimals=2, log=True)
    ax.set(xlabel="lr", ylabel="beta1", title="Too short steps do not arrive, long ones do not stay")
    plots.show(
        figure,
        "The loss at the end of 100 steps for six rates and five values of beta1. With lr = 0.02 no run has "
        "arrived. With lr = 0.2 and more no run is below 0.08. The lowest are at lr = 0.05 and beta1 = 0.",
    )


def rank_one(true: np.ndarray, factored: np.ndarray) -> None:
    """The factored average against the full one, (seeds, 32, 64) each, weight by weight."""
    seen = (true > 0) & (factored > 0)
    ratio = factored[seen] / true[seen]
    off = float(np.median(np.maximum(ratio, 1 / ratio)))
    figure, ax = plt.subplots(figsize=(7, 4.2))
    top = 2 * true.max()
    ends = np.array([top * 1e-7, top])
    ax.plot(true[seen], factored[seen], ".", color=plots.PALETTE[0], markersize=2, alpha=0.35)
    ax.plot(ends, ends, color="0.2", linewidth=1)
    for factor in (3, 1 / 3):
        ax.plot(ends, factor * ends, color="0.5", linewidth=1, linestyle="--")
    plots.label(ax, top * 2e-7, top * 0.2, "above the dashed lines: 3 times too large, or more", "0.3")
    plots.label(ax, top * 2e-5, top * 3e-7, "below: 3 times too small, or more", "0.3")
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    ax.set(xlabel="v: mean of the squared gradients", ylabel="V: row times column, over the mean")
    ax.set_title(f"A typical weight's V is off by a factor of {off:.2g}")
    plots.show(
        figure,
        "Each dot is a weight of one of five networks: its factored average against its full one, both on "
        "log axes. The dots lie along the diagonal, most of them within a factor of 3, a few far off.",
        seeds=len(true),
    )
    within = float(np.mean((ratio < 3) & (ratio > 1 / 3)))
    print(f"within a factor of 3: {100 * within:.0f}% of the weights that have a gradient")
    reveal("rank_one", min(("1.1", "1.7", "5"), key=lambda choice: abs(np.log(off / float(choice)))))


def three_of_them(own: Mapping[str, tuple[float, np.ndarray]]) -> None:
    """The stored runs of three rules by rate, and a student's own at one rate each."""
    stored = measured(LESSON)
    rates, train = stored["rates"], stored["train"]
    medians = np.median(train, axis=2)
    best = rates[medians.argmin(axis=1)]
    figure, ax = plt.subplots(figsize=(7, 4.4))
    plots.bands(ax, dict(zip(RULES, train.transpose(0, 2, 1), strict=True)), x=rates)
    for lr, losses in own.values():
        ax.plot(np.full(len(losses), lr), losses, "o", color="black", markersize=4, fillstyle="none")
    plots.label(ax, 1.2e-4, 0.035, "rings: your Lion and Adafactor, five seeds", "black")
    ax.set(xscale="log", yscale="log", xlim=(1e-4, 1), ylim=(0.025, 5))
    ax.set(xlabel="learning rate", ylabel="training loss after 6 epochs (nats)")
    ax.set(yticks=[0.05, 0.1, 0.3, 1, 3], yticklabels=["0.05", "0.1", "0.3", "1", "3"])
    lowest = medians.min(axis=1)
    ax.set_title("Less memory has a price here, and each rule a rate of its own")
    plots.show(
        figure,
        "Training loss against the learning rate, both on log axes, median and range of five seeds. "
        + " ".join(
            f"{name} is lowest at {lr:.2g}, with {loss:.2g}."
            for name, lr, loss in zip(RULES, best, lowest, strict=True)
        ),
        seeds=train.shape[2],
    )
    for name, lr, loss in zip(RULES, best, lowest, strict=True):
        print(f"{name:9} best {loss:.3f} at lr = {lr:.2g}")
    reveal("lion_rate", round(float(best[0] / best[1]), 1))


def one_run(own: np.ndarray) -> None:
    """A student's schedule-free run, (seeds, times), against the stored cosines at their best rates."""
    stored = measured(LESSON)
    every = int(stored["every"])
    ends, cosines = stored["ends"], stored["cosines"]
    figure, ax = plt.subplots(figsize=(7, 4.2))
    times = every * np.arange(1, own.shape[1] + 1)
    plots.bands(ax, {"your run": own}, x=times)
    won = 0
    for end, curves in zip(ends, cosines, strict=True):
        count = int(end) // every
        middle = np.median(curves[:, :count], axis=0)
        ax.plot(times[:count], middle, color=plots.PALETTE[1], linewidth=1.5, linestyle="--")
        ax.plot(end, middle[-1], "s", color=plots.PALETTE[1], markersize=6)
        at = {"x": end + 8, "y": 1.2 * middle[-1]} if end < 400 else {"x": 282, "y": 0.0046}
        plots.label(ax, **at, text=f"cosine to {end}: {middle[-1]:.3f}", color=plots.PALETTE[1])
        won += bool(np.mean(curves[:, count - 1] < own[:, count - 1]) >= 0.8)
    ax.set(yscale="log", xlim=(0, 400), ylim=(0.0035, 2.5), xlabel="update", ylabel="training loss (nats)")
    ax.set(yticks=[0.01, 0.03, 0.1, 0.3, 1], yticklabels=["0.01", "0.03", "0.1", "0.3", "1"])
    none = "None of three plans ends lower than one run without a plan"
    ax.set_title(f"{won} of three plans end lower than one run without" if won else none)
    plots.show(
        figure,
        "Training loss on a log axis over 400 updates, median and range of five seeds: your schedule-free "
        "run at x, and three cosines that end at update 100, 200 and 400.",
        seeds=len(own),
    )
    for end in ends:
        print(f"update {end}: your run {np.median(own[:, int(end) // every - 1]):.3f}")
    reveal("one_run", won)


def three_points(losses: Mapping[str, np.ndarray], every: int = 20) -> None:
    """The losses of one run at x, y and z, (seeds, times) each."""
    figure, ax = plt.subplots(figsize=(7, 4))
    count = losses["x"].shape[1]
    plots.bands(ax, losses, x=every * np.arange(1, count + 1))
    ax.set(yscale="log", xlabel="update", ylabel="training loss (nats)", ylim=(0.005, 12), xlim=(0, 400))
    ax.set(yticks=[0.01, 0.1, 1, 10], yticklabels=["0.01", "0.1", "1", "10"])
    ax.set_title("The average is low from the start; z, which it averages, is not")
    plots.show(
        figure,
        "Training loss of one schedule-free run on a log axis, median and range of five seeds. At x and y it "
        "falls together, below 0.01; at z it is about 1 or more until update 160, and falls unsteadily after "
        "that.",
        seeds=len(losses["x"]),
    )
    for update in (100, 200):
        at_x, at_y, at_z = (float(np.median(losses[name][:, update // every - 1])) for name in "xyz")
        print(f"update {update}: {at_x:.3f} at x, {at_y:.3f} at y, {at_z:.2f} at z")
    ratio = np.median(losses["z"][:, 100 // every - 1] / losses["x"][:, 100 // every - 1])
    reveal("loss_at_z", "over 10 times" if ratio > 10 else "lower" if ratio < 0.8 else "about the same")


def _followed(G: np.ndarray, newton_schulz: Callable[..., np.ndarray]) -> np.ndarray:
    """Each singular value of G through eight steps, (9, values), told apart by its vectors, which stay."""
    U, _, V = np.linalg.svd(G, full_matrices=False)
    return np.array([np.abs(np.sum((U.T @ newton_schulz(G, steps=k)) * V, axis=1)) for k in range(9)])


def values(G: np.ndarray, newton_schulz: Callable[..., np.ndarray]) -> None:
    """The singular values of a matrix, step by step."""
    after = _followed(G, newton_schulz)
    grid = np.linspace(0, 1.25, 251)

    def draw(k: int) -> tuple[Figure, str]:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
        left.plot(grid, 3.4445 * grid - 4.775 * grid**3 + 2.0315 * grid**5, color="0.4", linewidth=1.5)
        left.plot(grid, grid, color="0.7", linewidth=1)
        if k:
            left.plot(after[k - 1], after[k], "o", color=plots.PALETTE[0], markersize=4)
        left.set(xlabel="before the step", ylabel="after it", xlim=(0, 1.25), ylim=(0, 1.25))
        right.axhspan(*LANDING, color="0.9")
        right.plot(np.arange(1, len(G) + 1), after[k], "o", color=plots.PALETTE[0], markersize=4)
        right.set(xlabel="singular value, by its size at the start", yscale="log", ylim=(1e-5, 2))
        right.set(yticks=[1e-4, 1e-2, 1], yticklabels=["0.0001", "0.01", "1"])
        low, high = after[k][after[0] > 1e-9].min(), after[k].max()
        steps = "step" if k == 1 else "steps"
        right.set_title(f"After {k} {steps}: from {low:.2g} to {high:.2g}", fontsize=10)
        left.set_title("The step as a curve", fontsize=10)
        return figure, f"After {k} {steps} the singular values are between {low:.2g} and {high:.2g}."

    plots.play(draw, range(9), label="step")


def value_paths(G: np.ndarray, newton_schulz: Callable[..., np.ndarray]) -> None:
    """All the steps at once, and where 0.01 is after five."""
    after = _followed(G, newton_schulz)
    figure, ax = plt.subplots(figsize=(7, 4))
    ax.axhspan(*LANDING, color="0.9")
    ax.plot(np.arange(9), after, color=plots.PALETTE[0], linewidth=0.8, marker="o", markersize=2.5)
    ax.axvline(5, color="0.4", linewidth=1, linestyle="--")
    plots.label(ax, 5.08, 3e-4, "Muon stops here", "0.3")
    plots.label(ax, 0.05, 1.6, f"{LANDING[0]} to {LANDING[1]}", "0.35")
    ax.set(yscale="log", ylim=(1e-4, 2.5), xlim=(0, 8), xlabel="step", ylabel="singular values of X")
    ax.set(yticks=[1e-4, 1e-3, 1e-2, 0.1, 1], yticklabels=["0.0001", "0.001", "0.01", "0.1", "1"])
    ax.set_title("Small values grow fast; none of them settles at 1")
    plots.show(
        figure,
        f"32 singular values over eight steps on a log axis. They start at up to {after[0].max():.2g}; after "
        f"five steps most of them lie between {LANDING[0]} and {LANDING[1]}.",
    )
    lifted = after[5][after[0] > 0.005]
    print(f"after five steps: what began above 0.005 is between {lifted.min():.2f} and {lifted.max():.2f}")
    small = newton_schulz(np.diag([0.01, np.sqrt(1 - 0.01**2)]))[0, 0]
    reveal("after_five", min(("0.05", "0.4", "0.7"), key=lambda choice: abs(float(choice) - small)))
