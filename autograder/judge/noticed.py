"""Flags for what a student's process did besides answering, or says of itself that it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.judge.flags import Flag, flag
from autograder.sandbox.process import Notice
from course.cells import CHECK
from course.printable import printable

# How many names a flag shows, and how much of each.
NAMES_LIMIT, NAME_LENGTH = 12, 60


def named(names: Iterable[str]) -> str:
    """Names in order, as a flag shows them: a dozen at most, "and 3 more"."""
    found = sorted({printable(name[:NAME_LENGTH]) for name in names})
    more = len(found) - NAMES_LIMIT
    return ", ".join(found[:NAMES_LIMIT]) + (f" and {more} more" if more > 0 else "")


def noticed(notices: Iterable[Notice], cell: str) -> Iterator[Flag]:
    """One flag for each kind of thing.

    Args:
        cell: the id of the cell that was run, or of the check; "" for one of the student's own.
    """
    where = f"the cell of {cell}" if cell else "a cell of the student's own"
    if cell.startswith(CHECK):
        where = f"the answer to {cell.removeprefix(CHECK)}"
    details: dict[str, list[str]] = {}
    for notice in notices:
        details.setdefault(notice.id, []).append(notice.detail)
    for id, entries in details.items():
        yield flag(id, where=where, details=named(entries))
