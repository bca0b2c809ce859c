"""Starts the processes that students' processes are forked from: one for each set of what is sealed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.machine.numerics import PINNED
from autograder.machine.warm import WarmProcess
from autograder.sandbox.bubblewrap import SandboxError

if TYPE_CHECKING:
    from course.sealed import Sealed

_warm: dict[Sealed, WarmProcess] = {}
# Loading, and not yet told what to seal.
_ahead: WarmProcess | None = None


def load_ahead() -> None:
    """Start loading, before it is known what is to be sealed: whoever asks for it later waits less.

    Raises:
        SandboxError: the system can't fork processes.
    """
    global _ahead
    if _ahead is None or not _ahead.alive:
        _ahead = _start()


def warm_process(sealed: Sealed) -> WarmProcess:
    """The one warm process without what is sealed, of this process and of its workers.

    It is started when first asked for, and loads for some seconds.

    Raises:
        SandboxError: the system can't fork processes.
    """
    global _ahead
    if sealed not in _warm or not _warm[sealed].alive:
        warm, _ahead = _ahead if _ahead and _ahead.alive else _start(), None
        told = {
            "modules": sealed.modules,
            "functions": sealed.functions,
            "kernels": sealed.kernels,
            "refusal": sealed.refusal,
        }
        warm.tell(json.dumps(told))
        _warm[sealed] = warm
    return _warm[sealed]


def _start() -> WarmProcess:
    if not hasattr(os, "fork"):
        raise SandboxError(
            "Notebooks are graded on Linux (WSL too) or macOS: this system can't fork processes."
        )
    return WarmProcess("autograder.sandbox.student", _environment())


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
