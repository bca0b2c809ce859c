"""What the notebooks of the course load first, so that processes forked from one that has it are ready."""

from __future__ import annotations

import importlib

NOTEBOOKS_LOAD = (
    "ipywidgets",
    "pandas",
    "matplotlib.pyplot",
    "seaborn",
    "course",
    "course.data",
    "course.plots",
    "course.training",
)


def load_for_notebooks() -> None:
    """Load all of it."""
    for module in NOTEBOOKS_LOAD:
        importlib.import_module(module)
