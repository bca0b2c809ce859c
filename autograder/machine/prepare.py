"""Sets a process up for the course's work, in one place."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any, cast

from autograder.machine.numerics import PINNED

# Modules stay: a collector that looks through them again and again as they come finds nothing.
SELDOM = (100_000, 20, 100)


def prepare() -> None:
    """Make this process ready to build or to grade; called first of all, before torch is loaded.

    What forked processes need of it they have from this one. Only to be called in the main thread.
    """
    # The same digits on every machine, whoever calls.
    os.environ.update(PINNED)
    _load_quickly()
    # Ended from outside, it goes like any other end: what was opened is closed, and nothing is left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # nbgrader calls its tools by name; they stand beside Python.
    tools = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])


def _load_quickly() -> None:
    """Halve the time to the first work: torch and nbgrader bring thousands of modules before."""
    gc.set_threshold(*SELDOM)
    # Nor is there anything to find when all is given back at once.
    atexit.register(gc.freeze)
    # jsonschema, which nbformat loads, takes a second for the grammar of internationalised addresses and does
    # without it where it is missing; no notebook has any.
    cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)
