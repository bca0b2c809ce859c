"""The figures of lesson 11, initialisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.measured import measured
from course.questions import reveal

LESSON = "11_initialisation"
Init = Callable[..., np.ndarray]

DEPTH, ROWS, SEEDS = 30, 64, 5
GAINS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2.0)
WIDTHS = (16, 64, 128)
ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda y: y,
    "tanh": np.tanh,
    "ReLU": lambda y: np.maximum(0.0, y),
}
NARROW, LUCKY_SEEDS = 16, 20
# Of the histograms that play.
EDGES = np.linspace(-4, 4, 161)
# Of pictures of weights: the darkest, either way.
SHADES = 0.3
# How far a parameter has to come to have moved.
MOVED = 1e-12


def size(values: np.ndarray) -> float:
    """The root mean square of an array."""
    return float(np.sqrt(np.mean(values**2)))


def thirty_layers(starts: Mapping[str, Callable[[torch.Tensor], Any]]) -> None:
    """RMS of what each of 30 ReLU layers hands on, for each way to fill a weight, five seeds."""

    def as_init(fill: Callable[[torch.Tensor], Any]) -> Init:
        def init(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
            weight = torch.empty(shape, dtype=torch.float64)
            with torch.random.fork_rng():
                torch.manual_seed(int(rng.integers(2**31)))
                fill(weight)
            return weight.numpy()

        return init

    runs = {
        name: np.array([_sizes(as_init(fill), 256, ACTIVATIONS["ReLU"], seed) for seed in range(SEEDS)])
        for name, fill in starts.items()
    }
    figure, ax = plt.subplots()
    _depth_axes(ax)
    ax.set(ylim=(1e-30, 1e2))
    plots.bands(ax, runs)
    ax.set_title("Only He's start still has a signal after 30 layers")
    plots.show(
        figure,
        "Root mean square of the signal after each of 30 ReLU layers, on a log axis, five seeds each. "
        "He's start "
        "stays at 1. The others fall along straight lines: Xavier to 3e-5, PyTorch's default to 2e-12, a "
        "standard deviation of 0.01 to 4e-29.",
        seeds=SEEDS,
    )
    left = float(np.median(runs["PyTorch's default"][:, -1]))
    choices = {"about 1": 0, "about a tenth": -1, "about a thousandth": -3, "less than a billionth": -11}
    reveal("left_after_thirty", nearest(left, choices))


def nearest(value: float, choices: Mapping[str, float]) -> str:
    """The choice whose power of ten is nearest."""
    return min(choices, key=lambda name: abs(math.log10(max(value, 1e-300)) - choices[name]))


def _sizes(
    init: Init, width: int, activation: Callable[[np.ndarray], np.ndarray], seed: int, depth: int = DEPTH
) -> list[float]:
    """RMS of the input, which is drawn with RMS 1, and of what each layer hands on."""
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(ROWS, width))
    found = [1.0]
    for _ in range(depth):
        h = activation(h @ init((width, width), rng).T)
        found.append(size(h))
    return found


def _depth_axes(ax: Axes) -> None:
    ax.set(xlabel="layer", ylabel="RMS of what it hands on", yscale="log", xlim=(0, DEPTH))


def gains(xavier_uniform: Init) -> None:
    """Sliders: the RMS through 30 layers by gain and width, for three activations."""

    def draw(gain: float = 1.0, width: int = 64) -> Figure:
        def init(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
            return xavier_uniform(shape, rng, gain=gain)

        runs = {name: np.array(_sizes(init, width, bend, seed=0)) for name, bend in ACTIVATIONS.items()}
        figure, ax = plt.subplots()
        _depth_axes(ax)
        ax.set(ylim=(1e-6, 1e8))
        ax.axhline(1.0, color="0.5", linewidth=1)
        plots.curves(ax, runs)
        ends = ", ".join(f"{name} {values[-1]:.2g}" for name, values in runs.items())
        ax.set_title(f"gain {gain:g}, after 30 layers: {ends}")
        return figure

    plots.sliders(draw, gain=GAINS, width=WIDTHS)


def gains_at_thirty(xavier_uniform: Init) -> None:
    """The same without sliders: the RMS after 30 layers against the gain, five seeds."""
    runs = {name: np.empty((SEEDS, len(GAINS))) for name in ACTIVATIONS}
    for name, bend in ACTIVATIONS.items():
        for place, gain in enumerate(GAINS):

            def init(shape: tuple[int, int], rng: np.random.Generator, gain: float = gain) -> np.ndarray:
                return xavier_uniform(shape, rng, gain=gain)

            for seed in range(SEEDS):
                runs[name][seed, place] = _sizes(init, 64, bend, seed)[-1]
    figure, ax = plt.subplots()
    ax.set(xlabel="gain", ylabel="RMS after layer 30", yscale="log", ylim=(1e-8, 1e10))
    ax.axhline(1.0, color="0.5", linewidth=1)
    plots.bands(ax, runs, x=GAINS)
    ax.set_title("Only one gain is right, unless the activation saturates")
    plots.show(
        figure,
        "Root mean square after 30 layers of 64 units against the gain, on a log axis, for three "
        "activations. "
        "Without an activation the curve crosses 1 at a gain of about 1, with ReLU at about 1.4; both "
        "rise by ten orders "
        "of magnitude and more. With tanh it stays between 0.001 and 1.",
        seeds=SEEDS,
    )
    middle = np.log(np.median(runs["ReLU"], axis=0))
    reveal("gain_for_relu", round(float(np.interp(0.0, middle, GAINS)), 1))


def layer_by_layer(inits: Mapping[str, Init], width: int = 256) -> None:
    """Play: the distribution of what reaches the ReLUs of each layer, for each start."""
    values: dict[str, list[np.ndarray]] = {}
    for name, init in inits.items():
        rng = np.random.default_rng(0)
        h, values[name] = rng.normal(size=(ROWS, width)), []
        for _ in range(DEPTH):
            y = h @ init((width, width), rng).T
            values[name].append(y.ravel())
            h = np.maximum(0.0, y)

    heights = {
        name: [np.histogram(layer, EDGES, density=True)[0] for layer in each] for name, each in values.items()
    }

    def draw(layer: int) -> tuple[Figure, str]:
        figure, axes = plt.subplots(len(values), 1, figsize=(7, 4), sharex=True)
        said = []
        for ax, (name, each) in zip(axes, values.items(), strict=True):
            ax.stairs(heights[name][layer - 1], EDGES, fill=True, color=plots.PALETTE[0])
            share = each[layer - 1].std() / each[0].std()
            ax.set_title(f"{name}, layer {layer}: {share:.2g} times as wide as in layer 1")
            ax.set(ylabel="density", xlim=(-4, 4))
            said.append(f"with {name} {share:.2g} times as wide as in layer 1")
        axes[-1].set(xlabel="what reaches the ReLUs")
        return figure, f"Two histograms of what reaches the ReLUs of layer {layer}: {', '.join(said)}."

    plots.play(draw, range(1, DEPTH + 1), label="layer")


def funnel(networks: Mapping[str, Sequence[Any]]) -> None:
    """RMS forward and backward through networks of decreasing width, by mode, several seeds."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.4))
    forward, backward = {}, {}
    for mode, each in networks.items():
        passes = [_both_ways(net, seed) for seed, net in enumerate(each)]
        forward[mode], backward[mode] = (np.array(sizes) for sizes in zip(*passes, strict=True))
        layers = np.arange(1, forward[mode].shape[1] + 1)
    for ax, runs, said in ((left, forward, "what a layer gets"), (right, backward, "its gradient dy")):
        ax.set(xlabel="layer", ylabel=f"RMS of {said}", yscale="log", ylim=(0.1, 10))
        ax.set_xticks(layers)
        ax.set_yticks([0.1, 0.2, 0.5, 1, 2, 5, 10], ["0.1", "0.2", "0.5", "1", "2", "5", "10"])
        ax.minorticks_off()
        plots.bands(ax, runs, x=layers)
    left.set_title("Forward: fan_in keeps it")
    right.set_title("Backward: fan_out keeps it")
    plots.show(
        figure,
        "Two panels against the layer of a network that narrows from 512 to 16 units. Forward, the "
        "signal stays near 1 "
        "with fan_in and grows to 3 with fan_out. Backward, from the last layer to the first, the gradient "
        "falls to about a quarter with fan_in and stays near 1 with fan_out.",
        seeds=len(each),
    )
    ratio = float(np.median(backward["fan_in"][:, 0] / backward["fan_in"][:, -1]))
    choices = {"as large": 0.0, "about a quarter": math.log10(0.25), "about a thousandth": -3.0}
    reveal("gradient_in_a_funnel", nearest(ratio, choices))


def _both_ways(net: Any, seed: int) -> tuple[list[float], list[float]]:
    """RMS of the input of each layer, and of the gradient of its output, with gradients of RMS 1 coming in.

    What the network keeps of its passes is its own affair: the output of each layer is that of the network
    that ends there, and the bias's gradient of a single row is dy.
    """
    rng = np.random.default_rng([seed, 1])  # not the generator that the weights are from
    widths = [weight.shape[1] for weight in net.weights]
    x, h = rng.normal(size=(ROWS, widths[0])), []
    for weight in net.weights:
        h.append(x)
        x = np.maximum(0.0, x @ weight.T)
    gradients = []
    for row in h[0]:
        y = net.forward(row[None])
        gradients.append([db for _, db in net.backward(rng.normal(size=y.shape))])
    each = [np.concatenate(layer) for layer in zip(*gradients, strict=True)]
    return [size(values) for values in h], [size(values) for values in each]


def symmetry(trained: Mapping[str, tuple[Any, Sequence[np.ndarray]]]) -> None:
    """The first weights of trained networks as pictures; each with its parameters before the training."""
    figure, axes = plt.subplots(1, len(trained), figsize=(7, 3.2), sharey=True)
    kinds = {}
    for ax, (name, (net, _)) in zip(axes, trained.items(), strict=True):
        weight = net.weights[0]
        kinds[name] = len(np.unique(np.round(weight, 9), axis=0))
        image = ax.imshow(weight, cmap="RdBu", vmin=-SHADES, vmax=SHADES, aspect="auto")
        ax.grid(False)
        ax.set_title(f"{name}: {kinds[name]} {'kind' if kinds[name] == 1 else 'kinds'}")
        ax.set(xlabel="pixel")
    axes[0].set(ylabel="hidden unit")
    figure.suptitle("Hidden units that start equal stay equal")
    figure.colorbar(image, ax=axes, label="weight", extend="both")
    plots.show(
        figure,
        "The first weight of three networks after 100 updates, a row a hidden unit, a column a pixel. "
        "From zeros it "
        "is all zero. From equal numbers all rows are the same stripes. From He's start every row differs.",
    )
    net, start = trained["all 0"]
    now = [*net.weights, *net.biases]
    moved = [bool(np.abs(a - b).max() > MOVED) for a, b in zip(now, start, strict=True)]
    answers: dict[tuple[bool, ...], str] = {
        (True, True, True, True): "everything",
        (False, True, False, True): "W2 and b2",
        (False, False, False, True): "only b2",
        (False, False, False, False): "nothing",
    }
    reveal("moved_from_zero", answers.get(tuple(moved), "everything"))


def eight_layers(own: Mapping[str, float]) -> None:
    """Loss against the rate for each start, measured beforehand; ``own`` is a student's runs at 0.02."""
    stored = measured(LESSON)
    names = [str(name) for name in stored["names"]]
    # What is asked for further down is not shown yet.
    losses = {name: runs for name, runs in zip(names, stored["eight"], strict=True) if name in own}
    figure, ax = plt.subplots()
    rates = stored["rates"][:-1]  # at the last none learns, and no curve could be told from another
    ax.set(xlabel="learning rate", ylabel="loss of the last 10 updates (nats)", xscale="log", yscale="log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1, 2], ["0.05", "0.1", "0.2", "0.5", "1", "2"])
    ax.minorticks_off()
    ax.set(ylim=(0.03, 3))
    plots.bands(ax, {name: runs[:-1].T for name, runs in losses.items()}, x=rates)
    rings: dict[str, Any] = {
        "marker": "o",
        "markersize": 11,
        "markerfacecolor": "none",
        "markeredgewidth": 2,
        "linestyle": "none",
    }
    ax.plot([0.02] * len(own), list(own.values()), color="0.15", zorder=5, **rings)
    best = {name: float(np.median(runs, axis=1).min()) for name, runs in losses.items()}
    mended = "default + LSUV"
    ax.set_title(
        "The default learns once its layers are measured"
        if mended in own
        else "He ends lowest, Xavier above it, PyTorch's default never starts"
    )
    plots.show(
        figure,
        "Loss after 200 updates against the learning rate, both on log axes, five seeds each; rings are "
        "your runs. "
        + "; ".join(f"{name} at its best ends at {value:.2f}" for name, value in best.items())
        + ".",
        seeds=stored["eight"].shape[-1],
    )
    if mended in own:
        choices = {"still near 2.3": math.log10(2.3), "about 1": 0.0, "below 0.3": -1.0}
        reveal("scaled_default", nearest(best[mended], choices))
    else:
        reveal("default_at_its_best", round(best["default"], 1))


def luck(inits: Mapping[str, Init], lsuv: Callable[..., Any] | None = None) -> None:
    """Spread of the output of 30 narrow layers, a dot a seed; ``lsuv`` scales those of the second row."""
    found: dict[str, list[float]] = {name: [] for name in inits}
    for row, (name, init) in enumerate(inits.items()):
        for seed in range(LUCKY_SEEDS):
            rng = np.random.default_rng(seed)
            x = rng.normal(size=(ROWS, NARROW))
            weights = [init((NARROW, NARROW), rng) for _ in range(DEPTH)]
            if row and lsuv:
                weights = lsuv(x, weights)
            for weight in weights:
                y = x @ weight.T
                x = np.maximum(0.0, y)
            found[name].append(float(y.std()))
    figure, ax = plt.subplots(figsize=(7, 1.6 + 0.7 * len(found)))
    for row, values in enumerate(found.values()):
        ax.plot(values, [row] * len(values), "o", color=plots.PALETTE[row], alpha=0.6, markersize=9)
    ax.set(xscale="log", xlim=(1e-4, 1e2), yticks=range(len(found)), yticklabels=list(found))
    ax.set(ylim=(len(found) - 0.5, -0.5))
    ax.set(xlabel="standard deviation of the output")
    ratio = max(found["he_normal"]) / min(found["he_normal"])
    ax.set_title(
        "Measured, all 20 networks give the same size"
        if lsuv
        else "One formula, 20 draws: outputs of very different size"
    )
    plots.show(
        figure,
        "The size of the output of 30 layers of 16 units, a dot for each of 20 seeds, on a log axis. "
        "With he_normal the "
        "dots spread over two powers of ten" + (", after lsuv they all lie at 1." if lsuv else "."),
        seeds=LUCKY_SEEDS,
    )
    if not lsuv:
        choices = {"about 2": math.log10(2), "about 10": 1.0, "more than 50": math.log10(200)}
        reveal("luck_of_the_draw", nearest(ratio, choices))
