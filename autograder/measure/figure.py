"""The sensitivity matrix as a picture: which property catches which mistake."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("agg")  # the figure goes into a file; no window is wanted

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from PIL import Image

from autograder.errors import DescentError
from autograder.measure.matrix import Matrix
from course import plots
from course.exercises import EXERCISES

# Inches. Two columns of panels; in each the names of the properties, then a cell for each mistake, narrower
# where there are too many for the column.
WIDTH, COLUMN, NAMES, CELL, ROW, HEAD, GAP = 10.6, 5.3, 3.0, 0.07, 0.135, 0.2, 0.13
LEGEND = 0.5
# Points. A name of more letters than fit is set smaller.
FONT, LETTERS = 7.5, 51
# Neither, on the graded cases alone, on the public ones.
COLOURS = ("#ececec", plots.PALETTE[1], plots.PALETTE[0])


@dataclass(frozen=True)
class Panel:
    """What is drawn of one exercise.

    Attributes:
        names: of the properties, from top to bottom.
        cells: places in ``COLOURS``, of shape (properties, mistakes).
    """

    exercise: str
    names: list[str]
    cells: np.ndarray

    @property
    def height(self) -> float:
        """In inches, with its title and the gap below."""
        return HEAD + ROW * len(self.names) + GAP


def draw(matrix: Matrix, path: Path) -> str:
    """Write the figure as a PNG and return its text alternative. An exercise without mistakes has no panel.

    Raises:
        DescentError: there is no mistake to draw.
    """
    panels = [_panel_of(name, matrix.of(name)) for name in matrix.exercises]
    panels = [panel for panel in panels if panel.cells.size]
    if not panels:
        raise DescentError("No lesson has a known mistake: write one in solutions/misconceptions/ to draw.")
    heights = [panel.height for panel in panels]
    # Read down the left column first, then down the right one, which is about as high.
    left = min(range(len(panels)), key=lambda count: abs(sum(heights[:count]) - sum(heights[count:])))
    height = LEGEND + max(sum(heights[:left]), sum(heights[left:]))
    cell = min(CELL, (COLUMN - NAMES - GAP) / max(panel.cells.shape[1] for panel in panels))
    figure = plt.figure(figsize=(WIDTH, height), layout="none")
    for column, below_each_other in enumerate((panels[:left], panels[left:])):
        top = height - LEGEND
        for panel in below_each_other:
            rows, mistakes = panel.cells.shape
            bottom = top - HEAD - ROW * rows
            # In shares of the figure, as matplotlib takes it.
            x, wide = (COLUMN * column + NAMES) / WIDTH, cell * mistakes / WIDTH
            y, high = bottom / height, ROW * rows / height
            _draw_panel(figure.add_axes((x, y, wide, high)), panel)
            top -= panel.height
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
    caught = np.concatenate([(panel.cells > 0).sum(axis=0) for panel in panels])
    filled = "Every column has a filled cell" if caught.min() else f"{(caught == 0).sum()} columns are empty"
    return (
        f"{len(panels)} panels, one an exercise, with a row for each property and a column for each mistake. "
        f"{filled}. Half of the mistakes are caught by {np.median(caught):g} properties or more."
    )


def _panel_of(exercise: str, matrix: Matrix) -> Panel:
    mistakes = [trial for trial in matrix.trials if trial.kind == "mistake"]
    ids = list(dict.fromkeys(trial.id for trial in mistakes))
    properties = EXERCISES[exercise].properties
    cells = np.zeros((len(properties), len(ids)), dtype=int)
    for trial in mistakes:
        column = ids.index(trial.id)
        for row, judged in enumerate(properties):
            if not trial.passed[judged.id]:
                cells[row, column] = max(cells[row, column], 2 if trial.level == "public" else 1)
    return Panel(exercise, [judged.name for judged in properties], cells)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    axes.pcolormesh(
        panel.cells, cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=2.5, edgecolors="white", linewidth=0.6
    )
    axes.invert_yaxis()
    axes.set_yticks(np.arange(len(panel.names)) + 0.5, panel.names, fontsize=FONT)
    for label, name in zip(axes.get_yticklabels(), panel.names, strict=True):
        label.set_fontsize(FONT * min(1, LETTERS / len(name)))
    axes.set_xticks([])
    axes.tick_params(length=0, pad=3)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    title = f"{panel.exercise}: {panel.cells.shape[1]} mistakes"
    axes.annotate(
        title, (0, 1), (-NAMES * 72 + 6, 3), xycoords="axes fraction", textcoords="offset points",
        fontsize=FONT + 1, fontweight="bold", va="bottom",
    )  # fmt: skip
