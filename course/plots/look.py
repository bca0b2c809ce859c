"""One look for the whole course: sizes, colours and dashes, and text that can be read on white."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like, to_rgb
from matplotlib.text import Text

# Of a figure as it stands on the page; its picture has twice as many pixels each way (``output.SHARP``).
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
# Web Content Accessibility Guidelines 2.2, 1.4.3: what ordinary text needs.
CONTRAST = 4.5


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


def label(ax: Axes, x: float, y: float, text: str, color: str = "0.15", **options: Any) -> Text:
    """Write words at a place in the axes, in a shade of the colour that can be read on white.

    Args:
        x, y: the place, in the axes' data.
        text: a few words.
        color: that of the curve or dot it belongs to, in any form that matplotlib takes.
        options: as ``Axes.text`` takes them, ``ha="right"`` for one.

    Raises:
        ValueError: matplotlib knows no such colour.
    """
    return ax.text(x, y, text, **halo() | {"color": readable(color)} | options)


def halo() -> dict[str, Any]:
    """What keeps grid lines out of a label: a white field, no larger than the letters."""
    field = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    return {"bbox": field, "va": "center"}


def readable(color: Any) -> tuple[float, float, float]:
    """The colour itself, or as much darker as text on white needs; red, green and blue from 0 to 1.

    Raises:
        ValueError: matplotlib knows no such colour.
    """
    if not is_color_like(color):
        raise ValueError(f"{color!r} is no colour that matplotlib knows: take one of plots.PALETTE.")
    rgb = np.asarray(to_rgb(color))
    while contrast(rgb, (1.0, 1.0, 1.0)) < CONTRAST:
        rgb = rgb * 0.97
    red, green, blue = rgb.tolist()
    return red, green, blue


def contrast(color: Any, ground: Any) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(color), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Any) -> float:
    parts = np.asarray(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
