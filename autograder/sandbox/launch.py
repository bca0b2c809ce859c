"""Starts the process that students' processes are forked from."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.machine.numerics import PINNED
from autograder.sandbox.bubblewrap import SandboxError

GONE = "The process that runs notebooks is not there: run the same command again."


class WarmProcess:
    """What students' processes are forked from; ends with this process, or when it is closed.

    Raises:
        SandboxError: the system can't fork processes.
    """

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise SandboxError(
                "Notebooks are graded on Linux (WSL too) or macOS: this system can't fork processes."
            )
        self._folder = tempfile.TemporaryDirectory(prefix="descent-")
        self._path = os.path.join(self._folder.name, "warm")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.sandbox.warm", self._path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        self._ready = False
        self._owner = os.getpid()
        atexit.register(self.close)

    def wait(self) -> None:
        """Wait until it has loaded everything. Who forks workers does this first: it is said once.

        Raises:
            SandboxError: the process did not start.
        """
        self._ready = self._ready or self._process.stdout.readline() == b"ready\n"
        if not self._ready:
            raise SandboxError(GONE)

    def connect(self) -> socket.socket:
        """A connection to a process that is forked for it, once there is something to fork from.

        Raises:
            SandboxError: the process did not start, or is no more.
        """
        self.wait()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise SandboxError(GONE) from None
        return connection

    @property
    def alive(self) -> bool:
        # A forked worker can't ask after a process that is not its child; its parent did before.
        return os.getpid() != self._owner or self._process.poll() is None

    def close(self) -> None:
        """End the process; those that were forked from it end with their sandboxes."""
        if os.getpid() != self._owner:
            return
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._folder.cleanup()
        atexit.unregister(self.close)


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


_warm: WarmProcess | None = None


def warm_process() -> WarmProcess:
    """The one warm process of this process and of its workers, started when first asked for.

    Loading takes it some seconds: who asks early, and does something else meanwhile, waits less.
    """
    global _warm
    if _warm is None or not _warm.alive:
        _warm = WarmProcess()
    return _warm
