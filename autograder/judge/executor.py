"""Where a class's notebooks are judged: in processes of this machine, or on other machines."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from autograder.catalogue.lesson import Lesson
from autograder.judge.grader import Grader, Judged


class Judging(Protocol):
    """Judges hand-ins of one lesson, several at a time."""

    @property
    def room(self) -> int:
        """How many are to be begun at a time, so that nobody waits for work."""

    def begin(self, path: Path, lesson: Lesson, root: Path, hand_in: str, hurry: bool) -> Future[Any]:
        """Have a notebook judged.

        Args:
            root: the folder below which no part of the path may be a link.
            hand_in: what tells it from others, which says what cases it meets.
            hurry: give up where a step takes much longer than is usual on the machine.
        """

    def judged(self, begun: Future[Any], path: Path, lesson: Lesson) -> Judged | None:
        """What came of it; None where it is to have another turn once all others had theirs.

        Raises:
            DescentError: no notebook can be judged, for a reason that the sentence says.
        """


class Executor(Protocol):
    """Somewhere to judge."""

    def judging(
        self, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]
    ) -> AbstractContextManager[Judging]:
        """Prepare what these hand-ins share with others, and judge as long as the ``with`` lasts.

        Raises:
            DescentError: nothing can be judged there; the sentence says why.
        """
