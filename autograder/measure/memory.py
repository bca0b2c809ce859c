"""The memory of a process and of all that it started, at its peak."""

from __future__ import annotations

import contextlib
import threading

import psutil


class Memory:
    """Watches a process and all that it started, while the ``with`` lasts.

    Attributes:
        peak: bytes, what the processes share counted once.

    Args:
        pid: the process.
        every: seconds from one look to the next.
    """

    def __init__(self, pid: int, every: float = 1.0):
        self.peak = 0
        self._pid = pid
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            with contextlib.suppress(psutil.NoSuchProcess):
                first = psutil.Process(self._pid)
                self.peak = max(self.peak, sum(map(_own_share, [first, *first.children(recursive=True)])))


def _own_share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it has ended by now
