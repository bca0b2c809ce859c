"""The figures of lesson 16, recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from course import plots
from course.data import digits
from course.figures import lesson_16_runs as runs
from course.measured import measured
from course.questions import reveal

LESSON = "16_recipes"
COLUMNS = ("update", "plan", "lr", "loss", "norm", "moved")
KINDS = ("as it is", "clipping", "warm-up", "both")
CLASSES = 10
PATIENCE = (1, 2, 3, 5, 8)


def at_first() -> None:
    """How many test digits a Transformer reads after training with clipping, with warm-up, with both."""
    stored = measured(LESSON)
    shares = 100 * stored["first"]
    medians = np.median(shares, axis=1)
    figure, ax = plt.subplots(figsize=(7, 2.6))
    for row, (each, median) in enumerate(zip(shares, medians, strict=True)):
        ax.plot(each, np.full(len(each), row), "o", color=plots.PALETTE[0], alpha=0.6)
        ax.plot(median, row, "|", color="black", markersize=18)
    ax.set(
        yticks=range(len(KINDS)), yticklabels=KINDS, xlim=(0, 100), xlabel="test digits that are right (%)"
    )
    ax.set_ylim(3.4, -0.4)
    gains = medians[1:3] - medians[0]
    names = ("clipping", "warm-up")
    best = names[int(np.argmax(gains))] if max(gains) > 10 else "neither"
    ax.set_title("Neither helps by itself" if best == "neither" else f"By itself only {best} helps")
    said = ", ".join(f"{name} {median:.0f}%" for name, median in zip(KINDS, medians, strict=True))
    plots.show(
        figure, f"Four rows of dots, one a seed, with a line at the median: {said}.", seeds=len(shares[0])
    )
    reveal("what_saves_it", best)


def _losses(cross_entropy: Callable[..., Any], gaps: np.ndarray, smoothing: float) -> np.ndarray:
    """The loss of one row whose label has a logit of ``gap``, and the other nine classes 0."""
    logits = np.zeros((len(gaps), 1, CLASSES))
    logits[:, 0, 0] = gaps
    return np.array([cross_entropy(each, np.array([0]), smoothing)[0] for each in logits])


def _gap(ax: Any, cross_entropy: Callable[..., Any], smoothing: float) -> float:
    gaps = np.linspace(0, 12, 121)
    losses = _losses(cross_entropy, gaps, smoothing)
    lowest = int(np.argmin(losses))
    ax.plot(gaps, losses, color=plots.PALETTE[0])
    if 0 < lowest < len(gaps) - 1:
        ax.plot(gaps[lowest], losses[lowest], "o", color=plots.PALETTE[3])
    ax.set(xlabel="the label's logit, less the others", ylabel="loss (nats)", xlim=(0, 12), ylim=(0, 3.2))
    return float(gaps[lowest])


def room_for_doubt(cross_entropy: Callable[..., Any]) -> None:
    """Sliders: the loss against how far the label's logit is above the others, by smoothing."""

    def draw(smoothing: float = 0.1) -> Figure:
        figure, ax = plt.subplots(figsize=(7, 3.2))
        gap = _gap(ax, cross_entropy, smoothing)
        where = f"lowest at a gap of {gap:.1f}" if gap < 12 else "still falling at the right"
        ax.set_title(f"smoothing {smoothing:g}: {where}")
        return figure

    plots.sliders(draw, smoothing=[0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8])


def rooms_for_doubt(cross_entropy: Callable[..., Any]) -> None:
    """The same without sliders: three losses beside each other."""
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.8), sharey=True)
    found = {}
    for ax, smoothing in zip(axes, (0.0, 0.1, 0.5), strict=True):
        found[smoothing] = _gap(ax, cross_entropy, smoothing)
        ax.set(title=f"smoothing {smoothing:g}", xlabel="", ylabel=ax.get_ylabel() if ax is axes[0] else "")
    axes[1].set_xlabel("the label's logit, less the others")
    figure.suptitle("Doubt puts the lowest loss at a finite gap")
    plots.show(
        figure,
        "The loss against the gap between the label's logit and the other nine. Without smoothing it falls "
        f"for ever; with 0.1 it is lowest at {found[0.1]:.1f}, with 0.5 at {found[0.5]:.1f}, then it rises.",
    )
    reveal("gap_at_a_tenth", round(found[0.1], 1))


def _mixed(mixup: Callable[..., Any], alpha: float, batch: int) -> tuple[np.ndarray, ...]:
    """A 0, a 1 and so on up to a 7, mixed, and their targets: (8, 64) and (8, 10)."""
    data = digits()
    rows = [int(np.argmax(data.y_train == digit)) for digit in range(8)]
    return tuple(mixup(data.X_train[rows], data.y_train[rows], CLASSES, alpha, np.random.default_rng(batch)))


def mixed_digits(mixup: Callable[..., Any]) -> None:
    """Sliders: eight digits of a batch, mixed, with their targets."""

    def draw(alpha: float = 1.0, batch: int = 0) -> Figure:
        X, Y = _mixed(mixup, alpha, batch)
        images = np.pad(np.asarray(X).reshape(-1, 8, 8), ((0, 0), (0, 0), (0, 1)))
        figure, ax = plt.subplots(figsize=(7, 2.1))
        ax.imshow(np.concatenate(list(images), axis=1)[:, :-1], cmap="Greys", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        for place, target in enumerate(np.asarray(Y)):
            classes = [k for k in np.argsort(-target) if target[k] > 0.005][:2]
            said = "\n".join(f"{k}: {100 * target[k]:.0f}%" for k in classes)
            ax.text(9 * place + 3.5, 8.2, said, ha="center", va="top", fontsize=9)
        ax.set_title(f"alpha {alpha:g}: one weight for all rows of a batch")
        return figure

    plots.sliders(draw, alpha=[0.1, 0.2, 0.5, 1.0, 2.0, 8.0], batch=[0, 1, 2, 3, 4, 5])


def weights_drawn(mixup: Callable[..., Any], batches: int = 400) -> None:
    """The same without sliders: the weights that five generators give to the row itself, for three alphas."""
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.6), sharey=True)
    nearly: dict[float, list[float]] = {}
    for ax, alpha in zip(axes, (0.2, 1.0, 8.0), strict=True):
        drawn = []
        for seed in range(5):
            rng = np.random.default_rng(seed)
            # A row of zeros and a single 1 that meets another one shows both weights; some meet themselves.
            mixed = [mixup(np.eye(8), np.arange(8), 8, alpha, rng)[0] for _ in range(batches)]
            drawn.append([float(np.max(each, axis=1).min()) for each in mixed])
        weights = np.array(drawn)
        nearly[alpha] = list(100 * (weights > 0.9).mean(axis=1))
        ax.hist(weights.ravel(), bins=list(np.linspace(0.5, 1, 11)), color=plots.PALETTE[0], alpha=0.8)
        ax.set_title(f"alpha {alpha:g}", fontsize=11)
    axes[0].set_ylabel("batches of 2000")
    axes[1].set_xlabel("the larger weight of the two")
    figure.suptitle("A small alpha leaves most batches nearly as they were")
    plots.show(
        figure,
        "Histograms of the larger of the two weights. For alpha 0.2 most batches have one above 0.9, for 1 "
        "they are spread evenly from a half to 1, for 8 they are near a half.",
        seeds=5,
    )
    reveal("nearly_pure", round(float(np.mean(nearly[0.2]))))


def decaying(models: Mapping[str, nn.Module], param_groups: Callable[..., Any]) -> None:
    """How much of each network decays: of its tensors, and of its numbers."""
    figure, ax = plt.subplots(figsize=(7, 3.0))
    shares = {}
    for row, (name, model) in enumerate(models.items()):
        groups = [group["params"] for group in param_groups(model, 0.01)]
        tensors, numbers = (
            [sum(map(size, group)) for group in groups] for size in (lambda _: 1, torch.numel)
        )
        shares[name] = [100 * counted[0] / max(sum(counted), 1) for counted in (tensors, numbers)]
        for place, (share, color) in enumerate(zip(shares[name], plots.PALETTE, strict=False)):
            height = row + 0.2 * (2 * place - 1)
            ax.barh(height, share, height=0.36, color=color, hatch=("", "///")[place], alpha=0.7)
            kind = ("tensors", "numbers")[place]
            plots.label(ax, share + 1, height, f"{share:.0f}% of its {kind}", va="center", fontsize=10)
    ax.set(yticks=range(len(models)), yticklabels=list(models), xlim=(0, 135), xlabel="what decays (%)")
    ax.set_xticks(range(0, 101, 25))
    ax.invert_yaxis()
    ax.grid(False)
    ax.set_title("Up to half of the tensors decay, and nearly all numbers")
    said = ", ".join(
        f"{name} {tensors:.0f} and {numbers:.0f}%" for name, (tensors, numbers) in shares.items()
    )
    plots.show(figure, f"Two bars for each network, the share of its tensors and numbers that decay: {said}.")
    reveal("numbers_that_decay", round(shares["Transformer"][1]))


class _Epoch(nn.Module):
    """A model that is nothing but the number of its epoch: what is kept and brought back can be read off."""

    number: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("number", torch.zeros(()))


def _stopped(early_stopping: Callable[..., Any], losses: np.ndarray, **settings: float) -> tuple[int, int]:
    """The epoch after which a run ends, and that of the model which is brought back; from 1."""
    stopping, model = early_stopping(**settings), _Epoch()
    for epoch, loss in enumerate(losses, start=1):
        model.number.fill_(epoch)
        if stopping.step(float(loss), model):
            break
    stopping.restore(model)
    return epoch, int(model.number)


def when_to_stop(early_stopping: Callable[..., Any]) -> None:
    """Sliders: five runs' validation loss, where each stops, and what is brought back."""
    curves = runs.validation_curves()

    def draw(patience: int = 1, min_delta: float = 0.0, seed: int = 2) -> Figure:
        losses = curves[seed]
        last, kept = _stopped(early_stopping, losses, patience=patience, min_delta=min_delta)
        figure, ax = plt.subplots(figsize=(7, 3.2))
        epochs = np.arange(1, len(losses) + 1)
        ax.plot(epochs, losses, color="0.75")
        ax.plot(epochs[:last], losses[:last], color=plots.PALETTE[0])
        ax.axvline(last, color=plots.PALETTE[3], linestyle="--", linewidth=1)
        ax.plot(kept, losses[kept - 1], "o", color=plots.PALETTE[1], markersize=9)
        ax.set(xlabel="epoch", ylabel="validation loss (nats)", xlim=(0, 51), ylim=(0.3, 2.5))
        ax.set_title(
            f"Stops after {last}, keeps {kept} with {losses[kept - 1]:.2f}; lowest {losses.min():.2f}"
        )
        return figure

    plots.sliders(draw, patience=PATIENCE, min_delta=[0.0, 0.02, 0.05, 0.1], seed=range(5))


def patiences(early_stopping: Callable[..., Any]) -> None:
    """The same without sliders: how far the kept loss is above the lowest of 50 epochs, by patience."""
    curves = runs.validation_curves()
    above = np.empty((len(PATIENCE), len(curves)))
    for row, patience in enumerate(PATIENCE):
        for seed, losses in enumerate(curves):
            _, kept = _stopped(early_stopping, losses, patience=patience)
            above[row, seed] = losses[kept - 1] - losses.min()
    figure, ax = plt.subplots(figsize=(7, 3))
    for row, each in enumerate(above):
        ax.plot(np.full(len(each), row), each, "o", color=plots.PALETTE[0], alpha=0.6)
    ax.set(xlabel="patience", ylabel="kept, less the lowest (nats)", ylim=(-0.1, 2))
    ax.set_xticks(range(len(PATIENCE)), list(map(str, PATIENCE)))
    enough = [patience for patience, each in zip(PATIENCE, above, strict=True) if each.max() < 0.02]
    ax.set_title("Too little patience stops at the first bump")
    plots.show(
        figure,
        "For each patience five dots, one a run: the loss that was kept, less the lowest of 50 epochs. "
        + ", ".join(f"patience {p}: up to {each.max():.2f}" for p, each in zip(PATIENCE, above, strict=True)),
        seeds=len(curves),
    )
    reveal("enough_patience", float(min(enough, default=PATIENCE[-1])))


def watch(logs: Mapping[str, np.ndarray], max_norm: float) -> None:
    """Play: loss, norm and rate of runs as they go on; of logs (updates, 3) that training_step returned."""
    updates = min(map(len, logs.values()))
    # A finite height for what left the axes.
    tops = (max(float(np.nanmedian(log[:, 0])) for log in logs.values()) * 2.2, 20 * max_norm)

    def draw(update: int) -> tuple[Figure, str]:
        figure, axes = plt.subplots(3, 1, figsize=(7, 4), sharex=True, height_ratios=[2, 2, 1])
        styles = plots.line_styles(list(logs))
        for (name, log), style in zip(logs.items(), styles, strict=True):
            for column, ax in enumerate(axes):
                ax.plot(np.arange(1, update + 1), log[:update, column], label=name, **style)
        axes[1].axhline(max_norm, color="0.4", linewidth=1, linestyle=":")
        axes[0].set(ylabel="loss", ylim=(0, tops[0]))
        axes[1].set(ylabel="norm", yscale="log", ylim=(max_norm / 10, tops[1]))
        axes[1].set_yticks(
            [max_norm / 10, max_norm, 10 * max_norm], [f"{max_norm * power:g}" for power in (0.1, 1, 10)]
        )
        axes[1].minorticks_off()
        axes[2].set(ylabel="rate", xlabel="update", xlim=(0, updates + 1), ylim=(0, None))
        axes[0].legend(loc="upper right", fontsize=9)
        said = "; ".join(f"{name} {log[update - 1, 0]:.2f}" for name, log in logs.items())
        axes[0].set_title(f"Update {update}, loss: {said}")
        return figure, f"After update {update} the losses are {said}."

    plots.play(draw, range(5, updates + 1, 5), label="update", start=updates // 5 - 1)


def broken_runs() -> None:
    """The logs of a right run, and of five that have one mistake each, as text."""
    stored = measured(LESSON)
    for name, log in zip(("right", *"ABCDE"), stored["logs"], strict=True):
        print(f"run {name}")
        print("".join(f"{column:>9}" for column in COLUMNS))
        for update, (plan, (loss, norm, lr, moved)) in enumerate(
            zip(stored["rates"], log, strict=True), start=1
        ):
            print(f"{update:9}{plan:9.1f}{lr:9.1f}{loss:9.3f}{norm:9.3f}{moved:9.3f}")
        print()
