"""Tries every small change of an answer on the public cases, until one makes all of them pass."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from course.definitions import definitions_alone
from course.edits import Edit, edits
from course.exercise import Difference, Evidence, Exercise
from course.judging.difference import all_agree, first_difference
from course.repair.built import Built, file_of
from course.repair.further import TERM, further, never_read
from course.repair.reached import never_reached, traced
from course.repair.tries import Try
from course.repair.watchdog import TookTooLong, Watchdog

# Seconds of the processor's that the search may take, after the answer itself was tried.
SECONDS = 2.0
# How long a case may take of the answer, and of how many it is found out that they take longer.
LONGEST, ENDLESS = 0.5, 2
# How much longer a changed answer may take for a case than the answer did, and how long at least.
TIMES, LEAST = 5, 0.03
# What is tried before all others, and after; changes that add a step come after those that do not. Of those
# that join two quantities there are more than of all others.
RANKS = {
    **dict.fromkeys(("arguments_in_order", "default_as_asked"), -1),
    **dict.fromkeys(("axis_kept", "brackets_set", "brackets_taken", "number_exchanged", "sign_exchanged"), 1),
    **dict.fromkeys(("neighbours_exchanged", "targets_exchanged", "any_name_exchanged"), 1),
    **dict.fromkeys(("term_added", "factor_added", "divisor_added", "rest_added", "difference_added"), 2),
    **dict.fromkeys(("index_added", "matrix_added", "raised_added", "name_added"), 2),
    TERM: 3,
}
# What comes back from compiled code only when there is no memory left.
ENDLESS_LIST = re.compile(r"\b(?:list|sum|max|min)\((?:itertools\.)?(?:count|cycle|repeat)\(")
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
        ends = watchdog.now + seconds
        for edit in _ordered(exercise, source, trial):
            if watchdog.now > ends:
                return None
            if trial.mends(edit.text, ends):
                return edit.line
    return None


def _ordered(exercise: Exercise, source: str, trial: _Trial) -> list[Edit]:
    """Every change, the likeliest first: what is read nowhere is likely to be what is missing."""
    parameters = inspect.signature(eval(f"lambda {exercise.signature[1:-1]}: ...")).parameters
    own = further(source, exercise.id, exercise.defaults, list(parameters))
    unlike = {edit.text: edit for edit in (*own, *edits(source)) if not ENDLESS_LIST.search(edit.text)}
    counts = {name: source.count(name) for name in never_read(source)}

    def distance(edit: Edit) -> tuple[int, int]:
        kind, place = trial.distance(edit)
        reads = any(edit.text.count(name) > count for name, count in counts.items())
        return (min(kind, 0) if reads else kind), place

    return sorted(unlike.values(), key=distance)


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
        self._missed: set[int] = set()

    def begin(self, source: str) -> bool:
        """Try the answer as it is, and put the cases first that it fails; whether there are any."""
        failed: list[tuple[Try, str]] = []
        passed: list[Try] = []
        try:
            with self._watchdog.within(LONGEST):
                self._built = Built(source, self._namespace, self._exercise.id)
        except (Exception, TookTooLong):
            return False
        endless = 0
        for entry in self._cases:
            start = time.process_time()
            try:
                if endless == ENDLESS:
                    raise TookTooLong
                with self._watchdog.within(LONGEST):
                    difference = self._difference(self._built.made, entry)
                self._patience = max(self._patience, TIMES * (time.process_time() - start))
                if difference is None:
                    passed.append(entry)
                else:
                    failed.append((entry, difference.reading.id if difference.reading else ""))
            except TookTooLong:
                endless = min(endless + 1, ENDLESS)
                failed.append((entry, ""))
        failed.sort(key=lambda each: (len(each[0].expected.readings), each[0].case.size))
        self._cases = [entry for entry, _ in failed] + passed
        if failed:
            self.wrong = failed[0][1]
            names = list(dict.fromkeys(reading.id for reading in failed[0][0].expected.readings))
            self.right = frozenset(names[: names.index(self.wrong)] if self.wrong in names else ())
            self._missed = self._not_reached(source)
        return bool(failed)

    def _not_reached(self, source: str) -> set[int]:
        """The lines that the first case does not come to."""
        with (
            traced(file_of(self._exercise.id)) as ran,
            contextlib.suppress(Exception, TookTooLong),
            self._watchdog.within(LONGEST),
        ):
            self._agrees(self._built.made, self._cases[0])
        return never_reached(source, ran)

    def distance(self, edit: Edit) -> tuple[int, int]:
        """How far a change is: what adds something comes last, and so does what changes right quantities."""
        kind = RANKS.get(edit.rule, int(edit.rule.endswith("_added")))
        return kind, 0 if edit.target == self.wrong else 2 if edit.target in self.right else 1

    def mends(self, source: str, ends: float) -> bool:
        """Whether a changed answer passes every case, each in its time and all before the search ends."""
        changed = self._built.lines_changed(source)
        if self._missed.issuperset(range(changed[0], changed[1] + 1)):
            return False
        try:
            with self._watchdog.within(self._patience):
                made = self._built.with_text(source, changed)
            for entry in self._cases:
                with self._watchdog.within(self._patience):
                    if not self._agrees(made, entry) or self._watchdog.now > ends:
                        return False
        except (Exception, TookTooLong):
            return False
        return True

    def _agrees(self, made: Any, entry: Try) -> bool:
        found, should = self._found(made, entry)
        return all_agree(found, should, self._exercise.property_of(entry.case))

    def _difference(self, made: Any, entry: Try) -> Difference | None:
        found, should = self._found(made, entry)
        return first_difference(
            self._exercise, self._exercise.property_of(entry.case), entry.case, found, should
        )

    def _found(self, made: Any, entry: Try) -> tuple[Evidence, Evidence]:
        """What the answer does, and what it should; a wrong earlier answer is no fault of its own."""
        found = self._exercise.observe_alone(made, entry.case) if entry.alone else None
        if found is None or entry.alone is None:
            return self._exercise.observe(made, entry.case), entry.expected
        return found, entry.alone


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
