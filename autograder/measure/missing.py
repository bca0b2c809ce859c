"""What a lesson still lacks before its checks can be trusted, said to its author in sentences.

The counts are least ones: an exercise that offers more ways to go wrong needs more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from autograder.catalogue.lesson import Lesson
from autograder.measure.matrix import Matrix, Trial, caught, grouped, named_rightly
from course.exercise import Exercise

# Known mistakes an exercise, by what is to be written; a function that gives one point is a few lines long.
LEAST_MISTAKES = {"a class": 10, "a function": 5, "a function of one point": 3}
LEAST_VARIANTS = 4


def missing(lessons: Iterable[Lesson], matrix: Matrix) -> list[str]:
    """One sentence for each thing that is missing, each ending in what to do; empty where all is there.

    Args:
        matrix: all trials of these lessons.
    """
    return [
        sentence
        for lesson in lessons
        for exercise in lesson.exercises
        for sentence in _missing(lesson, exercise, matrix.of(exercise.id))
    ]


def shape(exercise: Exercise) -> str:
    """What is to be written, in the words of ``LEAST_MISTAKES``; a class has a capital letter."""
    if exercise.id[0].isupper():
        return "a class"
    return "a function of one point" if exercise.points <= 1 else "a function"


def _missing(lesson: Lesson, exercise: Exercise, matrix: Matrix) -> Iterator[str]:
    counts = matrix.totals()
    for what, least, who, folder in (
        ("mistakes", LEAST_MISTAKES[shape(exercise)], shape(exercise), "misconceptions"),
        ("variants", LEAST_VARIANTS, "an exercise", "variants"),
    ):
        there = counts[what]
        if there < least:
            there_are = f"{there} {what.removesuffix('s') if there == 1 else what}"
            yield (
                f"{exercise.id} has {there_are}; {who} needs {least}: "
                f"write {least - there} more in solutions/{folder}/{lesson.name}.py."
            )
    for trials in grouped(matrix.trials):
        known = f"{exercise.id}: the {trials[0].kind} {trials[0].id}"
        if trials[0].kind == "variant":
            if where := _where(trials, caught):
                yield f"{known} loses points on {where}: mend it, or the case that it fails."
            continue
        if where := _where(trials, lambda trial: trial.full_marks):
            yield f"{known} gets full marks on {where}: add a case that it fails."
        if where := _where(trials, lambda trial: caught(trial) and not named_rightly(trial)):
            yield f"{known} is not named on {where}: add a case that tells it from the other mistakes."
        if matrix.in_two_parts().get((exercise.id, trials[0].id)) is None and (
            where := _where(trials, lambda trial: trial.named_without is not None)
        ):
            yield (
                f"{known} is taken for another on {where} when it is not in the catalogue: "
                "add a case that tells them apart."
            )


def _where(trials: Iterable[Trial], holds: Callable[[Trial], bool]) -> str:
    """On which cases something holds of a known answer: "the public cases"; empty for none."""
    found = [trial for trial in trials if holds(trial)]
    seeds = list(dict.fromkeys(str(trial.seed) for trial in found if trial.level == "graded"))
    public = ["the public cases"] if any(trial.level == "public" for trial in found) else []
    graded = [f"the graded cases of seed {', '.join(seeds)}"] if seeds else []
    return " and ".join(public + graded)
