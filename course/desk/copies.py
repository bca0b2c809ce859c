"""A student's own copies of the lessons. No copy is written over: it stays, or is kept by another name."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from course import progress
from course.desk import DeskError
from course.desk.lessons import built, lessons, read
from course.desk.place import Place

KEPT = "kept"


@dataclass(frozen=True)
class Brought:
    """What ``bring`` did.

    Attributes:
        new: the lessons that were copied.
        newer: those whose copy is of an earlier version of the lesson, and stays.
        said: one sentence about a file of progress that could not be read; usually empty.
    """

    new: tuple[str, ...]
    newer: tuple[str, ...]
    said: str


def bring(place: Place) -> Brought:
    """Copy every lesson that has no copy into the folder of work, and make that with its file of progress.

    Raises:
        DeskError: a lesson can't be read, or the folder holds another program's progress.json.
        OSError: there is no room, or no right to write; what was there is as it was.
    """
    handed_out = lessons(place.lessons)
    place.work.mkdir(exist_ok=True)
    new = []
    with progress.locked(place.work):
        for lesson in handed_out:
            if not os.path.lexists(place.copy(lesson.name)):
                _put(_beside(place, lesson.name), place.copy(lesson.name))
                new.append(lesson.name)
    newer = (lesson.name for lesson in handed_out if lesson.name not in new and _differs(place, lesson.name))
    return Brought(tuple(new), tuple(newer), change_progress(place, lambda old: old))


def reset(place: Place, name: str) -> Path | None:
    """Begin a lesson anew: a fresh copy, no progress; the old copy is kept beside it.

    Args:
        place: where.
        name: of the lesson, "05_adam".

    Returns:
        Where the old copy is now; None where there was none, or one that nobody had changed.

    Raises:
        DeskError: what stands there is no file.
        OSError: there is no room, or no right to write; the copy is where it was.
    """
    copy = place.copy(name)
    if copy.is_dir():
        raise DeskError(f"{copy} is a folder and no notebook: give it another name.")
    place.work.mkdir(exist_ok=True)
    kept = None
    with progress.locked(place.work):
        fresh = _beside(place, name)  # before anything moves: there may be no room for it
        if not copy.is_file() or copy.read_bytes() != fresh.read_bytes():
            if os.path.lexists(copy):
                kept = progress.free_name(copy, KEPT)
                copy.rename(kept)
            _put(fresh, copy)
        fresh.unlink(missing_ok=True)
    ids = read(place.lessons / copy.name).ids
    change_progress(place, lambda old: old.without(ids))
    return kept


def change_progress(place: Place, change: progress.Change) -> str:
    """Change the file of progress, or make it; one sentence where the old one could not be read."""
    try:
        return progress.update(place.work, change)
    except progress.NotOurs as error:
        raise DeskError(str(error)) from error


def _beside(place: Place, name: str) -> Path:
    """A whole copy of a lesson under a name that nobody looks at; nothing is left where there is no room."""
    beside = place.work / f".{name}-{os.getpid()}.ipynb"
    try:
        shutil.copyfile(place.lessons / f"{name}.ipynb", beside)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return beside


def _put(beside: Path, path: Path) -> None:
    """Give a file its name, unless the name is taken by now: an editor that is open may have saved there."""
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links, as of most sticks
        if not os.path.lexists(path):
            beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def _differs(place: Place, name: str) -> bool:
    """Whether a copy was handed out as another version; one that says nothing of its version may be any."""
    own = built(place.copy(name))
    return bool(own) and own != built(place.lessons / f"{name}.ipynb")
