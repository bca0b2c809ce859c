"""Grades a class: what is new is judged by several processes, and recorded by this one as it comes.

Every submission first gets a turn in which no step may take much longer than is usual; those that want more
wait until all others had theirs. So a class does not wait for somebody's endless loop.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from autograder.catalogue.lesson import Lesson, find
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.grade.record import is_graded, record, scores
from autograder.judge.grader import Grader, Judged
from autograder.judge.judgement import Judgement
from autograder.machine.workers import workers
from autograder.sandbox.launch import warm_process

# What is usual for the longest step of a submission is known after a few; how long the others may take then.
# Until then it is half a second, and twice that after each submission that wants more.
FEW, TIMES, AT_FIRST = 4, 2.5, 0.5


@dataclass(frozen=True)
class Graded:
    """One submission that is in the gradebook now.

    Attributes:
        before: the gradebook's score before; None when there was none.
        after: the gradebook's score, which counts.
    """

    student: str
    judgement: Judgement
    before: float | None
    after: float


@dataclass(frozen=True)
class _Waiting:
    student: str
    path: Path
    digest: str

    @property
    def hand_in(self) -> str:
        """What tells it from others: a friend's identical file is another hand-in."""
        return f"{self.student}/{self.digest}"


class ClassRun:
    """The grading of one lesson in one folder.

    Args:
        grader: judges with the folder's secret seed.
        force: grade again what has not changed since it was graded.
    """

    def __init__(self, folder: CourseFolder, lesson: Lesson, grader: Grader, force: bool = False):
        self.folder = folder
        self.lesson = lesson
        self._grader = grader
        submissions = folder.submissions(lesson)
        self._waiting = []
        for student, path in submissions.items():
            digest = folder.digest(student, lesson, path)
            if force or not is_graded(folder, student, lesson, digest):
                self._waiting.append(_Waiting(student, path, digest))
        self.unchanged = len(submissions) - len(self._waiting)

    def __len__(self) -> int:
        """How many submissions there are to grade."""
        return len(self._waiting)

    def run(self, count: int) -> Iterator[Graded]:
        """Judge ``count`` at a time, and yield each submission once it is recorded.

        There is one writer: this process.

        Raises:
            DescentError: a worker died; what was recorded stays.
        """
        if not self._waiting:
            return
        before = scores(self.folder, self.lesson)
        self._grader.prepare(self.lesson, (submission.hand_in for submission in self._waiting))
        warm_process(self.lesson.sealed).wait()
        with workers(count, _start, self._grader) as pool, self.folder.open() as gradebook:
            for submission, judged in self._judge(pool, count):
                student, digest = submission.student, submission.digest
                try:
                    after = record(self.folder, gradebook, student, self.lesson, judged, digest)
                except (OSError, SQLAlchemyError) as error:
                    said = str(error).partition("\n")[0]
                    raise DescentError(
                        f"The grades of {student} could not be written ({said}): mend that and run the same "
                        "command again, it goes on from here."
                    ) from error
                yield Graded(student, judged.judgement, before.get(student), after)

    def _judge(self, pool: ProcessPoolExecutor, count: int) -> Iterator[tuple[_Waiting, Judged]]:
        first, second = deque(self._waiting), deque[_Waiting]()
        running: dict[Future[Judged | None], _Waiting] = {}
        took: list[float] = []
        wanted_more = 0
        while first or second or running:
            while (first or second) and len(running) < 2 * count:
                submission, seconds = (
                    (first.popleft(), _patience(took, wanted_more)) if first else (second.popleft(), None)
                )
                future = pool.submit(_work, submission.path, self.lesson.name, submission.hand_in, seconds)
                running[future] = submission
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                submission, judged = running.pop(future), future.result()
                if judged is None:
                    second.append(submission)
                    wanted_more += 1
                else:
                    took += [judged.longest] if judged.longest else []
                    yield submission, judged


_grader: Grader | None = None


def _start(grader: Grader) -> None:
    global _grader
    _grader = grader


def _work(path: Path, lesson: str, hand_in: str, seconds: float | None) -> Judged | None:
    assert _grader is not None  # the process began with _start
    return _grader.judge_within(seconds, path, find(lesson), hand_in)


def _patience(took: list[float], wanted_more: int) -> float:
    """Seconds for each step of a submission's first turn, from what those before it took."""
    usual = statistics.median(took) if len(took) >= FEW else 0.0
    return TIMES * usual if usual else AT_FIRST * 2**wanted_more
