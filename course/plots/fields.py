"""Drawings of two parameters: contours with paths and arrows over them, and tables as heat maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator

from course.plots.look import PALETTE, contrast, line_styles, readable

# The same arrow looks the same in every lesson; others are grey.
ARROWS = {"gradient": PALETTE[3], "velocity": PALETTE[1], "step": PALETTE[0]}
# More would not be read.
DECIMALS = 6


def contours(
    ax: Axes,
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    lines: int = 14,
) -> None:
    """Draw the contour lines of a loss of two parameters, evenly spaced in the root of the loss.

    Args:
        loss: takes two arrays of one shape and returns the loss at each pair, in that shape.
        x_range, y_range: the limits of the axes.
        lines: how many contour lines.
    """
    xs, ys = np.meshgrid(np.linspace(*x_range, 121), np.linspace(*y_range, 121))
    values = np.asarray(loss(xs, ys))
    low, high = values.min(), values.max()
    # Of a quadratic bowl these are evenly spaced lines; of the loss itself they would crowd on the rim.
    levels = low + (high - low) * np.linspace(0.03, 0.97, lines) ** 2
    ax.contour(xs, ys, values, levels=levels, colors="0.75", linewidths=0.9)
    ax.grid(False)
    ax.set(xlim=x_range, ylim=y_range)


def path(ax: Axes, points: Any, name: str, goal: Any = None) -> None:
    """Draw the way an optimiser took over contours: a dot for every step, a ring at the start.

    Args:
        points: shape (steps + 1, 2), the starting point first.
        name: the optimiser, which gives the colour.
        goal: the minimum, shape (2,), drawn as a star.
    """
    points = np.asarray(points, dtype=float)
    (style,) = line_styles([name])
    ax.plot(*points.T, label=name, marker="o", markersize=3, **style | {"linewidth": 1.3, "linestyle": "-"})
    ax.plot(*points[0], "o", markersize=8, markerfacecolor="white", markeredgecolor="0.2")
    if goal is not None:
        ax.plot(*goal, "*", markersize=14, color="0.15", markeredgecolor="white")


def arrow(ax: Axes, at: Any, vector: Any, name: str = "", color: str | None = None) -> None:
    """Draw an arrow, with its name beside its head. A vector of zeros is a dot.

    Args:
        at: where it begins, shape (2,), in the axes' data.
        vector: how far it goes, shape (2,), in the same units: scale it before.
        name: "gradient", "velocity" and "step" have a colour of their own.
        color: another one.

    Raises:
        ValueError: ``at`` or ``vector`` is not two finite numbers.
    """
    begin, along = np.asarray(at, dtype=float), np.asarray(vector, dtype=float)
    for what, pair in (("at", begin), ("vector", along)):
        if pair.shape != (2,) or not np.isfinite(pair).all():
            raise ValueError(f"An arrow's {what} is two finite numbers; this is {np.array2string(pair)}.")
    color = color or ARROWS.get(name, "0.3")
    end = begin + along
    (shaft,) = ax.plot(*np.stack([begin, end]).T, color=color, linewidth=1.8, zorder=4, label=name or "_")
    if along.any():
        head = {"arrowstyle": "-|>", "color": color, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", tuple(end.tolist()), tuple(begin.tolist()), arrowprops=head, zorder=4)
    else:
        shaft.set(marker="o", markersize=4)
    if name:
        # In pixels, as either axis may run the other way.
        side = ax.transData.transform(end) - ax.transData.transform(begin)
        ax.annotate(
            name,
            tuple(end.tolist()),
            xytext=(6 if side[0] >= 0 else -6, 6 if side[1] >= 0 else -6),
            textcoords="offset points",
            ha="left" if side[0] >= 0 else "right",
            va="bottom" if side[1] >= 0 else "top",
            color=readable(color),
            zorder=5,
        )


def heatmap(
    ax: Axes,
    values: Any,
    rows: Sequence[Any],
    columns: Sequence[Any],
    name: str,
    good: Literal["low", "high"] = "low",
    goal: float | None = None,
    decimals: int = 2,
    log: bool = False,
) -> None:
    """Draw a table of numbers as fields: dark is good, and what reaches the goal has a frame.

    A value that is not finite is a pale field with a dash. A number gets more decimals than asked for where
    only these show on which side of the goal it is.

    Args:
        values: shape (rows, columns).
        rows, columns: what to write beside each row, from the top, and below each column.
        name: the quantity, with its unit, at the bar.
        good: whether low or high values are good.
        goal: a field has a frame when it is below this (or above, where high is good).
        decimals: how many each number is shown with, at least.
        log: whether shades follow the logarithm of the values.

    Raises:
        ValueError: shapes that do not fit, no finite value, or a value of 0 or less with ``log``.
    """
    table = np.asarray(values, dtype=float)
    if table.shape != (len(rows), len(columns)):
        raise ValueError(
            f"values has the shape {table.shape}; {len(rows)} rows and {len(columns)} columns need"
            f" ({len(rows)}, {len(columns)})."
        )
    if good not in ("low", "high"):
        raise ValueError(f'good is {good!r}: it is "low" or "high".')
    finite = np.isfinite(table)
    if not finite.any():
        raise ValueError("No value is finite: there is nothing to draw.")
    if log and table[finite].min() <= 0:
        raise ValueError("A value is 0 or less, which has no logarithm: draw it with log=False.")
    shades = plt.get_cmap("Blues_r" if good == "low" else "Blues").with_extremes(bad="0.96")
    shown = np.ma.masked_where(~finite, table)
    image = ax.imshow(shown, cmap=shades, aspect="auto", norm="log" if log else "linear")
    whole = ax.get_figure(root=True)
    assert whole is not None
    bar = whole.colorbar(image, ax=ax, label=f"{name} (dark is good)")
    if log:
        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        bar.ax.yaxis.set_major_formatter("{x:g}")
        bar.ax.minorticks_off()
    reached = finite & ((table < goal if good == "low" else table > goal) if goal is not None else False)
    for (row, column), value in np.ndenumerate(table):
        ground = image.cmap(image.norm(value))[:3] if finite[row, column] else (0.96, 0.96, 0.96)
        ink = "white" if contrast("white", ground) > contrast("black", ground) else "black"
        words = _number(value, goal, decimals) if finite[row, column] else "-"
        weight = "bold" if reached[row, column] else "normal"
        ax.text(column, row, words, ha="center", va="center", color=ink, fontweight=weight)
        if reached[row, column]:
            frame = {"edgecolor": PALETTE[1], "linewidth": 2.5, "fill": False, "zorder": 3}
            ax.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, **frame))
    ax.set_xticks(range(len(columns)), [_short(each) for each in columns])
    ax.set_yticks(range(len(rows)), [_short(each) for each in rows], rotation=0)
    ax.tick_params(length=0)
    ax.grid(False)


def _number(value: float, goal: float | None, decimals: int) -> str:
    """The value with so many decimals, or with more where they would put it on another side of the goal, or
    make nothing of it."""
    for digits in range(decimals, DECIMALS):
        words = f"{value:.{digits}f}"
        if value and not float(words):
            continue
        if goal is None or np.sign(float(words) - goal) == np.sign(value - goal):
            return words
    return f"{value:.{DECIMALS}f}"


def _short(entry: Any) -> str:
    return f"{entry:g}" if isinstance(entry, int | float | np.number) else str(entry)
