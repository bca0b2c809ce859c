"""A process of its own for code that may never end, or end its process: with limits, and gone at the end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil


@contextlib.contextmanager
def child(module: str, *arguments: str, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of the course in the folder ``place``; at the end it is ended, with what it has started.

    Raises:
        OSError: no process starts.
    """
    course = str(Path(__file__).resolve().parents[1])
    paths = [course, *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "agg"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(psutil.Error):
            for other in psutil.Process(process.pid).children(recursive=True):
                other.kill()
        process.kill()
        process.wait()


def memory(process: subprocess.Popen[bytes]) -> float:
    """The bytes that a process holds; 0 where it has ended."""
    with contextlib.suppress(psutil.Error):
        return float(psutil.Process(process.pid).memory_info().rss)
    return 0.0
