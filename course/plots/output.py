"""How a figure reaches the page: a sharp picture with its alt text, and the numbers that it draws."""

from __future__ import annotations

import base64
import html
import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from course.figure_summary import summarise
from course.plots.lines import settle
from course.plots.look import DPI

# Pixels of the picture for one on the page: what screens of high density show.
SHARP = 2
# A figure has few colours and the shades between them: with so many nobody sees the difference, in a third of
# the bytes.
COLOURS = 128


def show(figure: Figure, alt: str, seeds: int | None = None) -> None:
    """Display a figure below the cell, then close it.

    The output is one picture in two forms: HTML, whose ``alt`` reaches every page, and the PNG itself for
    what shows no HTML. Its metadata hold under ``"figure"`` the numbers that were drawn, by which two builds
    are compared (see ``course.figure_summary``), and ``seeds``.

    Args:
        figure: a matplotlib figure.
        alt: one or two sentences that say what is seen; also the plain-text form of the output.
        seeds: how many random seeds stand behind what is drawn; None where nothing is random.

    Raises:
        ValueError: there is no alt text, ``seeds`` is no count, or a title or label is too long.
    """
    if not alt.strip():
        raise ValueError("A figure needs an alt text: say in a sentence or two what is seen.")
    if seeds is not None and seeds < 1:
        raise ValueError(f"seeds is {seeds}: give how many there are, or None where nothing is random.")
    settle(figure)
    _refuse_cut_words(figure)
    summary = summarise(figure) | {"seeds": seeds}
    width = round(figure.get_figwidth() * DPI)
    picture = _picture(figure, SHARP)
    display(
        {
            "text/html": as_html(picture, alt, width),
            "image/png": base64.b64encode(picture).decode("ascii"),
            "text/plain": alt,
        },
        metadata={"image/png": {"alt": alt, "width": width}, "figure": summary},
        raw=True,
    )


def as_html(picture: bytes, alt: str, width: int, more: str = "") -> str:
    """An ``<img>`` that holds a PNG itself, ``width`` pixels wide where there is room, on any page.

    Args:
        more: further attributes, as HTML.
    """
    source = base64.b64encode(picture).decode("ascii")
    return f'<img alt="{html.escape(alt)}" width="{width}"{more} src="data:image/png;base64,{source}">'


def png(figure: Figure, sharp: float = SHARP) -> bytes:
    """The picture of a figure, which is closed; ``sharp`` pixels for each one on the page."""
    settle(figure)
    return _picture(figure, sharp)


def _picture(figure: Figure, sharp: float) -> bytes:
    pixels, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(pixels, format="rgba", dpi=DPI * sharp)
    plt.close(figure)
    size = [int(side * DPI * sharp) for side in figure.get_size_inches()]
    picture = Image.frombytes("RGBA", (size[0], size[1]), pixels.getvalue()).convert("RGB")
    small = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # What is white shares a colour with what is nearly white: their mean is not quite white, as the page is.
    colours = np.reshape(small.getpalette() or [], (-1, 3))
    colours[np.unique(np.asarray(small)[np.asarray(picture).min(axis=2) == 255])] = 255
    small.putpalette(colours.ravel().tolist())
    small.save(packed, format="png", optimize=True)
    return packed.getvalue()


def _refuse_cut_words(figure: Figure) -> None:
    """Titles and the labels of x axes stand whole in the picture; nothing in matplotlib sees to that."""
    figure.draw_without_rendering()
    titles = {figure.get_suptitle(), *(ax.get_title(loc) for ax in figure.axes for loc in ("left", "center"))}
    words = titles | {ax.get_xlabel() for ax in figure.axes}
    for text in figure.findobj(Text):
        extent = text.get_window_extent()
        if text.get_text() in words - {""} and not figure.bbox.x0 <= extent.x0 < extent.x1 <= figure.bbox.x1:
            raise ValueError(f'"{text.get_text()}" is wider than the figure: shorten it.')
