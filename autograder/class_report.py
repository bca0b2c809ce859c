"""The report of a graded class: one self-contained HTML file."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import matplotlib

matplotlib.use("agg")  # figures go into the file; no window is wanted

import matplotlib.pyplot as plt
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.class_results import Results, results
from autograder.class_table import look_at
from autograder.errors import DescentError
from autograder.gradebook import CourseFolder
from autograder.lesson import lessons
from course import plots

NAME = "report.html"


def write(folder: CourseFolder) -> Path:
    """Write ``report.html`` into the gradebook folder, over every lesson that was graded there."""
    graded = [entry for lesson in lessons() if (entry := results(folder, lesson)).rows]
    if not graded:
        raise DescentError(f"Nothing is graded in {folder.path} yet: run `autograder grade LESSON` first.")
    environment = Environment(
        loader=PackageLoader("autograder"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["points"] = lambda value: f"{value:.4g}"
    page = environment.get_template("report.html").render(
        classes=[(entry, _scores(entry), _exercises(entry)) for entry in graded], look_at=look_at
    )
    path = folder.path / NAME
    path.write_text(page, encoding="utf-8")
    return path


def _scores(entry: Results) -> dict[str, str]:
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
    axes.yaxis.get_major_locator().set_params(integer=True)
    told = ", ".join(f"{count} with {score}" for score, count in enumerate(counts) if count)
    return {
        "image": _png(figure),
        "alt": f"Histogram of the scores out of {entry.max_score:g}. Students: {told}.",
    }


def _exercises(entry: Results) -> dict[str, str]:
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
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="students", title=f"{hardest.id} costs the most points")
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.32), frameon=False)
    told = "; ".join(
        f"{count.id}: {count.full} full marks, {count.part} in part, {count.none} no points, "
        f"{count.not_attempted} not attempted"
        for count in entry.exercises
    )
    return {"image": _png(figure), "alt": f"Bars of how many students solved each exercise. {told}."}


def _png(figure: plt.Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
