"""``autograder collect``: from a platform's zip or folder into the gradebook folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue.lesson import Lesson, lessons
from autograder.collect import records, times
from autograder.collect.placing import Change, Places
from autograder.collect.platforms import PLAIN
from autograder.collect.reasons import Problem, Refused
from autograder.collect.records import Origin
from autograder.collect.source import source
from autograder.collect.survey import Survey, survey
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import Progress
from autograder.grade.handed_in import handed_in
from autograder.grade.scores import people
from autograder.roster import roster as class_roster
from autograder.roster.roster import Roster


@dataclass(frozen=True)
class Collected:
    """What came of collecting.

    Attributes:
        platform: one of ``platforms.TITLES``.
        changes: one for each student of whom there is a notebook.
        problems: what a person should look at, what may be lost first.
        missing: who of the class has handed in nothing, now or before.
        class_size: how many are in the roster; 0 where there is none.
        elsewhere: how many files are of other lessons.
        zone: the time zone in which the worksheet was read; empty without one.
    """

    lesson: Lesson
    platform: str
    changes: list[Change]
    problems: list[Problem]
    missing: list[str]
    class_size: int
    elsewhere: int
    zone: str = ""

    @property
    def counts(self) -> Counter[str]:
        """How many changes there are of each kind."""
        return Counter(change.kind for change in self.changes)


@contextmanager
def _unseen(title: str, total: int) -> Iterator[Callable[[int], None]]:
    yield lambda count: None


def collect(
    folder: CourseFolder,
    lesson: Lesson,
    path: Path,
    roster: Path | None = None,
    worksheet: Path | None = None,
    zone: str = "",
    dry_run: bool = False,
    progress: Progress = _unseen,
) -> Collected:
    """Put what was handed in of a lesson where it is graded. The same again changes nothing.

    Args:
        path: the zip or the folder.
        roster: the class as a table; what the gradebook knows of an earlier one when None.
        worksheet: Moodle's grading worksheet, which knows when it was handed in.
        zone: the time zone of the worksheet's times; this machine's when empty.
        dry_run: write nothing.
        progress: told how many files are read, then how many students are done.

    Raises:
        DescentError: nothing could be collected; the sentence says why. Nothing is written then.
    """
    folder.require(lesson)
    _keep_out(folder, path)
    known = _roster(folder, roster)
    sheet = times.read(worksheet, zone) if worksheet else None
    kept = records.read(folder, lesson)
    with source(path) as given:
        with progress(f"Reading {path.name}", len(given.entries)) as advance:
            found = survey(given, lesson, lessons(), known, sheet, advance)
        if not found.attempts:
            raise _nothing(path, lesson, found.problems)
        alone: AbstractContextManager[object] = nullcontext() if dry_run else folder.lock([lesson])
        with alone:
            places = Places(folder, lesson, kept)
            changes, in_the_way = _changes(places, found)
            if not dry_run:
                _write(places, changes, progress)
                records.write(folder, lesson, _origins(kept, found.platform, changes))
                if roster:
                    _enter(folder, known)
    there = {change.student for change in changes} | set(handed_in(folder, lesson).notebooks)
    missing = sorted(set(known.students) - there)
    said = in_the_way + found.problems
    zone = sheet.zone if sheet else ""
    return Collected(
        lesson, found.platform, changes, said, missing, len(known.students), found.elsewhere, zone
    )


def _write(places: Places, changes: list[Change], progress: Progress) -> None:
    with progress(f"Collecting {places.lesson.name}", len(changes)) as advance:
        for change in changes:
            places.make(change)
            advance(1)


def _changes(places: Places, found: Survey) -> tuple[list[Change], list[Problem]]:
    """What is to be done, and for whom nothing can be."""
    changes, in_the_way = [], []
    for student, attempts in found.attempts.items():
        try:
            changes.append(places.change(student, attempts))
        except Refused as refused:
            in_the_way.append(Problem(student, refused.reason))
    return changes, in_the_way


def _keep_out(folder: CourseFolder, path: Path) -> None:
    """Raise DescentError where the source is the gradebook itself: what was graded is in it too."""
    if folder.path.is_relative_to(path.resolve()):
        raise DescentError(
            f"{path} holds the gradebook folder itself: name the zip that the platform gave you, or the "
            "folder that it unpacked to."
        )


def _roster(folder: CourseFolder, path: Path | None) -> Roster:
    if path:
        return class_roster.read(path)
    with folder.open() as gradebook:
        return class_roster.of_people(people(gradebook))


def _enter(folder: CourseFolder, known: Roster) -> None:
    with folder.open() as gradebook:
        known.enter(gradebook)


def _origins(kept: dict[str, Origin], platform: str, changes: list[Change]) -> dict[str, Origin]:
    """What platforms called that which is graded now; a plain file's name is no news of one that is there."""
    known = dict(kept)
    for change in changes:
        same = change.newest.digest == change.there.digest if change.there else False
        if change.kind in ("new", "newer") or (same and (platform != PLAIN or change.student not in kept)):
            entry, sender = change.newest.entry, change.newest.sender
            known[change.student] = Origin(platform, entry.name, sender.id)
    return known


def _nothing(path: Path, lesson: Lesson, problems: list[Problem]) -> DescentError:
    """Nothing to collect; the first problem says why."""
    said = f": {problems[0].reason.sentence}" if problems else ""
    more = f" ({len(problems) - 1} more like it or other)" if len(problems) > 1 else ""
    return DescentError(
        f"{path.name} holds no notebook of {lesson.name} that could be collected{said}{more}."
    )
