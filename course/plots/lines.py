"""Curves, bands over seeds, and the names at their right ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from course.plots.look import halo, line_styles, readable

# Points between a curve's end and its name; with a leader between them.
NEAR, FAR = 6.0, 18.0
# Points that a name inside the axes needs.
ROOM = 60.0


class _End(NamedTuple):
    """A name and the curve it belongs to: positions (n,) and values (n,)."""

    text: Annotation
    x: np.ndarray
    y: np.ndarray


_ENDS: WeakKeyDictionary[Axes, list[_End]] = WeakKeyDictionary()


def curves(ax: Axes, series: Mapping[str, Any], x: Any = None, start: int = 0, **line: Any) -> None:
    """Draw curves, each with its name at its right end instead of a legend.

    A name that had to make room for others is tied to its curve by a thin line; a curve that leaves the
    axes for good is named where it does. ``show`` puts the names in their places, once all is drawn.

    Args:
        series: name to values, each of shape (n,); values that are not finite leave a gap.
        x: horizontal positions of shape (n,), or name to positions where curves have their own; ``start``,
            ``start + 1``, ... when None.
        start: where counting begins when ``x`` is None.
        line: more options for every line, as ``Axes.plot`` takes them.

    Raises:
        ValueError: values of another shape, or positions that do not fit them.
    """
    for (name, values), style in zip(series.items(), line_styles(list(series)), strict=True):
        at, values = _positions(name, values, x, start, "(n,)")
        ax.plot(at, values, label=name, **style | line)
        _name_end(ax, name, at, values, (style | line)["color"])


def bands(ax: Axes, series: Mapping[str, Any], x: Any = None, start: int = 0) -> None:
    """Draw the median of several runs as a line, in a band from the lowest to the highest at each position.

    A value that is not finite counts as higher than all others: where a run blew up the band leaves the axes,
    and where half of the runs did the median ends.

    Args:
        series: name to runs of shape (seeds, n).
        x, start: as ``curves`` takes them.

    Raises:
        ValueError: runs of another shape, or positions that do not fit them.
    """
    for (name, runs), style in zip(series.items(), line_styles(list(series)), strict=True):
        at, runs = _positions(name, runs, x, start, "(seeds, n)")
        runs = np.where(np.isfinite(runs), runs, np.inf)
        low, middle, high = np.min(runs, 0), np.median(runs, 0), np.max(runs, 0)
        ax.plot(at, np.where(np.isfinite(middle), middle, np.nan), label=name, **style)
        _band(ax, at, low, high, style["color"])
        _name_end(ax, name, at, middle, style["color"])


def _positions(name: str, values: Any, x: Any, start: int, shape: str) -> tuple[np.ndarray, np.ndarray]:
    """A curve's positions (n,) and its values, or a sentence that says what does not fit."""
    found = np.asarray(values, dtype=float)
    if found.ndim != shape.count(",") + (shape != "(n,)") or found.size == 0:
        raise ValueError(f'"{name}" has the shape {found.shape}: its values should be of shape {shape}.')
    own = x[name] if isinstance(x, Mapping) else x
    count = found.shape[-1]
    at = np.arange(start, start + count) if own is None else np.asarray(own, dtype=float)
    if at.shape != (count,):
        raise ValueError(f'"{name}" has {count} values and positions of shape {at.shape}: give one for each.')
    return at, found


def _band(ax: Axes, at: np.ndarray, low: np.ndarray, high: np.ndarray, color: Any) -> None:
    finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])
    if not len(finite):
        return
    # Beyond the axes on either scale, without stretching them.
    beyond = 100 * (np.abs(finite).max() + np.ptp(finite))
    top, bottom = np.where(np.isfinite(high), high, beyond), np.where(np.isfinite(low), low, beyond)
    limits = ax.dataLim.frozen(), ax.ignore_existing_data_limits
    ax.fill_between(at, bottom, top, color=color, alpha=0.2, linewidth=0)
    ax.dataLim.set(limits[0])
    ax.ignore_existing_data_limits = limits[1]
    within = np.isfinite(high) | np.isfinite(low)
    edges = [np.column_stack([at[np.isfinite(edge)], edge[np.isfinite(edge)]]) for edge in (low, high)]
    if within.any():
        ax.update_datalim(np.concatenate(edges))
    ax.autoscale_view()


def _name_end(ax: Axes, name: str, at: np.ndarray, values: np.ndarray, color: Any) -> None:
    finite = np.isfinite(values)
    if not finite.any():
        return
    text = ax.annotate(
        name,
        (at[finite][-1], values[finite][-1]),
        xytext=(NEAR, 0),
        textcoords="offset points",
        color=readable(color),
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "color": readable(color),
            "linewidth": 0.7,
            "shrinkA": 0,
            "shrinkB": 1,
            "relpos": (0, 0.5),
        },
        **halo(),
    )
    _ENDS.setdefault(ax, []).append(_End(text, at, values))


def settle(figure: Figure) -> None:
    """Put the names of curves where they belong, now that scales, limits and titles are what they will be."""
    named = [(ax, _ENDS[ax]) for ax in figure.axes if ax in _ENDS]
    for _, ends in named:  # where they are now has no say in the layout
        for end in ends:
            end.text.set_visible(False)
    if named:
        if engine := figure.get_layout_engine():
            engine.execute(figure)
        points = 72 / figure.dpi
        for ax, ends in named:
            _place(ax, ends, points)


def _place(ax: Axes, ends: list[_End], points: float) -> None:
    """Each name beside its curve's end, no two closer than a line of text, none above or below the axes."""
    box = ax.get_window_extent()
    gap = plt.rcParams["font.size"] * 1.3
    at_right, gone = [], []
    for end in ends:
        end.text.set_visible(True)
        x, y, left = _last_seen(ax, end)
        pixels = ax.transData.transform((x, y))
        if left and (box.x1 - pixels[0]) * points > ROOM:
            end.text.xy = (x, y)
            gone.append((pixels * points, end.text))
        else:
            end.text.xy = (x, _robust(end, x))
            at_right.append((ax.transData.transform(end.text.xy)[1] * points, end.text))
    low, high = box.y0 * points, box.y1 * points
    _name_ends(at_right, gap, low, high)
    _name_exits(gone, gap, (low + high) / 2)


def _name_ends(ends: list[tuple[float, Annotation]], gap: float, low: float, high: float) -> None:
    """Name curves at the right of the axes, each at its own height where there is room, in points."""
    ends = sorted(ends, key=lambda end: end[0])
    own = np.array([height for height, _ in ends])
    moved = _spread(np.clip(own, low, high), gap, low, high) - own
    tied = np.abs(moved) > gap / 2
    for (_, text), up, tie in zip(ends, moved, tied, strict=True):
        text.set(position=(FAR if tied.any() else NEAR, up))
        _tie(text, tie)


def _name_exits(exits: list[tuple[np.ndarray, Annotation]], gap: float, middle: float) -> None:
    """Name curves inside the axes, beside the places where they leave them, in points."""
    placed: list[np.ndarray] = []
    for place, text in sorted(exits, key=lambda end: float(end[0][0])):
        step = -gap if place[1] > middle else gap
        spot = place + np.array([NEAR + 4, step])
        while any(abs(spot[0] - other[0]) < ROOM and abs(spot[1] - other[1]) < gap for other in placed):
            spot[1] += step
        placed.append(spot)
        text.set(position=tuple(spot - place))
        _tie(text, abs(spot[1] - place[1]) > 2 * gap)


def _tie(text: Annotation, shown: bool) -> None:
    """Draw the line between a name and its curve, or leave it out."""
    if text.arrow_patch is not None:
        text.arrow_patch.set_visible(bool(shown))


def _last_seen(ax: Axes, end: _End) -> tuple[float, float, bool]:
    """The last point of a curve inside the axes, and whether the curve goes on from there, out of sight."""
    (x0, x1), (y0, y1) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    inside = np.isfinite(end.y) & (end.x >= x0) & (end.x <= x1) & (end.y >= y0) & (end.y <= y1)
    if not inside.any():
        last = int(np.flatnonzero(np.isfinite(end.y))[-1])
        return float(np.clip(end.x[last], x0, x1)), float(np.clip(end.y[last], y0, y1)), False
    last = int(np.flatnonzero(inside)[-1])
    left = last + 1 < len(end.x) and end.x[last + 1] <= x1
    return float(end.x[last]), float(end.y[last]), bool(left)


def _robust(end: _End, x: float) -> float:
    """The height at which a curve ends, whatever its last value: the median of the last few that are seen."""
    seen = end.y[(end.x <= x) & np.isfinite(end.y)]
    return float(np.median(seen[-max(1, min(5, len(seen) // 10)) :])) if len(seen) else float(end.y[0])


def _spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """The nearest to the ``wanted`` heights, which ascend, that are ``gap`` apart and between two limits."""
    if not len(wanted):
        return wanted
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    steps = gap * np.arange(len(wanted))
    # Without the steps the heights only have to ascend: neighbours in the wrong order share their mean.
    pools: list[tuple[float, int]] = []
    for height in wanted - steps:
        mean, count = float(height), 1
        while pools and pools[-1][0] >= mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    level = np.concatenate([np.full(count, mean) for mean, count in pools])
    return np.clip(level, low, high - steps[-1]) + steps
