"""Puts what was exported in its place: over what an export put there before, and over nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.machine.whole import put_whole

# The SHA-256 of each file that was exported from a gradebook folder, one a line.
WRITTEN = ".exported"


def put(folder: CourseFolder, path: Path, data: bytes, ending: str) -> None:
    """Write a file whole or not at all.

    Args:
        ending: that its name must have.

    Raises:
        DescentError: its name ends otherwise, or something else stands there: a file that no export wrote, or
            one that somebody has changed since.
    """
    if path.suffix.lower() != ending:
        raise DescentError(f"The file is a {ending[1:]}: name it {path.stem or 'grades'}{ending}.")
    known = folder.path / WRITTEN
    before = known.read_text().split() if known.is_file() else []
    if (path.exists() or path.is_symlink()) and not (path.is_file() and _digest(path.read_bytes()) in before):
        raise DescentError(
            f"{path} is there already, and not as an export left it: move it, or choose another name."
        )
    put_whole(path, data)
    if (digest := _digest(data)) not in before:
        with known.open("a") as file:
            file.write(f"{digest}\n")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
