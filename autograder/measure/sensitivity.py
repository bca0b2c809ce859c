"""How good the checks are: every known mistake and every known right answer against every property."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial

from autograder.build.hints import sketch_pairs
from autograder.catalogue.answers import answer, misconceptions, variants
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from autograder.judge.grader import graded_cases
from autograder.measure.precision import in_float32
from course.check import public_cases
from course.exercise import Case, Evidence, Exercise, Level, Misconception, Verdict
from course.judging.judge import judge
from course.judging.mistakes import Explanation, Mistake, recognise, trace
from course.judging.pairs import Explain

WORKERS = 2


@dataclass(frozen=True)
class Trial:
    """One known answer on the cases of one level.

    Attributes:
        kind: ``"mistake"`` or ``"variant"``.
        seed: of the graded cases; None for the public ones.
        dtype: of the arrays in the cases, ``"float64"`` or ``"float32"``.
        passed: by property.
        named: the mistake, or pair, that it was taken for, of the whole catalogue; None where none matched.
        named_without: the same with this mistake taken out of the catalogue, alone and in all pairs.
    """

    lesson: str
    exercise: str
    kind: str
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
            [entry for entry in self.trials if entry.exercise == exercise],
            [entry for entry in self.pairs if entry.exercise == exercise],
        )

    def __add__(self, other: Matrix) -> Matrix:
        return Matrix(self.trials + other.trials, self.pairs + other.pairs)

    def totals(self) -> dict[str, int]:
        """The counts that are published; what holds on several seeds has to hold on each."""
        mistakes = _grouped(entry for entry in self.trials if entry.kind == "mistake")
        right = _grouped(entry for entry in self.trials if entry.kind == "variant")
        counted = {"mistakes": len(mistakes)}
        for key, holds in (("caught", lambda t: not t.full_marks), ("named", lambda t: t.named == t.id)):
            for level in ("public", "graded"):
                own = [[entry for entry in group if entry.level == level] for group in mistakes]
                counted[f"{key}_{level}"] = sum(all(map(holds, group)) for group in own)
        return counted | {
            "wrong_names": sum(map(_wrong_names, mistakes + right)),
            "variants": len(right),
            "accepted": sum(all(entry.full_marks for entry in group) for group in right),
        }

    def in_two_parts(self) -> dict[tuple[str, str], str]:
        """The mistakes that are two others at once, to every check, by exercise and id: the pair's id."""
        groups = _grouped(entry for entry in self.trials if entry.kind == "mistake")
        return {(group[0].exercise, group[0].id): pair for group in groups if (pair := _same_pair(group))}

    def pair_totals(self) -> dict[str, int]:
        """How many pairs there are, and how many are named as what they are."""
        named = [entry.level for entry in self.pairs if entry.named]
        return {
            "pairs": len({(entry.exercise, entry.id) for entry in self.pairs}),
            "named_public": named.count("public"),
            "named_graded": named.count("graded"),
        }


def joined(found: Sequence[Misconception]) -> str | None:
    """The id of what was recognised, of two mistakes at once with a "+" between; None for nothing."""
    return "+".join(entry.id for entry in found) or None


def _grouped(trials: Iterable[Trial]) -> list[list[Trial]]:
    """Those of one known answer together."""
    groups: dict[tuple[str, str], list[Trial]] = {}
    for entry in trials:
        groups.setdefault((entry.exercise, entry.id), []).append(entry)
    return list(groups.values())


def _same_pair(group: list[Trial]) -> str | None:
    """The one thing that a mistake was taken for wherever it was taken out; None where there is none."""
    found = {entry.named_without for entry in group}
    return found.pop() if len(found) == 1 else None


def _wrong_names(group: list[Trial]) -> int:
    """How often one known answer was taken for what it is not.

    A mistake that no check can tell from two others at once, on any cases, is these two.
    """
    without = 0 if _same_pair(group) else sum(entry.named_without is not None for entry in group)
    return without + sum(entry.misnamed for entry in group)


def sensitivity(lessons: Iterable[Lesson], seeds: Sequence[int]) -> Matrix:
    """Every trial of every exercise: on the public cases, and on the graded ones of each seed.

    Right answers are tried with float32 inputs too where the exercise allows them; pairs of mistakes on
    the first seed alone.
    """
    with ProcessPoolExecutor(WORKERS) as pool:
        return sum(pool.map(partial(_sensitivity, seeds=seeds), lessons), Matrix())


def _sensitivity(lesson: Lesson, seeds: Sequence[int]) -> Matrix:
    trials: list[Trial] = []
    pairs: list[PairTrial] = []
    for exercise in lesson.exercises:
        for seed in (None, *seeds):
            tried = Tried(lesson, exercise, seed)
            trials += [*tried.mistakes(), *tried.variants()]
            if seed in (None, seeds[0]):
                pairs += tried.pairs()
    return Matrix(trials, pairs)


class Tried:
    """The known answers of one exercise on one list of cases.

    Args:
        seed: of the graded cases; None for the public ones.
    """

    def __init__(self, lesson: Lesson, exercise: Exercise, seed: int | None):
        self.lesson = lesson
        self.exercise = exercise
        self.seed = seed
        self.level: Level = "public" if seed is None else "graded"
        drawn = public_cases(exercise.id) if seed is None else graded_cases(exercise, seed)
        self.cases, self.expected = drawn

    @cached_property
    def wrong(self) -> list[tuple[Misconception, list[Evidence]]]:
        solution = self.lesson.solutions()[self.exercise.id]
        return [
            (entry.misconception, self._observed(entry.code(solution), self.cases))
            for entry in misconceptions(self.lesson, self.exercise.id)
        ]

    @cached_property
    def catalogue(self) -> list[Mistake]:
        return [Mistake(what, trace(observed, self.expected)) for what, observed in self.wrong]

    @cached_property
    def runs(self) -> KnownRuns:
        return KnownRuns(self.exercise, self.lesson, self.cases, self.expected)

    @cached_property
    def explain(self) -> Explain:
        """As on a student's machine, or as in the grader."""
        known = sketch_pairs(self.runs, self.catalogue) if self.level == "public" else self.runs
        return known.explaining

    @cached_property
    def named_by(self) -> Sequence[Explanation]:
        """The single mistakes, as on a student's machine, or as in the grader."""
        return (
            [mistake.sketched() for mistake in self.catalogue] if self.level == "public" else self.catalogue
        )

    def mistakes(self) -> Iterator[Trial]:
        for (what, observed), mistake in zip(self.wrong, self.catalogue, strict=True):
            verdict = judge(self.exercise, self.cases, observed, self.expected, self.named_by, self.explain)
            others = [other for other in self.named_by if other.misconception != what]
            without = recognise(mistake.trace, others, partial(self.runs.explaining, without=what.id))
            yield self._trial("mistake", what.id, "float64", verdict, without)

    def variants(self) -> Iterator[Trial]:
        precisions = {"float64": (self.exercise, self.cases, self.expected)}
        if self.exercise.float32:
            precisions["float32"] = in_float32(self.exercise, self.cases)
        for entry in variants(self.lesson):
            if entry.exercise == self.exercise.id:
                for dtype, (exercise, cases, expected) in precisions.items():
                    observed = self._observed(entry.code, cases)
                    verdict = judge(exercise, cases, observed, expected)
                    if verdict.score < verdict.max_score:
                        verdict = judge(exercise, cases, observed, expected, self.named_by, self.explain)
                    yield self._trial("variant", entry.id, dtype, verdict)

    def pairs(self) -> Iterator[PairTrial]:
        if self.level == "public":
            named = {
                both
                for both, row in self.runs.traces()
                if recognise(row, self.named_by, self.explain) == both
            }
        else:
            named = self.runs.alone(self.catalogue)
        for both in self.runs.pairs:
            yield PairTrial(self.lesson.name, self.exercise.id, joined(both), self.level, both in named)

    def _observed(self, code: str, cases: list[Case]) -> list[Evidence]:
        made = answer(self.lesson, self.exercise.id, code)
        return [self.exercise.probe(made, case) for case in cases]

    def _trial(
        self, kind: str, id: str, dtype: str, verdict: Verdict, without: Sequence[Misconception] = ()
    ) -> Trial:
        return Trial(
            self.lesson.name,
            self.exercise.id,
            kind,
            id,
            self.level,
            self.seed,
            dtype,
            passed={entry.property.id: entry.passed for entry in verdict.properties},
            named=joined(verdict.misconceptions),
            named_without=joined(without),
        )
