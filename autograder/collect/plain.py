"""Plain files and folders: which of their names is the student's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from autograder.collect.archive import Entry
from autograder.collect.names import uncopied
from autograder.collect.platforms import Sender
from autograder.roster.roster import Roster

ZIP = re.compile(r"\.zip$", re.IGNORECASE)


def senders(
    entries: Iterable[Entry], lessons: Collection[str], roster: Roster
) -> dict[tuple[str, ...], Sender | None]:
    """Who handed in each file, by its parts; None where nothing tells.

    With a roster it is the outermost name that is in it: inner ones are the student's own. Without one it
    is the outermost folder that is not everybody's and no lesson's, or else the name of the file:
    STUDENT/LESSON/x.ipynb, STUDENT/x.ipynb, LESSON/STUDENT.ipynb, STUDENT.ipynb.

    Args:
        lessons: the names of all lessons.
    """
    given = list(entries)
    named = {entry.parts: _names(entry, lessons) for entry in given}
    shared = 0 if roster else _shared(list(named.values()))
    found: dict[tuple[str, ...], Sender | None] = {}
    for entry in given:
        folders, stem = named[entry.parts]
        name = _in_roster([*folders, stem], roster) if roster else ""
        name = name or next(iter(folders[shared:]), stem)
        lesson = next((part for part in entry.parts if part in lessons), "")
        found[entry.parts] = Sender(name, lesson=lesson, file=entry.parts[-1]) if name else None
    return found


def _names(entry: Entry, lessons: Collection[str]) -> tuple[list[str], str]:
    """The folders and the file's name that may be a student's; lessons' names are left out."""
    folders = [ZIP.sub("", part) for part in entry.parts[:-1]]
    stem, _ = uncopied(entry.parts[-1].partition(".ipynb")[0].rpartition("/")[2])
    for lesson in lessons:
        # "jane_05_adam" and "05_adam_jane" are Jane's.
        stem = re.sub(rf"^{lesson}(?:[ _.-]+|$)|(?:[ _.-]+|^){lesson}$", "", stem)
    return [part for part in folders if part not in lessons], stem


def _shared(named: list[tuple[list[str], str]]) -> int:
    """How many of the outer folders are everybody's: all files are in them, and more tells whose each is."""
    shared = 0
    while len(named) > 1 and all(len(folders) > shared for folders, _ in named):
        one = named[0][0][shared]
        if any(
            folders[shared] != one or (len(folders) == shared + 1 and not stem) for folders, stem in named
        ):
            break
        shared += 1
    return shared


def _in_roster(names: list[str], roster: Roster) -> str:
    """The first of some names that is one of the class; empty where none is."""
    known = (name for name in names if roster.by_lms_id(name) or roster.by_id(name) or roster.by_name(name))
    return next(known, "")
