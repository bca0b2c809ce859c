"""Tries every small change of an answer on the public cases, until one makes all of them pass."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from course.definitions import definitions_alone
from course.edits import Edit, edits
from course.exercise import Difference, Exercise
from course.judging.difference import first_difference
from course.repair.tries import Try
from course.repair.watchdog import TookTooLong, Watchdog

# Seconds of the processor's that the search may take, after the answer itself was tried.
SECONDS = 2.0
# How long a case may take of the answer, and of how many it is found out that they take longer.
LONGEST, ENDLESS = 0.5, 2
# How much longer a changed answer may take for a case than the answer did, and how long at least.
TIMES, LEAST = 5, 0.03
# Changes of which there are more than of all others: one quantity added to another.
JOINED = {
    *("term_added", "factor_added", "divisor_added", "rest_added", "difference_added", "index_added"),
    *("matrix_added", "raised_added", "name_added"),
}
# Characters of a cell that are looked through: the longest of a lesson's has 5,000.
SIZE_LIMIT = 30_000


def find_line(
    exercise: Exercise,
    source: str,
    namespace: Mapping[str, Any],
    cases: Sequence[Try],
    seconds: float = SECONDS,
) -> int | None:
    """The line, from 1, of the first change that makes every case pass; the simplest changes come first.

    What the lesson seals has to be sealed already: here nothing is refused.

    Args:
        source: the text of the answer's cell; only what it defines is run.
        namespace: what it finds there of the notebook; stays as it is.

    Returns:
        None where no change is found in time, or the answer is right as it is.
    """
    if len(source) > SIZE_LIMIT:
        return None
    source = definitions_alone(source)
    with _quiet(), Watchdog() as watchdog:
        trial = _Trial(exercise, namespace, list(cases), watchdog)
        if not trial.begin(source):
            return None
        ordered = sorted(edits(source), key=trial.distance)
        ends = watchdog.now + seconds
        for edit in ordered:
            if watchdog.now > ends:
                return None
            if trial.mends(edit.text, ends):
                return edit.line
    return None


class _Trial:
    """One answer, changed in many ways.

    Attributes:
        wrong: the first quantity that differs, in the smallest case that does; empty where none is known.
        right: those that come before it.
    """

    def __init__(
        self,
        exercise: Exercise,
        namespace: Mapping[str, Any],
        cases: list[Try],
        watchdog: Watchdog,
    ):
        self.wrong = ""
        self.right: frozenset[str] = frozenset()
        self._exercise = exercise
        self._namespace = namespace
        self._cases = cases
        self._watchdog = watchdog
        self._patience = LEAST

    def begin(self, source: str) -> bool:
        """Try the answer as it is, and put the cases first that it fails; whether there are any."""
        failed: list[tuple[Try, str]] = []
        passed: list[Try] = []
        try:
            made = self._made(source)
        except Exception:
            return False
        endless = 0
        for entry in self._cases:
            start = time.process_time()
            try:
                if endless == ENDLESS:
                    raise TookTooLong
                with self._watchdog.within(LONGEST):
                    difference = self._difference(made, entry)
                self._patience = max(self._patience, TIMES * (time.process_time() - start))
                if difference is None:
                    passed.append(entry)
                else:
                    failed.append((entry, difference.reading.id if difference.reading else ""))
            except TookTooLong:
                endless = min(endless + 1, ENDLESS)
                failed.append((entry, ""))
        failed.sort(key=lambda each: each[0].case.size)
        self._cases = [entry for entry, _ in failed] + passed
        if failed:
            self.wrong = failed[0][1]
            names = list(dict.fromkeys(reading.id for reading in failed[0][0].expected.readings))
            self.right = frozenset(names[: names.index(self.wrong)] if self.wrong in names else ())
        return bool(failed)

    def distance(self, edit: Edit) -> tuple[int, int]:
        """How far a change is: what adds something comes last, and so does what changes right quantities."""
        kind = 2 if edit.rule in JOINED else int(edit.rule.endswith("_added"))
        return kind, 0 if edit.target == self.wrong else 2 if edit.target in self.right else 1

    def mends(self, source: str, ends: float) -> bool:
        """Whether a changed answer passes every case, each in its time and all before the search ends."""
        try:
            made = self._made(source)
            for entry in self._cases:
                with self._watchdog.within(self._patience):
                    if self._difference(made, entry) is not None or self._watchdog.now > ends:
                        return False
        except (Exception, TookTooLong):
            return False
        return True

    def _made(self, source: str) -> Any:
        """What a text defines under the exercise's name."""
        namespace = dict(self._namespace)
        with self._watchdog.within(self._patience):
            exec(compile(source, f"<{self._exercise.id}>", "exec"), namespace)
        return namespace[self._exercise.id]

    def _difference(self, made: Any, entry: Try) -> Difference | None:
        """Where the answer does not do what it should; a wrong earlier answer is no fault of its own."""
        exercise, should = self._exercise, entry.expected
        found = exercise.observe_alone(made, entry.case) if entry.alone else None
        if found is None:
            found = exercise.observe(made, entry.case)
        elif entry.alone:
            should = entry.alone
        return first_difference(exercise, exercise.property_of(entry.case), entry.case, found, should)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What is tried neither prints nor warns."""
    silence = io.StringIO()
    with (
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
