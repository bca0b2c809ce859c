"""The figures of lesson 12, the normalisation family: activations, and power iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from course import data, plots
from course.measured import measured
from course.questions import reveal

LESSON = "12_normalisation"
# The worked example, turned: 16 and 9 are its singular values.
TURN = np.array([[np.cos(np.pi / 6), -np.sin(np.pi / 6)], [np.sin(np.pi / 6), np.cos(np.pi / 6)]])
WORKED = TURN @ np.diag([16.0, 9.0])
WORKED_V = np.array([0.6, 0.8])

KINDS = ("PyTorch's start", "He's start", "batch norm", "layer norm")


def at_best_rate(errors: np.ndarray) -> np.ndarray:
    """(..., rates, seeds) to (..., seeds): the rate with the lowest median."""
    best = np.median(errors, axis=-1).argmin(axis=-1)
    return np.take_along_axis(errors, best[..., None, None], axis=-2)[..., 0, :]


def small_batches() -> None:
    """Test error against the size of training batches, each kind at its best rate."""
    stored = measured(LESSON)
    best, sizes = at_best_rate(stored["small"]), stored["sizes"]
    figure, ax = plt.subplots()
    ax.set(xlabel="digits in a training batch", ylabel="test error (%)", xscale="log", xlim=(1.9, 34))
    ax.set(ylim=(0, 100))
    ax.set_xticks(sizes, map(str, sizes))
    ax.minorticks_off()
    plots.bands(ax, {name: each.T for name, each in zip(KINDS, best, strict=True)}, x=sizes)
    ax.set_title("Batch norm needs company; layer norm learns from pairs")
    plots.show(
        figure,
        "Test error against the size of training batches. PyTorch's start alone is at guessing throughout. "
        "Batch norm errs on more than three quarters of the digits with batches of 2, and is lowest with "
        "32. Layer norm and He's start fall from about a half to a few percent.",
        seeds=best.shape[-1],
    )
    reveal("batch_norm_from_pairs", float(round(np.median(best[KINDS.index("batch norm"), 0]))))


def sharing() -> None:
    """Which fields of a batch share a mean: four panels of examples by channels."""
    panels: dict[str, Callable[[int, int], int]] = {
        "Batch norm: a column": lambda n, c: c,
        "Layer norm: a row": lambda n, c: n,
        "Group norm, 2 groups": lambda n, c: 2 * n + c // 3,
        "Instance norm: each field": lambda n, c: 6 * n + c,
    }
    figure, axes = plt.subplots(2, 2, figsize=(7, 4.6))
    for ax, (title, shares) in zip(axes.flat, panels.items(), strict=True):
        for n in range(4):
            for c in range(6):
                number = shares(n, c)
                shade = plots.PALETTE[number % len(plots.PALETTE)]
                ax.add_patch(Rectangle((c, n), 0.94, 0.94, facecolor=shade, alpha=0.35))
                ax.text(c + 0.47, n + 0.47, str(number + 1), ha="center", va="center")
        ax.set(title=title, xlim=(-0.06, 6), ylim=(4, -0.06), xlabel="channel", ylabel="example")
        ax.set_xticks(np.arange(6) + 0.47, [str(c + 1) for c in range(6)])
        ax.set_yticks(np.arange(4) + 0.47, [str(n + 1) for n in range(4)])
        ax.tick_params(length=0)
        ax.grid(False)
    figure.suptitle("Only batch norm looks across examples")
    plots.show(
        figure,
        "Four tables of 4 examples by 6 channels; fields with one number share a mean. Batch norm: each "
        "column. Layer norm: each row. Group norm with 2 groups: each half of a row. Instance norm: every "
        "field for itself.",
    )


def _row() -> np.ndarray:
    """Twelve numbers around 0.2, with a spread of about 1."""
    return np.random.default_rng(3).normal(0.2, 1.0, size=12)


def _results(forward: Callable[..., Any], rms: Callable[..., Any], row: np.ndarray) -> dict[str, np.ndarray]:
    ones = np.ones(len(row))
    return {"layer norm": np.asarray(forward(row, ones, 0 * ones)[0]), "RMS norm": np.asarray(rms(row, ones))}


def ignored(forward: Callable[..., Any], rms: Callable[..., Any]) -> None:
    """Sliders: what both make of one row that is multiplied and shifted."""
    row = _row()
    before = _results(forward, rms, row)

    def draw(scale: float = 1.0, shift: float = 0.0) -> Figure:
        figure, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True)
        after = _results(forward, rms, scale * row + shift)
        for ax, (name, values), color in zip(axes, after.items(), plots.PALETTE, strict=False):
            ax.plot(before[name], "o", color="0.6", markersize=9, markerfacecolor="none")
            ax.plot(values, "o", color=color, markersize=5)
            moved = np.abs(values - before[name]).max()
            ax.set(title=f"{name}: moved by up to {moved:.2f}", xlabel="entry", ylim=(-3.2, 3.2))
        axes[0].set_ylabel("result (rings: as it was)")
        return figure

    plots.sliders(draw, scale=[0.1, 0.5, 1.0, 2.0, 10.0], shift=[-2.0, -1.0, 0.0, 1.0, 2.0, 5.0])


def ignored_lines(forward: Callable[..., Any], rms: Callable[..., Any]) -> None:
    """The same without sliders: how far the results move, against the shift and against the scale."""
    row = _row()
    before = _results(forward, rms, row)

    def moved(changed: np.ndarray) -> list[float]:
        after = _results(forward, rms, changed)
        return [float(np.abs(after[name] - before[name]).max()) for name in before]

    shifts, scales = np.linspace(-5, 5, 41), 10.0 ** np.linspace(-1, 1, 41)
    by_shift = np.array([moved(row + shift) for shift in shifts]).T
    by_scale = np.array([moved(scale * row) for scale in scales]).T
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True)
    plots.curves(left, dict(zip(before, by_shift, strict=True)), x=shifts)
    plots.curves(right, dict(zip(before, by_scale, strict=True)), x=scales)
    left.set(xlabel="shift", ylabel="a result moves by up to", title="A shift: RMS norm follows")
    right.set(xlabel="scale", xscale="log", title="A scale: both stand still", ylim=(-0.1, None))
    right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    right.minorticks_off()
    plots.show(
        figure,
        "How far the results move. Against the shift RMS norm moves by up to 2 or 3 and layer norm not at "
        "all. Against the scale both lines lie at 0.",
    )
    still = [name for name, distance in zip(before, moved(row + 2.0), strict=True) if distance < 0.01]
    names = {("layer norm", "RMS norm"): "both", ("layer norm",): "layer norm alone"}
    reveal("ignores_a_shift", names.get(tuple(still), "RMS norm alone" if still else "neither"))


def tiny_rows(rms: Callable[..., Any]) -> None:
    """The size of the result against the size of a row's entries, for three values of eps."""
    sizes = 10.0 ** np.linspace(-5, 0, 41)
    single = float(np.finfo(np.float32).eps)
    choices = {
        "float64": float(np.finfo(np.float64).eps),
        "float32": single,
        "T5": 1e-6,
    }
    ones = np.ones(8)
    curves = {
        name: np.array([float(np.asarray(rms(size * ones, ones, eps=eps))[0]) for size in sizes])
        for name, eps in choices.items()
    }
    figure, ax = plt.subplots()
    ax.set(xlabel="entries of the row", ylabel="entries of the result", xscale="log", ylim=(0, 1.1))
    ax.set(xlim=(1e-5, 1))
    ax.set_xticks(10.0 ** np.arange(-5, 1), ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1"])
    ax.minorticks_off()
    plots.curves(ax, curves, x=sizes)
    ax.axvline(1e-4, color="0.6", linewidth=1)
    for text in [each for each in ax.texts if each.get_text() in curves]:
        text.remove()
    places = {"float64": (1.3e-5, 0.94), "float32": (1.3e-5, 0.25), "T5": (1.2e-3, 0.6)}
    for (name, place), color in zip(places.items(), plots.PALETTE, strict=False):
        plots.label(ax, *place, name if name == "T5" else f"PyTorch, {name}", color)
    ax.set_title("Below about 0.001 the libraries part")
    plots.show(
        figure,
        "Entries of the result against entries of the row, on a log axis, for three values of eps. All are "
        "1 for entries above 0.01. At 0.0001 PyTorch's float32 gives 0.28, T5's eps 0.10, PyTorch's "
        "float64 still 1.",
    )
    reveal("tiny_row", float(np.asarray(rms(1e-4 * ones, ones, eps=single))[0]))


def stack(norm: Callable[[int], nn.Module] | None, seed: int, depth: int = 6, width: int = 32) -> nn.Module:
    """A classifier of digits with six hidden layers from PyTorch's start, normalised before each ReLU."""
    layers: list[nn.Module] = []
    inputs = 64
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for _ in range(depth):
            layers += [nn.Linear(inputs, width), *([norm(width)] if norm else []), nn.ReLU()]
            inputs = width
        layers.append(nn.Linear(inputs, 10))
    return nn.Sequential(*layers).double()


def one_digit_at_a_time(losses: Sequence[np.ndarray], window: int = 100) -> None:
    """Losses of single digits with layer norm, averaged over a window, over several seeds."""
    figure, ax = plt.subplots(figsize=(7, 3.4))
    kernel = np.ones(window) / window
    runs = np.array([np.convolve(each, kernel, mode="valid") for each in losses])
    plots.bands(ax, {"layer norm": runs}, start=window)
    ax.axhline(np.log(10), color="0.6", linewidth=1)
    plots.label(ax, 300, np.log(10) + 0.03, "guessing: log 10")
    ax.set(xlabel="updates, one digit each", ylabel=f"loss, mean of {window} digits (nats)", ylim=(1.5, 2.6))
    ax.set_title("Layer norm learns from single digits, if slowly")
    plots.show(
        figure,
        "Training loss against updates with one digit each, for five networks with layer norm. It falls "
        "from guessing, 2.3, to about 1.9 after 400, and is still falling.",
        seeds=len(losses),
    )


def contrasts(group_norm: Callable[..., Any]) -> None:
    """How large each of four channels is after normalisation in 1, 2 and 4 groups."""
    images = data.digits().X_train[:200].reshape(-1, 8, 8)
    channels = np.stack([images, 3 * images, -images, 0.5 * images], axis=1)
    figure, axes = plt.subplots(1, 3, figsize=(7, 3.2), sharey=True)
    seen = []
    for ax, groups in zip(axes, (1, 2, 4), strict=True):
        y = np.asarray(group_norm(channels, groups, np.ones(4), np.zeros(4)))
        spreads = y.std(axis=(2, 3)).mean(axis=0)
        if spreads[1] > 1.5 * spreads[0]:
            seen.append(groups)
        _bars(ax, spreads)
        ax.set_title("1 group" if groups == 1 else f"{groups} groups")
    axes[0].set_ylabel("spread over the pixels,\nmean of 200 digits")
    figure.suptitle("A group keeps the contrasts within it, and no others")
    plots.show(
        figure,
        "Bars of the spread of four channels. In one group their original ratios 1 to 3 to 1 to one half "
        "are kept. In two groups the ratio within each pair is kept. In four groups all bars are 1.",
    )
    answers = {(1,): "1 group only", (1, 2): "1 and 2 groups", (1, 2, 4): "1, 2 and 4 groups"}
    reveal("contrast_survives", answers.get(tuple(seen), "none of them"))


def _bars(ax: Axes, heights: np.ndarray) -> None:
    ax.bar(range(4), heights, color=plots.PALETTE[0], alpha=0.7)
    ax.set_xticks(range(4), ["1:\nx", "2:\n3x", "3:\n-x", "4:\nx/2"])
    ax.set_xlabel("channel")


def turning(norm_class: Callable[..., Any], calls: int = 8) -> None:
    """Play: W v on the ellipse that W makes of the circle, call by call."""
    norm = norm_class(TURN @ np.array([0.8, 0.6]), WORKED_V)
    seen = [WORKED_V]
    for _ in range(calls):
        norm(WORKED)
        seen.append(np.array(norm.v, dtype=float))
    angles = np.linspace(0, 2 * np.pi, 200)
    ellipse = WORKED @ np.stack([np.cos(angles), np.sin(angles)])

    def draw(call: int) -> tuple[Figure, str]:
        image = WORKED @ seen[call]
        figure, ax = plt.subplots(figsize=(5, 4))
        ax.plot(*ellipse, color="0.6")
        plots.arrow(ax, (0, 0), image, "W v", plots.PALETTE[1])
        ax.set(xlim=(-17, 20), ylim=(-14, 16), aspect="equal", xlabel="first entry", ylabel="second entry")
        length = float(np.linalg.norm(image))
        ax.set_title(f"Iteration {call}: W v has length {length:.2f} of 16")
        return figure, f"Iteration {call}: the arrow W v has length {length:.2f}; the ellipse reaches 16."

    plots.play(draw, calls + 1, label="iteration")
