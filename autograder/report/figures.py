"""The figures of a class report, each with a sentence for those who do not see it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import NamedTuple

import matplotlib

matplotlib.use("agg")  # figures go into the file; no window is wanted

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.report.results import Results
from course import plots


class Picture(NamedTuple):
    """A figure as a data URI, and what it shows."""

    image: str
    alt: str


# A class with more students than this gets colours without numbers.
MOST_ANNOTATED = 60


def scores(entry: Results) -> Picture:
    """The distribution of the scores, one bar a point."""
    edges = np.arange(int(entry.max_score) + 2) - 0.5
    counts, _ = np.histogram(entry.scores, bins=edges)
    median = float(np.median(entry.scores))
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.bar(np.arange(len(counts)), counts, color=plots.PALETTE[0], width=0.9)
    axes.axvline(median, color=plots.PALETTE[1], linestyle="--")
    axes.annotate(
        f"median {median:.4g}",
        (median, axes.get_ylim()[1]),
        (-4, -12),
        textcoords="offset points",
        ha="right",
    )
    axes.set(
        xlabel="score (points, rounded)",
        ylabel="students",
        title=f"Half of the class has {median:.4g} or more",
    )
    axes.set_xticks(np.arange(len(counts)))
    axes.yaxis.set_major_locator(_whole_numbers())
    told = ", ".join(f"{count} with {score}" for score, count in enumerate(counts) if count)
    return Picture(_png(figure), f"Histogram of the scores out of {entry.max_score:g}. Students: {told}.")


def exercises(entry: Results) -> Picture:
    """How many students solved each exercise, in part or whole."""
    parts = [
        ("full marks", [count.full for count in entry.exercises]),
        ("part of the points", [count.part for count in entry.exercises]),
        ("tried, no points", [count.none for count in entry.exercises]),
        ("not attempted", [count.not_attempted for count in entry.exercises]),
    ]
    names = [count.id for count in entry.exercises]
    hardest = min(entry.exercises, key=lambda count: count.mean / count.max)
    figure, axes = plt.subplots(figsize=(6, 0.55 * len(names) + 1.6))
    left = np.zeros(len(names))
    shades = (plots.PALETTE[2], plots.PALETTE[0], plots.PALETTE[3], "#bbbbbb")
    for (label, values), colour, hatch in zip(parts, shades, ("", "//", "xx", ".."), strict=True):
        axes.barh(names, values, left=left, color=colour, hatch=hatch, edgecolor="white", label=label)
        left += np.array(values)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.set(xlabel="students", title=f"{hardest.id} costs the most points")
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.32), frameon=False)
    told = "; ".join(
        f"{count.id}: {count.full} full marks, {count.part} in part, {count.none} no points, "
        f"{count.not_attempted} not attempted"
        for count in entry.exercises
    )
    return Picture(_png(figure), f"Bars of how many students solved each exercise. {told}.")


@matplotlib.rc_context({"text.parse_math": False})  # the names of students are no formulas
def heat_map(graded: Sequence[Results]) -> Picture:
    """Every student's share of the points in every lesson; weakest first, grey for nothing handed in."""
    students = sorted({row.student for entry in graded for row in entry.rows})
    share = np.full((len(students), len(graded)), np.nan)
    for column, entry in enumerate(graded):
        for row in entry.rows:
            share[students.index(row.student), column] = row.score / entry.max_score
    order = np.argsort(np.nanmean(share, axis=1), kind="stable")
    names = [entry.lesson.name for entry in graded]
    figure, axes = plt.subplots(figsize=(1.6 + 0.9 * len(names), 1.4 + 0.24 * len(students)))
    axes.set_facecolor("#bbbbbb")
    sns.heatmap(
        100 * share[order],
        annot=len(students) <= MOST_ANNOTATED,
        fmt=".0f",
        cmap="cividis",
        vmin=0,
        vmax=100,
        xticklabels=names,
        yticklabels=[students[index] for index in order],
        cbar_kws={"label": "% of the points"},
        ax=axes,
    )
    hardest = names[int(np.nanargmin(np.nanmean(share, axis=0)))]
    axes.set(title=f"{hardest} costs the most points")
    axes.tick_params(axis="x", rotation=45)
    means = ", ".join(
        f"{name} {mean:.0f}%" for name, mean in zip(names, 100 * np.nanmean(share, axis=0), strict=True)
    )
    return Picture(
        _png(figure),
        f"Heat map of the points of {len(students)} students in {len(names)} lessons. Means: {means}.",
    )


def _whole_numbers() -> MaxNLocator:
    """Ticks as matplotlib would set them, none between two students."""
    return MaxNLocator("auto", integer=True, steps=[1, 2, 2.5, 5, 10])


def _png(figure: Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
