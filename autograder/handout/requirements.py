"""What students have to install: their part of the dependencies, and the version of all that it brings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Where students work: what a package asks for on any of these is pinned.
PLACES = tuple(
    {"sys_platform": platform, "os_name": os, "platform_system": system, "python_version": python}
    for (platform, os, system), python in product(
        (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows")),
        ("3.11", "3.12", "3.13"),
    )
)


@dataclass(frozen=True)
class Requirements:
    """What the students' package asks for.

    Attributes:
        settings: what the project's pyproject.toml holds.
        direct: the requirements, as they stand there.
        pins: the lines of constraints.txt for these and for all that they ask for in turn.
    """

    settings: dict[str, Any]
    direct: tuple[str, ...]
    pins: tuple[str, ...]

    def pin(self, name: str) -> str:
        """The line of constraints.txt for a package."""
        return next(line for line in self.pins if _name(line) == name)


def requirements(root: Path) -> Requirements:
    """Read the project's requirements, and ask the installed packages for theirs."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    students = {canonicalize_name(name) for name in settings["tool"]["descent"]["students"]}
    direct = tuple(line for line in settings["project"]["dependencies"] if _name(line) in students)
    needed = _with_theirs(direct)
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return Requirements(settings, direct, tuple(line for line in lines if _name(line) in needed))


def _with_theirs(lines: Iterable[str]) -> set[str]:
    """The packages of some requirements, and those that they ask for in turn."""
    waiting, seen = list(map(Requirement, lines)), set[tuple[str, str]]()
    while waiting:
        wanted = waiting.pop()
        for part in {(canonicalize_name(wanted.name), extra) for extra in ("", *wanted.extras)} - seen:
            seen.add(part)
            waiting += _asked_for(*part)
    return {name for name, _ in seen}


def _asked_for(name: str, extra: str) -> Iterator[Requirement]:
    """What an installed package asks for on any of the places; nothing for one of another system."""
    try:
        asked = map(Requirement, metadata.requires(name) or ())
    except metadata.PackageNotFoundError:
        return
    for wanted in asked:
        marker = wanted.marker
        if marker is None or any(marker.evaluate({**place, "extra": extra}) for place in PLACES):
            yield wanted


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)
