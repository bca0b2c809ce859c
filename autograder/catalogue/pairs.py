"""The known mistakes as code, one and two at a time: which fit together, and what they do.

Most are told from a submission by their first few cases: each is run case by case, in order as a submission
is, and no further than it has to be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, compress

import numpy as np

from autograder.catalogue.answers import WrongAnswer, answer, misconceptions
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.mistakes import ATOL, RTOL, Mistake, same_trace, trace
from course.judging.pairs import Both


def together(first: WrongAnswer, second: WrongAnswer, solution: str) -> str | None:
    """The text of a solution cell with both mistakes; None where they don't fit together.

    They fit where each finds the text that it changes after the other too, and the same comes out in
    either order. A mistake that replaces the whole cell fits no other.
    """
    if any(not old for mistake in (first, second) for old, _ in mistake.edits):
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
    """One answer on the cases in their order, as far as it was asked for.

    Attributes:
        pair: the two known mistakes that it holds; None for any other answer.
    """

    def __init__(self, rows: Iterable[np.ndarray], pair: Both | None = None):
        self.pair = pair
        self._coming = iter(rows)
        self._rows: list[np.ndarray] = []

    def row(self, case: int) -> np.ndarray:
        """The trace of one case, by its number."""
        while len(self._rows) <= case:
            self._rows.append(next(self._coming))
        return self._rows[case]


class MistakeRun:
    """One known mistake on a list of cases, worked out as far as it has to be."""

    def __init__(self, misconception: Misconception, rows: Iterable[np.ndarray], cuts: np.ndarray):
        self.misconception = misconception
        self._run = _Run(rows)
        self._cuts = cuts

    def explains(self, row: np.ndarray) -> bool:
        """Whether it leaves this trace."""
        return all(
            same_trace(part, self._run.row(case)) for case, part in enumerate(np.split(row, self._cuts))
        )


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
    def _wrong_answers(self) -> list[WrongAnswer]:
        return misconceptions(self._lesson, self._exercise.id)

    @cached_property
    def _solution(self) -> str:
        return self._lesson.solutions()[self._exercise.id]

    @cached_property
    def _runs(self) -> dict[Both, _Run]:
        """The pairs that fit together, in the order of the catalogue."""
        ending = [mistake for mistake in self._wrong_answers if not loops(mistake.code(self._solution))]
        runs = {}
        for first, second in combinations(ending, 2):
            code = together(first, second, self._solution)
            if code is not None:
                pair = (first.misconception, second.misconception)
                runs[pair] = _Run(self._rows(code), pair)
        return runs

    def _rows(self, code: str) -> Iterator[np.ndarray]:
        made = answer(self._lesson, self._exercise.id, code)
        for case, expected in zip(self._cases, self._expected, strict=True):
            yield trace([self._exercise.observe(made, case)], [expected])

    @cached_property
    def mistakes(self) -> list[MistakeRun]:
        """Each by itself, in the order of the catalogue."""
        return [
            MistakeRun(mistake.misconception, self._rows(mistake.code(self._solution)), self._cuts)
            for mistake in self._wrong_answers
        ]

    @property
    def pairs(self) -> list[Both]:
        """Those that fit together, in the order of the catalogue."""
        return list(self._runs)

    def explaining(self, row: np.ndarray, without: str = "") -> list[Both]:
        """The pairs that do what left this trace; none where the right answer does too.

        Args:
            without: the id of a mistake that is to be left out.
        """
        if same_trace(row, self.right):
            return []
        fitting = [
            (pair, run)
            for pair, run in self._runs.items()
            if without not in {misconception.id for misconception in pair}
        ]
        for case, part in enumerate(np.split(row, self._cuts)):
            if not fitting:
                break
            same = _same_traces(part, np.array([run.row(case) for _, run in fitting]))
            fitting = list(compress(fitting, same))
        return [pair for pair, _ in fitting]

    def traces(self) -> list[tuple[Both, np.ndarray]]:
        """Every pair, on all cases."""
        return [
            (pair, np.concatenate([run.row(case) for case in range(len(self._cases))]))
            for pair, run in self._runs.items()
        ]

    def alone(self, mistakes: Sequence[Mistake]) -> set[Both]:
        """The pairs that do what no single mistake, no other pair and no right answer does."""
        others = [_Run(np.split(row, self._cuts)) for row in (self.right, *(each.trace for each in mistakes))]
        alone: set[Both] = set()
        groups = [[*self._runs.values(), *others]]
        for case in range(len(self._cases)):
            groups = [part for group in groups for part in _parted(group, case)]
            alone |= {group[0].pair for group in groups if len(group) == 1 and group[0].pair}
            # What is told apart by now, and what holds no pair, has to be looked at no further.
            groups = [group for group in groups if len(group) > 1 and any(run.pair for run in group)]
        return alone


def _parted(group: list[_Run], case: int) -> list[list[_Run]]:
    """Runs that were the same so far, split by what they do on one more case."""
    parts: list[list[_Run]] = []
    leads = np.empty((len(group), group[0].row(case).size))  # the trace that each part begins with
    for run in group:
        row = run.row(case)
        same = np.flatnonzero(_same_traces(leads[: len(parts)], row))
        if same.size:
            parts[same[0]].append(run)
        else:
            leads[len(parts)] = row
            parts.append([run])
    return parts


def _same_traces(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """``same_trace`` of many at once: of one trace of shape (n,) and an array (m, n), either way round."""
    return np.isclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True).all(axis=-1)
