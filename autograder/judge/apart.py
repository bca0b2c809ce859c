"""Judges notebooks in processes of their own: what one does to its process costs no other anything."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.judge.flags import flag
from autograder.judge.grader import Grader, Judged
from autograder.machine.workers import WorkerLost, Workers, workers

# What a process may use besides what it begins with. The largest file takes most of it to read.
MEMORY = 1_000_000_000
# Seconds for reading and judging a notebook, over those that it may run.
READING_AND_JUDGING = 60.0


@contextmanager
def judges(grader: Grader, count: int) -> Iterator[Judges]:
    """Have a grader's work done by ``count`` processes, for as long as the ``with`` lasts."""
    with workers(count, _start, grader, memory=MEMORY) as processes:
        yield Judges(grader, processes)


class Judges:
    """Processes that judge; see ``judges``."""

    def __init__(self, grader: Grader, processes: Workers):
        self._grader = grader
        self._processes = processes
        # To search for what is wrong, a notebook is run once more.
        runs = 2 if grader.explain else 1
        self._seconds = runs * grader.isolation.limits.notebook + READING_AND_JUDGING

    def begin(
        self,
        path: Path,
        lesson: Lesson | None = None,
        root: Path | None = None,
        hand_in: str | None = None,
        patience: float | None = None,
    ) -> Future[Judged | None]:
        """Have a notebook judged; see ``Grader.judge_within``."""
        return self._processes.submit(_judge, patience, path, lesson, root, hand_in, seconds=self._seconds)

    def judged(self, begun: Future[Judged | None], path: Path, lesson: Lesson | None = None) -> Judged | None:
        """What came of it: ``crashed`` where its process was lost.

        Raises:
            DescentError: no notebook can be judged, for a reason that the sentence says.
        """
        try:
            return begun.result()
        except WorkerLost as lost:
            why = flag("grader_time", seconds=lost.seconds) if lost.seconds else flag("grader_died")
        except DescentError:
            raise
        except MemoryError:  # what came of it could not be sent
            why = flag("grader_memory")
        except Exception as error:
            why = flag("grader_failed", error=f"{type(error).__name__}: {error}"[:300])
        return self._grader.not_judged(path, lesson, "crashed", why)

    def judge(self, path: Path) -> Judged:
        """One notebook of any lesson."""
        judged = self.judged(self.begin(path), path)
        assert judged is not None  # there is no time after which it gives up
        return judged


_grader: Grader | None = None


def _start(grader: Grader) -> None:
    global _grader
    _grader = grader


def _judge(
    patience: float | None, path: Path, lesson: Lesson | None, root: Path | None, hand_in: str | None
) -> Judged | None:
    assert _grader is not None  # the process began with _start
    return _grader.judge_within(patience, path, lesson, root, hand_in)
