"""The figures of lesson 07: the speller and its spoilt page, the cliff, thresholds, rates and the guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.figures import cliff
from course.measured import measured
from course.questions import reveal

LESSON = "07_clipping"
PAGE, UPDATES, SEEDS = 150, 250, 5
# The loss of blind guessing among 36 characters, and one that a run ends below only if it survives the page.
BLIND, ALIVE = float(np.log(36)), 2.2
LR, MAX_NORM = 1.5, 0.5
CLIPPED, PLAIN = plots.PALETTE[0], plots.PALETTE[3]

# Formula (6) on the cliff: L0 and L1.
FIT = (160, 13.4)

Descend = Callable[[float, float], np.ndarray]
Way = Callable[[Sequence[np.ndarray], float], Sequence[np.ndarray]]


def spoilt_page() -> None:
    """Five runs without clipping: norms and losses before and after the page."""
    kept = measured(LESSON)
    updates = np.arange(1, UPDATES + 1)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.5, 4.6), sharex=True)
    top.set(yscale="log", ylabel="gradient norm", xlim=(100, UPDATES), ylim=(0.1, 300))
    _runs(top, updates, kept["plain_norms"], PLAIN)
    bottom.set(xlabel="update", ylabel="loss (nats a character)", ylim=(1.5, 8))
    _runs(bottom, updates, kept["plain_losses"], PLAIN)
    _blind(bottom, 102)
    for ax in (top, bottom):
        ax.axvline(PAGE, color="0.4", linewidth=1, linestyle="--")
    plots.label(top, PAGE - 1.5, 150, "the spoilt page", ha="right")
    top.set_title("One bad batch, and five healthy runs are lost")
    plots.show(
        figure,
        "Gradient norm and loss of updates 100 to 250, median and range of five runs. Until update 150 "
        "the norm stays near 0.5 and the loss falls to 2.0; "
        "from then on the norm jumps about and the loss stays near 3.5, with a range that reaches far above.",
        seeds=SEEDS,
    )
    back = (kept["plain_losses"][:, PAGE:] <= 2.0).any(axis=1)
    reveal("after_the_page", "50 updates" if back.sum() > 1 else "not in 100 updates")


def through_time() -> None:
    """How long the gradient is, from character 40 back to character 1, for four initial matrices."""
    kept = measured(LESSON)
    lengths = kept["through_time"] / kept["through_time"][:, :, -1:]
    figure, ax = plt.subplots()
    ax.set(xlabel="character", ylabel="length, relative to character 40", yscale="log")
    ax.set(xlim=(40, 1), xticks=[40, 30, 20, 10, 1])
    series = {f"U times {gain:g}": runs[:, ::-1] for gain, runs in zip(kept["gains"], lengths, strict=True)}
    plots.bands(ax, series, x=np.arange(40, 0, -1))
    ax.set_title("Going back through time, gradients vanish or explode")
    plots.show(
        figure,
        "Length of the gradient with respect to the state, from character 40 back to character 1, on a "
        "logarithmic axis, five seeds each. "
        "With U times 0.75 and U times 1 it falls, with U times 1.5 it grows a little, with U times 2 it "
        "grows a hundredfold.",
        seeds=SEEDS,
    )
    first = np.median(lengths[:, :, 0], axis=1)
    for gain, length in zip(kept["gains"], first, strict=True):
        said = f"{length:.0f}" if length >= 1 else f"{length:.1g}"
        print(f"U times {gain:<4g}: at character 1 it is {said} times as long as at character 40")
    kept_length = first[list(kept["gains"]).index(1.0)]
    reveal(
        "back_through_time", "shorter" if kept_length < 0.5 else "longer" if kept_length > 2 else "as long"
    )


def cliff_play(descend: Descend) -> None:
    """The clipped way down the wall, a step at a time."""
    points = descend(0.1, 0.3)[:21]

    def draw(step: int) -> tuple[Figure, str]:
        figure, ax = plt.subplots(figsize=(5.5, 3.6))
        cliff.draw(ax)
        plots.path(ax, points[: step + 1], "clipped", goal=cliff.STAR)
        grad = cliff.gradient(points[step])
        length = float(np.linalg.norm(grad))
        plots.arrow(ax, points[step], -0.15 * grad / length, "gradient")
        ax.set_title(f"Step {step}: the gradient is {length:.3g} long")
        alt = (
            f"The way from the wall to the star after {step} steps; there the gradient is {length:.3g} long."
        )
        return figure, alt

    plots.play(draw, len(points), label="step")


def cliff_game(descend: Descend) -> None:
    """Sliders for the rate and the threshold, and the way that they lead."""

    def draw(lr: float = 0.01, max_norm: float = np.inf) -> Figure:
        points = descend(lr, max_norm)
        figure, ax = plt.subplots(figsize=(5.5, 3.6))
        cliff.draw(ax)
        plots.path(ax, points, "clipped", goal=cliff.STAR)
        arrived = cliff.steps_to_star(points)
        if np.abs(points[-1]).max() >= 5:
            found = f"Thrown off the map in step {len(points) - 1}."
        elif arrived < np.inf:
            found = f"There after {arrived:.0f} steps."
        else:
            found = "Not there after 60 steps."
        ax.set_title(f"{found} {'Goal reached!' if arrived <= 15 else 'Goal: 15 or fewer.'}")
        return figure

    lrs = [1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3]
    plots.sliders(draw, lr=lrs, max_norm=[0.03, 0.1, 0.3, 1.0, 3.0, 10.0, np.inf])


def cliff_paths(descend: Descend) -> None:
    """Three settings that miss the goal, side by side."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.1), sharey=True)
    for ax, lr, tau, why in (
        (axes[0], 0.01, np.inf, "Not clipped: off the map"),
        (axes[1], 0.01, 0.3, "Short steps: not there in 60"),
        (axes[2], 0.1, 3.0, "Long steps: past it, and lost"),
    ):
        points = descend(lr, tau)
        cliff.draw(ax)
        if np.abs(points).max() >= 5:
            ax.plot(*cliff.WALL, "o", markersize=8, markerfacecolor="white", markeredgecolor="0.2")
            ax.plot(*cliff.STAR, "*", markersize=14, color="0.15", markeredgecolor="white")
            thrown = points[1] - points[0]
            plots.arrow(ax, cliff.WALL, 0.45 * thrown / np.linalg.norm(thrown), color=PLAIN)
            plots.label(ax, 0.53, 0.0, f"to w = {points[1, 0]:.0f}", PLAIN)
        else:
            plots.path(ax, points, "clipped", goal=cliff.STAR)
        ax.set_title(why)
        limit = "none" if np.isinf(tau) else f"{tau:g}"
        ax.set(xlabel=f"w      (lr {lr:g}, max_norm {limit})", ylabel="b" if ax is axes[0] else "")
    plots.show(
        figure,
        "Three maps of the cliff. Without clipping the first step leaves the map; with a rate of 0.01 "
        "and a threshold of 0.3 the path "
        "creeps down the wall towards the star; with 0.1 and 3 it jumps from side to side and does not "
        "settle.",
    )


def smoothness() -> None:
    """On the cliff: how strongly the loss is bent, against the length of its gradient."""
    points = cliff.STAR + np.linspace(0.02, 1, 40)[:, None] * (cliff.WALL - cliff.STAR)
    lengths = [float(np.linalg.norm(cliff.gradient(point))) for point in points]
    bends = [cliff.curvature(point) for point in points]
    figure, ax = plt.subplots()
    ax.set(xscale="log", yscale="log", xlabel="length of the gradient", ylabel="largest curvature")
    ax.scatter(lengths, bends, s=20, color=CLIPPED)
    level, slope = FIT
    line = np.geomspace(1, 2000, 50)
    ax.plot(line, level + slope * line, color="0.3", linewidth=1, linestyle="--")
    plots.label(ax, 60, 350, f"{level:g} + {slope:g} times the length")
    ax.set_title("The longer the gradient, the more strongly the loss is bent")
    plots.show(
        figure,
        "Largest curvature against the length of the gradient, on logarithmic axes, at 40 points between "
        f"the star and the wall. The points lie along the line {level:g} + {slope:g} times the length.",
    )


def directions(grads: Sequence[Sequence[np.ndarray]], ways: Mapping[str, Way]) -> None:
    """How far each way of clipping turns a gradient, against the length that it leaves.

    Args:
        grads: a list of arrays for each seed.
        ways: from such a list and a limit to the clipped arrays, by name.
    """
    left = np.linspace(100, 2, 50)
    turned = {name: np.array([_turned(own, clip, left) for own in grads]) for name, clip in ways.items()}
    figure, ax = plt.subplots()
    ax.set(xlabel="length that is left (%)", ylabel="turned by (degrees)", xlim=(100, 0), ylim=(-2, 60))
    plots.bands(ax, turned, x=left)
    ax.set_title("Only the global norm keeps the direction")
    half = {name: float(np.median(angles[:, 25])) for name, angles in turned.items()}
    said = ", ".join(f"{name} by {angle:.0f}" for name, angle in half.items())
    plots.show(
        figure,
        "Angle between the gradient before and after clipping, against the length that is left. With half of "
        f"the length left, it is turned in degrees: {said}.",
        seeds=len(grads),
    )
    reveal("turned_by_value", round(half["by value"]))


def _turned(grads: Sequence[np.ndarray], clip: Way, left: np.ndarray) -> np.ndarray:
    """The angles at which so many percent of the length are left, for limits from the whole length down."""
    whole = _vector(grads)
    length = float(np.linalg.norm(whole))
    tried = [_vector(clip(grads, length * 10.0**power)) for power in np.linspace(0, -4, 61)]
    lengths = [100 * np.linalg.norm(each) / length for each in tried]
    return np.interp(left, lengths[::-1], [_angle(whole, each) for each in tried][::-1])


def page_clipped(losses: np.ndarray, norms: np.ndarray) -> None:
    """A student's clipped run with the page, over the five that are stored; both (250,)."""
    kept = measured(LESSON)
    updates = np.arange(1, UPDATES + 1)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.5, 4.8), sharex=True)
    top.set(yscale="log", ylabel="norm before clipping", xlim=(100, UPDATES), ylim=(0.1, 30))
    _runs(top, updates, kept["clipped_norms"], "0.45")
    top.plot(updates, norms, color=CLIPPED, linewidth=1.2)
    top.axhline(MAX_NORM, color="0.2", linewidth=1, linestyle="--")
    plots.label(top, 103, 0.25, "threshold 0.5")
    bottom.set(xlabel="update", ylabel="loss (nats a character)", ylim=(1.5, 8))
    _runs(bottom, updates, kept["clipped_losses"], "0.45")
    bottom.plot(updates, losses, color=CLIPPED, linewidth=1.2)
    bottom.plot(updates, np.median(kept["plain_losses"], axis=0), color=PLAIN, linestyle="--", linewidth=1.2)
    plots.label(bottom, 200, 4.6, "not clipped", PLAIN)
    plots.label(bottom, 160, 2.6, "your run, in the band of five", CLIPPED)
    top.set_title("Clipped, the page is a spike in the loss and no more")
    plots.show(
        figure,
        "Above, gradient norms before clipping, about 0.5 but for one spike of 5 to 11 at update 150. "
        "Below, losses: the clipped runs jump at the page and go on falling at once; "
        "without clipping the loss stays near 3.5.",
        seeds=SEEDS,
    )
    print(
        f"clipped: {np.mean(norms > MAX_NORM):.0%} of your updates; loss at the end: "
        f"{losses[-20:].mean():.1f}"
    )
    back = np.flatnonzero(losses[PAGE:] <= ALIVE)
    after = int(back[0]) + 1 if len(back) else UPDATES - PAGE
    kind = "1 to 5 updates" if after <= 5 else "about 20 updates" if after < 40 else "50 or more"
    reveal("back_after_clipping", kind)


def histogram(norms: np.ndarray) -> None:
    """The norms of a student's run without page and clipping, (250,), beside those of the stored five."""
    every = measured(LESSON)["clean_norms"].ravel()
    median, upper = np.quantile(every, [0.5, 0.9])
    figure, ax = plt.subplots()
    shared = {"bins": np.geomspace(0.15, 2, 30), "stat": "percent", "ax": ax}
    sns.histplot(norms, color=CLIPPED, alpha=0.5, **shared)
    sns.histplot(every, color="0.2", element="step", fill=False, **shared)
    ax.set(xscale="log", xticks=[0.2, 0.5, 1, 2], xticklabels=["0.2", "0.5", "1", "2"], ylim=(0, 24))
    ax.minorticks_off()
    for value, name, side in ((median, "median ", "right"), (upper, " nine of ten are below ", "left")):
        ax.axvline(value, color="0.2", linewidth=1.2, linestyle="--")
        plots.label(ax, value, 22.5, f"{name}{value:.1f} ", ha=side)
    plots.label(ax, 0.17, 14, "your run (filled),\nfive runs (line)")
    ax.set(xlabel="gradient norm", ylabel="share of updates (%)")
    ax.set_title("A narrow hill: nearly all norms are between 0.3 and 1")
    plots.show(
        figure,
        "Histogram of gradient norms on a logarithmic axis, of your run and of five others. "
        "Nearly all lie between 0.3 and 1; the median is 0.6, and nine of ten are below 0.7.",
        seeds=SEEDS,
    )


def thresholds(tau: float, losses: np.ndarray) -> None:
    """Losses at the end for nine thresholds, five seeds each, and a student's own run, (250,)."""
    kept = measured(LESSON)
    tried, ends = kept["thresholds"], kept["page_thresholds"]
    figure, ax = plt.subplots()
    ax.set(xlabel="threshold", ylabel="loss at the end (nats)", xscale="log", ylim=(1.6, 6.4))
    ax.set(xticks=tried, xticklabels=[f"{each:g}" for each in tried])
    ax.minorticks_off()
    for each, own in zip(tried, ends, strict=True):
        ax.plot(np.full(len(own), each), own, "o", color=CLIPPED, alpha=0.6, markersize=5)
        ax.plot(each, np.median(own), "_", color="0.1", markersize=18, markeredgewidth=2)
    end = min(losses[-20:].mean(), 6.2)
    ax.plot(tau, end, "*", color=plots.PALETTE[1], markersize=16)
    plots.label(ax, tau, end + 0.35, "your run", plots.PALETTE[1], ha="center")
    _blind(ax, 0.028)
    ax.set_title("From 0.3 to 2 all is well; from 5 on the page wins")
    plots.show(
        figure,
        "Loss at the end against the threshold, five dots for each of nine. It falls from 2.55 at 0.03 "
        "to about 1.85 between 0.5 and 2; at 3 one run of five is lost, at 5 and 10 all of them.",
        seeds=SEEDS,
    )
    survive = (ends < ALIVE).sum(axis=1) >= 4
    reveal("largest_threshold", float(tried[survive].max()))


def rates() -> None:
    """Losses at the end for seven rates, with and without clipping, with the page and without."""
    kept = measured(LESSON)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for ax, kind, title in (
        (axes[0], "page", "With the page, large rates need clipping"),
        (axes[1], "clean", "Without it, hardly a difference"),
    ):
        ax.set(xscale="log", xlabel="learning rate", ylim=(1.6, 5), xlim=(0.09, 4.4))
        ax.set(xticks=kept["rates"], xticklabels=[f"{each:g}" for each in kept["rates"]])
        ax.minorticks_off()
        for name, color, mark in (("plain", PLAIN, "--s"), ("clipped", CLIPPED, "-o")):
            ends = kept[f"{kind}_{name}"]
            middle = np.median(ends, axis=1)
            _runs(ax, kept["rates"], ends.T, color)
            ax.plot(kept["rates"], middle, mark, color=color, markersize=5, label=name)
        ax.set_title(title)
    plots.label(axes[0], 0.75, 3.9, "not clipped", PLAIN, ha="right")
    plots.label(axes[0], 1.6, 2.15, "clipped to 0.5", CLIPPED)
    axes[0].set_ylabel("loss at the end (nats)")
    plots.show(
        figure,
        "Loss at the end against the rate, median and range of five seeds. With the page, plain runs end "
        "at 2.1 at best, with a rate of 0.5, and are lost from 1.5 on; clipped ones reach 1.8 at 1.5 and "
        "2. "
        "Without the page both reach about 1.8, and only the rate of 4 needs clipping.",
        seeds=SEEDS,
    )
    survive = (kept["page_plain"] < ALIVE).all(axis=1)
    best = np.median(kept["page_clipped"], axis=1).min()
    equal = survive & (np.median(kept["page_plain"], axis=1) < best + 0.1)
    reveal("a_smaller_rate", "yes" if equal.any() else "no")


def not_finite(clipped: Sequence[np.ndarray], norm: float) -> None:
    """What becomes of gradients of which one element is not finite."""
    print(f"norm {norm}, clipped {clipped[0]} and {clipped[1]}")
    if np.isposinf(norm):
        reveal(
            "beside_infinity",
            "0" if not clipped[0].any() else "NaN" if np.isnan(clipped[0]).any() else "unchanged",
        )


def guarded(losses: np.ndarray, skipped: Sequence[bool]) -> None:
    """A student's guarded run with the page, over the five clipped by hand, and which batches it skipped."""
    kept = measured(LESSON)
    updates = np.arange(1, UPDATES + 1)
    left_out = np.flatnonzero(skipped) + 1
    figure, ax = plt.subplots()
    ax.set(xlabel="update", ylabel="loss (nats a character)", ylim=(1.5, 7.5), xlim=(1, UPDATES))
    _runs(ax, updates, kept["clipped_losses"], "0.45")
    ax.plot(updates, losses, color=plots.PALETTE[2], linewidth=1.2)
    plots.label(ax, 40, 3.5, "your guard, in the band of\nfive runs clipped to 0.5", plots.PALETTE[2])
    ax.plot(left_out, losses[left_out - 1], "x", color="0.1", markersize=9, markeredgewidth=2)
    ax.set_title("The guard finds its limit alone, and leaves the page out")
    plots.show(
        figure,
        "Losses over 250 updates: the guarded run falls along the band of five runs that were clipped to "
        "0.5. A cross marks the spoilt page, which it skipped.",
        seeds=SEEDS,
    )
    print(f"skipped: {', '.join(map(str, left_out)) or 'none'}; loss at the end: {losses[-20:].mean():.1f}")
    apart = float(np.median(kept["guarded"]) - np.median(kept["clipped_losses"][:, -20:].mean(axis=1)))
    reveal("guarded", "about as well" if abs(apart) < 0.1 else "worse" if apart > 0 else "better")


def _runs(ax: Axes, x: np.ndarray, runs: np.ndarray, color: str) -> None:
    """The median of runs of shape (seeds, n), in the band that holds them."""
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
    ax.plot(x, np.median(runs, axis=0), color=color, linewidth=1.3)


def _blind(ax: Axes, x: float) -> None:
    ax.axhline(BLIND, color="0.4", linewidth=1)
    plots.label(ax, x, BLIND + 0.25, "blind guessing")


def _vector(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.ravel(each) for each in arrays])


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    """In degrees."""
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.degrees(np.arccos(min(1.0, cosine))))
