"""Figures of lesson 04: strides of their own for every parameter, and what AdaGrad and RMSprop remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from course import data, plots
from course.figures.lesson_04_runs import LETTERS, Update, arrival, rotation, vowel_after
from course.measured import measured
from course.questions import reveal

LESSON = "04_rmsprop"
SLIDER_ANGLES = (0, 5, 10, 15, 30, 45, 60, 75, 90)
SLIDER_RATES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
FRAMES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 300)


def one_rate(walks: Mapping[float, np.ndarray], answer: np.ndarray) -> None:
    """Three walks of SGD, by rate; each panel shows how far both weights have come."""
    figure, axes = plt.subplots(1, len(walks), figsize=(7.4, 3), sharey=True)
    for ax, (lr, points) in zip(axes, walks.items(), strict=True):
        ax.set(xlabel="step", xlim=(0, len(points) - 1), ylim=(-2.4, 4.4))
        ax.axhline(1, color="0.6", linewidth=1)
        plots.curves(ax, dict(zip(("h", "x"), (points / answer).T, strict=True)))
        ax.set_title(f"lr = {lr:g}")
    axes[0].set_ylabel("weight, in units of its answer")
    figure.suptitle("One rate for two slopes: either h rings or x crawls, at worst both")
    plots.show(
        figure,
        "Both weights over 60 steps of gradient descent with three rates. With 0.5, h is there at "
        "once and x has come "
        "a third of the way. With 1.9, h swings around its answer and x still lacks a sixth. With "
        "2.05, h swings "
        "ever wider.",
    )
    left = 100 * (1 - walks[1.9][-1, 1] / answer[1])
    reveal("rare_letter_left", round(float(left)))


def play_walk(update: Update, walk: Callable[..., np.ndarray], answer: np.ndarray, lr: float = 0.2) -> None:
    """AdaGrad's walk, step by step: where it is, and the effective rate of each weight."""
    points, gradients = [np.zeros(2)], []
    rates = []

    def watched(w: np.ndarray, grad: np.ndarray, acc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        after, acc = update(w, grad, acc, lr)
        points.append(after)
        gradients.append(grad)
        rates.append((w - after) / np.where(grad == 0, np.nan, grad))
        return after, acc

    walk(watched, 15)

    def draw(step: int) -> tuple[Figure, str]:
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), width_ratios=(3, 2))
        left.set(xlim=(-0.05, 0.85), ylim=(-0.05, 0.42), xlabel="weight of h", ylabel="weight of x")
        plots.path(left, np.array(points[: step + 1]), "AdaGrad", goal=answer)
        if step < len(gradients):
            plots.arrow(left, points[step], points[step + 1] - points[step], "step")
        # Logarithms on a plain axis: matplotlib takes three times as long to draw a logarithmic one.
        exponents = np.log10(rates[min(step, len(rates) - 1)])
        right.bar(["h", "x"], exponents + 1.5, bottom=-1.5, color=plots.PALETTE[:2])
        right.set(ylim=(-1.5, 2), ylabel="effective rate", yticks=range(-1, 3))
        right.set_yticklabels(["0.1", "1", "10", "100"])
        left.set_title(f"Step {step} of {len(gradients)}")
        said = ", ".join(f"{name} {10**each:.2g}" for name, each in zip("hx", exponents, strict=True))
        return figure, f"AdaGrad's path after {step} steps; the effective rates are {said}."

    plots.play(draw, len(points))


def turned_valley(
    walks: Mapping[int, Sequence[np.ndarray]], sgd: Sequence[np.ndarray], answer: np.ndarray
) -> None:
    """Steps that AdaGrad needs by the angle of the valley, each time with its best rate."""
    needed = {angle: min(arrival(points, answer) for points in each) for angle, each in walks.items()}
    plain = min(arrival(points, answer) for points in sgd)
    figure, ax = plt.subplots()
    ax.set(
        xlabel="angle of the valley (degrees)", ylabel="steps, at the best rate", xlim=(0, 90), ylim=(0, 160)
    )
    ax.set_xticks(list(needed))
    series = {"AdaGrad": list(needed.values()), "SGD": [plain] * len(needed)}
    plots.curves(ax, series, x=list(needed), marker="o", markersize=5)
    ax.set_title("AdaGrad is quick along the axes alone; SGD does not care")
    plots.show(
        figure,
        f"Steps needed against the angle. AdaGrad's curve rises from {needed[0]:.0f} at 0 degrees to "
        f"{needed[45]:.0f} at 45 "
        f"and falls back by 90; SGD's is level at {plain:.0f}.",
    )
    for angle, steps in needed.items():
        print(f"{angle:2} degrees: {steps:3.0f} steps")
    reveal("turned_valley", needed[45])


def turn(
    walk: Callable[..., np.ndarray], turned: Callable[..., Update], update: Update, answer: np.ndarray
) -> None:
    """Sliders for the angle of the valley and AdaGrad's rate."""
    places, _ = vowel_after("h", "x")
    curvature = places / places.sum()

    def draw(angle: float = 0, lr: float = 0.5) -> tuple[Figure, str]:
        points = walk(turned(angle, update, lr), 300)
        steps = arrival(points, answer)
        axes_of = rotation(angle)

        def loss(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            w = np.tensordot(axes_of.T, np.stack([a, b]), axes=1)
            return np.asarray(np.tensordot(curvature, (w - answer[:, None, None]) ** 2, axes=1) / 2)

        figure, ax = plt.subplots(figsize=(6, 4.6))
        plots.contours(ax, loss, (-0.9, 1.1), (-0.5, 1.1), lines=10)
        plots.path(ax, points @ axes_of.T, "AdaGrad", goal=axes_of @ answer)
        ax.set(aspect="equal", xlabel="first parameter", ylabel="second parameter")
        said = f"{steps:.0f} steps" if np.isfinite(steps) else "not there after 300 steps"
        ax.set_title(f"{angle} degrees, lr {lr:g}: {said}")
        return figure, f"AdaGrad's path over the contour lines of a long valley at {angle} degrees: {said}."

    plots.sliders(draw, angle=SLIDER_ANGLES, lr=SLIDER_RATES)


def letter_gaps(W: np.ndarray) -> None:
    """How much the loss after each letter is above the least possible: yours, and the stored
    runs of five seeds."""
    numbers = np.array([LETTERS.index(letter) for letter in data.sonnets()])
    counts = np.zeros((27, 27))
    np.add.at(counts, (numbers[:-1], numbers[1:]), 1)
    order = np.argsort(-counts.sum(axis=1), kind="stable")
    share = counts / counts.sum(axis=1, keepdims=True)
    least = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)
    scores = W - W.max(axis=1, keepdims=True)
    log_share = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    yours = (-(share * log_share).sum(axis=1) - least)[order]

    stored = measured(LESSON)
    sgd, adagrad, _ = stored["letter_gaps"][..., order]
    by_group = np.median(sgd.reshape(*sgd.shape[:2], 3, 9).mean(axis=-1), axis=1)
    best = by_group.argmin(axis=0)
    rates, _, _ = stored["letter_rates"]
    series = {f"SGD, lr {rates[one]:g}": sgd[one] for one in dict.fromkeys(best)}
    series["AdaGrad, lr 1"] = adagrad[list(stored["letter_rates"][1]).index(1.0)]
    figure, ax = plt.subplots(figsize=(7.4, 4))
    ax.set(yscale="log", ylim=(0.002, 6), xlim=(-0.5, 26.5), ylabel="loss above the least possible (nats)")
    ax.set(xticks=range(27), xticklabels=[LETTERS[i].strip() or "_" for i in order])
    ax.set_xlabel("the letter before, from common to rare (_ is the space)")
    ax.grid(False, axis="x")
    for edge in (8.5, 17.5):
        ax.axvline(edge, color="0.8", linewidth=1)
    plots.bands(ax, series)
    ax.plot(yours, "o", color="0.1", markersize=3.5)
    plots.label(ax, 0, 4, "dots: your AdaGrad")
    ax.set_title("One rate of AdaGrad serves common and rare letters alike")
    plots.show(
        figure,
        "Loss above the least possible, by the letter before, from common to rare, as bands over "
        "five orders of the text. SGD with "
        "lr 0.3 is low for common letters and high for rare ones, with lr 3 nearly level at 0.8; "
        "AdaGrad is below both but for q and z.",
        seeds=adagrad.shape[1],
    )
    own = yours.reshape(3, 9).mean(axis=1)
    print(f"{'mean of':26}" + "".join(f"{name:>18}" for name in ("9 common", "9 in between", "9 rare")))
    print(f"{'SGD, best rate for each':26}" + "".join(f"{gap:18.3f}" for gap in by_group.min(axis=0)))
    print(f"{'your AdaGrad, lr 1':26}" + "".join(f"{gap:18.3f}" for gap in own))
    won = own < by_group.min(axis=0)
    reveal("one_for_all", "all three" if won.all() else "the rare ones" if won[2] else "none")


def strides(lengths: Mapping[str, np.ndarray], change: int) -> None:
    """Lengths of steps in units of lr, by rule; the gradient falls after the step ``change``."""
    figure, ax = plt.subplots()
    ax.set(xlabel="step", ylabel="length of the step, in units of lr", yscale="log", ylim=(3e-3, 20))
    ax.set_xlim(0, len(lengths["RMSprop"]))
    plots.curves(ax, lengths, start=1)
    ax.axvline(change, color="0.6", linewidth=1)
    plots.label(ax, change + 15, 13, "the gradient falls from 1 to 0.1")
    ax.set_title("AdaGrad remembers the steep ground for ever; RMSprop forgets it")
    plots.show(
        figure,
        "Step lengths on a log scale. AdaGrad's fall from 1 to 0.06 by step 300, drop tenfold there "
        "and stay at 0.006. RMSprop's "
        "start at 10, fall to 1, drop to 0.1 at step 301 and climb back to 1 over the next 800 steps.",
    )
    for name, each in lengths.items():
        print(name, "".join(f"  step {t}: {each[t - 1]:6.3f}" for t in (1, change, change + 1, 800, 1200)))
    reveal("after_the_change", float(np.round(lengths["RMSprop"][change], 3)))


def late_correction(yours: Mapping[str, np.ndarray]) -> None:
    """Epoch means of the loss, when the pixels of the first epoch are too large: your runs over
    those of five seeds."""
    stored = measured(LESSON)
    late, rates = np.median(stored["late"], axis=2), stored["late_rates"]
    figure, ax = plt.subplots()
    ax.set(
        xlabel="epoch", ylabel="mean mini-batch loss (nats)", yscale="log", xlim=(0.8, 13.2), ylim=(0.06, 3)
    )
    names = ("SGD", "AdaGrad", "RMSprop")
    plots.bands(ax, dict(zip(names, stored["late_epochs"], strict=True)), start=1)
    for losses in yours.values():
        ax.plot(range(1, 14), losses.reshape(13, 23).mean(axis=1), "o", color="0.1", markersize=3.5)
    ax.axvline(1.5, color="0.6", linewidth=1)
    plots.label(ax, 1.7, 2.6, "pixels from 0 to 16, then from 0 to 1 (dots: your runs)")
    ax.set_title("AdaGrad drags the first epoch along; RMSprop forgets it")
    plots.show(
        figure,
        "Mean loss in each of 13 epochs, three bands. All start near 2. RMSprop's falls below 0.3 by "
        "epoch 6 and ends below 0.1; "
        "those of AdaGrad and SGD fall slowly and end above 0.4.",
        seeds=stored["late"].shape[2],
    )
    kinds = (*names, "RMSprop, alpha 0.99", "AdaGrad, started afresh")
    for name, row in zip(kinds, late, strict=True):
        print(f"{name:24} best lr {rates[row.argmin()]:<7.2g} training loss in the end {row.min():.2f}")
    ratio = late[1].min() / late[2].min()
    reveal(
        "late_correction",
        "more than five times as high" if ratio > 5 else "twice as high" if ratio > 1.5 else "the same",
    )


def pixel_rates(history: Sequence[np.ndarray], lr: float, images: np.ndarray) -> None:
    """The mean ink of each pixel, and the effective rate of its weights in the end."""
    ink, blank = images.mean(axis=0).reshape(8, 8), history[-1].max(axis=1).reshape(8, 8) == 0
    rates = _rates(history[-1], lr)
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 4))
    _map(axes[0], ink, np.zeros((8, 8), bool), "Greys", ".2f", "mean ink of the pixel, 0 to 1")
    _map(axes[1], _exponents(rates), blank, "Blues", ".1f", "log10 of the effective rate")
    figure.suptitle("Pixels that are seldom inked get the largest rates")
    plots.show(
        figure,
        "Two heat maps of 8 by 8 pixels. Left, the mean ink: high in the middle, near zero along the "
        "left and right edge. Right, the "
        "effective rate: 1 to 2 in the middle, 20 to 7000 at the edges; three pixels that were "
        "always white are grey.",
    )
    sides, middle = np.median(rates[:, [0, 7]]), np.median(rates[2:6, 2:6])
    reveal("pixel_rates", "the left and right edge" if sides > middle else "the middle")


def watch_rates(history: Sequence[np.ndarray], lr: float) -> None:
    """The effective rates of the pixels, step by step."""

    def draw(step: int) -> tuple[Figure, str]:
        rates = _rates(history[step - 1], lr)
        figure, ax = plt.subplots(figsize=(4.4, 4.2))
        _map(
            ax,
            _exponents(rates),
            rates >= lr / 2e-8,
            "Blues",
            ".1f",
            f"Step {step}: log10 of the effective rate",
        )
        return figure, f"The effective rate of each pixel after step {step}, from {rates.min():.2g} on."

    plots.play(draw, FRAMES)


def _rates(s: np.ndarray, lr: float) -> np.ndarray:
    """The median effective rate of each pixel's ten weights, (8, 8)."""
    return np.asarray(np.median(lr / (np.sqrt(s) + 1e-8), axis=1).reshape(8, 8))


def _exponents(rates: np.ndarray) -> np.ndarray:
    """Their logarithms to one decimal; zero is added, as there is no -0.0 to write."""
    return np.round(np.log10(rates), 1) + 0.0


def _map(ax: Any, values: np.ndarray, hidden: np.ndarray, shades: str, form: str, title: str) -> None:
    plain = {"cbar": False, "square": True, "xticklabels": False, "yticklabels": False, "linewidths": 0.5}
    top = 4.5 if shades == "Blues" else None
    sns.heatmap(
        values,
        mask=hidden,
        annot=True,
        annot_kws={"size": 9},
        fmt=form,
        cmap=shades,
        vmax=top,
        ax=ax,
        **plain,
    )
    ax.set_facecolor("0.85")
    ax.set_title(title, weight="normal")


def options(yours: Mapping[str, np.ndarray]) -> None:
    """Training losses by rate for three settings: your runs over the bands of five seeds."""
    stored = measured(LESSON)
    rates, losses = stored["rates"], dict(zip(yours, stored["options"], strict=True))
    figure, ax = plt.subplots()
    ax.set(xlabel="learning rate", ylabel="training loss after 138 updates (nats)")
    ax.set(xscale="log", yscale="log", xlim=(2.5e-5, 0.12), ylim=(0.025, 4))
    plots.bands(ax, {name: each.T for name, each in losses.items()}, x=rates)
    for each in yours.values():
        ax.plot(rates, each, "o", color="0.1", markersize=3.5)
    ax.set_title("Momentum moves the best rate down, and the loss with it")
    plots.show(
        figure,
        "Training loss against learning rate, three bands with a minimum each; dots are your runs. "
        "RMSprop and its centred form nearly "
        "coincide. With momentum the curve lies further left and its minimum is less than half as high.",
        seeds=stored["options"].shape[2],
    )
    best = {name: rates[np.median(each, axis=1).argmin()] for name, each in losses.items()}
    for name, each in losses.items():
        print(f"{name:18} best lr {best[name]:<8.2g} median loss {np.median(each, axis=1).min():.3f}")
    times = round(best["RMSprop"] / best["with momentum 0.9"])
    reveal("momentum_rate", {1: "the same", 3: "3 times smaller"}.get(times, f"{times} times smaller"))


def long_strides(found: Mapping[str, np.ndarray]) -> None:
    """Strides on an even slope for the options of RMSprop."""
    figure, ax = plt.subplots()
    ax.set(
        xlabel="step",
        ylabel="length of the step, in units of lr",
        yscale="log",
        xlim=(0, 1500),
        ylim=(0.5, 4000),
    )
    plots.curves(ax, found, start=1)
    ax.set_title("On an even slope the centred step grows without end")
    plots.show(
        figure,
        "Step lengths for a constant gradient, on a log scale. Plain RMSprop falls from 10 lr to 1. "
        "With momentum it peaks near 30 and "
        "settles at 10. Centred, it starts at 10, and after a dip climbs to 1900 by step 1500.",
    )
    for name, each in found.items():
        print(
            f"{name:18} first {each[0]:.2f}  longest {each.max():.1f} at step {each.argmax() + 1}  "
            f"last {each[-1]:.2f}"
        )
    reveal("longest_stride", round(float(found["centred"].max())))


def which_is_which(adagrad: Update, rmsprop: Update) -> None:
    """Three curves without names, for the quiz: strides before and after one gradient that is
    much too large."""

    def run(update: Update, **settings: float) -> np.ndarray:
        theta = state = np.array(0.0)
        places = [0.0]
        for t in range(1, 501):
            theta, state = update(theta, np.array(30.0 if t == 100 else 1.0), state, 1.0, **settings)
            places.append(float(theta))
        return -np.diff(places)

    runs = {"A": run(rmsprop, alpha=0.9), "B": run(adagrad), "C": run(rmsprop, alpha=0.99)}
    figure, ax = plt.subplots()
    ax.set(
        xlabel="step",
        ylabel="length of the step, in units of lr",
        xlim=(50, 500),
        yscale="log",
        ylim=(0.02, 12),
    )
    plots.curves(ax, runs, start=1)
    ax.set_title("Which is which?")
    plots.show(
        figure,
        "Step lengths of three rules; one gradient, at step 100, is 30 times the others. A falls and "
        "is back at 1 after some 60 steps, B "
        "falls and stays low, C takes several hundred steps to come back.",
    )
