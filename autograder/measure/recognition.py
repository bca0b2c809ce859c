"""How well the check knows answers that it has not seen: caught or accepted, named, located."""

from __future__ import annotations

import linecache
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from autograder.catalogue.answers import answer, earlier_answers
from autograder.catalogue.changes import no_longer_than
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.unseen import UnseenAnswer, unseen
from autograder.machine.workers import WorkerLost, workers
from autograder.measure.sensitivity import WORKERS
from course.cases import probed, public_cases
from course.exercise import Evidence, Exercise, Verdict
from course.exercises import EXERCISES
from course.judging.judge import judge
from course.known import known
from course.problems import Problem
from course.repair.search import find_line
from course.repair.tries import tries
from course.sealing import refused

# What takes longer than that is stopped in grading too.
SECONDS = 20.0
# Seconds in which every search is done, however busy the machine.
PATIENCE = 120


@dataclass(frozen=True)
class Recognition:
    """What the check on public cases said of one unseen answer.

    Attributes:
        wrong: whether its author meant it to be.
        said: what its author says of it.
        full_marks: whether it got all points.
        names: what it was taken for; empty for nothing.
        sure: whether the names explain all of the evidence.
        located: whether a line was pointed at: by an error, or because one change there mends it.
    """

    lesson: str
    exercise: str
    id: str
    wrong: bool
    said: str
    full_marks: bool
    names: tuple[str, ...]
    ids: tuple[str, ...]
    sure: bool
    located: bool

    @property
    def known(self) -> bool:
        """Whether the student learns what is wrong, or at least where."""
        return bool(self.names) or self.located


def recognition(lessons: Iterable[Lesson]) -> list[Recognition]:
    """What comes of every unseen answer of the lessons, in their order."""
    tasks = [(lesson, entry) for lesson in lessons for entry in unseen(lesson)]
    with workers(WORKERS) as pool:
        found = list(pool.map(_tried, tasks))
        unknown = [place for place, entry in enumerate(found) if not (entry.full_marks or entry.known)]
        searched = {place: pool.submit(_has_line, tasks[place]) for place in unknown}
        for place, search in searched.items():
            # A changed answer can end its process as any code can.
            with suppress(WorkerLost):
                found[place] = replace(found[place], located=search.result())
    return found


def _tried(task: tuple[Lesson, UnseenAnswer]) -> Recognition:
    lesson, entry = task
    verdict, evidence = on_public_cases(lesson, EXERCISES[entry.exercise], entry.code)
    names = verdict.misconceptions
    return Recognition(
        lesson.name,
        entry.exercise,
        entry.id,
        entry.wrong,
        entry.said,
        verdict.score == verdict.max_score,
        tuple(name.name for name in names),
        tuple(name.id for name in names),
        all(name.sure for name in names),
        any(found.problem and found.problem.values.get("line") for found in evidence),
    )


def _has_line(task: tuple[Lesson, UnseenAnswer]) -> bool:
    """Whether a line is found that one small change would mend."""
    lesson, entry = task
    exercise = EXERCISES[entry.exercise]
    given, namespace = tries(exercise), earlier_answers(lesson, exercise.id)
    # What never comes back from compiled code, as a power of large integers, can be ended from outside alone.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE)
    try:
        with refused(lesson.sealed):
            return find_line(exercise, entry.code, namespace, given) is not None
    finally:
        signal.alarm(0)


def on_public_cases(lesson: Lesson, exercise: Exercise, code: str) -> tuple[Verdict, Sequence[Evidence]]:
    """What ``check`` says of the text of a solution cell, and the evidence that it says it of."""
    cases, expected = public_cases(exercise.id)
    # As a cell is to Python, so that an exception tells its line.
    file = f"<ipython-input-{exercise.id}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    try:
        with no_longer_than(SECONDS):
            observed = probed(exercise, answer(lesson, exercise.id, code, file), cases, expected)
    except Exception as error:
        raised = Problem("cell_failed", {"reason": f"{type(error).__name__}: {error}"})
        observed = [Evidence({}, raised)] * len(cases)
    stored = known(exercise.id)
    slips = partial(stored.slips.naming, exercise, cases, observed, expected)
    verdict = judge(exercise, cases, observed, expected, stored.mistakes, stored.pairs.explaining, slips)
    return verdict, observed


def totals(found: Sequence[Recognition]) -> dict[str, Any]:
    """The counts that are published."""
    wrong = [entry for entry in found if entry.wrong]
    caught = [entry for entry in wrong if not entry.full_marks]
    right = [entry for entry in found if not entry.wrong]
    return {
        "wrong": len(wrong),
        "caught": len(caught),
        "named": sum(bool(entry.names) and entry.sure for entry in caught),
        "named_in_part": sum(bool(entry.names) and not entry.sure for entry in caught),
        "placed": sum(entry.known for entry in caught),
        "right": len(right),
        "accepted": sum(entry.full_marks for entry in right),
    }


def by_lesson(found: Sequence[Recognition]) -> dict[str, list[Recognition]]:
    """Those of each lesson, by its name."""
    names = dict.fromkeys(entry.lesson for entry in found)
    return {name: [entry for entry in found if entry.lesson == name] for name in names}


def as_json(found: Sequence[Recognition]) -> dict[str, Any]:
    """The counts, of all and by lesson, and every answer."""
    return {
        "totals": totals(found),
        "lessons": {lesson: totals(own) for lesson, own in by_lesson(found).items()},
        "answers": [asdict(entry) for entry in found],
    }
