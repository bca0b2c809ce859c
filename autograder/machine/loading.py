"""What the notebooks of the course load first, so that processes forked from one that has it are ready."""

from __future__ import annotations

import importlib

WITHOUT_TORCH = ("ipywidgets", "pandas", "matplotlib.pyplot", "seaborn")
WITH_TORCH = ("course", "course.data", "course.plots", "course.training")


def load_for_notebooks() -> None:
    """Load all of it."""
    load_without_torch()
    _load(WITH_TORCH)


def load_without_torch() -> None:
    """Load the part that does not import torch; there may be something to do before."""
    _load(WITHOUT_TORCH)


def _load(modules: tuple[str, ...]) -> None:
    for module in modules:
        importlib.import_module(module)
