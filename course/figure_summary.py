"""The numbers that a figure draws, as a little JSON: what two builds of a figure are compared by.

Bytes of pictures differ between processors and versions; what they show does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

SAMPLES = 8
DIGITS = 4


def summarise(figure: Figure) -> dict[str, Any]:
    """For each axes of the figure its words, and a few numbers of all that is drawn on it.

    Returns:
        Plain JSON: numbers have four significant digits, those that are not finite are strings.
    """
    title = figure.get_suptitle()
    return {"title": title, "axes": [_axes(ax) for ax in figure.axes]}


def _axes(ax: Axes) -> dict[str, Any]:
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return {
        "title": ax.get_title(loc="left") or ax.get_title(),
        "x": {"label": ax.get_xlabel(), "scale": ax.get_xscale()},
        "y": {"label": ax.get_ylabel(), "scale": ax.get_yscale()},
        "lines": [_line(line) for line in ax.lines],
        "collections": [_collection(entry) for entry in ax.collections],
        "bars": _few([bar.get_height() for bar in bars])
        | {"widths": _few([bar.get_width() for bar in bars])},
        "images": [_image(image) for image in ax.images],
    }


def _line(line: Line2D) -> dict[str, Any]:
    label = str(line.get_label())
    # matplotlib numbers the lines that have no name.
    return {
        "label": "" if label.startswith("_") else label,
        "x": _few(line.get_xdata()),
        "y": _few(line.get_ydata()),
    }


def _collection(collection: Collection) -> dict[str, Any]:
    kind = type(collection).__name__
    if isinstance(collection, ContourSet):
        return {"kind": kind, "values": _few(collection.levels)}
    if isinstance(collection, PathCollection):
        x, y = np.ma.getdata(collection.get_offsets()).T
        return {"kind": kind, "x": _few(x), "y": _few(y)}
    if collection.get_array() is not None:
        return {"kind": kind, "values": _few(collection.get_array())}
    vertices = [path.vertices for path in collection.get_paths()]
    return {"kind": kind, "values": _few(np.concatenate(vertices) if vertices else [])}


def _image(image: AxesImage) -> dict[str, Any]:
    shown: np.ndarray = np.ma.asarray(image.get_array())
    return {"shape": list(shown.shape), "values": _few(shown)}


def _few(values: Any) -> dict[str, Any]:
    """How many numbers there are, and some of them: the first, the last and a few evenly between."""
    flat: np.ndarray = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    chosen = (
        flat[np.unique(np.linspace(0, flat.size - 1, min(SAMPLES, flat.size)).astype(int))]
        if flat.size
        else flat
    )
    return {"count": int(flat.size), "values": [_rounded(value) for value in chosen]}


def _rounded(value: float) -> float | str:
    # JSON has no word for infinity.
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else str(float(value))
