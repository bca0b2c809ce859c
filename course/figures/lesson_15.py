"""The figures of lesson 15, stabilising GANs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from course import plots
from course.figures.lesson_15_games import CENTRES, NEAR, Game, modes_found
from course.measured import measured
from course.questions import reveal

LESSON = "15_gan"
LOGITS = np.linspace(-6, 6, 121)
# How many samples a small panel has room for, and how wide it is.
SHOWN, WIDE = 150, 3.2


def _samples(ax: Axes, samples: np.ndarray, title: str) -> None:
    """Samples (n, 2) over rings for the modes."""
    for x, y in CENTRES:
        ax.add_patch(Circle((x, y), NEAR, color="0.6", fill=False))
    ax.plot(*samples[:SHOWN].T, "o", color=plots.PALETTE[0], markersize=3, alpha=0.5)
    ax.set(xlim=(-WIDE, WIDE), ylim=(-WIDE, WIDE), aspect="equal", title=title, xticks=(), yticks=())


def at_first() -> None:
    """Where the samples of five games are, at the rates at which the generator is the faster one."""
    stored = measured(LESSON)
    found = stored["modes"][0, :, -1]
    figure, axes = plt.subplots(1, len(found), figsize=(7, 2.1))
    for ax, samples, modes in zip(axes, stored["samples"], found, strict=True):
        _samples(ax, samples, f"{modes} of 8")
    figure.suptitle("None of five games has found more than one of the eight modes")
    plots.show(
        figure,
        "Five panels with eight rings for the modes and dots for samples, after 600 steps. In each "
        "panel the dots lie close together, in one ring or in none.",
        seeds=len(found),
    )
    reveal("modes_at_first", float(np.median(found)))


def _losses_of(discriminator_loss: Callable[..., Any], label: float, logits: np.ndarray) -> np.ndarray:
    """The loss of one real row, for each logit; the fake side has a row that loses nothing."""
    certain = np.array([-100.0])
    return np.array([float(discriminator_loss(np.array([s]), certain, label)[0]) for s in logits])


def soft_labels(discriminator_loss: Callable[..., Any]) -> None:
    """Sliders: the loss of one real row against its logit, for one label, and its slope at one logit."""

    def draw(label: float = 0.9, logit: float = 0.0) -> tuple[Figure, str]:
        figure, ax = plt.subplots(figsize=(7, 3.2))
        losses = _losses_of(discriminator_loss, label, LOGITS)
        ax.plot(LOGITS, losses, color=plots.PALETTE[0])
        here = np.array([logit])
        loss, slope, _ = discriminator_loss(here, np.array([-100.0]), label)
        slope = float(np.asarray(slope)[0])
        near = np.array([logit - 1.2, logit + 1.2])
        ax.plot(near, float(loss) + slope * (near - logit), color=plots.PALETTE[1], linewidth=3)
        ax.plot(logit, float(loss), "o", color=plots.PALETTE[1])
        ax.set(xlabel="logit of a real row", ylabel="its loss (nats)", ylim=(-1.5, 6))
        title = f"With the label {label:g} the slope at {logit:g} is {slope:.3f}"
        ax.set_title(title)
        return figure, f"{title}. The lowest loss of the range is {losses.min():.2f}."

    plots.sliders(draw, label=[0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2], logit=[float(s) for s in range(-5, 6)])


def soft_label_lines(discriminator_loss: Callable[..., Any]) -> None:
    """The same without sliders: four labels in one figure."""
    labels = (0.7, 0.9, 1.0, 1.2)
    figure, ax = plt.subplots(figsize=(7, 3.4))
    curves = {f"label {label:g}": _losses_of(discriminator_loss, label, LOGITS) for label in labels}
    ax.set(xlabel="logit of a real row", ylabel="its loss (nats)", ylim=(-1.5, 4), xlim=(-3, 6))
    plots.curves(ax, curves, x=LOGITS)
    ax.set_title("Below 1 certainty has an end; above 1 there is no bottom")
    plots.show(
        figure,
        "Four curves of a real row's loss against its logit. With the labels 0.7 and 0.9 each has a "
        "lowest point, "
        "with 1 it falls towards 0, with 1.2 it falls below 0 in a straight line.",
    )
    fine = np.linspace(0, 6, 601)
    reveal("best_logit", float(fine[_losses_of(discriminator_loss, 0.9, fine).argmin()]))


def slopes(generator_loss: Callable[..., Any]) -> None:
    """How steep the two losses of the generator are, against the logit of a sample."""

    def steepness(saturating: bool) -> np.ndarray:
        each = [generator_loss(np.array([s]), saturating=saturating)[1] for s in LOGITS]
        return np.abs(np.array(each, dtype=float)).ravel()

    figure, ax = plt.subplots(figsize=(7, 3.4))
    ax.set(xlabel="logit of a sample (left: taken for fake)", ylabel="size of the slope", ylim=(-0.05, 1.1))
    plots.curves(ax, {"saturating (5)": steepness(True), "with real labels (6)": steepness(False)}, x=LOGITS)
    ax.set_title("The saturating loss is flat just where samples are bad")
    plots.show(
        figure,
        "Two curves of the size of a slope against a sample's logit, mirror images of each other. The "
        "saturating one "
        "is near 0 on the left and near 1 on the right; the other one is near 1 on the left.",
    )
    grad = generator_loss(np.array([-5.0]), saturating=True)[1]
    reveal("saturated_slope", abs(float(np.asarray(grad)[0])))


def modes_appear(played: Mapping[str, Game]) -> None:
    """Play: the samples of the first game of each kind as training goes on."""
    games = dict(played)
    steps = next(iter(games.values())).steps

    def draw(step: int) -> tuple[Figure, str]:
        figure, axes = plt.subplots(1, len(games), figsize=(7, 3.6))
        said = []
        for ax, (name, game) in zip(axes, games.items(), strict=True):
            samples = game.samples[steps.index(step)][0]
            count = int(modes_found(samples, game.scale))
            _samples(ax, samples, f"{name}: {count} of 8")
            said.append(f"{name}: {count} of 8 modes")
        return figure, f"After {step} steps, in the first of five games. {'; '.join(said)}."

    plots.play(draw, steps, label="step", start=len(steps) - 1)


def modes_and_losses(played: Mapping[str, Game]) -> None:
    """Modes found and D's loss against steps, over five games of each kind."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2))
    steps = next(iter(played.values())).steps
    left.set(xlabel="steps", ylabel="modes found", ylim=(-0.3, 8.3), title="Modes tell them apart")
    plots.bands(left, {name: game.modes() for name, game in played.items()}, x=steps)
    window = 50
    kernel = np.ones(window) / window
    curves = {name: np.convolve(game.losses, kernel, mode="valid") for name, game in played.items()}
    right.set(xlabel="steps", ylabel="discriminator's loss (nats)", title="D's loss tells little")
    plots.curves(right, curves, start=window)
    plots.show(
        figure,
        "Left: modes found against steps for five games of each kind, with bands. Where the "
        "discriminator is faster "
        "the median rises to most of the eight; where the generator is, it stays at 1 or below. Right: the "
        "discriminator's loss, mean of 50 steps and five games.",
        seeds=next(iter(played.values())).seeds,
    )
    exchanged = played["D faster"].modes()[:, -1]
    reveal("modes_with_rates_exchanged", float(np.median(exchanged)))


def the_cure(uncured: Game, cured: Mapping[str, Game]) -> None:
    """Modes against steps at the same two rates: as they were, with noise, with a penalty."""
    figure, ax = plt.subplots()
    ax.set(xlabel="steps", ylabel="modes found", ylim=(-0.3, 8.3))
    games = {"rates alone": uncured, **cured}
    plots.bands(ax, {name: game.modes() for name, game in games.items()}, x=uncured.steps)
    ax.set_title("The penalty finds all eight modes in every game, noise in three of five")
    plots.show(
        figure,
        "Modes found against steps for five games of each kind, with bands: with the rates exchanged "
        "alone, and with noise or a gradient penalty besides. All rise to most of the eight.",
        seeds=uncured.seeds,
    )
    ends = {name: float(np.median(game.modes()[:, -1])) for name, game in cured.items()}
    best = max(ends.values())
    ahead = [name for name, modes in ends.items() if modes == best]
    reveal("noise_or_penalty", ahead[0] if len(ahead) == 1 else "as many")


def remedies() -> None:
    """What each change alone does to the modes that are found at last."""
    stored = measured(LESSON)
    last = stored["modes"][:, :, -1]
    figure, ax = plt.subplots(figsize=(7, 4.6))
    for height, found in enumerate(last):
        ax.plot(found, height + np.linspace(-0.2, 0.2, len(found)), "o", color=plots.PALETTE[0], alpha=0.6)
        ax.plot(np.median(found), height, "|", color=plots.PALETTE[1], markersize=18, markeredgewidth=2.5)
    ax.set(yticks=range(len(last)), yticklabels=list(stored["names"]), ylim=(len(last) - 0.5, -0.5))
    ax.set(xlabel="modes found after 600 steps", xlim=(-0.3, 8.3), ylabel="rates of G and D, and the change")
    ax.set_title("Rates first: at the first pair no remedy helps")
    plots.show(
        figure,
        "A row for each setting, with dots for its five games and a bar at the median. At the first rates, "
        "alone and with noise, penalty or spectral norm, no dot is above 1. With 0.005 for D most dots "
        "are from 6 to 8, whatever else is changed, but for data 60 times as large.",
        seeds=last.shape[1],
    )
    scaled = float(np.median(last[list(stored["names"]).index("0.001, 0.005, data times 60")]))
    reveal("modes_of_large_data", scaled)
