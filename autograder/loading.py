"""Loading quickly: torch and nbgrader bring thousands of modules, and a command can do nothing before."""

from __future__ import annotations

import atexit
import gc
import sys

# Modules stay: a collector that looks through them again and again as they come finds nothing.
SELDOM = (100_000, 20, 100)


def load_quickly() -> None:
    """Halve the time from a process's start to its first work; called before anything large is imported."""
    gc.set_threshold(*SELDOM)
    # Nor is there anything to find when all is given back at once.
    atexit.register(gc.freeze)
    # jsonschema, which nbformat loads, takes a second for the grammar of internationalised addresses and does
    # without it where it is missing; no notebook has any.
    sys.modules.setdefault("rfc3987_syntax", None)
