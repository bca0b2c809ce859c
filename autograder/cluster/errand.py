"""What a Dask worker is sent to do: it carries bytes to its machine's station, and the answer back.

Nothing of a student's is read or run in the worker's process, which has no PyTorch in memory either.
"""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from typing import Any, Protocol

from autograder.cluster.asked import DONE, FAILED, FURNISH, HAVE, JUDGE, HandIn
from autograder.cluster.place import Place, StationError
from autograder.cluster.versions import Versions, versions

Said = tuple[str, Any]
"""How it ended, and what came of it: see ``asked``."""


class Errands(Protocol):
    """What workers are sent to do: this module."""

    def greet(self) -> Versions: ...
    def furnish(self, digest: str, kit: bytes | None = None) -> Said: ...
    def judge(self, digest: str, hand_in: HandIn) -> Said: ...


# Each thread's own seat at the station: ``connection``, and the ``digest`` of the kit that it has.
_own = threading.local()


class StationLost(Exception):
    """The station's process ended, or was ended, while it was at work on this."""


def greet() -> Versions:
    """What this machine has."""
    return versions()


def furnish(digest: str, kit: bytes | None = None) -> Said:
    """Have this machine made ready to judge with a kit, which it may have already when none is given."""
    try:
        return _seated(digest, kit)
    except EOFError:
        return FAILED, "its station ends when it is asked for anything"
    except (StationError, OSError) as error:
        return FAILED, str(error)


def judge(digest: str, hand_in: HandIn) -> Said:
    """What the station says of a hand-in: an ``Answer``.

    Raises:
        StationLost: its process ended meanwhile.
    """
    how, said = furnish(digest)
    if how != DONE:
        return how, said
    try:
        return _ask(JUDGE, digest, hand_in)
    except (EOFError, OSError):
        raise StationLost from None


def _seated(digest: str, kit: bytes | None) -> Said:
    """See to it that this thread has a seat with a kit, in place of the one that it had."""
    connection: Connection | None = getattr(_own, "connection", None)
    # It says nothing by itself: what is there to read is the end, which comes after a while without work.
    if connection is not None and _own.digest == digest and not connection.poll():
        return DONE, None
    _leave()
    asked = HAVE if kit is None else FURNISH
    _own.connection, _own.digest = Place().connect(), digest
    try:
        how, said = _ask(asked, digest, kit)
    except (EOFError, OSError):  # somebody ended it just as we came: there is another one then
        _own.connection = Place().connect()
        how, said = _ask(asked, digest, kit)
    if how != DONE:
        _leave()
    return how, said


def _ask(asked: str, digest: str, data: object) -> Said:
    try:
        _own.connection.send((asked, digest, data))
        said: Said = _own.connection.recv()
    except (EOFError, OSError):
        _leave()
        raise
    return said


def _leave() -> None:
    connection: Connection | None = getattr(_own, "connection", None)
    if connection is not None:
        connection.close()
    _own.connection = None
