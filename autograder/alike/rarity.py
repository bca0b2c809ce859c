"""Which submissions share what few others have: by an index of rare traits, never text against text."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from itertools import groupby

from autograder.alike.submissions import Submission
from autograder.alike.traits import Trait

# What a quarter of a class has, or so many of a large one, is common and says nothing; of a small class it
# takes so many at least.
COMMON_SHARE, COMMON_MOST, COMMON_LEAST = 4, 64, 8
# How much two have to share for a person to look, and how much of that one cell can be: what is alike in one
# place is one coincidence, not many. A name that nobody else has is 1, a line of eight words 2, of code
# about 2. Chosen on lesson 05; tests/alike/test_class.py measures it on others.
ENOUGH, MOST_OF_PLACE = 8.0, 12.0
# Of several who handed in the same to the letter, in every cell, less says enough.
ENOUGH_OF_SAME = 4.0


class Rarity:
    """How rare each trait is in a class.

    Args:
        class_: the submissions; those that are the same to the letter are one.
        known: what everybody may have.
    """

    def __init__(self, class_: Sequence[Submission], known: Set[Trait]):
        self.class_ = class_
        self._most = min(COMMON_MOST, max(COMMON_LEAST, len(class_) / COMMON_SHARE))
        self._who: dict[Trait, list[int]] = defaultdict(list)
        for number, entry in enumerate(class_):
            for trait in entry.traits - known:
                self._who[trait].append(number)

    def of(self, trait: Trait) -> float:
        """Inverse document frequency: 1 for what two have at most, 0 for what is known or common."""
        count = len(self._who.get(trait, ()))
        if not 0 < count < self._most:
            return 0.0
        return min(1.0, math.log(self._most / count) / math.log(self._most / 2))

    def weight(self, entry: Submission, other: Submission) -> float:
        """What two submissions share, weighed; decides alone what is shown, and in which order.

        Args:
            other: the same as ``entry`` where several handed it in.
        """
        counted: set[Trait] = set()
        total = 0.0
        for place in entry.places:
            shared = (place.traits.keys() & other.traits) - counted
            total += self._of_place(shared)
            counted |= shared
        return total

    def _of_place(self, shared: Set[Trait]) -> float:
        """What is shared in one place, weighed: the rarest of it, up to MOST_OF_PLACE."""
        total, left = 0.0, MOST_OF_PLACE
        for rarity, weight in sorted(((self.of(trait), trait.weight) for trait in shared), reverse=True):
            total += rarity * min(weight, left)
            left -= weight
            if left <= 0:
                break
        return total

    def pairs(self) -> list[tuple[float, int, int]]:
        """Those who share enough, by their numbers, and how much; the most first."""
        found = [
            (weight, first, second)
            for first, second in self._candidates()
            if (weight := self.weight(self.class_[first], self.class_[second])) >= ENOUGH
        ]
        return sorted(found, key=lambda pair: (-pair[0], *pair[1:]))

    def _candidates(self) -> Iterator[tuple[int, int]]:
        """All that may share enough: those who would if one place could be everything."""
        # What the same few have is weighed once for all of it.
        together: dict[tuple[int, ...], float] = defaultdict(float)
        for trait, who in self._who.items():
            if len(who) > 1 and (rarity := self.of(trait)):
                together[tuple(who)] += rarity * trait.weight
        by_first: dict[int, list[tuple[tuple[int, ...], float]]] = defaultdict(list)
        for few, weight in together.items():
            for number in range(len(few) - 1):
                by_first[few[number]].append((few[number + 1 :], weight))
        for first, later in by_first.items():
            shared: dict[int, float] = defaultdict(float)
            for others, weight in later:
                for other in others:
                    shared[other] += weight
            yield from ((first, other) for other, weight in shared.items() if weight >= ENOUGH)


def distinct(entries: Sequence[Submission]) -> list[Submission]:
    """The submissions, those that are the same to the letter as one, wherever their cells stand."""

    def texts(entry: Submission) -> list[str]:
        return sorted(place.text for place in entry.places)

    ordered = sorted(entries, key=lambda entry: (texts(entry), entry.students))
    merged = []
    for _, group in groupby(ordered, key=texts):
        same = list(group)
        students = tuple(student for entry in same for student in entry.students)
        merged.append(Submission(students, same[0].places, any(entry.cut for entry in same)))
    return sorted(merged, key=lambda entry: entry.students)
