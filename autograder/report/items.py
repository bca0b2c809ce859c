"""Item analysis: how hard each property is, and whether it tells strong students from weak ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from autograder.judge.judgement import Judgement

# With fewer students on one side a correlation says nothing.
FEWEST = 3


@dataclass(frozen=True)
class Item:
    """One property.

    Attributes:
        tried: how many students attempted its exercise.
        passed: for how many of these it holds.
        discrimination: the point-biserial correlation of passing it with the points for the rest of the
            lesson, among those who tried; None where fewer than three passed it, or failed it, or the rest
            is the same for all. Taking the item out of the total is Henrysson's correction (Psychometrika
            28, 1963, 211-218).
    """

    exercise: str
    name: str
    points: float
    tried: int
    passed: int
    discrimination: float | None

    @property
    def success(self) -> float | None:
        """The share of those who tried."""
        return self.passed / self.tried if self.tried else None


def items(judgements: Iterable[Judgement], shares: Mapping[str, float] = MappingProxyType({})) -> list[Item]:
    """Every property of a lesson, in the order in which the judgements have them.

    Args:
        shares: what a point of the check counts for in the class, by exercise: a point unless given.
    """
    seen: dict[tuple[str, str], tuple[str, float, list[tuple[bool, float]]]] = {}
    for judgement in judgements:
        total = sum(entry.score * shares.get(entry.id, 1.0) for entry in judgement.exercises)
        for exercise in judgement.exercises:
            for entry in exercise.properties:
                points = entry.points * shares.get(exercise.id, 1.0)
                _, _, tried = seen.setdefault((exercise.id, entry.id), (entry.name, points, []))
                if exercise.attempted:
                    rest = total - (points if entry.passed else 0.0)
                    tried.append((entry.passed, rest))
    return [
        Item(
            exercise,
            name,
            points,
            len(tried),
            sum(passed for passed, _ in tried),
            _discrimination(tried),
        )
        for (exercise, _), (name, points, tried) in seen.items()
    ]


def _discrimination(tried: Sequence[tuple[bool, float]]) -> float | None:
    passed, rest = np.array(tried, float).reshape(-1, 2).T
    if min(passed.sum(), len(passed) - passed.sum()) < FEWEST or np.ptp(rest) < 1e-9:
        return None
    return float(np.corrcoef(passed, rest)[0, 1])
