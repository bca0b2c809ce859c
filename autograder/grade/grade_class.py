"""Grades lessons of a class from end to end: judged, recorded, and with a page for everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun, Graded
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import handed_in
from autograder.grade.ruling import Ruled, lessons_of, rule, rules_of
from autograder.judge.executor import Executor
from autograder.judge.flags import Flag
from autograder.judge.grader import Grader
from autograder.policy.file import near
from autograder.policy.terms import Terms
from autograder.sandbox.confine import Limits
from course.printable import printable


class Progress(Protocol):
    """Told how far a piece of work is, while the ``with`` lasts: how many more are done."""

    def __call__(self, title: str, total: int) -> AbstractContextManager[Callable[[int], None]]: ...


@contextmanager
def _unseen(title: str, total: int) -> Iterator[Callable[[int], None]]:
    yield lambda count: None


@dataclass(frozen=True)
class GradedLesson:
    """What came of grading a class's submissions of one lesson.

    Attributes:
        graded: what is in the gradebook now, in the order in which it came.
        unchanged: how many were graded already and have not changed.
        renewed: how many more have a new page, as points, a comment or something else of it had changed.
        without_page: the students for whom no page could be made.
        problem: why not, of the last of them.
        left_out: a sentence for each student who is not graded: why, and what to do.
        ruled: what the policy changed of what was graded before.
    """

    lesson: Lesson
    graded: list[Graded]
    unchanged: int
    renewed: int
    without_page: list[str]
    problem: str
    left_out: list[Flag]
    ruled: Ruled

    @property
    def changed(self) -> list[Graded]:
        """Those that had another score before."""
        return [entry for entry in self.graded if entry.before not in (None, entry.after)]


def grade_class(
    folder: CourseFolder,
    lessons: Sequence[Lesson],
    workers: int = 2,
    force: bool = False,
    seed: int | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    sandbox: bool = True,
    progress: Progress = _unseen,
    explain: bool = False,
    students: Collection[str] | None = None,
    exercise: str | None = None,
    executor: Executor | None = None,
) -> Iterator[GradedLesson]:
    """Grade every new submission of some lessons: into the gradebook, with feedback for each.

    Stopped at any moment, the same call goes on from there.

    Args:
        workers: how many notebooks run at a time.
        force: grade again what has not changed.
        seed: of the secret cases; the folder's own when None.
        limits: for each notebook.
        sandbox: False to run student code without protection.
        progress: told how many submissions are graded, then how many pages are made.
        explain: search for the line that is wrong in each answer that is.
        students: those to look at; everybody when None.
        exercise: grade those again who attempted this exercise, by its id; their whole notebooks, as an
            answer may use another.
        executor: judges them elsewhere than on this machine.

    Yields:
        Each lesson, once everybody is graded.

    Raises:
        DescentError: the folder holds no such lessons or no submissions of them, the lessons have no such
            exercise, the policy has faults, somebody else is grading in it, or there is no sandbox to be had.
    """
    if exercise is not None:
        known = [entry.id for lesson in lessons for entry in lesson.exercises]
        if exercise not in known:
            raise DescentError(f'There is no exercise "{printable(exercise)}"{near(exercise, known)}')
    for lesson in lessons:
        folder.require(lesson)
        found = handed_in(folder, lesson)
        if not found.notebooks and not found.left_out:
            place = folder.place(folder.directory.submitted_directory, "STUDENT", lesson)
            raise DescentError(f"There are no submissions of {lesson.name}: put them in {place}/.")
        for student in students or ():
            if student not in found.notebooks and not folder.autograded(student, lesson).is_file():
                raise DescentError(f"There is no submission of {lesson.name} by {printable(student)}.")
    given = {lesson.name: folder.student_notebook(lesson) for lesson in lessons}
    seed = folder.seed() if seed is None else seed
    grader = Grader(seed, limits, sandbox, folder.hidden(), given, explain, executor is None)
    with folder.lock(lessons) as hold:
        rules = rules_of(folder)
        for lesson in lessons:
            ruled = rule(folder, rules, lesson)
            run = ClassRun(folder, lesson, grader, force, students, exercise, rules, hold)
            yield _grade(run, ruled, workers, students, progress, executor)


@dataclass(frozen=True)
class RuledLesson:
    """What the policy came to in a lesson.

    Attributes:
        terms: what it says of the lesson.
        renewed: how many pages show it now.
        without_page: the students for whom no page could be made.
    """

    ruled: Ruled
    terms: Terms
    renewed: int
    without_page: Sequence[str]


def apply_policy(
    folder: CourseFolder, workers: int = 2, dry_run: bool = False, progress: Progress = _unseen
) -> Iterator[RuledLesson]:
    """Bring all lessons of a gradebook in line with its policy, and the pages with that; no code is run.

    Args:
        dry_run: say what would change; change nothing.

    Raises:
        DescentError: it is no gradebook, the policy has faults, or somebody is grading in it.
    """
    folder.require()
    with folder.lock():
        rules = rules_of(folder)
        for lesson in lessons_of(folder):
            touched = rules.touch(lesson)
            ruled = rule(folder, rules, lesson, dry_run)
            stale = feedback.stale(folder, lesson) if touched and not dry_run else []
            without = _renew(folder, lesson, stale, workers, progress) if stale else []
            yield RuledLesson(ruled, rules.terms(lesson), len(stale) - len(without), without)


def _renew(
    folder: CourseFolder, lesson: Lesson, students: Sequence[str], workers: int, progress: Progress
) -> list[str]:
    """Write some pages; returns the students whose page could not be made."""
    without = []
    with progress(f"Feedback on {lesson.name}", len(students)) as advance:
        for tried in feedback.write(folder, lesson, students, workers):
            without += [tried.student] if tried.problem else []
            advance(1)
    return sorted(without)


def _grade(
    run: ClassRun,
    ruled: Ruled,
    workers: int,
    students: Collection[str] | None,
    progress: Progress,
    executor: Executor | None,
) -> GradedLesson:
    """One lesson: each page is begun as soon as its student is graded, the others' that are stale before."""
    folder, lesson = run.folder, run.lesson
    stale = [student for student in feedback.stale(folder, lesson) if student not in run.students]
    if students is not None:
        stale = [student for student in stale if student in students]
    graded: list[Graded] = []
    without: dict[str, str] = {}
    if len(run) or stale:
        with feedback.Writer(folder, lesson, workers) as pages:
            pages.begin(stale)
            with progress(f"Grading {lesson.name}", len(run)) as advance:
                for entry in run.run(workers, executor):
                    graded.append(entry)
                    pages.begin([entry.student])
                    advance(1)
            with progress(f"Feedback on {lesson.name}", len(graded) + len(stale)) as advance:
                for tried in pages.rest():
                    if tried.problem:
                        without[tried.student] = tried.problem
                    advance(1)
    problem = next(reversed(without.values()), "")
    renewed = len(set(stale) - set(without))
    return GradedLesson(lesson, graded, run.unchanged, renewed, sorted(without), problem, run.left_out, ruled)
