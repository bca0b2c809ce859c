"""Which submissions share what few others have: by an index of rare traits, never text against text."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from itertools import groupby

from autograder.alike.submissions import Submission
from autograder.alike.traits import Trait

# What a quarter of a class has, or so many of a large one, is common and says nothing; of a small class it takes
# so many at least.
COMMON_SHARE, COMMON_MOST, COMMON_LEAST = 4, 64, 6
# How much two have to share for a person to look: a line of eight words that nobody else has is two, a name
# one, half a line of code a half. Chosen on lesson 05; tests/alike/test_class.py measures it on others.
ENOUGH = 8.0


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
        """1 for what two have at most, 0 for what is known or common, and between them as the logarithm of
        how many have it: inverse document frequency."""
        count = len(self._who.get(trait, ()))
        if not 0 < count < self._most:
            return 0.0
        return min(1.0, math.log(self._most / count) / math.log(self._most / 2))

    def weight(self, shared: Collection[Trait]) -> float:
        """What is shared, weighed; decides alone what is shown, and in which order."""
        return sum(trait.weight * self.of(trait) for trait in shared)

    def pairs(self) -> list[tuple[float, int, int]]:
        """Those who share enough, by their numbers, and how much; the most first."""
        return sorted(self._pairs(), key=lambda pair: (-pair[0], *pair[1:]))

    def _pairs(self) -> Iterator[tuple[float, int, int]]:
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
            yield from ((weight, first, other) for other, weight in shared.items() if weight >= ENOUGH)


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
