"""The figures of lesson 00 of ways down a valley, and of what is steepest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course import plots
from course.figures.lesson_00_runs import (
    RATES,
    VALLEY_START,
    arrived,
    slope_here,
    turned,
    valley_matrix,
)
from course.questions import reveal


def four_rates(descend_quadratic: Callable[..., np.ndarray]) -> None:
    """The loss against the step at four rates."""
    A = valley_matrix(10)
    losses, steps = {}, {}
    for lr in RATES:
        path = descend_quadratic(A, np.zeros(2), VALLEY_START, lr, 120)
        loss = np.einsum("ti,ij,tj->t", path, A, path) / 2
        losses[f"lr = {lr:g}"], steps[lr] = loss[:41] / loss[0], arrived(loss)
    figure, ax = plt.subplots()
    ax.axhline(0.01, color="0.5", linewidth=1, linestyle=":")
    ax.set(xlabel="step", ylabel="f, as a share of its start", yscale="log", ylim=(1e-6, 1e3), xlim=(0, 40))
    plots.curves(ax, losses)
    ax.set_title("Twice the rate is not twice as fast: 0.21 explodes")
    plots.show(
        figure,
        "The loss against the step for four learning rates, on a log axis. 0.02 hardly falls, 0.1 falls "
        "steadily, 0.18 "
        "fastest of all, and 0.21 turns round and rises.",
    )
    far = steps[RATES[-1]]
    reveal("largest_rate", "never" if math.isinf(far) else "about 10 steps" if far < 20 else "about 40 steps")


def valley(descend_quadratic: Callable[..., np.ndarray]) -> None:
    """Sliders: the path down a valley, by its ratio of curvatures and the rate."""

    def draw(lr: float = 0.02, ratio: int = 10) -> tuple[Figure, str]:
        A = valley_matrix(ratio)
        path = descend_quadratic(A, np.zeros(2), VALLEY_START, lr, 120)
        with np.errstate(over="ignore", invalid="ignore"):
            steps = arrived(np.einsum("ti,ij,tj->t", path, A, path) / 2)
        figure, ax = plt.subplots()

        def loss(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            return A[0, 0] * x**2 / 2 + A[0, 1] * x * y + A[1, 1] * y**2 / 2

        plots.contours(ax, loss, (-2, 4), (-1.5, 3.5), lines=9)
        with np.errstate(over="ignore", invalid="ignore"):
            plots.path(ax, np.clip(np.nan_to_num(path), -1e3, 1e3), "descent", goal=(0, 0))
        ax.set(xlabel="$x_0$", ylabel="$x_1$")
        came = "never arrives" if math.isinf(steps) else f"arrives after {steps:.0f} steps"
        ax.set_title(f"lr = {lr:g}, ratio {ratio}: {came}")
        return (
            figure,
            f"The contour lines of a valley and a path down it. With lr = {lr:g} and ratio {ratio} it "
            f"{came}.",
        )

    rates = (0.01, 0.02, 0.03, 0.035, 0.038, 0.04, 0.06, 0.08, 0.09, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.21)
    plots.sliders(draw, lr=rates, ratio=(1, 2, 5, 10, 20, 50))


def slope_of_a_rate(loss_after: Callable[..., Any], Dual: Any) -> None:
    """The loss at the end of a run against its rate, and its tangent by a Dual at some rates."""
    rates = np.linspace(0.12, 0.2, 161)
    losses = np.array([loss_after(float(lr)) for lr in rates])
    figure, ax = plt.subplots()
    ax.plot(rates, losses, color=plots.PALETTE[0])
    tangents = {}
    for lr in (0.13, 0.15, 0.17, 0.19):
        end = loss_after(Dual(lr, 1.0))
        tangents[lr] = float(end.tangent)
        along = np.array([-0.006, 0.006])
        # On a log axis the tangent is drawn as that of the logarithm.
        ax.plot(lr + along, end.value * np.exp(along * end.tangent / end.value), color=plots.PALETTE[3])
        ax.plot(lr, end.value, "o", color=plots.PALETTE[3])
        plots.label(ax, lr + 0.002, 1.5 * end.value, f"{end.tangent:.2g}", plots.PALETTE[3], ha="right")
    ax.set(xlabel="learning rate", ylabel="loss after 20 steps", yscale="log", xlim=(0.12, 0.2))
    ax.set_title("The tangent says which way to turn the rate")
    plots.show(
        figure,
        "The loss after 20 steps against the learning rate, on a log axis: it falls up to a rate of about "
        "0.176, and "
        "rises beyond it. At four rates a short line shows the slope that the Dual found: it lies along "
        "the curve.",
    )
    signs = tangents[0.15] > 0, tangents[0.19] > 0
    names = {
        (False, False): "both negative",
        (False, True): "negative, positive",
        (True, True): "both positive",
    }
    reveal("slope_of_a_rate", names.get(signs, "both negative"))


def three_norms(steepest_ascent: Callable[..., tuple[np.ndarray, float]]) -> None:
    """All steps of length 1 in three norms, and the steepest of each, for the hill's gradient."""
    grad = slope_here()
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    box = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1], [1, 1]])
    circle = np.array([turned(angle) for angle in np.linspace(0, 2 * np.pi, 73)])
    figure, axes = plt.subplots(1, 3, figsize=(7, 3.0), sharey=True)
    said = []
    for ax, (p, edge) in zip(axes, ((1.0, corners), (2.0, circle), (np.inf, box)), strict=True):
        direction, rate = steepest_ascent(grad, p=p)
        name = "inf" if np.isinf(p) else f"{p:g}"
        ax.plot(*edge.T, color="0.4")
        # The contour line of the plane that touches the edge last.
        along = np.array([-grad[1], grad[0]]) / np.linalg.norm(grad)
        ax.plot(*(direction + np.outer([-0.9, 0.9], along)).T, color="0.6", linewidth=1, linestyle="--")
        plots.arrow(ax, (0, 0), direction, "", plots.PALETTE[3])
        ax.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xlabel="east")
        ax.set_title(f"p = {name}: rises by {rate:.0f}")
        said.append(f"p = {name}: ({direction[0]:.2g}, {direction[1]:.2g}), which rises by {rate:.0f}")
    axes[0].set(ylabel="north")
    plots.show(
        figure,
        "All steps of length 1 by three norms, a square on its corner, a circle and a square, each with "
        "the steepest "
        f"step as an arrow. {'; '.join(said)}.",
    )
    east, north = steepest_ascent(grad, p=np.inf)[0]
    ways = {"north": (0, 1), "north-east": (1, 1), "the gradient's": tuple(grad / 50)}
    reveal("steepest_of_all", min(ways, key=lambda name: math.dist(ways[name], (east, north))))
