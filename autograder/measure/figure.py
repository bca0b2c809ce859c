"""The sensitivity matrix as a picture: which property catches which mistake."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib

matplotlib.use("agg")  # the figure goes into a file; no window is wanted

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from PIL import Image

from autograder.measure.sensitivity import Matrix
from course import plots

# Inches. Two columns of panels; in each the names of the properties, then a cell for each mistake, narrower
# where there are too many for the column.
WIDTH, COLUMN, NAMES, CELL, ROW, HEAD, GAP = 10.6, 5.3, 3.0, 0.07, 0.135, 0.2, 0.13
LEGEND = 0.5
# Points. A name of more letters than fit is set smaller.
FONT, LETTERS = 7.5, 51
# Neither, on the graded cases alone, on the public ones.
COLOURS = ("#ececec", plots.PALETTE[1], plots.PALETTE[0])


def draw(matrix: Matrix, path: Path) -> str:
    """Write the figure as a PNG and return its text alternative."""
    panels = [(name, *_cells(matrix.of(name))) for name in dict.fromkeys(t.exercise for t in matrix.trials)]
    heights = [HEAD + ROW * len(names) + GAP for _, names, _ in panels]
    # Read down the left column first, then down the right one, which is about as high.
    left = min(range(len(panels)), key=lambda count: abs(sum(heights[:count]) - sum(heights[count:])))
    height = LEGEND + max(sum(heights[:left]), sum(heights[left:]))
    cell = min(CELL, (COLUMN - NAMES - GAP) / max(cells.shape[1] for _, _, cells in panels))
    figure = plt.figure(figsize=(WIDTH, height), layout="none")
    for column, numbers in enumerate((range(left), range(left, len(panels)))):
        top = height - LEGEND
        for number in numbers:
            name, names, cells = panels[number]
            top -= HEAD
            rows, mistakes = cells.shape
            place = (COLUMN * column + NAMES, top - ROW * rows, cell * mistakes, ROW * rows)
            axes = figure.add_axes([x / (WIDTH, height)[i % 2] for i, x in enumerate(place)])
            _panel(axes, f"{name}: {mistakes} mistakes", names, cells)
            top -= ROW * rows + GAP
    words = ("no", "on graded cases alone", "on public cases")
    figure.legend(
        handles=[Patch(color=colour, label=word) for colour, word in zip(COLOURS, words, strict=True)],
        title="The property (row) catches the mistake (column):",
        loc="upper left",
        ncols=3,
        fontsize=FONT + 1,
        title_fontsize=FONT + 1,
        frameon=False,
        alignment="left",
        borderaxespad=0.2,
    )
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=150)
    plt.close(figure)
    # Few colours make a small file.
    Image.open(drawn).convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
    caught = np.concatenate([(cells > 0).sum(axis=0) for _, _, cells in panels])
    filled = "Every column has a filled cell" if caught.min() else f"{(caught == 0).sum()} columns are empty"
    return (
        f"{len(panels)} panels, one an exercise, with a row for each property and a column for each mistake. "
        f"{filled}. Half of the mistakes are caught by {np.median(caught):g} properties or more."
    )


def _cells(matrix: Matrix) -> tuple[list[str], np.ndarray]:
    """The properties of one exercise, and an array (properties, mistakes) of places in ``COLOURS``."""
    mistakes = [entry for entry in matrix.trials if entry.kind == "mistake"]
    ids = list(dict.fromkeys(entry.id for entry in mistakes))
    names = list(mistakes[0].passed)
    cells = np.zeros((len(names), len(ids)), dtype=int)
    for entry in mistakes:
        for row, name in enumerate(names):
            if not entry.passed[name]:
                place = row, ids.index(entry.id)
                cells[place] = max(cells[place], 2 if entry.level == "public" else 1)
    return names, cells


def _panel(axes: Axes, title: str, names: list[str], cells: np.ndarray) -> None:
    axes.pcolormesh(
        cells, cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=2.5, edgecolors="white", linewidth=0.6
    )
    axes.invert_yaxis()
    axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=FONT)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontsize(FONT * min(1, LETTERS / len(name)))
    axes.set_xticks([])
    axes.tick_params(length=0, pad=3)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.annotate(
        title, (0, 1), (-NAMES * 72 + 6, 3), xycoords="axes fraction", textcoords="offset points",
        fontsize=FONT + 1, fontweight="bold", va="bottom",
    )  # fmt: skip
