"""Ends what takes too long inside one process: an endless loop of code that is tried among others."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

# Seconds between two looks at the time.
PACE = 0.01


class TookTooLong(Exception):
    """The block ran out of its time."""


class Watchdog:
    """Interrupts the main thread, as Ctrl-C does, when a block takes longer than it may.

    Python looks for interruptions between its own steps: what never comes back from compiled code has to be
    ended from outside.
    """

    def __init__(self) -> None:
        # What the processor has spent so far, as it was last looked at: to ask takes long on some machines.
        self.now = time.process_time()
        self._asked: list[float] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __enter__(self) -> Watchdog:
        self._before = signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        signal.signal(signal.SIGINT, self._before)

    def _watch(self) -> None:
        seen, since = self._asked, self.now
        while not self._stopped.wait(PACE):
            self.now = time.process_time()
            with self._lock:
                if self._asked is not seen:
                    seen, since = self._asked, self.now
                elif seen and self.now - since > seen[0]:
                    # Again and again: what is interrupted may catch it.
                    _thread.interrupt_main()

    def run(self, seconds: float, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function and let it run for so long, as the processor counts.

        Raises:
            TookTooLong: it was interrupted.
        """
        # All in one frame: an interruption that comes as the function returns is caught here as well.
        try:
            self._asked = [seconds]
            try:
                return function(*arguments)
            finally:
                with self._lock:
                    self._asked = []
        except KeyboardInterrupt:
            raise TookTooLong from None
