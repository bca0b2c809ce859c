"""How the grader and a student's process speak: frames of a kind, a length and that many bytes.

From the grader: ``RUN`` (a cell's text), ``OBSERVE`` (an exercise and its cases), ``ASIDE`` (the same and
the numbers of those of its cases beside which more is asked) and ``LOCATE`` (an exercise, its cell's text and
public cases with what should come of them). From the process: ``STARTED`` once it is confined; then for each
request ``OUTPUT`` and ``EVIDENCE`` as they come and ``DONE``.
A request begins with a tag drawn for it, and so do its ``EVIDENCE`` and ``DONE``: what was sent before it was
asked for answers nothing. Beside this a process has a way to say what its code reaches for: ``watch``.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

from course.wire import SIZE_LIMIT

STARTED, RUN, OBSERVE, ASIDE, LOCATE = b"S", b"R", b"P", b"A", b"L"
OUTPUT, EVIDENCE, DONE = b"O", b"E", b"D"
HEADER = struct.Struct("!cI")
# Bytes of a request's tag.
TAG = 8
# What of an output is kept: nothing that could run in the browser of whoever looks at it.
SHOWN = ("text/plain", "image/png", "image/jpeg")
# One frame is at most one case's evidence or one picture.
FRAME_LIMIT = SIZE_LIMIT


class FrameError(ValueError):
    """What came is no frame: longer than any can be."""


class Frame(NamedTuple):
    kind: bytes
    payload: bytes


def pack(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def read(connection: socket.socket) -> Frame | None:
    """The next frame, waiting for it; None when the other side has gone."""
    header = _read_exactly(connection, HEADER.size)
    if header is None:
        return None
    kind, length = HEADER.unpack(header)
    payload = _read_exactly(connection, length)
    return None if payload is None else Frame(kind, payload)


def _read_exactly(connection: socket.socket, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


class Frames:
    """Cuts what has come so far into frames; for a side that must not wait, nor believe a length."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def add(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> Frame | None:
        """The next whole frame; None while it has not all come.

        Raises:
            FrameError: it says that it is longer than any may be.
        """
        if len(self._buffer) < HEADER.size:
            return None
        kind, length = HEADER.unpack_from(self._buffer)
        if length > FRAME_LIMIT:
            raise FrameError(f"a frame of {length} bytes; at most {FRAME_LIMIT} are read")
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return Frame(kind, payload)
