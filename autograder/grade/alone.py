"""One run at a time in a gradebook: of the folder where its database is a file, of each lesson on a server.

On PostgreSQL two instructors grade different lessons at once, from one machine or two. The lock is the
server's, and is gone with the connection that took it: nothing is left behind by a run that was killed.
"""

from __future__ import annotations

import getpass
import os
import socket
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from autograder.errors import DescentError
from autograder.grade.connection import PAUSES, lost
from course.printable import printable

# PostgreSQL's advisory locks are known by two numbers: this one is ours, the other one says what is locked.
OURS, WHOLE = 0x0DE5CE7, 0
# What PostgreSQL keeps of the name of a connection, in bytes.
NAME_BYTES = 63
# Asks the system for a sign of life of a silent connection: a server behind a firewall forgets it otherwise.
ALIVE = {"keepalives": 1, "keepalives_idle": 60, "keepalives_interval": 15, "connect_timeout": 15}
HOLDERS = text(
    "select activity.application_name, activity.usename from pg_locks"
    " join pg_stat_activity as activity using (pid)"
    " where locktype = 'advisory' and granted and classid = :ours and objid = :what and objsubid = 2"
    " and database = (select oid from pg_database where datname = current_database())"
    " and pid <> pg_backend_pid() limit 1"
)


class Hold(Protocol):
    """A lock, as long as its block lasts."""

    def keep(self) -> None:
        """Make sure that it is still held; raises DescentError where it can't be."""


class FolderLock:
    """Of a folder; the system keeps it until the process ends."""

    def keep(self) -> None:
        """The system does."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[FolderLock]:
    """Lock a folder, whatever lessons are at stake."""
    import fcntl  # not on every system, and nor is grading

    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DescentError(f"Somebody is grading in {folder} already: wait for the end.") from None
        yield FolderLock()


class ServerLock:
    """Of some lessons, or of everything, on a PostgreSQL server; to be used in a ``with`` statement.

    Args:
        lessons: the lessons; None for everything.
    """

    def __init__(self, db_url: str, lessons: Collection[str] | None):
        name = f"autograder: {_who()}".encode()[:NAME_BYTES].decode(errors="ignore")
        self._engine = create_engine(
            db_url, isolation_level="AUTOCOMMIT", connect_args={"application_name": name, **ALIVE}
        )
        self._lessons: Sequence[str] | None = None if lessons is None else sorted(set(lessons))
        self._connection: Connection | None = None

    def __enter__(self) -> ServerLock:
        try:
            self._take()
        except DBAPIError as error:
            self._leave()
            raise lost(error) from error
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def keep(self) -> None:
        """Take it again where the connection that held it is gone.

        Raises:
            DescentError: somebody else has it by now, or the server does not come back.
        """
        try:
            if self._connection is not None:
                self._connection.execute(text("select 1"))
                return
        except DBAPIError:
            self._leave()
        for pause in (*PAUSES, None):
            try:
                self._take()
                return
            except DBAPIError as error:
                self._leave()
                if pause is None:
                    raise lost(error) from error
                time.sleep(pause)
            except DescentError:
                self._leave()
                raise

    def _take(self) -> None:
        connection = self._connection = self._engine.connect()
        if self._lessons is None:
            self._try(connection, "pg_try_advisory_lock", WHOLE, None)
            return
        # Whoever takes everything waits for whoever has a lesson, and the other way round.
        self._try(connection, "pg_try_advisory_lock_shared", WHOLE, None)
        for lesson in self._lessons:
            self._try(connection, "pg_try_advisory_lock", _number(lesson), lesson)

    def _try(self, connection: Connection, function: str, what: int, lesson: str | None) -> None:
        given = {"ours": OURS, "what": what}
        if connection.execute(text(f"select {function}(:ours, :what)"), given).scalar():
            return
        holder = connection.execute(HOLDERS, {"ours": OURS, "what": what}).first()
        raise DescentError(_sentence(lesson, (holder[0] or holder[1]) if holder else ""))

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closes it, and with it goes the lock; one that is lost is gone already
            connection.close()
        self._engine.dispose()


def _sentence(lesson: str | None, holder: str) -> str:
    who = printable(holder.removeprefix("autograder: ")) or "Somebody"
    return f"{who} is at work {f'on {lesson}' if lesson else 'in this gradebook'} already: wait for the end."


def _number(lesson: str) -> int:
    """A lesson's number: positive, and never that of everything."""
    return zlib.crc32(lesson.encode()) % (2**31 - 1) + 1


def _who() -> str:
    """Who runs this, and where."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = f"user {os.getuid()}"
    return f"{user} on {socket.gethostname()}"
