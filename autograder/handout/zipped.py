"""Zip files whose bytes follow from what is in them alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The first day that a zip can name, and a file that its owner may change and everybody may read.
DAY, MODE, UNIX = (1980, 1, 1, 0, 0, 0), 0o100644, 3


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of some files: sorted by name, each of one time and mode.

    Args:
        files: what they hold, by their names in the zip.
    """
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name, DAY)
            entry.create_system, entry.external_attr = UNIX, MODE << 16
            archive.writestr(entry, files[name], ZIP_DEFLATED, compresslevel=9)
    return made.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """What the files of a zip hold, by name."""
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
