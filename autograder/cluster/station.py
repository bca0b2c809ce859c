"""A machine's station: the process in which hand-ins are judged, for all Dask workers of the machine.

``python -m autograder.cluster.station FOLDER`` listens in the folder. Each connection has a process of its
own that judges, forked from this one; no code of a student's runs in a Dask worker or here. A minute after
the last connection is gone, it ends.
"""

from __future__ import annotations

import contextlib
import importlib
import socket
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.cluster.asked import DONE, FAILED, FURNISH, JUDGE, MISSING
from autograder.cluster.place import Place
from autograder.errors import DescentError
from autograder.machine.prepare import prepare
from autograder.sandbox.launch import load_ahead

if TYPE_CHECKING:
    from autograder.cluster.bench import Bench
    from autograder.machine.workers import Workers

# Seconds that it waits for the next connection, and for the next request of one.
ALONE, IDLE = 60.0, 600.0
# Lessons that are kept ready: as many as are graded at a time, and some.
KEPT = 4
# Of a thousand: where memory runs out, the system ends what judges before what speaks for the machine.
FIRST_TO_GO = 500


class Station:
    """Answers connections until nobody needs it any more."""

    def __init__(self, place: Place):
        self._place = place
        self._furnishing = threading.Lock()
        self._benches: dict[str, Bench] = {}
        self._threads: list[threading.Thread] = []

    def serve(self) -> None:
        """Until it was alone for a while."""
        needed = time.monotonic()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._place.socket))
            listener.listen(256)
            listener.settimeout(1.0)
            while True:
                with contextlib.suppress(TimeoutError):
                    connection = Connection(listener.accept()[0].detach())
                    thread = threading.Thread(target=self._attend, args=(connection,), daemon=True)
                    thread.start()
                    self._threads.append(thread)
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                if self._threads:
                    needed = time.monotonic()
                elif time.monotonic() - needed > ALONE:
                    with self._place.lock(wait=False) as locked:
                        if locked:  # or somebody is about to come
                            self._place.socket.unlink(missing_ok=True)
                            return

    def _attend(self, connection: Connection) -> None:
        with connection, contextlib.suppress(EOFError, OSError), contextlib.ExitStack() as stack:
            seat = _Seat(stack)
            while connection.poll(IDLE):
                connection.send(self._answer(seat, *connection.recv()))

    def _answer(self, seat: _Seat, asked: str, digest: str, data: Any) -> tuple[str, Any]:
        try:
            if asked == FURNISH:
                self._furnish(digest, data)
            if digest not in self._benches:
                return MISSING, None
            bench = self._benches[digest]
            return DONE, bench.judge(seat.at(bench), data) if asked == JUDGE else None
        except DescentError as error:
            return FAILED, str(error)

    def _furnish(self, digest: str, data: bytes) -> None:
        from autograder.cluster.bench import Bench  # loads torch

        with self._furnishing:
            if digest not in self._benches:
                self._benches[digest] = Bench(data)
                for old in list(self._benches)[:-KEPT]:
                    del self._benches[old]


class _Seat:
    """One connection's own process, at the bench where it judged last."""

    def __init__(self, stack: contextlib.ExitStack):
        self._stack = stack
        self._bench: Bench | None = None
        self._workers: Workers | None = None

    def at(self, bench: Bench) -> Workers:
        if self._workers is None or self._bench is not bench:
            self._stack.close()
            self._bench, self._workers = bench, self._stack.enter_context(bench.seat())
        return self._workers


def main(folder: str) -> None:
    """Be the station of a machine."""
    prepare()
    load_ahead()
    with contextlib.suppress(OSError):  # as Linux alone can be told
        Path("/proc/self/oom_score_adj").write_text(f"{FIRST_TO_GO}")
    # Before there are other threads: what is forked while one loads a module waits for it for ever.
    importlib.import_module("autograder.cluster.bench")
    Station(Place(Path(folder))).serve()


if __name__ == "__main__":
    main(sys.argv[1])
