"""What of the policy is in force in a gradebook, and what stood in its place before.

It is a file beside the gradebook's database. What the policy covers comes back from it when it no longer
does: due dates and extensions that were entered otherwise, and points that a person gave for an exercise
that is left out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.errors import DescentError
from autograder.machine.whole import one_writer, put_whole
from autograder.policy.terms import Counting, Terms
from course.cells import CHECK
from course.exercise import Exercise

NAME = "policy_in_force.json"


@dataclass
class LessonInForce:
    """What is in force of one lesson.

    Attributes:
        due: the due date of before, in ISO's form or None, in a list; empty where the policy sets none.
        extensions: the seconds of before, or None, of those whose extension the policy sets.
        by_hand: points and extra credit that a person gave for an exercise that is left out, by student and
            check cell.
        points: whether exercises count for other points than the course's own.
        counting: how those do, by exercise id.
    """

    due: list[str | None] = field(default_factory=list)
    extensions: dict[str, float | None] = field(default_factory=dict)
    by_hand: dict[str, dict[str, tuple[float | None, float | None]]] = field(default_factory=dict)
    points: bool = False
    counting: dict[str, tuple[Counting, float]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != LessonInForce()

    def cover_due(self, before: datetime | None) -> None:
        """Keep a due date that the policy takes the place of, unless one of before is kept."""
        if not self.due:
            self.due = [before.isoformat() if before else None]

    def uncovered_due(self) -> datetime | None:
        said = self.due[0]
        return datetime.fromisoformat(said) if said else None

    def cover_extension(self, student: str, before: timedelta | None) -> None:
        """Keep a student's extension in the same way."""
        self.extensions.setdefault(student, before.total_seconds() if before is not None else None)

    def uncovered_extension(self, student: str) -> timedelta | None:
        seconds = self.extensions[student]
        return timedelta(seconds=seconds) if seconds is not None else None

    def leave(self, terms: Terms, exercises: tuple[Exercise, ...]) -> None:
        """Forget what the policy no longer covers, once it is back in the gradebook."""
        if terms.due is None:
            self.due = []
        self.extensions = {name: kept for name, kept in self.extensions.items() if name in terms.extensions}
        out = {CHECK + exercise for exercise in terms.excluded}
        kept = {
            student: {cell: points for cell, points in cells.items() if cell in out}
            for student, cells in self.by_hand.items()
        }
        self.by_hand = {student: cells for student, cells in kept.items() if cells}
        self.points = terms.changes_points
        self.counting = terms.counting(exercises)


class InForce:
    """What is in force of every lesson.

    Args:
        folder: the gradebook folder.

    Raises:
        DescentError: the file was changed by hand, and can't be read.
    """

    def __init__(self, folder: Path):
        self._path = folder / NAME
        self._lessons = self._read()
        # What the file says of each lesson, as far as this run knows.
        self._written = {name: asdict(entry) for name, entry in self._lessons.items()}

    def _read(self) -> dict[str, LessonInForce]:
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        try:
            content: dict[str, Any] = json.loads(text or "{}")
            return {name: LessonInForce(**entry) for name, entry in content.items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise DescentError(
                f"{self._path} is not as the policy left it: put back the file of before."
            ) from error

    def lesson(self, name: str) -> LessonInForce:
        return self._lessons.setdefault(name, LessonInForce())

    def replace(self, name: str, entry: LessonInForce) -> None:
        self._lessons[name] = entry

    def write(self) -> None:
        """Write down the lessons of which something has changed; where nothing is in force there is no file.

        Other lessons are left as they are: somebody else may be grading those.
        """
        own = {name: asdict(entry) for name, entry in self._lessons.items()}
        nothing = asdict(LessonInForce())
        changed = [name for name in own if own[name] != self._written.get(name, nothing)]
        if not changed:
            return
        with one_writer(self._path.parent):
            there = {**self._read(), **{name: self._lessons[name] for name in changed}}
            kept = {name: asdict(entry) for name, entry in sorted(there.items()) if entry}
            if kept:
                put_whole(self._path, f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n".encode())
            else:
                self._path.unlink(missing_ok=True)
        self._written |= {name: own[name] for name in changed}


def counting(folder: Path, lesson: str) -> dict[str, tuple[Counting, float]]:
    """How exercises of a lesson count that do not as usual, by id: see ``Terms.counting``."""
    return InForce(folder).lesson(lesson).counting
