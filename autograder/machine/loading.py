"""Loading quickly: torch and nbgrader bring thousands of modules, and a command can do nothing before."""

from __future__ import annotations

import atexit
import gc
import importlib
import sys

# Modules stay: a collector that looks through them again and again as they come finds nothing.
SELDOM = (100_000, 20, 100)

# What the notebooks of the course load first.
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
    """Load what notebooks load first, so that processes forked from this one have it."""
    for module in NOTEBOOKS_LOAD:
        importlib.import_module(module)


def load_quickly() -> None:
    """Halve the time from a process's start to its first work; called before anything large is imported."""
    gc.set_threshold(*SELDOM)
    # Nor is there anything to find when all is given back at once.
    atexit.register(gc.freeze)
    # jsonschema, which nbformat loads, takes a second for the grammar of internationalised addresses and does
    # without it where it is missing; no notebook has any.
    sys.modules.setdefault("rfc3987_syntax", None)
