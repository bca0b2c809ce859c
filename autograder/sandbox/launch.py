"""Starts the processes that students' processes are forked from: one for each set of what is sealed."""

from __future__ import annotations

import dataclasses
import json
import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.machine.numerics import PINNED
from autograder.machine.warm import WarmProcess
from autograder.sandbox.bubblewrap import SandboxError, folders

if TYPE_CHECKING:
    from course.sealed import Sealed

# By what they are told to seal.
_warm: dict[str, WarmProcess] = {}


def load_ahead() -> None:
    """Start loading for most lessons, before this process imports torch: the two then load at the same time.

    Raises:
        SandboxError: the system can't fork processes.
    """
    # The file alone: the package that it is in imports torch.
    (course,) = folders("course")
    warm_process(runpy.run_path(os.path.join(course, "sealed.py"))["COMMON"])


def warm_process(sealed: Sealed) -> WarmProcess:
    """The one warm process without what is sealed, of this process and of its workers.

    It is started when first asked for, and loads for some seconds.

    Raises:
        SandboxError: the system can't fork processes.
    """
    told = json.dumps(dataclasses.asdict(sealed))
    if told not in _warm or not _warm[told].alive:
        if not hasattr(os, "fork"):
            raise SandboxError(
                "Notebooks are graded on Linux (WSL too) or macOS: this system can't fork processes."
            )
        _warm[told] = WarmProcess("autograder.sandbox.student", _environment(), told)
    return _warm[told]


def _environment() -> dict[str, str]:
    """Nothing of this process's own environment, which may hold what is not for students."""
    return {
        **PINNED,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
        "HOME": str(Path.home()),
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
