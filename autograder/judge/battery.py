"""The secret cases: of each exercise a pool of batteries, of which a hand-in meets one.

What a submission can tell of the cases that it met, by what its page shows and by which properties hold, is
of use to the next one only where that meets the same battery.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import product

from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import KnownRuns
from autograder.judge.attempt import Packed
from autograder.judge.drawn import graded_cases
from autograder.machine.workers import workers
from course.cases import failing
from course.exercise import Case, Evidence, Exercise
from course.exercises import EXERCISES
from course.wire import encode_cases

# How many batteries there are. Cases of its own for every submission would cost 0.1 to 0.3 s each.
POOL = 8


@dataclass(frozen=True)
class Battery:
    """The secret cases of one exercise, what PyTorch does on them, and what known mistakes and pairs do."""

    cases: list[Case]
    packed: Packed
    expected: list[Evidence]
    known: KnownRuns


class Batteries:
    """The pool of a secret seed; each battery is drawn and worked out when it is first asked for."""

    def __init__(self, seed: int):
        self._key = str(seed).encode()
        self._drawn: dict[tuple[str, int], Battery] = {}

    def number(self, hand_in: str) -> int:
        """Which of the pool a hand-in meets: the same one always, and one that nobody can foretell.

        Args:
            hand_in: what tells it from others.
        """
        return hmac.digest(self._key, hand_in.encode(errors="backslashreplace"), "sha256")[0] % POOL

    def of(self, exercise_id: str, lesson: Lesson, number: int) -> Battery:
        """The exercise's battery of that number in the pool, from 0."""
        if (exercise_id, number) not in self._drawn:
            self._keep(exercise_id, lesson, number, *_work_out((exercise_id, self._seed(number))))
        return self._drawn[exercise_id, number]

    def work_out(
        self, exercise_ids: Iterable[str], lesson: Lesson, numbers: Iterable[int], count: int
    ) -> None:
        """Have many batteries at once: ``count`` processes share the work."""
        wanted = [entry for entry in product(exercise_ids, sorted(set(numbers))) if entry not in self._drawn]
        # What the first of all loads, the processes have from this one.
        for exercise, number in wanted[:1]:
            self.of(exercise, lesson, number)
        if others := wanted[1:]:
            with workers(count) as pool:
                drawn = pool.map(_work_out, [(exercise, self._seed(number)) for exercise, number in others])
                for (exercise, number), made in zip(others, drawn, strict=True):
                    self._keep(exercise, lesson, number, *made)

    def _seed(self, number: int) -> int:
        # Who worked one battery's seed out, from what was drawn with it, knows nothing of the others'.
        return int.from_bytes(hmac.digest(self._key, b"battery %d" % number, hashlib.sha256))

    def _keep(
        self, exercise_id: str, lesson: Lesson, number: int, cases: list[Case], expected: list[Evidence]
    ) -> None:
        known = KnownRuns(EXERCISES[exercise_id], lesson, cases, expected)
        packed = packed_cases(EXERCISES[exercise_id], cases, expected)
        self._drawn[exercise_id, number] = Battery(cases, packed, expected, known)


def packed_cases(exercise: Exercise, cases: list[Case], expected: list[Evidence]) -> Packed:
    """Cases as a process is sent them, and which of them fail by what PyTorch does on them."""
    return Packed(len(cases), encode_cases(cases), partial(failing, exercise, cases, expected=expected))


def _work_out(drawn: tuple[str, int]) -> tuple[list[Case], list[Evidence]]:
    """The cases and the evidence of an exercise and a seed."""
    exercise_id, seed = drawn
    return graded_cases(EXERCISES[exercise_id], seed)
