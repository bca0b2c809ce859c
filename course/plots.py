"""The course's figures: one look, and the drawings that lessons share.

Importing this module sets the look. A lesson draws on ordinary matplotlib axes, with the helpers below where
they fit, and ends the cell with ``show(figure, alt)``.
"""

from __future__ import annotations

import base64
import inspect
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from course.figure_summary import summarise

DPI = 100
PALETTE = sns.color_palette("colorblind").as_hex()
DASHES = ("-", "--", "-.", ":", (0, (6, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
# The same optimiser looks the same in every lesson.
OPTIMISERS = {
    "SGD": {"color": PALETTE[4], "linestyle": ":"},
    "momentum": {"color": PALETTE[1], "linestyle": "--"},
    "AdaGrad": {"color": PALETTE[5], "linestyle": (0, (3, 1, 1, 1, 1, 1))},
    "RMSprop": {"color": PALETTE[2], "linestyle": "-."},
    "Adam": {"color": PALETTE[0], "linestyle": "-"},
    "AdamW": {"color": PALETTE[3], "linestyle": (0, (6, 1.5))},
}


def use_style() -> None:
    """Set the look of the figures that follow: 7 x 4 inches, colour-blind palette, one font size."""
    sns.set_theme(
        style="ticks",
        palette="colorblind",
        rc={
            "figure.figsize": (7.0, 4.0),
            "figure.dpi": DPI,
            "figure.constrained_layout.use": True,
            "font.family": "DejaVu Sans",
            **dict.fromkeys(
                ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 10
            ),
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "figure.titlesize": 12,
            "figure.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.4,
            "lines.linewidth": 2.0,
            # A shaken curve drawn in full: no point is dropped, whatever the renderer.
            "path.simplify": False,
        },
    )


def show(figure: Figure, alt: str) -> None:
    """Display a figure below the cell as one PNG, then close it.

    The output's metadata hold ``alt``, where nbconvert's classic template finds it, and under ``"figure"``
    the numbers that were drawn, by which two builds are compared; see ``course.figure_summary``.

    Args:
        figure: a matplotlib figure.
        alt: one or two sentences that say what is seen; also the plain-text form of the output.

    Raises:
        ValueError: a title is too long to be shown in full.
    """
    _refuse_cut_titles(figure)
    summary = summarise(figure)
    picture = base64.b64encode(_png(figure)).decode("ascii")
    display(
        {"image/png": picture, "text/plain": alt},
        metadata={"image/png": {"alt": alt}, "figure": summary},
        raw=True,
    )


def _refuse_cut_titles(figure: Figure) -> None:
    figure.draw_without_rendering()
    titles = {figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in ("left", "center"))}
    for text in figure.findobj(Text):
        if text.get_text() in titles - {""} and text.get_window_extent().x1 > figure.bbox.x1:
            raise ValueError(f'The title "{text.get_text()}" is wider than the figure: shorten it.')


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # The name of the software would change with its version.
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def line_styles(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Colour and dashes for each name: an optimiser's own, for other names the next that are free.

    "SGD, loss x 2" has the colour of "SGD" and other dashes.
    """
    families = [name.split(",")[0] for name in names]
    taken = {OPTIMISERS[family]["color"] for family in families if family in OPTIMISERS}
    free = cycle([color for color in PALETTE[:8] if color not in taken])
    dashes = cycle(DASHES)
    for name, family in zip(names, families, strict=True):
        own = OPTIMISERS.get(family)
        if own and name == family:
            yield own
        elif own:
            yield {
                "color": own["color"],
                "linestyle": next(dash for dash in dashes if dash != own["linestyle"]),
            }
        else:
            yield {"color": next(free), "linestyle": next(dashes)}


def curves(ax: Axes, series: Mapping[str, Any], x: Any = None, start: int = 0, **line: Any) -> None:
    """Draw curves, each with its name at its right end instead of a legend.

    Call it after the axes' scales and limits are set: labels that would overlap are moved apart.

    Args:
        series: name to values, each of shape (n,); values that are not finite leave a gap.
        x: horizontal positions of shape (n,), or name to positions where curves have their own; ``start``,
            ``start + 1``, ... when None.
        start: where counting begins when ``x`` is None.
        line: more options for every line, as ``Axes.plot`` takes them.
    """
    ends = []
    for (name, values), style in zip(series.items(), line_styles(list(series)), strict=True):
        values = np.asarray(values, dtype=float)
        own = x[name] if isinstance(x, Mapping) else x
        at = np.arange(start, start + len(values)) if own is None else np.asarray(own)
        ax.plot(at, values, label=name, **style | line)
        finite = np.flatnonzero(np.isfinite(values))
        if len(finite):
            ends.append((name, at[finite[-1]], values[finite[-1]], style["color"]))
    _label_ends(ax, ends)


def _label_ends(ax: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Write each name to the right of its point, in its colour, no two closer than a line of text."""
    whole = ax.get_figure(root=True)
    assert whole is not None
    points_per_pixel = 72 / whole.dpi
    gap = plt.rcParams["font.size"] * 1.25
    whole.draw_without_rendering()
    low, high = (ax.transAxes.transform((0, edge))[1] * points_per_pixel for edge in (0, 1))
    placed = []
    for name, x, y, color in ends:
        height = ax.transData.transform((x, y))[1] * points_per_pixel
        placed.append((float(np.clip(height, low, high)), name, x, y, color))
    free = -np.inf
    for height, name, x, _, color in sorted(placed):
        free = max(height, free + gap)
        # A curve may leave the axes at the top; its name stays beside the last point that is inside.
        inside = ax.transData.inverted().transform((0, height / points_per_pixel))[1]
        ax.annotate(
            name,
            (x, inside),
            xytext=(6, free - height),
            textcoords="offset points",
            va="center",
            color=_for_text(color),
            annotation_clip=False,
        )


def _for_text(color: str) -> tuple[float, ...]:
    """A darker shade: thin letters need more contrast than a thick line."""
    return tuple(0.65 * part for part in to_rgb(color))


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


def sliders(draw: Callable[..., Figure], **ranges: Sequence[float]) -> None:
    """Display a slider for each range and the figure that ``draw`` makes of their values.

    The sliders start at the defaults of ``draw``'s parameters. Where ``draw`` fails, one sentence says so.

    Args:
        draw: called with one keyword for each range; returns a figure.
        ranges: the values that a slider stops at, by parameter name; each holds that parameter's default.
    """
    defaults = {name: inspect.signature(draw).parameters[name].default for name in ranges}
    controls = {
        name: ipywidgets.SelectionSlider(
            options=[(f"{value:g}", value) for value in values],
            value=defaults[name],
            description=name,
            continuous_update=False,
        )
        for name, values in ranges.items()
    }
    picture = ipywidgets.Image(format="png", layout={"max_width": "100%", "align_self": "flex-start"})
    message = ipywidgets.Label()

    def redraw(_: Any = None) -> None:
        try:
            picture.value = _png(draw(**{name: control.value for name, control in controls.items()}))
            message.value = ""
        except Exception as error:
            plt.close("all")
            message.value = (
                f"This setting can't be drawn ({type(error).__name__}: {error}). Choose another one."
            )

    for control in controls.values():
        control.observe(redraw, names="value")
    redraw()
    box = ipywidgets.VBox([*controls.values(), picture, message])
    count = ("One slider", "Two sliders", "Three sliders", "Four sliders")[min(len(ranges), 4) - 1]
    names = " and ".join(filter(None, [", ".join(list(ranges)[:-1]), list(ranges)[-1]]))
    sentence = f"{count}, {names}: open this notebook in JupyterLab and run this cell to move them."
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"text/plain": sentence, "application/vnd.jupyter.widget-view+json": view}, raw=True)


use_style()
