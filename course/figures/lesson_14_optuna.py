"""The figures of lesson 14, hyper-parameter search, that Optuna draws: of its own study and a student's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course import plots
from course.figures import lesson_14_runs as runs

# In the order of a picture: what Optuna calls a study decides what its legends say.
OPTUNAS, MINE = "Optuna", "your process"


def history(study: optuna.Study, searches: Mapping[str, runs.Searched]) -> None:
    """Optuna's own picture of two studies: its own, and the student's process with the same seed."""
    points, losses = zip(*((trial.params, trial.value) for trial in study.trials), strict=True)
    studies = [runs.as_study(OPTUNAS, list(points), np.array(losses)), _mine(searches)]
    figure, (ax,) = _optunas(optuna.visualization.matplotlib.plot_optimization_history, studies)
    ax.legend(loc="center right", frameon=True, facecolor="white", fontsize=8)
    best = " and ".join(f"{each.study_name} {each.best_value:.2f}" for each in studies)
    ax.set(title=f"Lowest after 25 trials: {best}", xlabel="trial", ylabel="validation loss (nats)")
    plots.show(
        figure,
        "Optuna's plot of two studies, its own and your process: for each a dot for every one of 25 trials, "
        "and a line, the lowest loss so far. Both stand still for some trials after each step down.",
    )


def slices(study: optuna.Study, searches: Mapping[str, runs.Searched]) -> None:
    """Optuna's own pictures of the loss against each hyper-parameter, of its study and a student's."""
    for name, each in ((OPTUNAS, study), (MINE, _mine(searches))):
        figure, axes = _optunas(optuna.visualization.matplotlib.plot_slice, each)
        for ax in axes:
            ax.set_ylabel("validation loss (nats)" if ax is axes[0] else "")
        axes[0].set_xlabel("learning rate")
        axes[0].set_xticks([1e-4, 1e-2, 1], ["0.0001", "0.01", "1"])
        axes[0].minorticks_off()
        rate = each.best_params["lr"]
        figure.suptitle(f"{name[0].upper()}{name[1:]}: the lowest of 25 losses has the rate {rate:.2g}")
        plots.show(
            figure,
            f"Two scatter plots of Optuna's for {name}: the loss of each trial against the learning rate, on "
            "a log axis, and against momentum; darker points are later trials. The lowest loss stands at the "
            f"rate {rate:.2g}.",
        )


def _mine(searches: Mapping[str, runs.Searched]) -> optuna.Study:
    process = searches["process"]
    return runs.as_study(MINE, process.points[0], process.losses[0])


def _optunas(plot: Callable[[Any], Any], studies: Any) -> tuple[Figure, list[Axes]]:
    """A figure of Optuna's and its axes, on white, without its notice that plots may yet change."""
    look = dict(plt.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        drawn = plot(studies)
    plt.rcParams.update(look)
    axes = list(np.atleast_1d(drawn))
    for ax in axes:
        ax.set_facecolor("white")
        ax.grid(True, color="0.9")
        ax.tick_params(colors="0.15")
        ax.xaxis.label.set_color("0.15")
        ax.yaxis.label.set_color("0.15")
    return plt.gcf(), axes
