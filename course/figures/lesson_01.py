"""The figures of lesson 01: mini-batches on a line through a cloud of points, and on the digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import data, plots, training
from course.figures import line
from course.measured import measured
from course.questions import reveal

SEEDS = 5
LESSON = "01_mini_batch"

# Where the fit of the digits counts as good, and how many updates it may take.
RACE_GOAL, RACE_UPDATES = 0.025, 500
RACE_SIZES = (1, 4, 16, 32, 64, 256, 1500)
RACE_LRS = (0.001, 0.003, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1)

# The loss over all rows that the network has to reach; updates to wait for it, and after how many to look.
GOAL = 0.2
WAIT = {4: (640, 16), 16: (240, 4), 64: (110, 1), 256: (90, 1), 1500: (90, 1)}

NOWHERE = f"Your SGD does not bring the loss to {GOAL} with any batch size: pass its check first."

Batches = Callable[..., list[np.ndarray]]
Gradient = Callable[..., tuple[np.ndarray, float]]
Fit = Callable[..., tuple[np.ndarray, float]]


def one_reading() -> None:
    """The first picture: what one reading of 512 rows buys with batches of three sizes."""
    figure, axes = plt.subplots(1, 3, figsize=(7, 3.1), sharey=True)
    ends = {}
    for ax, size in zip(axes, line.SIZES, strict=True):
        lr, walks = line.best_walks(size, 1)
        ends[size] = line.end(walks)
        plots.contours(ax, line.above, (-0.8, 6.8), (-1, 5.5), lines=7)
        plots.path(ax, walks[0], "SGD", goal=line.bowl()[1])
        steps = len(walks[0]) - 1
        ax.set_title(f"batch {size}: {steps} step{'s' if steps > 1 else ''}", fontsize=10)
        plots.label(
            ax, 6.6, -0.35, f"lr {lr:g}\nloss {ends[size]:.2f} above\nthe minimum", ha="right", fontsize=9
        )
        ax.set_xlabel("intercept b")
    axes[0].set_ylabel("slope w")
    figure.suptitle("After one reading batch 64 is there, the whole batch is not")
    plots.show(
        figure,
        "Three paths over the same contour lines, each after reading the 512 rows once. The whole "
        "batch has made one "
        "step and is still well short of the minimum. Batch 64 is there after 8 steps, and batch 1, "
        "after 512 small "
        "ones, is no nearer.",
        seeds=SEEDS,
    )
    readings = next(k for k in range(1, 20) if line.end(line.best_walks(512, k)[1]) <= ends[64])
    reveal("readings_of_all", readings)


def batch_by_batch(minibatch_indices: Batches, mse_gradient: Gradient) -> None:
    """Two epochs of batch 64 on the line, update by update, with the student's two functions."""
    x, y = line.cloud()
    rng, lr = np.random.default_rng(0), 0.3
    batches = [rows for _ in range(2) for rows in minibatch_indices(len(x), 64, rng)]
    points = [(0.0, 0.0)]  # (b, w)
    for rows in batches:
        b, w = points[-1]
        dw, db = mse_gradient(x[rows, None], y[rows], np.array([w]), b)
        points.append((b - lr * float(db), w - lr * float(dw[0])))
    walk = np.array(points)

    def frame(update: int) -> tuple[Figure, str]:
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.3))
        _cloud(left, walk[update], batches[update - 1] if update else None)
        plots.contours(right, line.above, (-0.8, 6.8), (-1, 5.5))
        plots.path(right, walk[: update + 1], "SGD", goal=line.bowl()[1])
        right.set(xlabel="intercept b", ylabel="slope w")
        epoch = (max(update, 1) - 1) // 8 + 1
        figure.suptitle(f"Epoch {epoch}, update {update} of 16")
        return figure, (
            f"Left, 512 points with the 64 of batch {update} lit, and the line after it. Right, the "
            f"way so far over the "
            f"contour lines: intercept {walk[update, 0]:.1f}, slope {walk[update, 1]:.1f}."
        )

    plots.play(frame, frames=len(walk), label="update")
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.9), sharey=True)
    for ax, update in zip(axes, (1, 3, 8), strict=True):
        _cloud(ax, walk[update], batches[update - 1])
        ax.set_title(f"update {update}", fontsize=10)
    for ax in axes[1:]:
        ax.set_ylabel("")
    figure.suptitle("Each batch of 64 turns the line a little: eight updates fit it")
    plots.show(
        figure,
        "The same cloud of points three times, with other 64 points lit each time. The line lies low "
        "and flat after update "
        "1, is close to the cloud after update 3, and runs through its middle after update 8.",
    )


def _cloud(ax: Axes, theta: np.ndarray, rows: np.ndarray | None) -> None:
    x, y = line.cloud()
    ax.plot(x, y, ".", color="0.8", markersize=3)
    if rows is not None:
        ax.plot(x[rows], y[rows], ".", color=plots.PALETTE[1], markersize=6)
    edges = np.array([-1.0, 1.0])
    ax.plot(edges, theta[0] + theta[1] * edges, color=plots.PALETTE[0])
    ax.set(xlim=(-1, 1), ylim=(-2, 10), xlabel="x", ylabel="y")


def noise(gradient: Callable[[np.ndarray], np.ndarray], minibatch_indices: Batches, n: int) -> None:
    """How far mini-batch gradients lie from the gradient over all n rows, by batch size."""
    sizes = np.array([1, 4, 16, 64, 256, 750])
    whole = gradient(np.arange(n))

    def distance(size: int, seed: int) -> float:
        rng = np.random.default_rng(seed)
        squares: list[float] = []
        while len(squares) < 1000:
            for rows in minibatch_indices(n, size, rng, drop_last=True):
                squares.append(float(np.sum((gradient(rows) - whole) ** 2)))
        return float(np.sqrt(np.mean(squares)))

    found = np.array([[distance(int(size), seed) for size in sizes] for seed in range(SEEDS)])
    middle = np.median(found, axis=0)
    figure, ax = plt.subplots()
    ax.set(xlabel="batch size m (rows)", ylabel="noise of the gradient", xscale="log", yscale="log")
    ax.set(xlim=(0.8, 2000), ylim=(0.04, 4), xticks=sizes, xticklabels=sizes)
    ax.set(yticks=[0.1, 1], yticklabels=["0.1", "1"])
    ax.minorticks_off()
    ax.plot(sizes, middle[0] / np.sqrt(sizes), "--", color="0.5", label="1/sqrt(m)")
    for runs in found:
        ax.plot(sizes, runs, "o", color=plots.PALETTE[0], markersize=6, alpha=0.5)
    length = float(np.linalg.norm(whole))
    ax.axhline(length, color=plots.PALETTE[1], linewidth=1.2)
    plots.label(ax, 1500, length * 1.3, "length of the gradient over all rows", plots.PALETTE[1], ha="right")
    plots.label(ax, 20, 0.28, "measured", plots.PALETTE[0], ha="right")
    plots.label(ax, 300, 0.2, "falls as 1 / √m", "0.35")
    ax.set_title("64 times the rows, an eighth of the noise")
    plots.show(
        figure,
        "Noise of the mini-batch gradient against batch size on log axes. The measured dots fall from"
        " 2.3 at batch 1 to 0.3 "
        "at batch 64 along a dashed line that falls as one over the root of m; at batch 750 they lie "
        "below it.",
        seeds=SEEDS,
    )
    typical = np.sqrt(np.mean(found**2, axis=0))
    reveal("noise_of_64", round(float(typical[0] / typical[3]), 1))


def average_pull(mean: np.ndarray, whole: np.ndarray, w: np.ndarray) -> None:
    """Say how the average of an epoch's gradients differs from the gradient over all rows."""
    extra = mean - whole
    share = float(extra @ w / (w @ w))
    print(f"average of the batches' gradients = gradient over all rows + {share:.3f} w")
    reveal(
        "average_of_the_batches",
        "the same" if abs(share) < 1e-6 else "too much" if share > 0 else "too little",
    )


def shaking(fit: Fit) -> None:
    """The losses of each update with all 1500 rows and with 64."""
    whole, _ = fit(1500, 0.03, 288, 0)
    each = [fit(64, 0.03, 12, seed)[0] for seed in range(SEEDS)]
    if not _complete(288, whole, *each):
        return
    runs = np.array(each)
    figure, ax = plt.subplots(figsize=(7, 3.4))
    ax.set(xlabel="update", ylabel="mean squared error of the batch", xlim=(0, 290), ylim=(0, 0.2))
    at = np.arange(1, 289)
    ax.plot(at, runs[0], color=plots.PALETTE[0], linewidth=0.9, label="batch 64")
    ax.plot(at, whole, color=plots.PALETTE[1], linewidth=3, label="all 1500")
    plots.label(ax, 40, 0.13, "batch 64, one of five shuffles", plots.PALETTE[0])
    plots.label(ax, 130, 0.012, "all 1500 rows", plots.PALETTE[1])
    ax.set_title("All rows: a smooth fall. 64 rows: the same fall, shaken")
    plots.show(
        figure,
        "Mini-batch loss over 288 updates. With all 1500 rows it falls smoothly from 0.10 to 0.02. "
        "With batches of 64 it falls "
        "as fast on average, and jumps up and down from update to update all the way.",
        seeds=SEEDS,
    )
    reveal("share_of_rises", round(100 * float(np.mean(np.diff(runs) > 0))))


def _complete(updates: int, *losses: np.ndarray) -> bool:
    """Whether there is one loss for each update; otherwise a sentence says what to do."""
    found = next((np.shape(each) for each in losses if np.shape(each) != (updates,)), None)
    if found is not None:
        print(
            f"fit_linear should give {updates} losses here; yours are of shape {found}. Pass its check first."
        )
    return found is None


def three_rates(fit: Fit) -> None:
    """The whole batch with three learning rates."""
    curves = {f"lr {lr:g}": fit(1500, lr, 100, 0)[0] for lr in (0.001, 0.08, 0.09)}
    if not _complete(100, *curves.values()):
        return
    figure, ax = plt.subplots()
    ax.set(xlabel="update", ylabel="mean squared error", xlim=(0, 100), yscale="log", ylim=(0.01, 10))
    ax.set(yticks=[0.01, 0.1, 1, 10], yticklabels=["0.01", "0.1", "1", "10"])
    visible = {name: np.where(losses < 10, losses, np.nan) for name, losses in curves.items()}
    plots.curves(ax, visible, start=1)
    ax.set_title("Between crawling and exploding: the limit is 0.087")
    plots.show(
        figure,
        "Loss over 100 updates on a log axis. With 0.001 it hardly moves from 0.1. With 0.08 it falls"
        " to 0.024. With 0.09 it "
        "falls at first, turns after 7 updates and passes 10 after 56.",
    )
    losses = curves["lr 0.09"]
    turns = 1 < int(np.argmin(losses)) < 50 and losses[-1] > 10 * losses[0]
    reveal(
        "just_over", "falls, then explodes" if turns else "explodes at once" if losses[-1] > 1 else "stalls"
    )


def race(fit: Fit) -> None:
    """A game: five readings of the rows, a batch size and a rate to choose."""

    def draw(batch_size: int = 1500, lr: float = 0.01) -> Figure:
        losses, end = fit(batch_size, lr, 5, 0)
        figure, ax = plt.subplots()
        at = np.arange(1, len(losses) + 1)
        ax.plot(at, np.clip(losses, 1e-4, 10), linewidth=1, marker="." if len(losses) < 40 else "")
        ax.axhline(RACE_GOAL, color="0.4", linestyle="--")
        ax.set(xlabel="update", ylabel="mean squared error of the batch", yscale="log", ylim=(3e-3, 10))
        result = f"Ends at {end:.4f}" if end < 10 else "Diverged"
        reached = end < RACE_GOAL and len(losses) <= RACE_UPDATES
        goal = "Goal reached!" if reached else f"Goal: below {RACE_GOAL} in {RACE_UPDATES}."
        ax.set_title(f"{result}, {len(losses)} updates. {goal}")
        return figure

    plots.sliders(draw, batch_size=RACE_SIZES, lr=RACE_LRS)


def race_map() -> None:
    """All settings of the race, the median of five shuffles each."""
    ends = np.median(measured(LESSON)["race"], axis=-1)
    updates = [5 * -(-1500 // size) for size in RACE_SIZES]
    figure, ax = plt.subplots(figsize=(7, 3.8))
    rows = [f"{size}: {count} updates" for size, count in zip(RACE_SIZES, updates, strict=True)]
    shown = np.where(ends < 1, ends, np.inf)
    allowed = np.array(updates)[:, None] <= RACE_UPDATES
    plots.heatmap(ax, shown, rows, list(RACE_LRS), "loss over all rows", log=True, decimals=3)
    for row, column in np.argwhere((ends < RACE_GOAL) & allowed):
        field = (column - 0.46, row - 0.46)
        ax.add_patch(plt.Rectangle(field, 0.92, 0.92, fill=False, edgecolor=plots.PALETTE[1], linewidth=2.5))
    bar = figure.axes[-1]
    bar.set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
    bar.minorticks_off()
    ax.set(xlabel="lr", ylabel="batch size")
    ax.set_title("Neither end wins: batches of 16 and 32 reach the goal")
    plots.show(
        figure,
        "Loss after five epochs for seven batch sizes and eight learning rates, the median of five "
        "shuffles; a dash marks runs "
        "that diverged. Only fields with 16 and 32 rows have a frame: below 0.025 in at most 500 "
        "updates. The best rate "
        "grows from 0.003 for batch 1 to 0.08 for 256 and more.",
        seeds=SEEDS,
    )


def clearing(right: Mapping[bool, np.ndarray]) -> None:
    """Test digits right after each epoch, with and without zero_grad; (seeds, epochs) each, in per cent."""
    figure, ax = plt.subplots()
    ax.set(xlabel="epoch", ylabel="test digits right (%)", xlim=(0.8, 6.2), ylim=(0, 100))
    plots.bands(ax, {"with zero_grad()": right[True], "without": right[False]}, start=1)
    ax.set_title("Without clearing: ahead for one epoch, then lost")
    plots.show(
        figure,
        "Share of test digits right over six epochs, five seeds each. With zero_grad it rises to "
        "above 90 per cent. Without, it is ahead after the first epoch, at about 80 per cent, and falls to "
        "about 40.",
        seeds=SEEDS,
    )
    first, last = (np.median(right[False][:, k]) - np.median(right[True][:, k]) for k in (0, -1))
    reveal(
        "without_clearing", "better, then worse" if last < 0 < first else "worse" if last < 0 else "the same"
    )


def batch_sizes(make_sgd: Callable[..., object]) -> dict[int, np.ndarray]:
    """Train the digits network with batches of several sizes, each at its best rate, to the same loss.

    Returns:
        By batch size the updates that each of five seeds needed; infinite where that were too many.
    """
    digits, stored = data.digits(), measured(LESSON)
    X, y = digits.X_train, digits.y_train
    updates: dict[int, np.ndarray] = {}
    curves: dict[int, tuple[float, np.ndarray, np.ndarray]] = {}
    for size, (steps, every) in WAIT.items():
        row = np.flatnonzero(stored["sizes"] == size)[0]
        lr = float(stored["lrs"][np.argmin(np.median(stored["reach"][row], axis=-1))])
        seen = _losses(partial(make_sgd, lr=lr), X, y, size, steps, every)
        count = every * np.arange(1, seen.shape[1] + 1)
        below = seen < GOAL
        updates[size] = np.where(below.any(axis=1), count[np.argmax(below, axis=1)], np.inf)
        curves[size] = lr, count, seen
    if not np.isfinite(np.median(list(updates.values()), axis=1)).any():
        print(NOWHERE)
        return updates
    _draw_sizes(curves)
    middle = {size: np.median(each) for size, each in updates.items()}
    reveal("fewer_updates", float(middle[64] / middle[1500]))
    return updates


def _losses(
    make_sgd: Callable[..., object], X: np.ndarray, y: np.ndarray, size: int, steps: int, every: int
) -> np.ndarray:
    """The loss over all rows of the networks of five seeds after every so many updates, (seeds, looks).

    Where all of them blew up, what is left is infinite.
    """
    models, seen = training.networks(SEEDS), np.full((SEEDS, steps // every), np.inf)

    def look(step: int, _: object) -> None:
        if step % every == 0:
            seen[:, step // every - 1] = training.evaluate_each(models, X, y)[0]

    training.train_each(models, make_sgd, X, y, steps, size, look)
    return seen


def _draw_sizes(curves: Mapping[int, tuple[float, np.ndarray, np.ndarray]]) -> None:
    """By batch size its rate, the updates (looks,) and the losses (seeds, looks)."""
    figure, axes = plt.subplots(2, 1, figsize=(7, 6.0))
    for ax in axes:
        ax.axhline(GOAL, color="0.4", linestyle="--", linewidth=1.2)
        ax.set(ylabel="loss over all rows (nats)", xscale="log", yscale="log", ylim=(0.05, 3))
        ax.set(yticks=[0.1, 0.2, 0.5, 1, 2], yticklabels=["0.1", "0.2", "0.5", "1", "2"])
    few = {size: slice(None, None, 2 if len(count) < 60 else 5) for size, (_, count, _) in curves.items()}
    names = {size: f"{size} rows, lr {lr:g}" for size, (lr, _, _) in curves.items()}
    losses = {names[size]: seen[:, few[size]] for size, (_, _, seen) in curves.items()}
    plots.bands(axes[0], losses, {names[size]: count[few[size]] for size, (_, count, _) in curves.items()})
    axes[0].set(xlabel="updates", xlim=(1, 700))
    axes[0].set_title("Beyond 64 rows a larger batch hardly saves updates ...")
    for size, style in zip(curves, plots.line_styles(list(names.values())), strict=True):
        read, runs = size * curves[size][1][few[size]], losses[names[size]]
        middle = np.median(runs, axis=0)
        axes[1].plot(read, middle, label=names[size], **style)
        low, high = runs.min(axis=0), np.minimum(runs.max(axis=0), 1e3)
        axes[1].fill_between(
            read, low, high, where=np.isfinite(low), color=style["color"], alpha=0.2, linewidth=0
        )
        half = np.argmax(middle < 0.5)
        plots.label(axes[1], read[half] * 0.93, 0.42, str(size), style["color"], ha="right", weight="bold")
    axes[1].set(xlabel="rows read (an epoch is 1500)", xlim=(60, 2e5))
    axes[1].set_title("... and costs many times the reading")
    plots.show(
        figure,
        "Training loss of the digits network for five batch sizes, each at its best rate, median and "
        "range of five seeds, "
        "twice. Against updates, 64, 256 and 1500 rows fall nearly together, while 16 and 4 rows need"
        " more. Against rows read "
        "the order is reversed: small batches first, the whole batch last.",
        seeds=SEEDS,
    )


def cost(updates: Mapping[int, np.ndarray]) -> None:
    """What reaching the goal costs where an update costs as much as r rows, besides its own."""
    middle = {size: float(np.median(each)) for size, each in updates.items()}
    reached = {size: count for size, count in middle.items() if np.isfinite(count)}
    if not reached:
        print(NOWHERE)
        return
    figure, ax = plt.subplots(figsize=(7, 3.6))
    r = np.geomspace(1, 3000, 60)
    ax.set(
        xlabel="what an update costs besides its rows, r (in rows)",
        ylabel="cost of reaching the goal (in rows)",
    )
    ax.set(xscale="log", yscale="log", xlim=(1, 3000))
    plots.curves(ax, {f"batch {size}": count * (r + size) for size, count in reached.items()}, x=r)
    ax.axvline(50, color="0.4", linestyle="--", linewidth=1.2)
    plots.label(ax, 54, 2000, "r = 50", "0.4")
    ax.set_title("The dearer an update, the larger the best batch")
    plots.show(
        figure,
        "Cost of reaching the goal against the fixed cost of an update, on log axes, a curve for each"
        " of five batch sizes. Batch 4 "
        "is cheapest on the left, batch 16 and then 64 in the middle, 256 at the far right; 1500 is "
        "nowhere the cheapest.",
        seeds=SEEDS,
    )
    reveal("cheapest_batch", str(min(reached, key=lambda size: reached[size] * (50 + size))))
