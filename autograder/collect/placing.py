"""Puts attempts into a student's place of the gradebook folder; what was there before is kept.

The newest stands where nbgrader looks for it. Older ones are in ``collected/LESSON/STUDENT/1/`` and so on,
which nbgrader and ``grade`` do not look into. Stopped at any moment, nothing is lost: the same again goes on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.catalogue.lesson import Lesson
from autograder.collect.attempts import Attempt
from autograder.collect.platforms import number
from autograder.collect.reasons import Refused
from autograder.collect.records import COLLECTED, Origin
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import TIMESTAMP, handed_in, root, timestamp
from autograder.judge.own_file import Unreadable, contents
from autograder.judge.reading import SIZE_LIMIT
from autograder.machine.whole import put_whole


@dataclass(frozen=True)
class Kept:
    """A notebook that is in the folder: its file, the digest of its bytes, and when it was handed in."""

    path: Path
    digest: str
    time: datetime | None


@dataclass(frozen=True)
class Change:
    """What collecting does for one student.

    Attributes:
        kind: "new"; "newer" than what is there; "dated", where only its time is news; "older", where it is
            kept beside a newer one; "unchanged".
        attempts: see ``attempts.in_order``.
        there: what is there before; None where nothing is.
    """

    student: str
    kind: str
    attempts: list[Attempt]
    there: Kept | None

    @property
    def newest(self) -> Attempt:
        return self.attempts[-1]

    @property
    def time(self) -> datetime | None:
        """When that was handed in which is to be graded, in UTC; None where nothing tells."""
        there = self.there.time if self.there else None
        return (
            there if self.kind == "older" else self.newest.time or (None if self.kind == "newer" else there)
        )


class Places:
    """The students' places of one lesson in a gradebook folder, as they are before anything is changed.

    Args:
        origins: what the platform called what is there, by student.
    """

    def __init__(self, folder: CourseFolder, lesson: Lesson, origins: Mapping[str, Origin]):
        self.folder = folder
        self.lesson = lesson
        self._origins = origins
        self._above = root(folder, lesson)
        self._notebooks = handed_in(folder, lesson).notebooks

    def change(self, student: str, attempts: list[Attempt]) -> Change:
        """What is to be done.

        Raises:
            Refused: what stands in the student's place is no folder, or a link.
        """
        place = self.folder.place(self.folder.directory.submitted_directory, student, self.lesson)
        self._look_at(place)
        there = self._there(student, place)
        newest = attempts[-1]
        if there is None:
            kind = "new"
        elif there.digest == newest.digest:
            kind = "dated" if newest.time not in (None, there.time) else "unchanged"
        else:
            kind = "newer" if self._is_newer(student, newest, there) else "older"
        others = {one.digest for one in self.older(student)} | {there.digest if there else newest.digest}
        added = {one.digest for one in attempts} - others
        if kind in ("older", "unchanged"):
            kind = "older" if added else "unchanged"
        return Change(student, kind, attempts, there)

    def _is_newer(self, student: str, newest: Attempt, there: Kept) -> bool:
        """Whether an attempt is newer than what is there: by time, by number, or as it is not known yet."""
        if newest.time and there.time and newest.time != there.time:
            return newest.time > there.time
        origin = self._origins.get(student)
        before = number(origin.platform, origin.file) if origin else 0
        if before and newest.sender.number and before != newest.sender.number:
            return newest.sender.number > before
        return newest.digest not in {one.digest for one in self.older(student)}

    def _look_at(self, place: Path) -> None:
        """Raise Refused where a link, or a file, stands in the way."""
        parts = place.relative_to(self._above).parts
        for count in range(1, len(parts) + 1):
            path = self._above.joinpath(*parts[:count])
            if os.path.islink(path) or (path.exists() and not path.is_dir()):
                raise Refused("in_the_way", place=str(path))

    def _there(self, student: str, place: Path) -> Kept | None:
        path = self._notebooks.get(student)
        if path is None or not os.path.lexists(path):
            return None
        try:
            digest = hashlib.sha256(contents(path, self._above, SIZE_LIMIT)).hexdigest()
            return Kept(path, digest, _parsed(timestamp(self.folder, student, self.lesson)))
        except Unreadable as error:
            raise Refused("in_the_way", place=str(path)) from error

    def older(self, student: str) -> Iterator[Kept]:
        """The attempts that are kept beside, oldest first."""
        for place in self._beside(student):
            path = place / f"{self.lesson.name}.ipynb"
            if path.is_file():
                said = place / TIMESTAMP
                time = _parsed(said.read_bytes()) if said.is_file() else None
                yield Kept(path, hashlib.sha256(path.read_bytes()).hexdigest(), time)

    def _beside(self, student: str) -> list[Path]:
        above = self.folder.path / COLLECTED / self.lesson.name / student
        names = os.listdir(above) if above.is_dir() else ()
        return [above / name for name in sorted((name for name in names if name.isdecimal()), key=int)]

    # Writing

    def make(self, change: Change) -> None:
        """Do it. What was there is copied before anything of it is changed."""
        if change.kind == "unchanged":
            return
        there = change.there
        known = {one.digest for one in self.older(change.student)}
        for one in change.attempts[: None if change.kind == "older" else -1]:
            if one.digest not in known and not (there and one.digest == there.digest):
                self._keep(change.student, one.entry.read(), one.time)
        if change.kind == "older":
            return
        if change.kind == "newer" and there and there.digest not in known:
            self._keep(change.student, there.path.read_bytes(), there.time)
        place = self.folder.place(self.folder.directory.submitted_directory, change.student, self.lesson)
        path = place / f"{self.lesson.name}.ipynb"
        if change.kind != "dated":
            place.mkdir(parents=True, exist_ok=True)
            put_whole(path, change.newest.entry.read())
        _date(place, change.newest.time)
        if there and there.path != path and change.kind == "newer":
            there.path.unlink()

    def _keep(self, student: str, data: bytes, time: datetime | None) -> None:
        count = max((int(place.name) for place in self._beside(student)), default=0)
        place = self.folder.path / COLLECTED / self.lesson.name / student / str(count + 1)
        place.mkdir(parents=True)
        _date(place, time)
        put_whole(place / f"{self.lesson.name}.ipynb", data)


def _parsed(said: bytes | None) -> datetime | None:
    try:
        return parse_utc(said.decode().strip()) if said else None
    except (ValueError, OverflowError):
        return None  # it is no date: grading says so


def _date(place: Path, time: datetime | None) -> None:
    """Say when it was handed in, as nbgrader does; nothing where that is not known."""
    path = place / TIMESTAMP
    if time is None:
        path.unlink(missing_ok=True)
    else:
        put_whole(path, f"{time.isoformat(' ')} UTC\n".encode())
