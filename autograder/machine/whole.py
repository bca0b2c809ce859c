"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

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
