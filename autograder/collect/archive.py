"""Zips of somebody else's: looked through before anything in them is read, and never unpacked to a disk.

Whatever is wrong with one is a sentence; see ``reasons.SENTENCES``.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from autograder.collect.reasons import Reason, Refused, reason
from autograder.roster.names import unusable

# A class of thousands that hands in a few files each has less.
FILES_LIMIT = 50_000
DIRECTORY_LIMIT = 16_000_000
DEPTH_LIMIT, PATH_LIMIT = 30, 1000
# Notebooks pack to a fifth, and one of endless output to a thousandth: what is a trap is large too.
UNPACKED_LIMIT, RATIO_LIMIT = 2_000_000_000, 100
ENCRYPTED, UTF8 = 0x1, 0x800
DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Entry:
    """One file of what was handed in.

    Attributes:
        parts: its folders and its name; a zip that it is in is a folder.
        size: bytes.
        modified: the time of the file, in no time zone; None where there is none.
        read: gives its bytes; raises Refused where they can't be read.
    """

    parts: tuple[str, ...]
    size: int
    modified: datetime | None
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        return "/".join(self.parts)


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


class _Bounded:
    """A file of which nobody reads much at once: what ZipFile reads at once is the list of the files."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > DIRECTORY_LIMIT:
            raise _TooMany
        return self._file.read(size)


class _TooMany(Exception):
    """The list of the files is longer than any class needs."""


def opened(file: BinaryIO, name: str) -> ZipFile:
    """A zip whose list of files has been looked through: they lead nowhere else and fit.

    Args:
        name: what it is called where something is wrong with it.

    Raises:
        Refused: it is no zip, or one that no platform makes.
    """
    try:
        archive = ZipFile(_Bounded(file))
    except _TooMany:
        raise Refused("too_many", file=name, limit=FILES_LIMIT) from None
    except (BadZipFile, NotImplementedError, ValueError, OverflowError, OSError, EOFError) as error:
        raise Refused("no_zip", file=name) from error
    if len(archive.infolist()) > FILES_LIMIT:
        raise Refused("too_many", file=name, limit=FILES_LIMIT)
    _look_through(archive, name)
    return archive


def _look_through(archive: ZipFile, name: str) -> None:
    seen: set[str] = set()
    for info in archive.infolist():
        inside = inner_name(info)
        if why := _why_not(info, inside, seen):
            raise Refused(why, file=name, inside=inside, limit=DEPTH_LIMIT, longest=PATH_LIMIT)
        seen.add(inside)
    files = sorted(archive.infolist(), key=lambda info: info.header_offset)
    for info, following in pairwise(files):
        if info.header_offset + info.compress_size > following.header_offset:
            raise Refused("overlapping", file=name)
    packed = sum(info.compress_size for info in files)
    unpacked = sum(info.file_size for info in files)
    if unpacked > max(UNPACKED_LIMIT, RATIO_LIMIT * packed):
        raise Refused("bomb", file=name, size=unpacked // 1_000_000)


def _why_not(info: ZipInfo, inside: str, seen: set[str]) -> str:
    """The id of the reason why a zip that holds this is refused; empty where it is not."""
    parts = inside.split("/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if inside.startswith("/") or ".." in parts or DRIVE.match(inside):
        return "leads_out"
    if stat.S_ISLNK(kind):
        return "holds_link"
    if kind and not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        return "holds_device"
    if info.flag_bits & ENCRYPTED:
        return "encrypted"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "odd_packing"
    if len(parts) > DEPTH_LIMIT or len(inside) > PATH_LIMIT:
        return "deep"
    return "twice" if inside in seen and not info.is_dir() else ""


def inner_name(info: ZipInfo) -> str:
    """The name of a file in a zip, as those meant it who made it.

    Macs write UTF-8 without saying so; some of Windows' tools write its own separator.
    """
    name = info.orig_filename  # what ``filename`` leaves out begins with a NUL
    if not info.flag_bits & UTF8:
        with suppress(UnicodeError):  # it is what it says
            name = name.encode("cp437").decode()
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def entries(archive: ZipFile, limit: Callable[[str], int]) -> Iterator[Entry | Reason]:
    """The files of a zip, or for one that is called as no file should be, the reason.

    Args:
        archive: from ``opened``; read from as long as an entry is.
        limit: how many bytes a file of that name may have that is read.
    """
    for info in archive.infolist():
        name = inner_name(info)
        if name.endswith("/"):
            continue
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        if why := next(filter(None, map(unusable, parts)), "" if parts else "not_seen"):
            yield reason(why, file=name)
        else:
            yield Entry(parts, info.file_size, _modified(info), _reader(archive, info, name, limit(name)))


def _reader(archive: ZipFile, info: ZipInfo, name: str, limit: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as file:
                data = file.read(limit + 1)
        except (BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError) as error:
            raise Refused("damaged", file=name) from error
        if len(data) > limit:
            raise Refused("too_large", file=name, limit=limit // 1_000_000)
        return data

    return read


def _modified(info: ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None
