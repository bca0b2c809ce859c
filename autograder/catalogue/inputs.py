"""A digest of what the evidence on a lesson's known answers depends on.

Trying all mistakes of a lesson, and all pairs of them, takes minutes. As long as the digest is the same, the
same comes out, and what is stored beside the digest stands.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import autograder
import course
from autograder.catalogue.lesson import Lesson
from course.exercises import MODULES

PACKAGES = {package.__name__: Path(package.__path__[0]) for package in (autograder, course)}
# These gather what there is, of all lessons: no evidence depends on the whole of it.
GATHERING = {"autograder", "course", "course.exercises"}
LIBRARIES = ("numpy", "torch")


def digest(lesson: Lesson, *modules: str) -> str:
    """Of a lesson's solutions, points, mistakes and variants, its exercises, and what makes evidence of them.

    Args:
        modules: the names of those that try the answers. They and all that they import of Descent count,
            and of the exercises those of the lesson.
    """
    made = hashlib.sha256()
    for text in (
        *(f"{name} {metadata.version(name).partition('+')[0]}" for name in LIBRARIES),
        *(f"{id} {points}" for id, points in lesson.points().items()),
        *lesson.solutions().values(),
        *map(_text, (lesson.misconceptions_path, lesson.variants_path)),
        *(f"{name}\n{_text(path)}" for name, path in sorted(reached(lesson, *modules).items())),
    ):
        made.update(text.encode() + b"\0")
    return made.hexdigest()


def reached(lesson: Lesson, *modules: str) -> dict[str, Path]:
    """These modules, the lesson's exercises, and all that they import of Descent: their files, by name."""
    own = MODULES.get(lesson.name)
    # What several lessons' mistakes share stands in modules of the catalogue.
    shared = imported(lesson.misconceptions_path) if lesson.misconceptions_path.is_file() else ()
    return closure([*modules, *([own.__name__] if own else []), *shared])


def closure(names: Iterable[str]) -> dict[str, Path]:
    """The files of these modules and of all that they import of Descent, one from the other, by name."""
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path and name not in found and name not in GATHERING:
            found[name] = path
            waiting += [name.rpartition(".")[0], *imported(path)]  # importing it runs its package first
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _file(name: str) -> Path | None:
    """The file of a module of Descent; None for any other name."""
    package, *parts = name.split(".")
    if package not in PACKAGES:
        return None
    place = PACKAGES[package].joinpath(*parts)
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def imported(path: Path) -> tuple[str, ...]:
    """The names of what a file imports, wherever in it; some may be no modules."""
    return _imported(path, path.stat().st_mtime_ns)


# Where all lessons are looked at, each file is asked for once a lesson.
@cache
def _imported(path: Path, changed: int) -> tuple[str, ...]:
    return tuple(names(ast.parse(path.read_bytes())))


def names(code: ast.Module) -> Iterator[str]:
    """The names of what code imports, wherever in it; some may be no modules."""
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
