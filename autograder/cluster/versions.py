"""What two machines must have in common, so that one judges as the other would."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

LIBRARIES = ("torch", "numpy", "nbformat", "distributed")
# Beside each other in the project's folder: all that a judgement depends on.
SOURCES = ("autograder", "course", "solutions")
NAME = "Descent's own files"

Versions = dict[str, str]
"""By what people call it, what there is of it."""


@cache
def versions() -> Versions:
    """Those of this machine. Loads nothing: whoever asks may have no torch in memory."""
    libraries = {name: _version(name) for name in LIBRARIES}
    return {"Python": platform.python_version(), **libraries, NAME: _digest()}


def differences(ours: Versions, theirs: Versions) -> str:
    """What is another there, to follow "has"; empty where nothing is."""
    return ", ".join(
        f"{name} {theirs.get(name) or 'missing'} (here {have})"
        for name, have in ours.items()
        if theirs.get(name) != have
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""


def _digest() -> str:
    root, found = Path(__file__).resolve().parents[2], hashlib.sha256()
    for source in SOURCES:
        for path in sorted((root / source).rglob("*")):
            parts = path.relative_to(root).parts
            # What editors and Python itself put there is nobody's version.
            if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
                found.update("/".join(parts).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]
