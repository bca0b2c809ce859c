"""Answers with mistakes that nothing is known of, and whether the names that they get are true.

A sure name says: the right answer with these slips does what yours does. That can be tried. So a name is
false where the reference solution with what is named does something else, on public or on graded cases.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.catalogue.answers import misconceptions, variants
from autograder.catalogue.changes import names_of, observed_of
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from course.cases import public_cases
from course.edits import Edit, edits
from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.judge import judge
from course.judging.mistakes import same_trace, trace
from course.judging.pairs import Explain
from course.judging.parts import Parts
from course.judging.slips import KnownSlips
from course.known import known

SEED = 20
# How it came out.
NAMELESS, MOSTLY, TRUE, SEEN, FALSE, UNTOLD = "nameless", "mostly", "true", "seen", "false", "untold"


@dataclass(frozen=True)
class Doubtful:
    """One answer, and what it was called.

    Attributes:
        said: what was done to a right answer.
        names: what the check calls it.
        outcome: ``nameless``; ``mostly``, which is sure of nothing; ``true`` and ``false`` of sure names that
            can be tried, ``untold`` of those that can't be made together; ``seen`` of what the evidence says
            by itself.
    """

    exercise: str
    kind: str
    said: str
    names: tuple[str, ...]
    outcome: str

    def __str__(self) -> str:
        return f"{self.exercise}, {self.kind}: {self.said} -> {self.outcome}: {'; '.join(self.names)}"


def doubtful(lesson: Lesson, pairs: int, singles: int) -> Iterator[Doubtful]:
    """What is given to the mistakes of a lesson that are taken out of what is known, and to others.

    Args:
        pairs: of how many pairs of small changes in each exercise.
        singles: of how many small changes of right answers in other styles.
    """
    for exercise in lesson.exercises:
        trial = _Trial(lesson, exercise)
        yield from trial.left_out()
        yield from trial.two_changes(random.Random(SEED), pairs)
        yield from trial.other_styles(random.Random(SEED), singles)


def counted(found: Sequence[Doubtful]) -> dict[str, Counter[str]]:
    """How often each outcome came, by kind."""
    kinds = dict.fromkeys(entry.kind for entry in found)
    return {kind: Counter(entry.outcome for entry in found if entry.kind == kind) for kind in kinds}


class _Trial:
    """One exercise with its cases and what is known of it."""

    def __init__(self, lesson: Lesson, exercise: Exercise):
        self._lesson, self._exercise = lesson, exercise
        self._solution = lesson.solutions()[exercise.id]
        self._cases, self._expected = public_cases(exercise.id)
        self._graded = exercise.cases(np.random.default_rng(SEED), "graded")
        self._known = known(exercise.id)
        self._parts = Parts(self._cases, self._expected)
        self._runs = KnownRuns(exercise, lesson, self._cases, self._expected)

    def left_out(self) -> Iterator[Doubtful]:
        """Each mistake of the catalogue, as if it and all that does the same were not known."""
        for mistake in misconceptions(self._lesson, self._exercise.id):
            id = mistake.misconception.id
            text = mistake.code(self._solution)
            observed = self._observed(text)
            if observed is not None:
                pairs = partial(self._runs.explaining, without=id)
                yield self._judged("left out", id, text, observed, pairs, self._without(id, observed))

    def two_changes(self, rng: random.Random, count: int) -> Iterator[Doubtful]:
        """Small changes of the solution, two at once in different lines."""
        own = [edit for edit in self._changes(self._solution) if _same_lines(edit.text, self._solution)]
        for _ in range(count if len(own) > 1 else 0):
            first = rng.choice(own)
            lines = [edit for edit in own if edit.line != first.line]
            second = rng.choice(lines) if lines else first
            text = merged(self._solution, [first.text, second.text])
            observed = self._observed(text) if text else None
            if observed is not None and text and self._is_wrong(observed):
                alone = {first.said: first.text, second.said: second.text}
                yield self._judged("two changes", " + ".join(alone), text, observed, None, None, alone)

    def other_styles(self, rng: random.Random, count: int) -> Iterator[Doubtful]:
        """Right answers in other styles with one small change."""
        own = [each for each in variants(self._lesson) if each.exercise == self._exercise.id]
        for _ in range(count if own else 0):
            style = rng.choice(own)
            changes = list(self._changes(style.code))
            edit = rng.choice(changes) if changes else None
            observed = self._observed(edit.text) if edit else None
            if edit and observed is not None and self._is_wrong(observed):
                said, alone = f"{style.id}: {edit.said}", {edit.said: edit.text}
                yield self._judged("another style", said, edit.text, observed, None, None, alone)

    def _changes(self, code: str) -> Iterator[Edit]:
        return edits(code, names_of(self._exercise), adding=False)

    def _is_wrong(self, observed: Sequence[Evidence]) -> bool:
        return not same_trace(trace(observed, self._expected), self._runs.right)

    def _observed(self, text: str) -> list[Evidence] | None:
        """What an answer does on the public cases; None where it fails in each of them."""
        edit = Edit(text, 1, "", "", "")
        observed = observed_of(edit, self._exercise, self._lesson, self._cases)
        return None if observed is None or all(entry.problem for entry in observed) else observed

    def _without(self, id: str, observed: Sequence[Evidence]) -> KnownSlips:
        """What is known but for a mistake, and for all that does what was observed."""
        slips = self._known.slips
        same = self._parts.same(slips.sketches, self._parts.sketch(trace(observed, self._expected)))
        kept = [
            place
            for place, slip in enumerate(slips.slips)
            if slip.misconception.id != id and not same[place].all()
        ]
        return KnownSlips([slips.slips[place] for place in kept], slips.sketches[kept])

    def _judged(
        self,
        kind: str,
        said: str,
        text: str,
        observed: Sequence[Evidence],
        pairs: Explain | None = None,
        slips: KnownSlips | None = None,
        alone: Mapping[str, str] | None = None,
    ) -> Doubtful:
        """One answer by its text and what it did.

        Args:
            pairs, slips: what is known; everything where they are None.
            alone: what was changed, in words, and the text with that alone.
        """
        kept = slips or self._known.slips
        ids = {slip.misconception.id for slip in kept.slips}
        verdict = judge(
            self._exercise,
            self._cases,
            observed,
            self._expected,
            [each for each in self._known.mistakes if each.misconception.id in ids],
            pairs or self._known.pairs.explaining,
            partial(kept.naming, self._exercise, self._cases, observed, self._expected),
        )
        names = verdict.misconceptions
        outcome = self._outcome(names, text, alone or {})
        return Doubtful(self._exercise.id, kind, said, tuple(name.name for name in names), outcome)

    def _outcome(self, names: Sequence[Misconception], text: str, alone: Mapping[str, str]) -> str:
        if not names:
            return NAMELESS
        if not all(name.sure for name in names):
            return MOSTLY
        if all(name.name in alone for name in names):
            return TRUE
        texts = [self._texts.get(name.id) or self._changed(name) for name in names]
        if None in texts:
            return SEEN
        claimed = [each for each in texts if each]
        if alone and all(any(self._alike(each, other) for other in alone.values()) for each in claimed):
            return TRUE
        both = merged(self._solution, claimed)
        if both is None:
            return UNTOLD
        return TRUE if self._alike(both, text) else FALSE

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The mistakes of the catalogue as code."""
        every = misconceptions(self._lesson, self._exercise.id)
        return {each.misconception.id: each.code(self._solution) for each in every}

    def _changed(self, name: Misconception) -> str | None:
        """The small change of the solution that a name stands for; None for what is no change."""
        slips = self._known.slips
        rows = [place for place, slip in enumerate(slips.slips) if slip.misconception.id == name.id]
        for edit in edits(self._solution, names_of(self._exercise), joining=False) if rows else ():
            if edit.said == name.name and (observed := self._observed(edit.text)):
                sketch = self._parts.sketch(trace(observed, self._expected))
                if self._parts.same(slips.sketches[rows[0]], sketch).all():
                    return edit.text
        return None

    def _alike(self, one: str, other: str) -> bool:
        """Whether two answers do the same on the public and the graded cases."""
        for cases in (self._cases, self._graded):
            rows = [self._row(text, cases) for text in (one, other)]
            if any(row is None for row in rows) or not same_trace(rows[0], rows[1]):
                return False
        return True

    def _row(self, text: str, cases: Sequence[Case]) -> Any:
        observed = observed_of(Edit(text, 1, "", "", ""), self._exercise, self._lesson, cases)
        expected = self._expected if cases is self._cases else self._graded_expected
        return None if observed is None else trace(observed, expected)

    @cached_property
    def _graded_expected(self) -> list[Evidence]:
        return [self._exercise.oracle(case) for case in self._graded]


def merged(source: str, texts: Sequence[str]) -> str | None:
    """A text with all the changes that were made of it one by one; None where two touch."""
    places = sorted(_splice(source, text) for text in texts)
    for first, second in pairwise(places):
        if first[1] > second[0]:
            return None
    for start, end, text in reversed(places):
        source = source[:start] + text + source[end:]
    return source


def _splice(source: str, text: str) -> tuple[int, int, str]:
    """From where to where a changed text differs, and what stands there."""
    least = min(len(source), len(text))
    start = next((at for at in range(least) if source[at] != text[at]), least)
    rest = least - start
    end = next((at for at in range(rest) if source[-1 - at] != text[-1 - at]), rest)
    return start, len(source) - end, text[start : len(text) - end]


def _same_lines(text: str, other: str) -> bool:
    return text.count("\n") == other.count("\n")
