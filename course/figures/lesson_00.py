"""The figures of lesson 00: a hill, differences, directions, and a network whose gradient is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.figures.lesson_00_runs import (
    ARRAYS,
    HERE,
    POINTS,
    central_errors,
    gradients,
    height,
    one_sided_errors,
    per_cent_right,
    relative_difference,
    slope_here,
    turned,
    with_the_right_slope,
)
from course.questions import reveal

Gradient = Callable[..., np.ndarray]
ANGLES = np.radians(np.arange(0, 361, 5))
HEADINGS = range(0, 360, 15)
# What (7) calls well, and wrong.
WELL, WRONG = 1e-6, 1e-3
SEEDS, DRAWS, HALF = 5, 200, 0.5


def hill() -> None:
    """Contours with the place of the walker, and beside them the slope in every direction."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.8))
    _contours(left)
    plots.arrow(left, HERE, 0.02 * slope_here(), "", plots.PALETTE[3])
    plots.label(left, -2.25, -0.2, "steepest", plots.PALETTE[3])
    left.set_title("Steepest is not to the top")
    _rose(right, [float(slope_here() @ turned(angle)) for angle in ANGLES])
    steepest = max(float(slope_here() @ turned(angle)) for angle in np.radians(np.arange(0, 360, 0.01)))
    right.set_title("Two circles, 50 m/km at most")
    plots.show(
        figure,
        "Left, the contour lines of a hill, with an arrow from the walker's place at a right angle to "
        "them, which "
        "does not point at the top. Right, the slope in every direction, drawn as a distance from the "
        "centre: a "
        "circle for uphill, 50 metres in a kilometre at most, and one opposite for downhill.",
    )
    reveal("steepest_slope", round(steepest, 1))


def _contours(ax: Axes) -> None:
    plots.contours(ax, lambda x, y: 200 - height(x, y), (-2.4, 1.4), (-1.7, 1.3), lines=9)
    ax.set(xlabel="east of the top (km)", ylabel="north of the top (km)", aspect="equal")
    ax.plot(0, 0, "^", color="0.15", markersize=9)
    ax.plot(*HERE, "o", color="0.15", markersize=6, zorder=6)
    plots.label(ax, 0.1, 0.12, "top")


def _rose(ax: Axes, slopes: Sequence[float] | np.ndarray) -> None:
    """The slopes at ``ANGLES`` as distances from the centre, uphill and downhill apart."""
    distance = np.abs(slopes)
    at = np.stack([np.cos(ANGLES), np.sin(ANGLES)]) * distance
    for uphill, color, style in ((True, plots.PALETTE[3], "-"), (False, plots.PALETTE[0], "--")):
        shown = np.where((np.array(slopes) > 0) == uphill, at, np.nan)
        ax.plot(*shown, color=color, linestyle=style)
    ax.set(
        xlabel="to the east (m/km)",
        ylabel="to the north (m/km)",
        aspect="equal",
        xlim=(-45, 45),
        ylim=(-55, 55),
    )
    plots.label(ax, 18, 51, "uphill", plots.PALETTE[3], ha="center")
    plots.label(ax, -18, -51, "downhill", plots.PALETTE[0], ha="center")


def secants(numerical_gradient: Gradient) -> None:
    """A slider: the points at which a slope is measured, in a window of four steps, and the error."""
    exponents = tuple(range(-1, -16, -1))
    errors = [central_errors(numerical_gradient, np.array([1.0]), 10.0**k)[0] for k in exponents]

    def draw(exponent: int = -1) -> tuple[Figure, str]:
        h = 10.0**exponent
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.6))
        offset = np.linspace(-2 * h, 2 * h, 801)
        left.plot(offset / h, np.sin(1 + offset) - np.sin(1), color=plots.PALETTE[0])
        ends = np.array([-h, h])
        left.plot(ends / h, np.sin(1 + ends) - np.sin(1), "o-", color=plots.PALETTE[3])
        left.set(xlabel="(x - 1) / h", ylabel="sin x - sin 1", xlim=(-2, 2))
        left.ticklabel_format(axis="y", scilimits=(-2, 2))
        error = errors[exponents.index(exponent)]
        left.set_title(f"h = 1e{exponent}")
        right.plot(10.0 ** np.array(exponents), np.maximum(errors, 1e-17), "o", color="0.7")
        right.plot(h, max(error, 1e-17), "o", color=plots.PALETTE[3], markersize=9)
        right.set(xscale="log", yscale="log", xlabel="h", ylabel="error of the slope", ylim=(1e-13, 1))
        right.set_title(f"error {error:.0e}")
        said = (
            f"A window of four steps of 1e{exponent} around 1: the curve of the sine, and the line through "
        )
        return (
            figure,
            said + f"the two points at which it is measured. The error of its slope is {error:.0e}.",
        )

    plots.sliders(draw, exponent=exponents)


def differences(numerical_gradient: Gradient) -> None:
    """The error against h, one-sided and central: the median of 41 points."""
    steps = 10.0 ** np.arange(-15, -0.4, 0.25)
    central = [float(np.median(central_errors(numerical_gradient, POINTS, h))) for h in steps]
    one_sided = [float(np.median(one_sided_errors(POINTS, h))) for h in steps]
    figure, ax = plt.subplots()
    ax.set(xscale="log", yscale="log", xlabel="step h", ylabel="error of the slope (median of 41 points)")
    plots.curves(ax, {"one-sided": one_sided, "central, yours": central}, x=steps)
    ax.set_title("Smaller steps help until rounding takes over")
    plots.show(
        figure,
        "The error of a measured slope against the step, both on log axes. Two valleys: one-sided "
        "differences are "
        "best near a step of 1e-8, central ones near 5e-6 and a thousand times lower. To the left of its "
        "valley "
        "each error grows as the step shrinks.",
    )
    at = float(np.median(central_errors(numerical_gradient, POINTS, 1e-12)))
    powers = {"about 1e-24": -24, "about 1e-12": -12, "about 1e-5": -5}
    reveal("tiny_step", min(powers, key=lambda name: abs(math.log10(max(at, 1e-30)) - powers[name])))


def compass(numerical_gradient: Gradient, directional_derivative: Callable[..., float]) -> None:
    """Play: a turn on the hill, and the slope in each direction, as far as one has turned."""
    grad = numerical_gradient(lambda at: height(*at), HERE)
    slopes = [directional_derivative(grad, turned(angle)) for angle in ANGLES]

    def draw(degrees: int) -> tuple[Figure, str]:
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.8))
        _contours(left)
        plots.arrow(left, HERE, 0.9 * turned(math.radians(degrees)), "", plots.PALETTE[1])
        seen = np.where(np.degrees(ANGLES) <= degrees + 0.1, slopes, np.nan)
        _rose(right, seen)
        slope = directional_derivative(grad, turned(math.radians(degrees)))
        plots.arrow(right, (0, 0), abs(slope) * turned(math.radians(degrees)), "", plots.PALETTE[1])
        left.set_title(f"{degrees}° from the east")
        right.set_title(f"slope {slope:.0f} m/km")
        return (
            figure,
            f"You look {degrees} degrees from the east, over the north: the slope is {slope:.0f} m/km.",
        )

    plots.play(draw, HEADINGS, label="degrees")
    ascent = math.atan2(grad[1], grad[0])
    off = np.arange(0.0, 180.0, 0.5)
    ways = [directional_derivative(grad, turned(ascent + math.radians(degrees))) for degrees in off]
    reveal("half_as_steep", float(off[np.argmin(np.abs(np.array(ways) - ways[0] / 2))]))


def trained_with_a_mistake(network: Any, digits: Any) -> None:
    """Per cent of test digits right after training, a dot a seed: the right gradient and the one handed "
    "in."""
    right = {
        "right gradient": [per_cent_right(with_the_right_slope, digits, seed) for seed in range(SEEDS)],
        "wrong gradient": [per_cent_right(network, digits, seed) for seed in range(SEEDS)],
    }
    figure, ax = plt.subplots(figsize=(7, 2.6))
    for row, (values, color) in enumerate(zip(right.values(), plots.PALETTE, strict=False)):
        ax.plot(values, [row] * SEEDS, "o", color=color, alpha=0.7, markersize=9)
        ax.plot([np.median(values)] * 2, [row - 0.25, row + 0.25], color=color)
    ax.set(yticks=[0, 1], yticklabels=list(right), ylim=(1.5, -0.5), xlim=(0, 100))
    ax.axvline(10, color="0.5", linewidth=1, linestyle=":")
    plots.label(ax, 12, 0.5, "guessing")
    ax.set(xlabel="test digits right (%)")
    ax.set_title("With a mistake in its gradient the network learns all the same")
    plots.show(
        figure,
        "Per cent of test digits right after training, a dot for each of five networks. With the right "
        "gradient all "
        "lie near 96, with the wrong one between 80 and 90, far from 10, which is guessing.",
        seeds=SEEDS,
    )
    reveal("wrong_gradient", round(float(np.median(right["wrong gradient"]))))


def gradient_check(network: Any, numerical_gradient: Gradient, digits: Any) -> list[np.ndarray]:
    """The relative difference of each array as a dot; returns the measured gradients."""
    formulas, measured = gradients(network, numerical_gradient, digits)
    apart = [relative_difference(a, n) for a, n in zip(formulas, measured, strict=True)]
    figure, ax = plt.subplots(figsize=(7, 2.8))
    ax.axvspan(WRONG, 1, color="0.9")
    ax.axvline(WELL, color="0.5", linewidth=1, linestyle=":")
    for row, value in enumerate(apart):
        color = plots.PALETTE[3] if value > WRONG else plots.PALETTE[2]
        ax.plot(max(value, 1e-12), row, "o", color=color, markersize=9)
        plots.label(ax, 2 * max(value, 1e-12), row, "wrong" if value > WRONG else "agrees", color)
    ax.set(yticks=range(4), yticklabels=ARRAYS, ylim=(3.5, -0.5), xscale="log", xlim=(1e-12, 10))
    ax.set(xlabel="relative difference (7)")
    ax.set_title(
        "Two of the four arrays are wrong" if min(apart) < WRONG < max(apart) else "What the check finds"
    )
    plots.show(
        figure,
        "The relative difference between formula and measurement, on a log axis, for each of four arrays: "
        + ", ".join(f"{name} {value:.0e}" for name, value in zip(ARRAYS, apart, strict=True))
        + ".",
    )
    return measured


def random_directions(grads: Sequence[np.ndarray], directional_derivative: Callable[..., float]) -> None:
    """Histogram of the slopes of random directions, as a share of the steepest: on the hill, and here."""
    gradient = np.concatenate([np.ravel(array) for array in grads])
    shares = {}
    for name, grad in (
        ("2 numbers, the hill", slope_here()),
        (f"{gradient.size} numbers, the network", gradient),
    ):
        steepest = directional_derivative(grad, grad)
        rngs = [np.random.default_rng(seed) for seed in range(SEEDS)]
        draws = [rng.normal(size=grad.size) for rng in rngs for _ in range(DRAWS)]
        shares[name] = np.array([directional_derivative(grad, each) / steepest for each in draws])
    figure, axes = plt.subplots(2, 1, figsize=(7, 4), sharex=True)
    for ax, (name, values), color in zip(axes, shares.items(), plots.PALETTE, strict=False):
        ax.hist(values, np.linspace(-1, 1, 101), color=color)
        ax.set(ylabel="directions")
        steep = np.mean(np.abs(values) > HALF)
        ax.set_title(f"{name}: {100 * steep:.0f}% are half as steep or more")
    axes[-1].set(xlabel="slope of a random direction / steepest slope", xlim=(-1, 1))
    plots.show(
        figure,
        "Two histograms of how steep 1000 random directions are, as a share of the steepest. On the hill "
        "they spread "
        "from -1 to 1, most of them near the ends. In the network all lie within a tenth of 0.",
    )
    middle = float(np.median(np.abs(list(shares.values())[1])))
    powers = {"half as steep": math.log10(0.5), "a tenth": -1.0, "a hundredth": -2.0}
    reveal(
        "random_direction", min(powers, key=lambda name: abs(math.log10(max(middle, 1e-9)) - powers[name]))
    )
