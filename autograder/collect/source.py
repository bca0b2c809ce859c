"""What an instructor has from the platform, a zip or a folder, as the files in it; zips in it are opened too.

No link in it is followed, and nothing is written.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

from autograder.collect.archive import DEPTH_LIMIT, FILES_LIMIT, Entry, entries, is_zip, opened
from autograder.collect.names import LEFT_BEHIND
from autograder.collect.reasons import Reason, Refused, reason
from autograder.errors import DescentError
from autograder.judge.own_file import Unreadable, contents
from autograder.judge.reading import SIZE_LIMIT
from autograder.roster.names import unusable

# A student's own zip holds a notebook and what belongs to it.
ZIP_LIMIT = 100_000_000
# The platform's zip, a student's, and one in that.
NESTING_LIMIT = 3


@dataclass(frozen=True)
class Source:
    """The files that were handed in, and a reason for each that is not looked at."""

    entries: list[Entry]
    refused: list[Reason]


@contextmanager
def source(path: Path) -> Iterator[Source]:
    """The files in a zip or below a folder; they can be read as long as the ``with`` lasts.

    Raises:
        DescentError: it is neither, or a zip that is not opened; the sentence says why.
    """
    if path.is_dir():
        yield _sorted(_unpacked(_below(path), 1))
    elif path.is_file():
        with path.open("rb") as file, opened(file, path.name) as archive:
            yield _sorted(_unpacked(entries(archive, _limit), 2))
    else:
        raise DescentError(
            f"There is no {path}: name the zip that the platform gave you, or the folder that it unpacked to."
        )


def _sorted(found: Iterable[Entry | Reason]) -> Source:
    made = Source([], [])
    for one in found:
        if isinstance(one, Reason):
            made.refused.append(one)
        elif not any(map(LEFT_BEHIND.fullmatch, one.parts)):
            made.entries.append(one)
        if len(made.entries) + len(made.refused) > FILES_LIMIT:
            raise Refused("too_many", file="This", limit=FILES_LIMIT)
    made.entries.sort(key=lambda entry: entry.parts)
    return made


def _limit(name: str) -> int:
    return ZIP_LIMIT if is_zip(name) else SIZE_LIMIT


def _unpacked(found: Iterable[Entry | Reason], nesting: int) -> Iterator[Entry | Reason]:
    """The same with each zip replaced by what is in it.

    Args:
        nesting: how many zips deep the zips in it are.
    """
    for one in found:
        if isinstance(one, Reason) or not is_zip(one.name):
            yield one
        elif nesting > NESTING_LIMIT:
            yield reason("nested", file=one.name)
        else:
            yield from _inner(one, nesting)


def _inner(outer: Entry, nesting: int) -> Iterator[Entry | Reason]:
    if any(map(LEFT_BEHIND.fullmatch, outer.parts)):
        return
    if outer.size > ZIP_LIMIT:
        yield reason("large_zip", file=outer.name, limit=ZIP_LIMIT // 1_000_000)
        return
    try:
        # What is wrong with a student's zip is that student's loss alone.
        with opened(BytesIO(outer.read()), outer.name) as archive:
            found = list(entries(archive, _limit))
    except Refused as refused:
        yield refused.reason
        return
    inner = [
        replace(one, values={**one.values, "file": f"{outer.name}/{one.values['file']}"})
        if isinstance(one, Reason)
        else replace(one, parts=(*outer.parts, *one.parts), read=_reader(outer, one))
        for one in found
    ]
    yield from _unpacked(inner, nesting + 1)


def _reader(outer: Entry, inner: Entry) -> Callable[[], bytes]:
    """Opens the zip again: to hold those of a whole class open takes its memory."""

    def read() -> bytes:
        with opened(BytesIO(outer.read()), outer.name) as archive:
            for one in entries(archive, _limit):
                if isinstance(one, Entry) and one.parts == inner.parts:
                    return one.read()
        raise Refused("damaged", file=outer.name)

    return read


# Folders


def _below(root: Path, folder: tuple[str, ...] = ()) -> Iterator[Entry | Reason]:
    shown = "/".join(folder)
    if len(folder) > DEPTH_LIMIT:
        yield reason("deep", file=shown, limit=DEPTH_LIMIT, longest=1000)
        return
    try:
        with os.scandir(root.joinpath(*folder)) as listed:
            found = sorted(listed, key=lambda one: one.name)
    except OSError as error:
        yield reason("cannot_open", file=shown or str(root), why=str(error.strerror))
        return
    for one in found:
        name = "/".join((*folder, one.name))
        if LEFT_BEHIND.fullmatch(one.name):
            continue
        if one.is_symlink():
            yield reason("link", file=name)
        elif why := unusable(one.name):
            yield reason(why, file=name)
        elif one.is_dir(follow_symlinks=False):
            yield from _below(root, (*folder, one.name))
        elif one.is_file(follow_symlinks=False):
            known = one.stat(follow_symlinks=False)
            parts = tuple(unicodedata.normalize("NFC", part) for part in (*folder, one.name))
            when = datetime.fromtimestamp(known.st_mtime)
            yield Entry(parts, known.st_size, when, _own(root, (*folder, one.name)))
        else:
            yield reason("not_a_file", file=name)


def _own(root: Path, parts: tuple[str, ...]) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return contents(root.joinpath(*parts), root, _limit(parts[-1]))
        except Unreadable as error:
            raise Refused("unreadable", why=error.flag.sentence.removesuffix(".")) from error

    return read
