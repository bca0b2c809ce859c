"""How good the checks are: every known mistake and every known right answer against every property."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from autograder.catalogue import answer, misconceptions, variants
from autograder.grader import graded_cases
from autograder.lesson import Lesson
from course.check import public_cases
from course.exercise import Case, Evidence, Exercise, Level, Misconception
from course.judge import judge
from course.mistakes import Mistake, recognise, trace

LEVELS: tuple[Level, Level] = ("public", "graded")


@dataclass(frozen=True)
class Trial:
    """One known answer on the cases of one level.

    Attributes:
        kind: ``"mistake"`` or ``"variant"``.
        passed: by property.
        named: the mistake that it was taken for, of the whole catalogue; None where none matched.
        named_without: the same with this mistake taken out of the catalogue; has to be None.
    """

    lesson: str
    exercise: str
    kind: str
    id: str
    level: Level
    passed: dict[str, bool]
    named: str | None
    named_without: str | None

    @property
    def full_marks(self) -> bool:
        return all(self.passed.values())

    def line(self) -> dict[str, Any]:
        return dict(vars(self))


def sensitivity(lessons: Iterable[Lesson], seed: int) -> Iterator[Trial]:
    """Every trial of every exercise, one after the other.

    Args:
        seed: of the graded cases.
    """
    for lesson in lessons:
        for exercise in lesson.exercises:
            for level in LEVELS:
                yield from _trials(lesson, exercise, level, seed)


def _trials(lesson: Lesson, exercise: Exercise, level: Level, seed: int) -> Iterator[Trial]:
    cases, expected = public_cases(exercise.id) if level == "public" else graded_cases(exercise, seed)
    solution = lesson.solutions()[exercise.id]
    wrong = {entry.misconception: entry.code(solution) for entry in misconceptions(lesson, exercise.id)}
    right = {entry.id: entry.code for entry in variants(lesson) if entry.exercise == exercise.id}
    evidence = {what: _probe(lesson, exercise, code, cases) for what, code in {**wrong, **right}.items()}
    catalogue = [Mistake(what, trace(evidence[what], expected)) for what in wrong]
    for what, observed in evidence.items():
        verdict = judge(exercise, cases, observed, expected)
        others = [entry for entry in catalogue if entry.misconception != what]
        yield Trial(
            lesson.name,
            exercise.id,
            "mistake" if what in wrong else "variant",
            what.id if isinstance(what, Misconception) else what,
            level,
            {entry.property.name: entry.passed for entry in verdict.properties},
            _id(recognise(observed, expected, catalogue)),
            _id(recognise(observed, expected, others)),
        )


def _probe(lesson: Lesson, exercise: Exercise, code: str, cases: list[Case]) -> list[Evidence]:
    made = answer(lesson, exercise.id, code)
    return [exercise.probe(made, case) for case in cases]


def _id(found: Misconception | None) -> str | None:
    return found.id if found else None


def totals(trials: Iterable[Trial]) -> dict[str, int]:
    """The counts that are published; see ``report`` for what each should be."""
    counted = dict.fromkeys(
        ("mistakes", "caught_public", "caught_graded", "named_public", "named_graded", "wrong_names"), 0
    )
    variants_full: dict[tuple[str, str], bool] = {}
    for trial in trials:
        if trial.kind == "mistake":
            counted["mistakes"] += trial.level == "public"
            counted[f"caught_{trial.level}"] += not trial.full_marks
            counted[f"named_{trial.level}"] += trial.named == trial.id
            counted["wrong_names"] += trial.named not in (None, trial.id) or trial.named_without is not None
        else:
            key = trial.exercise, trial.id
            variants_full[key] = variants_full.get(key, True) and trial.full_marks
            counted["wrong_names"] += trial.named is not None
    return {**counted, "variants": len(variants_full), "accepted": sum(variants_full.values())}


def by_exercise(trials: list[Trial]) -> Table:
    """One row an exercise, and the totals."""
    table = Table(title="Known mistakes and right answers", title_justify="left", box=box.SIMPLE)
    table.add_column("exercise")
    heads = ("mistakes", "caught public", "caught graded", "named public", "named graded", "wrong names")
    for head in (*heads, "variants", "accepted"):
        table.add_column(head, justify="right")
    for exercise in dict.fromkeys(trial.exercise for trial in trials):
        own = totals(trial for trial in trials if trial.exercise == exercise)
        table.add_row(exercise, *map(str, own.values()))
    table.add_section()
    table.add_row("all", *map(str, totals(trials).values()))
    return table
