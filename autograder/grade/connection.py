"""The connection to the gradebook's database, which may be lost: what is said then, what is repeated."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

from nbgrader.api import Gradebook
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from autograder.errors import DescentError

# Seconds before it is tried again: a server that starts anew is back after a few.
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
INSTALL = "install what speaks to PostgreSQL with `pip install .[cluster]` in Descent's folder"

T = TypeVar("T")


class Book(Gradebook):
    """nbgrader's, for ``with`` statements: a connection that is lost within is one sentence."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if error is not None and not isinstance(error, DescentError) and is_lost(error):
            raise lost(error) from error


def lost(error: BaseException) -> DescentError:
    """The sentence for a connection that is lost."""
    said = f"{_of_database(error)}".partition("\n")[0]
    return DescentError(
        f"The gradebook's database does not answer ({said}): run the same command again when it does, "
        "it goes on from here."
    )


def is_lost(error: BaseException) -> bool:
    """Whether the connection was, or there was none to be had; what was sent may be right."""
    found = _of_database(error)
    return isinstance(found, (OperationalError, InterfaceError)) or (
        isinstance(found, DBAPIError) and found.connection_invalidated
    )


def is_taken(error: BaseException) -> bool:
    """Whether somebody else entered the same at the same moment: a student whom two lessons have."""
    return isinstance(_of_database(error), IntegrityError)


def _of_database(error: BaseException) -> BaseException | None:
    """What the database said, of which nbgrader makes an error of its own."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, SQLAlchemyError):
        found = found.__cause__ or found.__context__
    return found


def is_server(db_url: str) -> bool:
    """Whether the database is a server's, which can be lost and come back, and is not a file."""
    return make_url(db_url).get_backend_name() == "postgresql"


def repeated(gradebook: Gradebook, work: Callable[[], T]) -> T:
    """Do something that may be done again, as a whole, where a server was lost in it or somebody was faster.

    Raises:
        DescentError: the server does not come back.
    """
    server = is_server(str(gradebook.engine.url))
    pauses = iter(PAUSES if server else ())
    twice = server
    while True:
        try:
            with _unheard():
                return work()
        except DescentError:
            _take_back(gradebook)
            raise
        except Exception as error:
            _take_back(gradebook)
            if is_lost(error) and server:
                pause = next(pauses, None)
                if pause is None:
                    raise lost(error) from error
                time.sleep(pause)
            elif is_taken(error) and twice:
                twice = False
            else:
                raise


def _take_back(gradebook: Gradebook) -> None:
    """End what was begun; a connection that is gone has ended it."""
    try:
        gradebook.db.rollback()
    except SQLAlchemyError:
        gradebook.db.remove()


@contextmanager
def _unheard() -> Iterator[None]:
    """nbgrader prints the traceback of what it meets here; what is raised says it."""
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
