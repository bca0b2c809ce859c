"""Judges notebooks in processes of their own: what one does to its process costs no other anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.judge.flags import Flag, flag
from autograder.judge.grader import Grader, Judged
from autograder.judge.patience import Patience
from autograder.machine.workers import WorkerLost, Workers, workers
from autograder.sandbox.launch import warm_process

# What a process may use besides what it begins with. The largest file takes most of it to read.
MEMORY = 1_000_000_000
# Seconds for reading and judging a notebook, over those that it may run.
READING_AND_JUDGING = 60.0


@contextmanager
def judges(grader: Grader, count: int) -> Iterator[Judges]:
    """Have a grader's work done by ``count`` processes, for as long as the ``with`` lasts."""
    with workers(count, _start, grader, memory=MEMORY) as processes:
        yield Judges(grader, processes, 2 * count)


@dataclass(frozen=True)
class Here:
    """This machine, where ``count`` notebooks run at a time; an ``Executor``."""

    count: int

    @contextmanager
    def judging(self, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]) -> Iterator[Judges]:
        """See ``Executor``."""
        warm_process(lesson.sealed)  # which loads meanwhile
        grader.prepare(lesson, hand_ins, self.count)
        warm_process(lesson.sealed).wait()
        with judges(grader, self.count) as processes:
            yield processes


class Judges:
    """Processes that judge; see ``judges``.

    Attributes:
        room: how many are to be begun at a time.
    """

    def __init__(self, grader: Grader, processes: Workers, room: int):
        self.room = room
        self._grader = grader
        self._processes = processes
        self._patience = Patience()

    def begin(
        self,
        path: Path,
        lesson: Lesson | None = None,
        root: Path | None = None,
        hand_in: str | None = None,
        hurry: bool = False,
    ) -> Future[Judged | None]:
        """Have a notebook judged; see ``Executor`` and ``Grader.judge_within``."""
        patience, most = self._patience.seconds() if hurry else None, most_seconds(self._grader)
        return self._processes.submit(_judge, patience, path, lesson, root, hand_in, seconds=most)

    def judged(self, begun: Future[Judged | None], path: Path, lesson: Lesson | None = None) -> Judged | None:
        """What came of it: ``crashed`` where its process was lost.

        Raises:
            DescentError: no notebook can be judged, for a reason that the sentence says.
        """
        try:
            judged = begun.result()
        except Exception as error:
            return self._grader.not_judged(path, lesson, "crashed", crashed_by(error))
        self._patience.note(None if judged is None else judged.longest)
        return judged

    def judge(self, path: Path) -> Judged:
        """One notebook of any lesson."""
        judged = self.judged(self.begin(path), path)
        assert judged is not None  # there is no time after which it gives up
        return judged


def most_seconds(grader: Grader) -> float:
    """After which a process that judges a notebook is ended."""
    # To search for what is wrong, a notebook is run once more.
    return (2 if grader.explain else 1) * grader.isolation.limits.notebook + READING_AND_JUDGING


def crashed_by(error: Exception) -> Flag:
    """What is said of a notebook whose process ended with an error.

    Raises:
        DescentError: the error, where it keeps every notebook from being judged.
    """
    if isinstance(error, WorkerLost):
        return flag("grader_time", seconds=error.seconds) if error.seconds else flag("grader_died")
    if isinstance(error, DescentError):
        raise error
    if isinstance(error, MemoryError):  # what came of it could not be sent
        return flag("grader_memory")
    return flag("grader_failed", error=f"{type(error).__name__}: {error}"[:300])


_grader: Grader | None = None


def _start(grader: Grader) -> None:
    global _grader
    _grader = grader


def _judge(
    patience: float | None, path: Path, lesson: Lesson | None, root: Path | None, hand_in: str | None
) -> Judged | None:
    assert _grader is not None  # the process began with _start
    return _grader.judge_within(patience, path, lesson, root, hand_in)
