"""One answer, changed in many ways, and how much of what is wrong with it each change makes right."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

from course.exercise import Difference, Evidence, Exercise, Reading
from course.judging.difference import agree, first_difference
from course.repair.built import Built, file_of
from course.repair.reached import never_reached, traced
from course.repair.tries import Try
from course.repair.watchdog import TookTooLong, Watchdog

# How long a case may take of the answer, and of how many it is found out that they take longer.
LONGEST, ENDLESS = 0.5, 2
# How much longer a changed answer may take for a case than the answer did, and how long at least.
TIMES, LEAST = 5, 0.03


class Mended(Enum):
    """What a change comes to; a part: what was wrong first is right, and nothing is wrong that was right."""

    ALL = auto()
    PART = auto()
    NOTHING = auto()


class _Failed(NamedTuple):
    """A case that the answer fails, and the first quantity that differs; None where it is none."""

    entry: Try
    wrong: Reading | None

    @property
    def before(self) -> list[Reading]:
        """The quantities that come before it, and itself."""
        ordered = sorted(self.entry.expected.readings, key=lambda each: (each.step, not each.is_input))
        return ordered[: ordered.index(self.wrong) + 1] if self.wrong in ordered else []


class Trial:
    """One answer, changed in many ways.

    Attributes:
        wrong: the first quantity that differs, in the smallest case that does; empty where none is known.
        right: those that come before it.
    """

    def __init__(
        self,
        exercise: Exercise,
        namespace: Mapping[str, Any],
        cases: Sequence[Try],
        watchdog: Watchdog,
    ):
        self.wrong = ""
        self.right: frozenset[str] = frozenset()
        self._exercise = exercise
        self._namespace = namespace
        self._cases = cases
        self._watchdog = watchdog
        self._patience = LEAST
        self._failed: list[_Failed] = []
        self._passed: list[Try] = []
        self._missed: set[int] = set()

    def begin(self, source: str) -> bool:
        """Try the answer as it is; whether there are cases that it fails."""
        try:
            self._built = self._watchdog.run(LONGEST, Built, source, self._namespace, self._exercise.id)
        except (Exception, TookTooLong):
            return False
        endless = 0
        for entry in self._cases:
            start = time.process_time()
            try:
                if endless == ENDLESS:
                    raise TookTooLong
                difference = self._watchdog.run(LONGEST, self._difference, entry)
                self._patience = max(self._patience, TIMES * (time.process_time() - start))
                if difference is None:
                    self._passed.append(entry)
                else:
                    self._failed.append(_Failed(entry, difference.reading))
            except TookTooLong:
                endless = min(endless + 1, ENDLESS)
                self._failed.append(_Failed(entry, None))
        self._failed.sort(key=lambda each: (len(each.entry.expected.readings), each.entry.case.size))
        if self._failed:
            first = self._failed[0]
            self.wrong = first.wrong.id if first.wrong else ""
            self.right = frozenset(reading.id for reading in first.before[:-1]) - {self.wrong}
            self._missed = self._not_reached(source)
        return bool(self._failed)

    def _difference(self, entry: Try) -> Difference | None:
        found, should = self._found(self._built.made, entry)
        judged = self._exercise.property_of(entry.case)
        return first_difference(self._exercise, judged, entry.case, found, should)

    def _not_reached(self, source: str) -> set[int]:
        """The lines that the first case does not come to."""
        with traced(file_of(self._exercise.id)) as ran, contextlib.suppress(Exception, TookTooLong):
            self._watchdog.run(LONGEST, self._found, self._built.made, self._failed[0].entry)
        return never_reached(source, ran)

    def mended_by(self, source: str, ends: float) -> Mended:
        """What a change makes right, each case in its time and all before the search ends."""
        changed = self._built.lines_changed(source)
        if self._missed.issuperset(range(changed[0], changed[1] + 1)):
            return Mended.NOTHING
        try:
            made = self._watchdog.run(self._patience, self._built.with_text, source, changed)
            mended = Mended.ALL
            for failed in self._failed:
                found, should = self._watchdog.run(self._patience, self._found, made, failed.entry)
                if self._watchdog.now > ends:
                    return Mended.NOTHING
                if not self._agrees(found, should, failed.entry):
                    mended = Mended.PART
                    if not self._right_so_far(found, should, failed):
                        return Mended.NOTHING
            return mended if self._all_pass(made, self._passed, ends) else Mended.NOTHING
        except (Exception, TookTooLong):
            return Mended.NOTHING

    def mends_half(self, source: str, ends: float) -> bool:
        """Whether of several properties that fail half are right with a change, in all of their cases."""
        by_property: dict[str, list[Try]] = {}
        for failed in self._failed:
            by_property.setdefault(failed.entry.case.property, []).append(failed.entry)
        allowed = len(by_property) // 2
        if not allowed:
            return False
        try:
            changed = self._built.lines_changed(source)
            made = self._watchdog.run(self._patience, self._built.with_text, source, changed)
            for entries in by_property.values():
                if not self._all_pass(made, entries, ends):
                    allowed -= 1
                    if allowed < 0:
                        return False
            return self._all_pass(made, self._passed, ends)
        except (Exception, TookTooLong):
            return False

    def _right_so_far(self, found: Evidence, should: Evidence, failed: _Failed) -> bool:
        """Whether what was wrong first is right now; what went wrong first otherwise may be as it was."""
        if failed.wrong is None or failed.wrong.id != self.wrong:
            return failed is not self._failed[0]
        return self._are_right(found, should, failed.before, failed.entry)

    def _all_pass(self, made: Any, entries: Sequence[Try], ends: float) -> bool:
        for entry in entries:
            found, should = self._watchdog.run(self._patience, self._found, made, entry)
            if not self._agrees(found, should, entry) or self._watchdog.now > ends:
                return False
        return True

    def _agrees(self, found: Evidence, should: Evidence, entry: Try) -> bool:
        return not found.problem and self._are_right(found, should, should.readings, entry)

    def _are_right(self, found: Evidence, should: Evidence, which: Iterable[Reading], entry: Try) -> bool:
        judged = self._exercise.property_of(entry.case)
        for reading in which:
            right, own = should.readings.get(reading), found.readings.get(reading)
            if right is None or own is None or own.shape != right.shape:
                return False
            if not agree(own, right, judged).all():
                return False
        return True

    def _found(self, made: Any, entry: Try) -> tuple[Evidence, Evidence]:
        """What the answer does, and what it should; a wrong earlier answer is no fault of its own."""
        found = self._exercise.observe_alone(made, entry.case) if entry.alone else None
        if found is None or entry.alone is None:
            return self._exercise.observe(made, entry.case), entry.expected
        return found, entry.alone
