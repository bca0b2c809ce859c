"""A Dask cluster as the place where a class is judged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.catalogue.lesson import Lesson
from autograder.cluster import errand
from autograder.cluster.errand import Errands
from autograder.cluster.parcels import Kit, Packed, from_bytes
from autograder.cluster.tasks import Lost, Task
from autograder.errors import DescentError
from autograder.judge.apart import most_seconds
from autograder.judge.flags import flag
from autograder.judge.grader import Grader, Judged
from autograder.judge.own_file import Unreadable, contents
from course.printable import printable
from course.trial import SIZE_LIMIT

if TYPE_CHECKING:
    from autograder.cluster.distribution import Distribution

# How many hand-ins are read ahead for each that is judged, and before it is known how many can be.
AHEAD, AT_FIRST = 2, 4


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask scheduler; an ``Executor``.

    Args:
        address: the scheduler's: ``"tcp://scheduler:8786"``.
        count: how many processes of this machine draw the cases.
        say: told in a sentence of each worker that is refused.

    Raises:
        DescentError: Dask is not installed.
    """

    address: str
    count: int
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        try:
            import dask
            import distributed  # noqa: F401 - whether it is there
        except ImportError as error:
            raise DescentError(
                f"Many machines need Dask ({error}): install it with `pip install .[cluster]`."
            ) from error
        # What it says of lost workers is said here in a sentence, where anything is to be done.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})

    @contextmanager
    def judging(self, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]) -> Iterator[ElsewhereJudges]:
        """See ``Executor``."""
        from autograder.cluster.distribution import Distribution

        # Before there is another thread: what draws the cases is forked from this one.
        grader.prepare(lesson, hand_ins := list(hand_ins), self.count)
        kit, errands = self.sent(grader, lesson, hand_ins)
        seconds = most_seconds(grader)
        with closing(Distribution(self.address, seconds, kit, self.say, errands)) as distribution:
            yield ElsewhereJudges(grader, distribution)

    def sent(self, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]) -> tuple[Packed, Errands]:
        """What workers are sent before the hand-ins, and what they are to do with it."""
        return Packed.of(Kit.of(grader, lesson, hand_ins)), errand


class ElsewhereJudges:
    """Has notebooks judged by a cluster's workers, which see their bytes and no path; a ``Judging``."""

    def __init__(self, grader: Grader, distribution: Distribution):
        self._grader = grader
        self._distribution = distribution

    @property
    def room(self) -> int:
        return max(AT_FIRST, AHEAD * self._distribution.threads)

    def begin(
        self, path: Path, lesson: Lesson, root: Path, hand_in: str, hurry: bool
    ) -> Future[bytes | None]:
        """See ``Judging``; the file is read here, as it is."""
        try:
            data = contents(path, root, SIZE_LIMIT)
        except Unreadable as error:
            begun: Future[bytes | None] = Future()
            begun.set_exception(error)
            return begun
        task = Task(data, path.name, self._grader.number(hand_in), hand_in, hurry)
        return self._distribution.submit(task)

    def judged(self, begun: Future[bytes | None], path: Path, lesson: Lesson) -> Judged | None:
        """See ``Judging``."""
        try:
            answer = begun.result()
        except Unreadable as error:
            return self._grader.not_judged(path, lesson, "unreadable", error.flag)
        except Lost as lost:
            return self._grader.not_judged(path, lesson, "crashed", flag("took_workers", times=lost.times))
        if answer is None:
            return None
        judged = from_bytes(answer)
        named = replace(judged.judgement, notebook=printable(str(path)))
        return judged._replace(judgement=named)
