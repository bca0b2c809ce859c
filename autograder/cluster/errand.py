"""What a Dask worker is sent to do: it carries bytes to its machine's station, and the answer back.

Nothing of a student's is read or run in the worker's process, which has no PyTorch in memory either.
"""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from typing import Any

from autograder.cluster.asked import FAILED
from autograder.cluster.place import Place, StationError
from autograder.cluster.versions import Versions, versions

_own = threading.local()


class StationLost(Exception):
    """The station ended, or was ended, while it was at work on this."""


def greet() -> Versions:
    """What this machine has."""
    return versions()


def ask(asked: str, digest: str, data: Any = None) -> tuple[str, Any]:
    """The station's answer: how it ended, and what came of it.

    Args:
        asked: ``HAVE``, ``FURNISH`` or ``JUDGE`` of ``autograder.cluster.asked``.
        digest: of a packed kit.
        data: the kit, or a hand-in.

    Raises:
        StationLost: it ended meanwhile.
    """
    try:
        connection = _connection()
    except (StationError, OSError) as error:
        return FAILED, str(error)
    try:
        connection.send((asked, digest, data))
        answer: tuple[str, Any] = connection.recv()
    except (EOFError, OSError):
        del _own.connection
        raise StationLost from None
    return answer


def _connection() -> Connection:
    """This thread's own; a new one where the station let go of the last, as it does after a while."""
    connection: Connection | None = getattr(_own, "connection", None)
    if connection is None or connection.poll():  # it says nothing by itself: what is there to read is the end
        connection = _own.connection = Place().connect()
    return connection
