"""Notebooks in ``submitted`` that nothing looks at: a level too high or too low, or with levels exchanged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from autograder.grade.folder import CourseFolder
from course.printable import printable

# How many folders below ``submitted`` are looked into: nbgrader's structure has two.
LEVELS = 5


@dataclass(frozen=True)
class Misplaced:
    """One such notebook.

    Attributes:
        path: from the folder of the course on, as it may be shown anywhere.
        names: of the folders that it stands in, and its own without the ending.
    """

    path: str
    names: frozenset[str]

    def may_be(self, student: str, lesson: str) -> bool:
        """Whether both are named in its path: "submitted/05_adam/jane/adam.ipynb"."""
        return {student, lesson} <= self.names


def misplaced(folder: CourseFolder, lessons: Iterable[str]) -> tuple[Misplaced, ...]:
    """Those that are not in the folder of a student's lesson, by path; what is hidden or a link is left out.

    Args:
        lessons: the names of all that the gradebook has.
    """
    step = folder.directory.submitted_directory
    names = "|".join(map(re.escape, lessons)) or "(?!)"
    right = re.compile(folder.directory.format_path(re.escape(step), "[^/]+", f"(?:{names})", escape=True))
    root = Path(folder.directory.format_path(step, ".", "."))
    return tuple(
        Misplaced(
            printable(os.path.relpath(path, folder.path)),
            frozenset((*path.relative_to(root).parts[:-1], path.stem)),
        )
        for path in sorted(_notebooks(root, right, LEVELS))
    )


def _notebooks(place: Path, right: re.Pattern[str], levels: int) -> Iterator[PurePath]:
    """The notebooks below a folder, but for those in a folder that is ``right`` and below."""
    try:
        entries = list(os.scandir(place))
    except OSError:  # there is none, or it can't be looked into: grading says so
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if not entry.is_dir():
            if entry.name.endswith(".ipynb"):
                yield PurePath(entry.path)
        elif levels and not right.fullmatch(entry.path):
            yield from _notebooks(Path(entry.path), right, levels - 1)
