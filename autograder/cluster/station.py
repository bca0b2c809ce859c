"""A machine's station: what judges is forked from it, for all Dask workers of the machine.

``python -m autograder.cluster.station FOLDER`` listens in the folder. Each connection gets a seat: a process
forked from this one, which has the kit that is asked for, judges one hand-in after the other, and ends with
the connection, so with the Dask worker that made it. There is one thread here and in each seat: what is
forked while another thread holds a lock waits for it for ever. No code of a student's runs in a Dask worker,
here or in a seat. A few seconds after the last seat is gone, the station ends.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import signal
import socket
import struct
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from autograder.cluster.asked import DONE, FAILED, FURNISH, MISSING
from autograder.cluster.place import Place
from autograder.errors import DescentError
from autograder.machine.prepare import prepare
from autograder.machine.warm import WarmProcessError
from autograder.machine.workers import end_with
from autograder.sandbox.launch import load_ahead

if TYPE_CHECKING:
    from autograder.cluster.bench import Bench

# Seconds that it waits for the next connection when it has none; a seat, for the next hand-in; between two
# looks at which seats are gone; for a Dask worker to say all of what it began to say.
ALONE, IDLE, LOOK, SAYING = 10.0, 600.0, 1.0, 60
# Lessons that are kept ready: as many as are graded at a time, and some.
KEPT = 4
# Of a thousand: where memory runs out, the system ends what judges before what speaks for the machine.
FIRST_TO_GO = 500


class Station:
    """Gives seats to connections until nobody needs one any more."""

    def __init__(self, place: Place):
        self._place = place
        self._benches: dict[str, Bench] = {}
        self._seats: set[int] = set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Until it was alone for a while."""
        self._listener.bind(str(self._place.socket))
        self._listener.listen(256)
        self._selector.register(self._listener, selectors.EVENT_READ)
        needed = time.monotonic()
        while True:
            self._look(LOOK)
            self._seats = {seat for seat in self._seats if os.waitpid(seat, os.WNOHANG) == (0, 0)}
            if self._seats or self._asking:
                needed = time.monotonic()
            elif time.monotonic() - needed > ALONE and self._leave():
                return

    @property
    def _asking(self) -> list[Connection]:
        """Who has no seat yet."""
        sources = [key.fileobj for key in self._selector.get_map().values()]
        return [source for source in sources if isinstance(source, Connection)]

    def _leave(self) -> bool:
        with self._place.lock(wait=False) as locked:
            if not locked:  # somebody is about to come
                return False
            self._look(0)  # or came just before
            if self._seats or self._asking:
                return False
            self._place.socket.unlink(missing_ok=True)
            return True

    def _look(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                come, _ = self._listener.accept()
                limit = struct.pack("ll", SAYING, 0)
                for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    come.setsockopt(socket.SOL_SOCKET, way, limit)
                self._selector.register(Connection(come.detach()), selectors.EVENT_READ)
            else:
                assert isinstance(key.fileobj, Connection)
                self._answer(key.fileobj)

    def _answer(self, connection: Connection) -> None:
        """Give a seat to who asks for one; let go of who has said something else, or nothing more."""
        keep = False
        try:
            asked, digest, data = connection.recv()
            if asked == FURNISH:
                self._furnish(digest, data)
            if digest in self._benches:
                self._benches[digest].make_ready()
                self._seat(connection, self._benches[digest])
            else:
                connection.send((MISSING, None))
                keep = True
        except DescentError as error:
            with contextlib.suppress(OSError):
                connection.send((FAILED, str(error)))
        except (EOFError, OSError):
            pass  # it has gone
        finally:
            if not keep:
                self._selector.unregister(connection)
                connection.close()

    def _furnish(self, digest: str, data: bytes) -> None:
        from autograder.cluster.bench import Bench

        if digest not in self._benches:
            self._benches[digest] = Bench(data)
            for old in list(self._benches)[:-KEPT]:
                del self._benches[old]

    def _seat(self, connection: Connection, bench: Bench) -> None:
        owner = os.getpid()
        try:
            seat = os.fork()
        except OSError as error:
            raise DescentError(f"the system gives no further process ({error.strerror})") from error
        if seat:
            self._seats.add(seat)
            return
        try:
            others = [other for other in self._asking if other is not connection]
            self._selector.close()
            self._listener.close()
            for other in others:
                other.close()
            _sit(owner, connection, bench)
        finally:
            os._exit(1)


def _sit(owner: int, connection: Connection, bench: Bench) -> NoReturn:
    """Be a seat: judge what comes, until the connection ends."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(owner)
    with contextlib.suppress(EOFError, OSError, WarmProcessError):  # the next seat has another warm process
        connection.send((DONE, None))
        while connection.poll(IDLE):
            _, _, hand_in = connection.recv()
            try:
                connection.send((DONE, bench.judge(hand_in, connection)))
            except WarmProcessError:
                raise
            except DescentError as error:
                connection.send((FAILED, str(error)))
    os._exit(0)


def main(folder: str) -> None:
    """Be the station of a machine."""
    prepare()
    load_ahead()
    with contextlib.suppress(OSError):  # as Linux alone can be told
        Path("/proc/self/oom_score_adj").write_text(f"{FIRST_TO_GO}")
    importlib.import_module("autograder.cluster.bench")  # what seats share
    Station(Place(Path(folder))).serve()


if __name__ == "__main__":
    main(sys.argv[1])
