"""How good the checks are: every known mistake and every known right answer against every property."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial

from autograder.catalogue.answers import Variant, answer, misconceptions, variants
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from autograder.errors import DescentError
from autograder.judge.drawn import graded_cases
from autograder.machine.workers import workers
from autograder.measure.matrix import Kind, Matrix, PairTrial, Trial
from autograder.measure.precision import in_float32
from course.cases import probed, public_cases
from course.exercise import Case, Evidence, Exercise, Level, Misconception, Verdict
from course.judging.judge import judge
from course.judging.mistakes import Explanation, Mistake, recognise, trace
from course.judging.pairs import Both, Explain
from course.known import Known, load_hints

WORKERS = 2


def sensitivity(lessons: Iterable[Lesson], seeds: Sequence[int]) -> Matrix:
    """Every trial of every exercise: on the public cases, and on the graded ones of each seed.

    Right answers are tried with float32 inputs too where the exercise allows them; pairs of mistakes on
    the first seed alone.

    Raises:
        DescentError: the hints of a lesson, which its public checks go by, are not of its mistakes.
    """
    with workers(WORKERS) as pool:
        return sum(pool.map(partial(of_lesson, seeds=seeds), lessons), Matrix())


def of_lesson(lesson: Lesson, seeds: Sequence[int]) -> Matrix:
    """Every trial of the exercises of one lesson; see ``sensitivity``."""
    matrix = Matrix()
    right = variants(lesson)
    for exercise in lesson.exercises:
        own = [variant for variant in right if variant.exercise == exercise.id]
        public = OnPublicCases(lesson, exercise)
        graded = [OnGradedCases(lesson, exercise, seed) for seed in seeds]
        for tried in (public, *graded):
            matrix.trials.extend((*tried.mistakes(), *tried.variants(own)))
        for tried in (public, graded[0]):
            matrix.pairs.extend(tried.pairs())
    return matrix


class KnownAnswers(ABC):
    """The known answers of one exercise on one list of cases."""

    level: Level

    def __init__(
        self,
        lesson: Lesson,
        exercise: Exercise,
        cases: list[Case],
        expected: list[Evidence],
        seed: int | None = None,
    ):
        self.lesson = lesson
        self.exercise = exercise
        self.cases = cases
        self.expected = expected
        self.seed = seed
        self.runs = KnownRuns(exercise, lesson, cases, expected)

    @property
    @abstractmethod
    def named_by(self) -> Sequence[Explanation]:
        """How this level recognises single mistakes, in the order of the catalogue."""

    @property
    @abstractmethod
    def explain(self) -> Explain:
        """How this level recognises two mistakes at once."""

    @property
    @abstractmethod
    def named_pairs(self) -> Collection[Both]:
        """The pairs that this level names as what they are."""

    @cached_property
    def wrong(self) -> list[tuple[Mistake, list[Evidence]]]:
        """Each mistake with what it does on each case, in the order of the catalogue."""
        made = []
        for mistake in misconceptions(self.lesson, self.exercise.id):
            code = mistake.code(self.lesson.solutions()[self.exercise.id])
            observed = self._observed(code, self.cases, self.expected)
            made.append((Mistake(mistake.misconception, trace(observed, self.expected)), observed))
        return made

    @cached_property
    def catalogue(self) -> list[Mistake]:
        return [mistake for mistake, _ in self.wrong]

    def mistakes(self) -> Iterator[Trial]:
        for mistake, observed in self.wrong:
            verdict = judge(self.exercise, self.cases, observed, self.expected, self.named_by, self.explain)
            others = [other for other in self.named_by if other.misconception != mistake.misconception]
            id = mistake.misconception.id
            without = recognise(mistake.trace, others, partial(self.runs.explaining, without=id))
            yield self._trial("mistake", id, "float64", verdict, without)

    def variants(self, right: Iterable[Variant]) -> Iterator[Trial]:
        """Trials of right answers to this exercise."""
        precisions = {"float64": (self.exercise, self.cases, self.expected)}
        if self.exercise.float32:
            precisions["float32"] = in_float32(self.exercise, self.cases)
        for variant in right:
            for dtype, (exercise, cases, expected) in precisions.items():
                observed = self._observed(variant.code, cases, expected)
                verdict = judge(exercise, cases, observed, expected)
                if verdict.score < verdict.max_score:
                    verdict = judge(exercise, cases, observed, expected, self.named_by, self.explain)
                yield self._trial("variant", variant.id, dtype, verdict)

    def pairs(self) -> Iterator[PairTrial]:
        named = self.named_pairs
        for pair in self.runs.pairs:
            yield PairTrial(self.lesson.name, self.exercise.id, joined(pair), self.level, pair in named)

    def _observed(self, code: str, cases: list[Case], expected: list[Evidence]) -> list[Evidence]:
        made = answer(self.lesson, self.exercise.id, code)
        return probed(self.exercise, made, cases, expected)

    def _trial(
        self, kind: Kind, id: str, dtype: str, verdict: Verdict, without: Sequence[Misconception] = ()
    ) -> Trial:
        return Trial(
            self.lesson.name,
            self.exercise.id,
            kind,
            id,
            self.level,
            self.seed,
            dtype,
            passed={judged.property.id: judged.passed for judged in verdict.properties},
            named=joined(verdict.misconceptions) or None,
            named_without=joined(without) or None,
        )


class OnPublicCases(KnownAnswers):
    """As on a student's machine: mistakes and pairs are recognised by the hints that ``build`` stored."""

    level = "public"

    def __init__(self, lesson: Lesson, exercise: Exercise):
        super().__init__(lesson, exercise, *public_cases(exercise.id))

    @property
    def named_by(self) -> Sequence[Explanation]:
        return self._stored.mistakes

    @property
    def explain(self) -> Explain:
        return self._stored.pairs.explaining

    @property
    def named_pairs(self) -> Collection[Both]:
        # Only those are stored that can be told from the right answer, each mistake and every other pair.
        return set(self._stored.pairs.pairs)

    @cached_property
    def _stored(self) -> Known:
        """The hints; their single mistakes have to be what the catalogue makes now.

        That the pairs are too is for ``autograder build --check``, which runs them all.
        """
        path = self.lesson.hints_path
        stored = load_hints(path.parent, self.lesson.name).get(self.exercise.id, Known())
        fits = len(stored.mistakes) == len(self.catalogue) and all(
            known.misconception == now.misconception and known.explains(now.trace)
            for known, now in zip(stored.mistakes, self.catalogue, strict=True)
        )
        if not fits or not set(stored.pairs.pairs) <= set(self.runs.pairs):
            raise DescentError(
                f"course/hints/{path.name} is not of the mistakes of {self.exercise.id} as they are now: "
                f"run `autograder build {self.lesson.name}` first."
            )
        return stored


class OnGradedCases(KnownAnswers):
    """As in the grader, which has the code of every mistake and runs it on the secret cases."""

    level = "graded"

    def __init__(self, lesson: Lesson, exercise: Exercise, seed: int):
        super().__init__(lesson, exercise, *graded_cases(exercise, seed), seed)

    @property
    def named_by(self) -> Sequence[Explanation]:
        return self.catalogue

    @property
    def explain(self) -> Explain:
        return self.runs.explaining

    @property
    def named_pairs(self) -> Collection[Both]:
        return self.runs.alone(self.catalogue)


def joined(found: Sequence[Misconception]) -> str:
    """The id of what was recognised, of two mistakes at once with a "+" between; empty for nothing."""
    return "+".join(misconception.id for misconception in found)
