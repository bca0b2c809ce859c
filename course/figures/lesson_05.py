"""The figures of lesson 05: Adam and AdamW."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.measured import measured
from course.plots.fields import ARROWS
from course.questions import reveal

Loss = Callable[[np.ndarray], np.ndarray]
Walk = Callable[..., tuple[np.ndarray, np.ndarray]]
Settled = Callable[[np.ndarray], float]

LESSON = "05_adam"
# Of the plane of the two parameters, what is shown.
B_RANGE, W_RANGE = (-0.8, 8.8), (-1.0, 5.5)
# Of the sliders and of the map below them.
RACE_RATES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
RACE_BETAS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)
RACE_GOAL = 10
OPTIMISERS = ("SGD", "momentum", "RMSprop", "Adam")
# What the arrows of the moving figure are. The gradient lies nearly on the average, whose colour is too like
# its own.
COLOURS = ARROWS | {"gradient": "0.35"}
NAMES = {"gradient": "downhill, -g", "velocity": "average, -m", "step": "step"}
JOBS = ("as before", "loss summed", "pixels 0 to 16")


def _plane(ax: Axes, loss: Loss, points: np.ndarray, name: str, goal: np.ndarray, **contours: int) -> None:
    plots.contours(ax, lambda b, w: loss(np.stack([b, w], axis=-1)), B_RANGE, W_RANGE, **contours)
    plots.path(ax, points, name, goal=goal)


def tuned_paths(
    loss: Loss,
    best: np.ndarray,
    paths: Mapping[str, np.ndarray],
    chosen: Mapping[str, float],
    settled: Settled,
) -> None:
    """SGD and Adam at their best rates, and at the same rates on a loss that is a sum."""
    steps = {name: settled(points) for name, points in paths.items()}
    figure, axes = plt.subplots(2, 2, figsize=(7, 5.2), sharex=True, sharey=True)
    for row, name in zip(axes, chosen, strict=True):
        for ax, (kind, words) in zip(row, {"": "mean", ", summed": "sum"}.items(), strict=True):
            _plane(ax, loss, paths[name + kind], name, best, lines=5)
            count = steps[name + kind]
            result = f"settled at step {count:.0f}" if count < math.inf else "lost at once"
            ax.set_title(f"{name}, {words}: {result}", fontsize=9)
            plots.label(ax, 5.6, -0.6, f"lr = {chosen[name]:g}", "0.3")
    figure.supxlabel("intercept b", fontsize=10)
    figure.supylabel("slope w", fontsize=10)
    figure.suptitle("Tuned SGD wins, until the loss is scaled")
    plots.show(
        figure,
        "Four paths over the contour lines of a ravine. With the mean, SGD jumps to the minimum in a few "
        "steps, and Adam makes a loop around it first. With the sum, SGD leaves the picture with its "
        "first step, and Adam goes exactly as before.",
    )
    reveal("tuned_ravine", min(chosen, key=lambda name: steps[name]))


def moving_averages(
    loss: Loss, best: np.ndarray, gradient: Loss, points: np.ndarray, averages: np.ndarray
) -> None:
    """Step by step: the gradient, m and the step as arrows, and how m compares with the root of v."""
    beta1, beta2 = 0.9, 0.999

    def draw(t: int) -> tuple[Figure, str]:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), gridspec_kw={"width_ratios": (3, 2)})
        at, (m, v) = points[t - 1], averages[t - 1]
        _plane(left, loss, points[:t], "Adam", best, lines=8)
        m_hat, root = m / (1 - beta1**t), np.sqrt(v / (1 - beta2**t))
        g = gradient(at)
        scale = 2.0 / np.linalg.norm(gradient(points[0]))
        arrows = {"gradient": -scale * g, "velocity": -scale * m_hat, "step": points[t] - at}
        for place, (name, vector) in enumerate(arrows.items()):
            plots.arrow(left, at, vector, color=COLOURS[name])
            plots.label(left, 6.4, 0.9 - 0.6 * place, NAMES[name], COLOURS[name])
        left.set(xlabel="intercept b", ylabel="slope w")
        left.set_title(f"Step {t} of your Adam", fontsize=10)
        heights = np.array([1.0, 0.0])
        right.barh(heights, 2 * np.ones(2), left=-1, height=0.5, color="0.9")
        right.barh(heights, -m_hat / root, height=0.3, color=plots.PALETTE[0])
        right.axvline(0, color="0.4", linewidth=1)
        right.set(xlim=(-1.4, 1.4), ylim=(-0.6, 1.6), yticks=heights, yticklabels=["b", "w"])
        right.set(xlabel="step, in units of lr")
        right.set_title("Each step uses m / root of v of its lr", fontsize=10)
        used = -m_hat / root
        said = (
            f"At step {t} Adam is at b = {at[0]:.1f}, w = {at[1]:.1f}. The step along b is {used[0]:.2f} lr, "
            f"along w {used[1]:.2f} lr."
        )
        return figure, said

    plots.play(draw, [*range(1, 21), *range(22, len(averages) + 1, 2)], label="step")


def step_lengths(lengths: Mapping[str, np.ndarray]) -> None:
    """The first twenty steps of a constant gradient, with and without the correction."""
    figure, ax = plt.subplots(figsize=(7, 3.6))
    ax.set(xlabel="step t", ylabel="length of the step, in units of lr")
    ax.set(xlim=(0, 20.5), ylim=(0, 7), xticks=range(0, 21, 5))
    plots.curves(ax, lengths, start=1, marker="o", markersize=4)
    ax.set_title("Without correction the first steps are 3 to 7 times too long")
    plots.show(
        figure,
        "Step length over the first 20 steps of a constant gradient. With correction every step is 1 lr. "
        "Without, the first is 3.2 lr, the longest, at step 12, is 6.6 lr, and step 20 is still 6.2 lr.",
    )
    reveal("first_step_length", round(float(lengths["not corrected"][0]), 2))


def race(loss: Loss, best: np.ndarray, walk: Walk, settled: Settled) -> None:
    """Sliders for lr and the betas on the ravine."""

    def draw(lr: float = 0.3, beta1: float = 0.9, beta2: float = 0.999) -> Figure:
        points, _ = walk(lr, beta1, beta2)
        figure, ax = plt.subplots(figsize=(7, 3.8))
        _plane(ax, loss, points, "Adam", best, lines=8)
        count = settled(points)
        result = f"Settled at step {count:.0f}" if count < math.inf else "Not settled after 100 steps"
        verdict = "Goal reached!" if count <= RACE_GOAL else f"Goal: {RACE_GOAL} or earlier."
        ax.set(xlabel="intercept b", ylabel="slope w", title=f"{result}. {verdict}")
        return figure

    plots.sliders(draw, lr=RACE_RATES, beta1=RACE_BETAS, beta2=[0.5, 0.9, 0.99, 0.999])


def race_map(walk: Walk, settled: Settled) -> None:
    """When each pair of lr and beta1 settles."""
    needed = np.array([[settled(walk(lr, beta1)[0]) for lr in RACE_RATES] for beta1 in RACE_BETAS])
    figure, ax = plt.subplots(figsize=(7, 3.8))
    plots.heatmap(
        ax, needed, RACE_BETAS, RACE_RATES, "settled at step", goal=RACE_GOAL + 1, decimals=0, log=True
    )
    ax.set(xlabel="lr", ylabel="beta1", title="Without noise, a short memory settles first")
    plots.show(
        figure,
        "The step at which a run settles, for nine learning rates and six values of beta1. With beta1 = 0.5 "
        "and lr = 1 it is step 5. With beta1 = 0.9 it is never below 31, with 0.95 always above 60.",
    )
    rows = np.where(np.isfinite(needed), needed, 1000).min(axis=1)
    short = rows[: RACE_BETAS.index(0.9)].min() < rows[RACE_BETAS.index(0.95)]
    reveal("race_memory", "shorter" if short else "longer")


def loss_against_lr(own: Mapping[float, np.ndarray]) -> None:
    """The stored runs of four optimisers by rate, and a student's own Adam at some of the rates."""
    stored = measured(LESSON)
    rates, train = stored["rates"], stored["train"][: len(OPTIMISERS)]
    figure, ax = plt.subplots(figsize=(7, 4.4))
    ax.set(xlabel="learning rate", ylabel="training loss after 6 epochs (nats)", xscale="log", yscale="log")
    ax.set(xlim=(8e-4, 6), ylim=(0.025, 4), yticks=[0.05, 0.1, 0.3, 1, 3])
    ax.set_yticklabels(["0.05", "0.1", "0.3", "1", "3"])
    _valleys(ax, rates, dict(zip(OPTIMISERS, train, strict=True)))
    for lr, losses in own.items():
        ax.plot(np.full(len(losses), lr), losses, "o", color="black", markersize=4, fillstyle="none")
    plots.label(ax, 1.1e-3, 0.032, "rings: your Adam, five seeds", "black")
    ax.axhline(math.log(10), color="0.6", linewidth=1)
    plots.label(ax, 1.1e-3, 1.25 * math.log(10), "guessing", "0.35")
    medians = dict(zip(OPTIMISERS, np.median(train, axis=2), strict=True))
    lowest = min(medians, key=lambda name: medians[name].min())
    ax.set_title(f"Four valleys, up to a hundredfold apart; {lowest}'s is the deepest, by little")
    plots.show(
        figure,
        "Training loss after 6 epochs against the learning rate, both on log axes; median and range of "
        "five seeds. Each optimiser has a valley: near 0.01 for RMSprop, 0.05 for Adam, 0.2 for momentum "
        "and 1 for SGD, whose valley is the narrowest. The rings of your Adam lie in Adam's band.",
        seeds=train.shape[2],
    )
    for name, median in medians.items():
        rate = f"{rates[median.argmin()]:.2g}"
        good = np.sum(median < 0.3)
        print(f"{name:9} best {median.min():.3f} at lr = {rate:6} below 0.3 at {good} of {len(rates)} rates")
    reveal("best_of_four", lowest)


def _valleys(ax: Axes, rates: np.ndarray, runs: Mapping[str, np.ndarray]) -> None:
    """Loss against rate, (rates, seeds) each: median, range, and the name at the lowest point."""
    for (name, losses), style in zip(runs.items(), plots.line_styles(list(runs)), strict=True):
        median = np.median(losses, axis=1)
        ax.plot(rates, median, marker="o", markersize=3, label=name, **style)
        ax.fill_between(rates, losses.min(axis=1), losses.max(axis=1), color=style["color"], alpha=0.2, lw=0)
        lowest = int(median.argmin())
        plots.label(ax, rates[lowest], 0.82 * losses[lowest].min(), name, style["color"], ha="center")


def three_jobs(own: Mapping[str, np.ndarray]) -> None:
    """The stored runs of momentum and Adam on three jobs by rate, and a student's own Adam at one rate."""
    stored = measured(LESSON)
    rates = stored["rates"]
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), sharey=True)
    worst = {}
    for ax, name, jobs in zip(axes, ("momentum", "Adam"), stored["jobs"][1:], strict=True):
        medians = np.median(jobs, axis=2)
        common = int(medians.max(axis=0).argmin())
        worst[name] = medians[:, common].max()
        for job, median, runs, style in zip(JOBS, medians, jobs, plots.line_styles(JOBS), strict=True):
            ax.plot(rates, median, label=job, **style)
            ax.fill_between(
                rates,
                runs.min(axis=1),
                np.minimum(runs.max(axis=1), 1e3),
                color=style["color"],
                alpha=0.2,
                lw=0,
            )
        ax.axvline(rates[common], color="0.5", linewidth=1)
        ax.plot(rates[common], worst[name], "s", color="0.2", markersize=7, fillstyle="none")
        plots.label(ax, 1.15 * rates[common], 4.4, f"best for all: {rates[common]:.2g}", "0.3")
        ax.set(xscale="log", yscale="log", xlim=(1e-3, 2), ylim=(0.03, 6), xlabel="learning rate")
        ax.set_title(f"{name}: {worst[name]:.2g} on its worst job")
    for job, losses in own.items():
        axes[1].plot(np.full(len(losses), rates[4]), losses, "ko", markersize=4, fillstyle="none", label=job)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    axes[0].set_ylabel("training loss after 6 epochs (nats)")
    axes[0].set(yticks=[0.05, 0.1, 0.3, 1, 3], yticklabels=["0.05", "0.1", "0.3", "1", "3"])
    figure.suptitle("One rate for three jobs: momentum has none, Adam has one")
    plots.show(
        figure,
        "Loss against learning rate on three jobs, median and range of five seeds. The three valleys of "
        "momentum lie up to 46 times apart, and at the rate that is best for all of them one job is "
        "hardly learnt. Adam's three valleys overlap. Your own Adam's rings lie in all three of them.",
        seeds=stored["jobs"].shape[3],
    )
    reveal(
        "one_rate", min(("0.08", "0.3", "1"), key=lambda text: abs(math.log(worst["momentum"] / float(text))))
    )


def who_decays(brightness: np.ndarray, left: Mapping[str, np.ndarray]) -> None:
    """How much of each pixel's weights is left with two kinds of decay, (seeds, 64) each."""
    figure, ax = plt.subplots()
    places = {"Adam, L2 in the gradient (5)": (0.22, 0.4), "AdamW, decoupled decay (6)": (0.22, 1.06)}
    for (name, place), marker, color in zip(
        places.items(), "^o", (plots.PALETTE[0], plots.PALETTE[3]), strict=True
    ):
        shares = left[name]
        middle = np.median(shares, axis=0)
        spread = np.abs(np.stack([shares.min(axis=0), shares.max(axis=0)]) - middle)
        ax.errorbar(
            brightness, middle, spread, fmt=marker, color=color, markersize=5, elinewidth=0.6, alpha=0.8
        )
        plots.label(ax, *place, name, color, weight="bold")
    ax.set(xlabel="mean ink of the pixel (0 white, 1 black)", ylabel="weights, relative to no decay")
    ax.set_ylim(-0.05, 1.15)
    ax.set_title("L2 inside Adam wipes out the quiet weights, AdamW does not")
    plots.show(
        figure,
        "Weight norm of 64 pixels relative to training without decay, against the pixel's mean ink, "
        "median and range of five seeds. With AdamW nearly all lie between 0.8 and 1. With L2 in Adam the "
        "pixels that are nearly always white fall to 0, dark ones stay near 0.9.",
        seeds=5,
    )
    quiet = brightness == 0
    kept = {name: float(np.median(values[:, quiet])) for name, values in left.items()}
    coupled, decoupled = (kept[name] for name in places)
    print(f"pixels that are always white: {coupled:.2f} left with (5), {decoupled:.2f} with (6)")
    reveal("quiet_weights", "wiped out" if coupled < 0.1 else "like all" if coupled < 0.95 else "kept")


def rare_gradient(paths: Mapping[str, np.ndarray]) -> None:
    """Where one parameter goes when one gradient in 51 is large and has the other sign."""
    figure, ax = plt.subplots(figsize=(7, 3.4))
    ax.set(xlabel="step", ylabel="theta", ylim=(-1.15, 1.15), xlim=(0, len(paths["Adam"])))
    plots.curves(ax, paths, start=1, linewidth=1.0)
    ax.axhline(-1, color="0.6", linewidth=1)
    plots.label(ax, 60, -1.07, "the minimum on [-1, 1]", "0.35", fontsize=9)
    ends = {name: float(np.mean(path[-51:])) for name, path in paths.items()}
    wrong = [name for name, end in ends.items() if end > 0.5]
    cured = ", AMSGrad does not" if ends.get("AMSGrad", 1.0) < -0.9 else ""
    ax.set_title(f"{' and '.join(wrong)} settles at the wrong end{cured}" if wrong else "At the right end")
    plots.show(
        figure,
        "Theta over 6000 steps between -1 and 1. "
        + " ".join(f"{name} ends near {end:.1f}." for name, end in ends.items())
        + " The minimum is at -1.",
    )
    if set(paths) == {"Adam"}:
        reveal("rare_gradient", min(("-1", "0", "1"), key=lambda end: abs(float(end) - ends["Adam"])))


def saddle(
    paths: Mapping[str, np.ndarray], starts: np.ndarray, steps: Mapping[str, Sequence[float]], found: int
) -> None:
    """Paths that leave a saddle, and how long that takes from ever nearer starts."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8))
    p, q = np.meshgrid(np.linspace(-0.3, 1.2, 81), np.linspace(-0.3, 1.2, 81))
    left.contour(p, q, 0.5 * (p**2 - q**2), levels=9, colors="0.75", linewidths=0.9, linestyles="-")
    for name, points in paths.items():
        inside = points[: np.argmax(points[:, 1] > 1.0) + 1]
        plots.path(left, inside, name)
        left.plot([], [])
        plots.label(
            left, *((0.12, 0.55) if name == "SGD" else (0.5, 0.72)), name, plots.OPTIMISERS[name]["color"]
        )
    left.set(xlabel="p, uphill", ylabel="q, downhill", xlim=(-0.3, 1.2), ylim=(-0.3, 1.2))
    left.set_title("From q = 0.001, both with lr = 0.1", fontsize=10)
    left.grid(False)
    nearness = -np.log10(starts)
    right.set(
        xlabel="start at q = 10 to the minus ...", ylabel="steps until q > 1", ylim=(0, 30), xlim=(1, 12)
    )
    plots.curves(right, {name: np.asarray(counts) for name, counts in steps.items()}, x=nearness)
    right.set_title("Each at its best rate", fontsize=10)
    figure.suptitle("SGD leaves a saddle the later, the nearer it starts; Adam hardly does")
    plots.show(
        figure,
        "Left, two paths near a saddle: SGD runs down to the flat point and then out along q, Adam cuts the "
        "corner. Right, the steps until q is 1, from starts between 0.1 and 10 to the minus 12: SGD's and "
        "momentum's grow steadily, to 26 and 23, Adam's from 1 to 2.",
    )
    reveal("saddle_start", found)
