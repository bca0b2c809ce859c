"""What was tried and what came of it: known answers against properties, as data, and what is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from course.exercise import Level

Kind = Literal["mistake", "variant"]


@dataclass(frozen=True)
class Trial:
    """One known answer on the cases of one level.

    Attributes:
        seed: of the graded cases; None for the public ones.
        dtype: of the arrays in the cases, ``"float64"`` or ``"float32"``.
        passed: by the property's id.
        named: the mistake, or pair, that it was taken for, of the whole catalogue; None where none matched.
        named_without: the same with this mistake taken out of the catalogue, alone and in all pairs.
    """

    lesson: str
    exercise: str
    kind: Kind
    id: str
    level: Level
    seed: int | None
    dtype: str
    passed: dict[str, bool]
    named: str | None
    named_without: str | None

    @property
    def full_marks(self) -> bool:
        return all(self.passed.values())

    @property
    def misnamed(self) -> bool:
        """Whether it was taken for what it is not."""
        return self.named not in (None, self.id if self.kind == "mistake" else None)


@dataclass(frozen=True)
class PairTrial:
    """Two known mistakes made at once, on the cases of one level: whether they are named as these two."""

    lesson: str
    exercise: str
    id: str
    level: Level
    named: bool


@dataclass(frozen=True)
class Matrix:
    """All trials of one lesson, or of several."""

    trials: list[Trial] = field(default_factory=list)
    pairs: list[PairTrial] = field(default_factory=list)

    def of(self, exercise: str) -> Matrix:
        return Matrix(
            [trial for trial in self.trials if trial.exercise == exercise],
            [pair for pair in self.pairs if pair.exercise == exercise],
        )

    def __add__(self, other: Matrix) -> Matrix:
        return Matrix(self.trials + other.trials, self.pairs + other.pairs)

    @property
    def exercises(self) -> list[str]:
        """Those of which something is known, in the order in which they were tried."""
        return list(dict.fromkeys(trial.exercise for trial in self.trials))

    def totals(self) -> dict[str, int]:
        """The counts that are published; what holds on several seeds has to hold on each."""
        mistakes, right = self._known("mistake"), self._known("variant")
        return {
            "mistakes": len(mistakes),
            "caught_public": _count(mistakes, "public", caught),
            "caught_graded": _count(mistakes, "graded", caught),
            "named_public": _count(mistakes, "public", named_rightly),
            "named_graded": _count(mistakes, "graded", named_rightly),
            "wrong_names": sum(map(_wrong_names, mistakes + right)),
            "variants": len(right),
            "accepted": sum(all(trial.full_marks for trial in trials) for trials in right),
        }

    def in_two_parts(self) -> dict[tuple[str, str], str]:
        """The mistakes that are two others at once, to every check, by exercise and id: the pair's id."""
        found = {(own[0].exercise, own[0].id): _same_pair(own) for own in self._known("mistake")}
        return {mistake: pair for mistake, pair in found.items() if pair}

    def pair_totals(self) -> dict[str, int]:
        """How many pairs there are, and how many are named as what they are."""
        named = [pair.level for pair in self.pairs if pair.named]
        return {
            "pairs": len({(pair.exercise, pair.id) for pair in self.pairs}),
            "named_public": named.count("public"),
            "named_graded": named.count("graded"),
        }

    def _known(self, kind: Kind) -> list[list[Trial]]:
        """The trials of one kind, those of one known answer together."""
        return grouped(trial for trial in self.trials if trial.kind == kind)


def grouped(trials: Iterable[Trial]) -> list[list[Trial]]:
    """Those of one known answer together."""
    groups: dict[tuple[str, str, str], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.exercise, trial.kind, trial.id), []).append(trial)
    return list(groups.values())


def caught(trial: Trial) -> bool:
    return not trial.full_marks


def named_rightly(trial: Trial) -> bool:
    return trial.named == trial.id


def _count(known: list[list[Trial]], level: Level, holds: Callable[[Trial], bool]) -> int:
    """How many known answers something holds for whenever they were tried at that level."""
    return sum(all(holds(trial) for trial in trials if trial.level == level) for trials in known)


def _same_pair(trials: list[Trial]) -> str | None:
    """The one thing that a mistake was taken for wherever it was taken out; None where there is none."""
    found = {trial.named_without for trial in trials}
    return found.pop() if len(found) == 1 else None


def _wrong_names(trials: list[Trial]) -> int:
    """How often one known answer was taken for what it is not.

    A mistake that no check can tell from two others at once, on any cases, is these two.
    """
    without = 0 if _same_pair(trials) else sum(trial.named_without is not None for trial in trials)
    return without + sum(trial.misnamed for trial in trials)
