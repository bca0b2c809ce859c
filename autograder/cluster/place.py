"""The one station of a machine: where it is reached, and how it comes to be there.

However many Dask workers a machine has, they share a station: its warm process and all that is loaded are
there once. Whoever comes first starts it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.cluster.versions import NAME, versions
from autograder.errors import DescentError
from autograder.machine.numerics import PINNED

# Python alone takes a tenth of that to start, on a machine that has much else to do.
STARTING = 60.0


# The stations that this process started: one that is gone is noticed when the next one is started.
_started: list[subprocess.Popen[bytes]] = []


class StationError(DescentError):
    """There is no station to be had on a machine; the sentence says why."""


class Place:
    """A folder of this user's alone, for a station of one version of Descent.

    Attributes:
        socket: where the station listens.
    """

    def __init__(self, path: Path | None = None):
        own = f"descent-{os.getuid()}-{versions()[NAME]}"
        self.path = Path(tempfile.gettempdir(), own) if path is None else path
        self.socket = self.path / "station"
        self.path.mkdir(mode=0o700, exist_ok=True)
        is_there = self.path.lstat()
        # Whoever else made it could answer in the station's place.
        if not stat.S_ISDIR(is_there.st_mode) or is_there.st_uid != os.getuid() or is_there.st_mode & 0o077:
            raise StationError(f"{self.path} is not this user's alone: delete it")

    @contextlib.contextmanager
    def lock(self, wait: bool = True) -> Iterator[bool]:
        """Nobody starts or ends the station meanwhile; tells whether that could be had."""
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def connect(self) -> Connection:
        """A connection to the machine's station, which is started where there is none.

        Raises:
            StationError: it does not start.
        """
        with self.lock():
            connection = self._connected()
            if connection is None:
                station = self._start()
                until = time.monotonic() + STARTING
                while (connection := self._connected()) is None:
                    if station.poll() is not None or time.monotonic() > until:
                        raise StationError(f"its station did not start ({self._said()})")
                    time.sleep(0.02)
        return connection

    def _connected(self) -> Connection | None:
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(str(self.socket))
        except (FileNotFoundError, ConnectionRefusedError):
            made.close()
            return None
        return Connection(made.detach())

    def _start(self) -> subprocess.Popen[bytes]:
        self.socket.unlink(missing_ok=True)
        # Nothing that ends a Dask worker ends it: the worker's successor goes on with it.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        _started[:] = [station for station in _started if station.poll() is None]
        with (self.path / "log").open("wb") as log:
            station = subprocess.Popen(
                [sys.executable, "-m", "autograder.cluster.station", str(self.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **PINNED, "PYTHONPATH": path},
            )
        _started.append(station)
        return station

    def _said(self) -> str:
        lines = (self.path / "log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"
