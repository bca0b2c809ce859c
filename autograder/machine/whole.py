"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def put_whole(path: Path, data: bytes) -> None:
    """Write beside the place first, so that a full disk leaves what was there.

    Raises:
        OSError: it can't be written there; of ``path``, and not of what stands beside it.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
