"""Files that are written whole or not at all, and by one process at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

# Locked for as long as it takes to write a file that several runs write.
WRITING = ".writing"
# What the system gives to new files, less what the user has told it to keep back.
USUAL = 0o666


def put_whole(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write beside the place first, so that a full disk leaves what was there. No link is written through.

    Args:
        mode: the file's permissions; those of any new file when None.

    Raises:
        OSError: it can't be written there; of ``path``, and not of what stands beside it.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)  # a run that was stopped left it
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode or USUAL)) as file:
            file.write(data)
        if mode is not None:
            beside.chmod(mode)
        os.replace(beside, path)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Wait until no other process writes what several runs of a folder write, and keep them from it."""
    with FileLock(folder / WRITING):
        yield
