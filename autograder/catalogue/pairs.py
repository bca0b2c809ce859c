"""The known mistakes as code, one and two at a time: which fit together, and what they do.

Most are told from a submission by their first few cases: each is run case by case, in order as a submission
is, and no further than it has to be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np

from autograder.catalogue.answers import Wrong, answer, misconceptions
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.mistakes import Mistake, same_trace, trace
from course.judging.pairs import Both


def together(first: Wrong, second: Wrong, solution: str) -> str | None:
    """The text of a solution cell with both mistakes; None where they don't fit together.

    They fit where each finds the text that it changes after the other too, and the same comes out in
    either order. A mistake that replaces the whole cell fits no other.
    """
    if any(not old for entry in (first, second) for old, _ in entry.edits):
        return None
    try:
        code = second.code(first.code(solution))
        if code != first.code(second.code(solution)):
            return None
        compile(code, f"<{first.exercise}>", "exec")
    except (DescentError, SyntaxError):
        return None
    return code


def loops(code: str) -> bool:
    """Whether some code has a `while` loop: two changes that end each for itself need not end together."""
    return any(isinstance(node, ast.While) for node in ast.walk(ast.parse(code)))


class _Run:
    """An answer with one known mistake or two, on the cases in their order, as far as it was asked for."""

    def __init__(self, holds: tuple[Misconception, ...], rows: Iterator[np.ndarray]):
        self.holds = holds
        self._rows = rows
        self._made: list[np.ndarray] = []

    def row(self, index: int) -> np.ndarray:
        """The trace of one case."""
        while len(self._made) <= index:
            self._made.append(next(self._rows))
        return self._made[index]


class MistakeRun:
    """One known mistake on a list of cases, worked out as far as it has to be."""

    def __init__(self, misconception: Misconception, rows: Iterator[np.ndarray], cuts: np.ndarray):
        self.misconception = misconception
        self._run = _Run((misconception,), rows)
        self._cuts = cuts

    def explains(self, row: np.ndarray) -> bool:
        """Whether it leaves this trace."""
        return all(same_trace(part, self._run.row(at)) for at, part in enumerate(np.split(row, self._cuts)))


class KnownRuns:
    """The known mistakes of an exercise, and their pairs, on a list of cases, worked out when needed.

    Attributes:
        right: the trace of the right answer.
    """

    def __init__(
        self, exercise: Exercise, lesson: Lesson, cases: Sequence[Case], expected: Sequence[Evidence]
    ):
        self._exercise = exercise
        self._lesson = lesson
        self._cases = cases
        self._expected = expected
        parts = [trace([evidence], [evidence]) for evidence in expected]
        self.right = np.concatenate(parts)
        self._cuts = np.cumsum([part.size for part in parts])[:-1]

    @cached_property
    def _runs(self) -> list[_Run]:
        """In the order of the catalogue."""
        solution = self._lesson.solutions()[self._exercise.id]
        ending = [
            entry
            for entry in misconceptions(self._lesson, self._exercise.id)
            if not loops(entry.code(solution))
        ]
        runs = []
        for first, second in combinations(ending, 2):
            code = together(first, second, solution)
            if code is not None:
                runs.append(_Run((first.misconception, second.misconception), self._rows(code)))
        return runs

    def _rows(self, code: str) -> Iterator[np.ndarray]:
        made = answer(self._lesson, self._exercise.id, code)
        for case, expected in zip(self._cases, self._expected, strict=True):
            yield trace([self._exercise.probe(made, case)], [expected])

    @cached_property
    def mistakes(self) -> list[MistakeRun]:
        """Each by itself, in the order of the catalogue."""
        solution = self._lesson.solutions()[self._exercise.id]
        return [
            MistakeRun(entry.misconception, self._rows(entry.code(solution)), self._cuts)
            for entry in misconceptions(self._lesson, self._exercise.id)
        ]

    @property
    def pairs(self) -> list[Both]:
        """Those that fit together, in the order of the catalogue."""
        return [run.holds for run in self._runs]

    def explaining(self, row: np.ndarray, without: str = "") -> list[Both]:
        """The pairs that do what left this trace; none where the right answer does too.

        Args:
            without: the id of a mistake that is to be left out.
        """
        if same_trace(row, self.right):
            return []
        found = np.split(row, self._cuts)
        fitting = [run for run in self._runs if without not in {entry.id for entry in run.holds}]
        for index, part in enumerate(found):
            fitting = [run for run in fitting if same_trace(part, run.row(index))]
        return [run.holds for run in fitting]

    def traces(self) -> list[tuple[Both, np.ndarray]]:
        """Every pair, on all cases."""
        return [
            (run.holds, np.concatenate([run.row(index) for index in range(len(self._cases))]))
            for run in self._runs
        ]

    def alone(self, mistakes: Sequence[Mistake]) -> set[Both]:
        """The pairs that do what no single mistake, no other pair and no right answer does."""
        known = (self.right, *(mistake.trace for mistake in mistakes))
        others = [np.split(row, self._cuts) for row in known]
        found: set[Both] = set()
        groups = [(self._runs, others)]
        for index in range(len(self._cases)):
            parted = []
            for runs, rows in groups:
                parted += _part(runs, rows, index)
            found |= {runs[0].holds for runs, rows in parted if len(runs) == 1 and not rows}
            groups = [(runs, rows) for runs, rows in parted if runs and len(runs) + len(rows) > 1]
        return found


Group = tuple[list[_Run], list[list[np.ndarray]]]


def _part(runs: list[_Run], others: list[list[np.ndarray]], index: int) -> list[Group]:
    """Split what was the same so far by what it does on one case."""
    parted: list[tuple[np.ndarray, Group]] = []
    for entry in (*runs, *others):
        row = entry.row(index) if isinstance(entry, _Run) else entry[index]
        group = next((group for lead, group in parted if same_trace(lead, row)), None)
        if group is None:
            group = ([], [])
            parted.append((row, group))
        group[0 if isinstance(entry, _Run) else 1].append(entry)
    return [group for _, group in parted]
