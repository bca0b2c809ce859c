"""Reads ``policy.toml``, and says of each fault in it where it is and what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.policy.file import ExtensionTable, File, LateTable, LessonTable, checked, near, where
from autograder.policy.late import later
from autograder.policy.terms import Late, Policy, Terms
from course.printable import printable

YEARS = range(2000, 2100)
NO_ZONE = 'add zone = "Europe/Berlin", or your own, as the first line of the file'
ENTER = "enter the class with `autograder collect ... --roster`, or `nbgrader db student add` one student"


def read(path: Path, lessons: Sequence[Lesson], students: Collection[str]) -> Policy:
    """The policy; one that says nothing where there is no file.

    Args:
        lessons: all that there are.
        students: the ids of all who are known.

    Raises:
        DescentError: a line for each fault.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return Policy()
    except UnicodeDecodeError as error:
        raise DescentError(f"{path.name} is not text in UTF-8: save it as such.") from error
    except (ValueError, RecursionError) as error:  # a number of too many digits is no fault of TOML's
        said = printable(str(error)).rstrip(".")
        raise DescentError(f"{path.name} is not TOML: {said}. Mend that line.") from error
    file, faults = checked(content)
    if file is not None:
        reader = _Reader(file, lessons, students)
        policy, faults = reader.policy(), reader.faults
        if not faults:
            return policy
    raise DescentError("\n".join(f"{path.name}: {fault}" for fault in faults))


class _Reader:
    """Turns the file into what it means.

    Attributes:
        faults: a sentence for each.
    """

    def __init__(self, file: File, lessons: Sequence[Lesson], students: Collection[str]):
        self._file = file
        self._lessons = {lesson.name: lesson for lesson in lessons}
        self._students = students
        self.faults: list[str] = []
        self._zone = self._read_zone(file.zone)

    def policy(self) -> Policy:
        file = self._file
        everybodys = self._late(file.late, "late")
        known: dict[str, Terms] = {}
        for name in self._known(file.lessons, self._lessons, "lesson", "lessons"):
            known[name] = self._terms(self._lessons[name], file.lessons[name], everybodys)
        for name, members in file.groups.items():
            self._known(members, self._students, "student", "groups", name)
        for i, entry in enumerate(file.extensions):
            self._extend(known, entry, "extensions", i)
        if everybodys:
            known = {name: Terms(late=everybodys, zone=self._zone or UTC) for name in self._lessons} | known
        return Policy(known)

    def _fault(self, sentence: str, *place: str | int) -> None:
        self.faults.append(where(*place) + sentence)

    def _known(self, names: Iterable[str], known: Collection[str], kind: str, *place: str | int) -> list[str]:
        """Those of some names that are known; a fault for each other."""
        found = []
        for name in names:
            if name in known:
                found.append(name)
            else:
                advice = near(name, known, f"the {kind}s are")
                if kind == "student" and not advice.endswith("?"):
                    advice = f": mend the name, or {ENTER}."
                self._fault(f'there is no {kind} "{printable(name)}"{advice}', *place)
        return found

    # Times

    def _read_zone(self, name: str | None) -> tzinfo | None:
        try:
            return ZoneInfo(name) if name is not None else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            advice = near(name or "", available_timezones())
            self._fault(f'there is no time zone "{printable(name or "")}"{advice}', "zone")
            return UTC

    def _time(self, said: datetime, *place: str | int) -> datetime:
        """A time in the zone of the class, or in its own where there is none."""
        if said.year not in YEARS:
            self._fault(f"{said} is no time of a course: mend the year.", *place)
            return datetime(2000, 1, 1, tzinfo=UTC)
        if said.tzinfo is not None:
            # Python's own zone of a fixed offset; in that of the class a day is a day.
            return said.astimezone(self._zone) if self._zone else said
        if self._zone is None:
            self._fault(f"{said} has no time zone: {NO_ZONE}.", *place)
            return said.replace(tzinfo=UTC)
        local = said.replace(tzinfo=self._zone)
        if local.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != said:
            self._fault(f"{said} is a time that clocks leave out in {self._zone}: take another.", *place)
        return local

    # Lessons

    def _terms(self, lesson: Lesson, table: LessonTable, everybodys: Late | None) -> Terms:
        place = ("lessons", lesson.name)
        exercises = [exercise.id for exercise in lesson.exercises]
        points = self._known(table.points, exercises, "exercise", *place, "points")
        excluded = self._known(table.excluded, exercises, "exercise", *place, "excluded")
        extra = self._known(table.extra, exercises, "exercise", *place, "extra")
        for name in excluded:
            for other, setting in ((extra, "extra"), (points, "points")):
                if name in other:
                    self._fault(f"{name} is named in `excluded` and in `{setting}`: leave one.", *place)
        if exercises and not set(exercises) - set(excluded) - set(extra):
            self._fault("no exercise is left that gives points: leave one.", *place)
        due = self._time(table.due, *place, "due") if table.due else None
        return Terms(
            due,
            late=everybodys if table.late is None else self._late(table.late, *place, "late"),
            points={name: table.points[name] for name in points},
            excluded=frozenset(excluded),
            extra=frozenset(extra),
            zone=self._zone or (due.tzinfo if due and due.tzinfo else UTC),
        )

    def _late(self, table: LateTable | None, *place: str | int) -> Late | None:
        """An empty table takes nothing off, where that of all lessons would."""
        if table is None:
            return None
        if table.per_hour is not None and table.per_day is not None:
            self._fault("per_hour and per_day are both there: leave one.", *place)
        per = table.per_day if table.per_hour is None else table.per_hour
        if per is None and table.zero_after is None and table.model_fields_set:
            self._fault("nothing is taken off: add per_day, per_hour or zero_after.", *place)
        if per is None and table.cap is not None:
            self._fault("cap is the most that per_day or per_hour takes off: add one of them.", *place)
        if table.zero_after is not None and table.zero_after < table.grace:
            self._fault("zero_after ends before grace does: make it longer.", *place)
        unit: Literal["hour", "day"] = "day" if table.per_hour is None else "hour"
        return Late(table.grace, per, unit, table.cap, table.zero_after, table.of)

    # Extensions

    def _extend(self, known: dict[str, Terms], entry: ExtensionTable, *place: str | int) -> None:
        """Enter one extension; of several that a student has for a lesson the longest holds."""
        students = self._known(entry.students, self._students, "student", *place, "students")
        for group in self._known(entry.groups, self._file.groups, "group", *place, "groups"):
            students += [name for name in self._file.groups[group] if name in self._students]
        if not entry.students and not entry.groups:
            self._fault("it is nobody's: say whose with students = [...] or groups = [...].", *place)
        if (entry.by is None) == (entry.until is None):
            self._fault('say either how long, by = "3 days", or until = 2026-02-04T23:59:00.', *place)
            return
        until = self._time(entry.until, *place, "until") if entry.until else None
        for lesson in self._extended(known, entry, *place):
            due = known[lesson].due
            assert due is not None
            end = later(due, entry.by) if entry.by is not None else until
            assert end is not None
            if end.astimezone(UTC) <= due.astimezone(UTC):
                self._fault(f"it ends before {lesson} is due: take a later time.", *place)
                continue
            own = dict(known[lesson].extensions)
            for student in students:
                own[student] = max(end, own.get(student, end))
            known[lesson] = replace(known[lesson], extensions=own)

    def _extended(self, known: Mapping[str, Terms], entry: ExtensionTable, *place: str | int) -> list[str]:
        """The lessons that an extension is for: those that are due, unless it names some."""
        due = [name for name, terms in known.items() if terms.due]
        if entry.lessons is None:
            if not due:
                self._fault("no lesson has a due date: give it one in [lessons.NAME].", *place)
            return due
        named = self._known(entry.lessons, self._lessons, "lesson", *place, "lessons")
        for name in named:
            if name not in due:
                self._fault(f"{name} has no due date: add due = ... to [lessons.{name}].", *place)
        return [name for name in named if name in due]
