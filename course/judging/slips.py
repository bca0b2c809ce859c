"""Names slips part by part: what one mistake or small change alone does not explain, several may.

Beside the catalogue's mistakes there are small changes of the reference solution: one term left out, one
name in the place of another. Of each is known what it does to each part of the evidence
(``course.judging.parts``): two slips in two formulas show side by side, and one slip shows also where
something unknown is wrong besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import agree
from course.judging.mistakes import trace
from course.judging.parts import Part, Parts

# What a card has room for, and a reader.
MOST_SLIPS = 2


class Slip(NamedTuple):
    """One row of what is known: a mistake of the catalogue, or a small change."""

    misconception: Misconception
    is_change: bool = False


@dataclass(frozen=True, eq=False)
class KnownSlips:
    """Slips by their sketches on the public cases.

    Attributes:
        slips: the catalogue's first, then the small changes, the simplest first.
        sketches: uint32 of shape (slips, parts).
    """

    slips: Sequence[Slip]
    sketches: np.ndarray

    def naming(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        observed: Sequence[Evidence],
        expected: Sequence[Evidence],
    ) -> tuple[Misconception, ...]:
        """The slips that explain what was done on the public cases, all of it, or one for the most part.

        None where that is not sure.
        """
        parts = Parts(cases, expected)
        if self.sketches.shape[1:] != (len(parts.names),):
            return ()  # nothing is known, or what is stored is of other cases
        row, right_row = trace(observed, expected), trace(expected, expected)
        found, right = parts.sketch(row), parts.sketch(right_row)
        wrong = ~parts.same(right, found)
        same = parts.same(self.sketches, found)
        # A slip that would break what is right here was not made.
        fits = (same | parts.same(self.sketches, right))[:, ~wrong].all(axis=1)
        explained = same & wrong
        # What did not come, or came in another shape, may be so for any reason.
        tells = explained & parts.hold_wrong_numbers(row, right_row)
        is_change = np.array([slip.is_change for slip in self.slips])
        whole = fits & (explained == wrong).all(axis=1) & (tells.any(axis=1) | ~is_change)
        if whole.any():
            return self._one_of(_places(whole))
        useful = _places(fits & tells.any(axis=1))
        # What is right for the answer's own quantities needs no slip of its own.
        following = _following(exercise, cases, observed, expected)
        own = wrong & np.array([part not in following for part in parts.names])
        several = self._several(useful, explained, tells, own, parts.names)
        return several or self._in_part(useful, tells, wrong, own, parts.names, expected)

    def _one_of(self, rows: Sequence[int]) -> tuple[Misconception, ...]:
        """The one mistake of the catalogue, or the simplest change; none where several mistakes do it."""
        mistakes = [row for row in rows if not self.slips[row].is_change]
        if len(mistakes) > 1:
            return ()
        return (self.slips[mistakes[0] if mistakes else rows[0]].misconception,)

    def _several(
        self,
        useful: Sequence[int],
        explained: np.ndarray,
        tells: np.ndarray,
        wrong: np.ndarray,
        parts: Sequence[Part],
    ) -> tuple[Misconception, ...]:
        """Slips that each explain numbers of their own, and together all that is wrong.

        That is sure of slips in different quantities. In one quantity each shows only in cases where the
        other does not, and of the many small changes two may do that by chance. One alone, as what follows
        from it is otherwise, is not what was done.
        """
        chosen: list[int] = []
        left = wrong.copy()
        while left.any() and len(chosen) < MOST_SLIPS:
            gains = [int((tells[row] & left).sum()) for row in useful]
            if not any(gains):
                return ()
            chosen.append(useful[int(np.argmax(gains))])
            left &= ~explained[chosen[-1]]
        if left.any() or len(chosen) < MOST_SLIPS:
            return ()
        first, second = ({parts[column].id for column in _places(tells[row] & wrong)} for row in chosen)
        sure = first.isdisjoint(second) or not any(self.slips[row].is_change for row in chosen)
        return tuple(replace(self.slips[row].misconception, sure=sure) for row in sorted(chosen))

    def _in_part(
        self,
        useful: Sequence[int],
        tells: np.ndarray,
        wrong: np.ndarray,
        own: np.ndarray,
        parts: Sequence[Part],
        expected: Sequence[Evidence],
    ) -> tuple[Misconception, ...]:
        """The slip that explains most, where it explains what is wrong first and not by what follows alone.

        Small changes are many, and one that explains less than half may do so by chance.
        """
        fitting = [
            row
            for row in useful
            if self._explains_first(row, tells[row], wrong, parts)
            and (tells[row] & own).any()
            and (not self.slips[row].is_change or 2 * (tells[row] & own).sum() >= own.sum())
        ]
        if not fitting:
            return ()
        row = max(fitting, key=lambda row: (tells[row].sum(), -row))
        words = _words(expected)
        left = [parts[column].id for column in _places(own & ~tells[row])]
        said = list(dict.fromkeys(words[id] for id in left if id in words))
        known = self.slips[row].misconception
        rest = f" It does not explain {listed(said)}." if said else ""
        return (replace(known, hint=f"{known.hint}{rest}", sure=False),)

    def _explains_first(self, row: int, tells: np.ndarray, wrong: np.ndarray, parts: Sequence[Part]) -> bool:
        """Whether it is the first wrong quantity that a slip explains in each property where it explains any.

        Of a small change, which there are many of, that quantity in every property.
        """
        touched = [parts[column] for column in _places(tells)]
        if not all(tells[_first(parts, wrong, judged)] for judged in {part.property for part in touched}):
            return False
        ids = {part.id for part in touched} if self.slips[row].is_change else set()
        return not any(parts[column].id in ids for column in _places(wrong & ~tells))


def _following(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> set[Part]:
    """The parts that are right from where the answer stands (``Exercise.follow``), wherever that is told.

    A quantity that is so where its formula is judged is so in every property.
    """
    told: dict[Part, bool] = {}
    for case, found, should in zip(cases, observed, expected, strict=True):
        judged = exercise.property_of(case)
        for reading, array in exercise.follow(case, found, should).readings.items():
            right, own = should.readings.get(reading), found.readings.get(reading)
            if right is None or right.shape != array.shape or np.array_equal(right, array):
                continue
            fits = own is not None and own.shape == array.shape and bool(agree(own, array, judged).all())
            part = Part(case.property, reading.id)
            told[part] = told.get(part, True) and fits
    telling = {entry.id for entry in exercise.properties if entry.telling}
    ids = {part.id for part, fits in told.items() if fits and part.property in telling}
    every = {Part(entry.id, id) for entry in exercise.properties for id in ids}
    return every | {part for part, fits in told.items() if fits}


def _first(parts: Sequence[Part], wrong: np.ndarray, judged: str) -> int:
    """The first wrong quantity of a property; how its cases ended, where no quantity is wrong."""
    own = [column for column in _places(wrong) if parts[column].property == judged]
    return next((column for column in own if parts[column].id), own[0])


def _places(chosen: np.ndarray) -> list[int]:
    return [int(place) for place in np.flatnonzero(chosen)]


def _words(expected: Sequence[Evidence]) -> dict[str, str]:
    """What each quantity is called, by its reading's id; statements are none."""
    return {
        reading.id: reading._replace(step=0, owner=0).words
        for evidence in expected
        for reading in evidence.readings
        if reading.form != "statement"
    }


def listed(words: Sequence[str]) -> str:
    """ "m", "m and v", "m, v and theta"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
