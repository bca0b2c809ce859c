"""Which of the files are the lesson's notebook, and which of a student's is the newest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder.catalogue.lesson import Lesson
from autograder.collect.archive import Entry
from autograder.collect.names import uncopied
from autograder.collect.platforms import Sender
from autograder.collect.reasons import Problem, Reason, Refused, reason
from autograder.judge.own_file import Unreadable
from autograder.judge.reading import parse
from autograder.judge.submission import recognise
from autograder.roster.names import folded

# A browser may add an ending of its own to the name of a notebook.
ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
OTHER_ARCHIVES = (".7z", ".rar", ".tar", ".gz", ".tgz", ".xz", ".bz2")


@dataclass(frozen=True)
class Attempt:
    """A notebook that a student handed in.

    Attributes:
        digest: of its bytes.
        time: when it was handed in, in UTC without a zone; None where nothing tells.
        doubt: why it can't be graded; None where it can.
    """

    entry: Entry
    sender: Sender
    digest: str
    time: datetime | None
    doubt: Reason | None = None

    @property
    def order(self) -> tuple[datetime, int, int, datetime, str]:
        """Greater for a later one, by what tells most surely: its time, number, name, the file's time."""
        _, copy = uncopied(_stem(self.sender.file))
        changed = self.entry.modified or datetime.min
        return self.time or datetime.min, self.sender.number, copy, changed, self.entry.name


def may_be_notebook(name: str) -> bool:
    return name.lower().endswith(ENDINGS)


def attempt(
    entry: Entry, sender: Sender, lesson: Lesson, lessons: list[Lesson], time: datetime | None
) -> Attempt:
    """A file as the lesson's notebook.

    One that can't be read, or has no lesson's cells, is the lesson's where its name says so: that it was
    handed in has to be known.

    Args:
        lessons: all of them.
        time: when it was handed in.

    Raises:
        Refused: it is not the lesson's notebook; the sentence says why.
    """
    name = entry.name
    if sender.typed:
        raise Refused("typed", file=name)
    if name.lower().endswith(OTHER_ARCHIVES):
        raise Refused("other_archive", file=name)
    if not may_be_notebook(name):
        raise Refused("not_a_notebook", file=name)
    data = entry.read()
    digest = hashlib.sha256(data).hexdigest()
    named = _is_named(sender, lesson)
    try:
        found = recognise(parse(data, Path(PurePosixPath(name).name)), lessons)
    except Unreadable as error:
        why = error.flag.sentence.removesuffix(".")
        if not named and not entry.name.lower().endswith(".ipynb"):
            raise Refused("not_a_notebook", file=name) from error
        return Attempt(entry, sender, digest, time, reason("taken_unreadable", why=why))
    if found is None and named:
        return Attempt(entry, sender, digest, time, reason("taken_no_lesson", file=name))
    if found is None:
        raise Refused("no_lesson", file=name)
    if found.name != lesson.name:
        raise Refused("other_lesson", file=name, lesson=found.name)
    return Attempt(entry, sender, digest, time)


def in_order(attempts: Iterable[Attempt], student: str) -> tuple[list[Attempt], list[Problem]]:
    """A student's attempts, the one to grade last, and what is to be said of them.

    One that can be graded comes after all that can't; of two alike only the later one is there.
    """
    ranked = sorted(attempts, key=_rank)
    kept = sorted({one.digest: one for one in ranked}.values(), key=_rank)
    chosen, problems = kept[-1], []
    if chosen.doubt:
        problems.append(Problem(student, chosen.doubt))
    elif (latest := max(kept, key=lambda one: one.order)) is not chosen and latest.doubt:
        problems.append(Problem(student, reason("not_the_newest", file=latest.entry.name), lost=False))
    for one in kept[:-1]:
        if one.doubt is None and not _is_told(one, chosen):
            two = reason("two", taken=chosen.entry.name, file=one.entry.name)
            problems.append(Problem(student, two, lost=False))
    return kept, problems


def _rank(one: Attempt) -> tuple[bool, tuple[datetime, int, int, datetime, str]]:
    return one.doubt is None, one.order


def _is_told(older: Attempt, newer: Attempt) -> bool:
    """Whether the platform tells which is newer: Canvas numbers attempts, which have one name."""
    if older.time and newer.time:
        return older.time != newer.time
    one, other = (uncopied(_stem(attempt.sender.file))[0] for attempt in (older, newer))
    return one == other and older.sender.number != newer.sender.number


def _stem(file: str) -> str:
    low = file.lower()
    ending = next((ending for ending in ENDINGS if low.endswith(ending)), "")
    return file[: len(file) - len(ending)]


def _is_named(sender: Sender, lesson: Lesson) -> bool:
    """Whether the file's name, or the folder that the platform made, says the lesson."""
    stem, _ = uncopied(_stem(sender.file))
    return sender.lesson == lesson.name or folded(stem) >= folded(lesson.name)
