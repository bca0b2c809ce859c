"""Grades a class: what is new is judged by several processes, and recorded by this one as it comes.

Every submission first gets a turn in which no step may take much longer than is usual; those that want more
wait until all others had theirs. So a class does not wait for somebody's endless loop.
"""

from __future__ import annotations

import errno
import time
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.alone import Hold
from autograder.grade.connection import is_lost, repeated
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import digest, handed_in, root
from autograder.grade.record import is_graded, read, record, scores
from autograder.grade.ruling import rules_of
from autograder.judge.apart import Here
from autograder.judge.executor import Executor, Judging
from autograder.judge.flags import flag
from autograder.judge.grader import Grader, Judged
from autograder.judge.judgement import FormatError, Judgement
from autograder.policy.rules import Rules

# What the system says of a path that it can't have, or where something else stands.
OWN_ERRORS = {
    *(errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ELOOP),
    *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
}


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
        students: those to look at; everybody when None.
        exercise: grade those again who attempted this exercise, by its id.
        rules: what the class's policy makes of the points; read from the folder when None.
        hold: the lock on the lesson, which a server may lose.

    Attributes:
        unchanged: how many are graded already.
        left_out: a sentence for each student who is not graded, and why.
        recording: seconds that it took to write what was graded.
    """

    def __init__(
        self,
        folder: CourseFolder,
        lesson: Lesson,
        grader: Grader,
        force: bool = False,
        students: Collection[str] | None = None,
        exercise: str | None = None,
        rules: Rules | None = None,
        hold: Hold | None = None,
    ):
        self.folder = folder
        self.lesson = lesson
        self._rules = rules
        self._hold = hold
        self._grader = grader
        found = handed_in(folder, lesson)
        self.left_out = list(found.left_out)
        self.unchanged = 0
        self.recording = 0.0
        self._waiting = []
        for student, path in found.notebooks.items():
            if students is not None and student not in students:
                continue
            submission = _Waiting(student, path, digest(folder, student, lesson, path))
            with self._alone(student):
                again = force or (exercise is not None and self._attempted(student, exercise))
                if not again and is_graded(folder, student, lesson, submission.digest):
                    self.unchanged += 1
                else:
                    self._waiting.append(submission)

    def __len__(self) -> int:
        """How many submissions there are to grade."""
        return len(self._waiting)

    def _attempted(self, student: str, exercise: str) -> bool:
        try:
            kept = read(self.folder, student, self.lesson)
        except FormatError:
            return True
        return kept is not None and any(
            entry.id == exercise and entry.attempted for entry in kept.judgement.exercises
        )

    @property
    def students(self) -> set[str]:
        """Whose submissions these are."""
        return {submission.student for submission in self._waiting}

    def run(self, count: int, executor: Executor | None = None) -> Iterator[Graded]:
        """Judge ``count`` at a time, and yield each submission once it is recorded.

        There is one writer: this process.

        Args:
            executor: judges them elsewhere, as many at a time as it has room for.

        Raises:
            DescentError: nothing can be judged or written, for a reason that the sentence says; what was
                recorded stays.
        """
        if not self._waiting:
            return
        before = scores(self.folder, self.lesson)
        rules = self._rules or rules_of(self.folder)
        hand_ins = [submission.hand_in for submission in self._waiting]
        judging = (executor or Here(count)).judging(self._grader, self.lesson, hand_ins)
        with judging as processes, self.folder.open() as gradebook:
            for submission, judged in self._judge(processes):
                student, after = submission.student, None
                began = time.perf_counter()
                with self._alone(student, gradebook):
                    after = repeated(gradebook, partial(self._record, gradebook, submission, judged, rules))
                self.recording += time.perf_counter() - began
                if after is not None:
                    yield Graded(student, judged.judgement, before.get(student), after)

    def _record(self, gradebook: Gradebook, submission: _Waiting, judged: Judged, rules: Rules) -> float:
        if self._hold is not None:
            self._hold.keep()
        return record(
            self.folder, gradebook, submission.student, self.lesson, judged, submission.digest, rules
        )

    @contextmanager
    def _alone(self, student: str, gradebook: Gradebook | None = None) -> Iterator[None]:
        """Leave a student out for whom something fails that would not fail for others.

        Raises:
            DescentError: it would; the sentence says what to mend.
        """
        try:
            yield
        except DescentError:
            raise
        except Exception as error:
            said = f"{error}".partition("\n")[0] or type(error).__name__
            if not _is_own(error):
                raise DescentError(
                    f"The grades of {student} could not be written ({said}): mend that and run the same "
                    "command again, it goes on from here."
                ) from error
            if gradebook is not None:
                gradebook.db.rollback()
            self.left_out.append(flag("left_out_failed", student=student, error=said))

    def _judge(self, processes: Judging) -> Iterator[tuple[_Waiting, Judged]]:
        first, second = deque(self._waiting), deque[_Waiting]()
        running: dict[Future[Any], _Waiting] = {}
        place = root(self.folder, self.lesson)
        while first or second or running:
            while (first or second) and len(running) < processes.room:
                submission, hurry = (first.popleft(), True) if first else (second.popleft(), False)
                begun = processes.begin(submission.path, self.lesson, place, submission.hand_in, hurry)
                running[begun] = submission
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                submission = running.pop(future)
                judged = processes.judged(future, submission.path, self.lesson)
                if judged is None:
                    second.append(submission)
                else:
                    yield submission, judged


def _is_own(error: Exception) -> bool:
    """Whether it is one student's, by a name or what was made of it; not a full disk or a locked database."""
    if isinstance(error, OSError):
        return error.errno in OWN_ERRORS
    if is_lost(error):
        return False
    return isinstance(error, (DataError, IntegrityError)) or not isinstance(error, SQLAlchemyError)
