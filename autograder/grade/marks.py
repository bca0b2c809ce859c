"""What came of a class: the one reader of the gradebook folder for all that look at grades afterwards.

The points are the gradebook's; states, flags and reasons are those of the judgements; who handed in nothing,
or in a place where nobody looks, is told from what stands in ``submitted``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade import scores
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import TIMESTAMP, digest, notebook, submitted
from autograder.grade.misplaced import Misplaced, misplaced
from autograder.grade.record import Record, judgement_path, read
from autograder.grade.scores import CellScore, Person, SubmissionScores
from autograder.judge.flags import Flag, flag
from autograder.judge.judgement import FormatError, Judgement
from autograder.policy.in_force import counting
from autograder.policy.terms import Counting
from course.cells import CHECK
from course.trial import State

LATE = "late"
# Without a judgement: nothing is handed in; something is, where nothing looks for it; it waits to be graded;
# nbgrader alone graded it, or somebody has changed its autograded notebook since.
Standing = State | Literal["missing", "misplaced", "waiting", "unjudged"]


@dataclass(frozen=True, eq=False)
class Mark:
    """What there is of one student for one lesson. Files are read when first something of them is asked for.

    Attributes:
        points: None where the gradebook has none.
        handed_in: whether there is a submission.
        misplaced: notebooks that may be the student's, from the folder on, where there is no submission.
    """

    folder: CourseFolder
    student: str
    lesson: Lesson
    points: SubmissionScores | None = None
    handed_in: bool = False
    misplaced: tuple[str, ...] = ()

    @cached_property
    def judgement(self) -> Judgement | None:
        """None where there is none, or it is of another notebook than the autograded one.

        Its flags are those of when it was made, and what the gradebook says of lateness now.

        Raises:
            DescentError: it is of another version; the sentence says to grade again.
        """
        if self._kept is None:
            return None
        judgement = self._kept.judgement
        flags = [entry for entry in judgement.flags if entry.id != LATE]
        if self.penalty:
            flags.append(flag(LATE, points=self.penalty))
        if self.due and self.when is None and not judgement.flagged("no_date"):
            flags.append(flag("undated"))
        return replace(judgement, flags=tuple(flags))

    @cached_property
    def _kept(self) -> Record | None:
        if self.points is None:
            return None
        try:
            return read(self.folder, self.student, self.lesson)
        except FormatError as error:
            raise DescentError(
                f"{judgement_path(self.folder, self.student, self.lesson)} is no judgement that this version "
                f"reads: run `autograder grade {self.lesson.name}` to grade again."
            ) from error

    @cached_property
    def changed(self) -> bool:
        """Whether something else has been handed in since it was judged.

        Only what the system has touched since is read: the submissions of a course have gigabytes.
        """
        if not (self._kept and self.handed_in):
            return False
        there = notebook(self.folder, self.student, self.lesson)
        judged = _touched(judgement_path(self.folder, self.student, self.lesson))
        if max(_touched(there), _touched(there.with_name(TIMESTAMP))) <= judged:
            return False
        return digest(self.folder, self.student, self.lesson, there) != self._kept.submission

    @property
    def cells(self) -> Mapping[str, CellScore]:
        """The points of each graded cell, by the cell's name; empty where the gradebook has none."""
        return self.points.cells if self.points else {}

    @property
    def penalty(self) -> float:
        """Points that are taken off for being late."""
        return self.points.penalty if self.points else 0.0

    @property
    def when(self) -> datetime | None:
        """When it was handed in, in UTC; None where the gradebook was not told."""
        return self.points.when if self.points else None

    @property
    def due(self) -> datetime | None:
        """Until when it was to be handed in, extensions counted, in UTC; None where nothing says."""
        return self.points.due if self.points else None

    @property
    def state(self) -> Standing:
        if self.judgement is not None:
            return self.judgement.state
        if self.score is not None:
            return "unjudged"
        if self.handed_in:
            return "waiting"
        return "misplaced" if self.misplaced else "missing"

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self.judgement.flags if self.judgement else ()

    @property
    def exercises(self) -> dict[str, CellScore]:
        """The points of each exercise of the lesson, by its id."""
        known = {exercise.id: self.cells.get(CHECK + exercise.id) for exercise in self.lesson.exercises}
        return {name: cell for name, cell in known.items() if cell is not None}

    @property
    def automatic(self) -> float | None:
        """The grader's points; None where it gave none."""
        return _sum(cell.automatic for cell in self.cells.values())

    @property
    def manual(self) -> float | None:
        """What people added to the grader's points, or took off; None where nobody graded by hand."""
        by_hand = [
            (cell.score or 0.0) - (cell.automatic or 0.0)
            for cell in self.cells.values()
            if cell.manual is not None or cell.extra
        ]
        return _sum(by_hand)

    @property
    def score(self) -> float | None:
        """What nbgrader exports: all points less the penalty; None, and not 0, where nothing is graded."""
        return self.points.score if self.points else None

    @property
    def needs_manual(self) -> bool:
        """Whether nbgrader waits for a person to grade a part of it, or to look at it again."""
        return any(cell.needs_manual for cell in self.cells.values())

    @property
    def total(self) -> float | None:
        """The score, where every part is graded; None where nothing is, or a part waits for a person."""
        return None if any(cell.score is None for cell in self.cells.values()) else self.score


@dataclass(frozen=True)
class LessonMarks:
    """A class's marks of one lesson.

    Attributes:
        max_scores: the most that each graded cell gives, by the cell's name; nothing where it is left out or
            extra credit.
        counting: how exercises count that do not as usual, and the points of a right answer, by id.
        marks: of everybody, by student id: also of those who handed nothing in.
        left_out: a sentence for each folder in ``submitted`` whose name no gradebook can carry.
    """

    lesson: Lesson
    max_scores: Mapping[str, float]
    marks: Mapping[str, Mark]
    left_out: tuple[Flag, ...]
    counting: Mapping[str, tuple[Counting, float]]

    @property
    def max_score(self) -> float:
        """What the gradebook gives at most."""
        return round(sum(self.max_scores.values()), 6)

    @property
    def worths(self) -> dict[str, tuple[Counting | None, float]]:
        """How each exercise counts, None where as usual, and the points of a right answer, by its id."""
        usual = {
            exercise.id: (None, self.max_scores.get(CHECK + exercise.id, exercise.points))
            for exercise in self.lesson.exercises
        }
        return {**usual, **self.counting}

    @property
    def judged(self) -> list[tuple[Mark, Judgement, float]]:
        """The marks with their judgement and score, where they have both."""
        return [
            (mark, mark.judgement, mark.score)
            for mark in self.marks.values()
            if mark.judgement is not None and mark.score is not None
        ]


@dataclass(frozen=True)
class ClassMarks:
    """A class's marks.

    Attributes:
        people: everybody whom the gradebook knows or who has a submission, by id, in the order of the ids.
        lessons: by name, in the order in which they were asked for.
        misplaced: notebooks in ``submitted`` that nothing looks at where they are.
    """

    people: Mapping[str, Person]
    lessons: Mapping[str, LessonMarks]
    misplaced: tuple[Misplaced, ...]


def class_marks(folder: CourseFolder, lessons: Sequence[Lesson]) -> ClassMarks:
    """Everything that a gradebook folder says of some lessons.

    Raises:
        DescentError: the gradebook can't be opened, or a judgement is of another version; the sentence says
            what to do.
    """
    names = [lesson.name for lesson in lessons]
    with folder.open() as gradebook:
        known = scores.people(gradebook)
        astray = misplaced(folder, [assignment.name for assignment in gradebook.assignments])
        most = scores.max_scores(gradebook, names)
        entered = scores.submissions(gradebook, names)
    found = [submitted(folder, lesson) for lesson in lessons]
    for places, _ in found:
        known |= {student: Person(student) for student in places if student not in known}
    people = dict(sorted(known.items()))
    return ClassMarks(
        people,
        {
            lesson.name: LessonMarks(
                lesson,
                most.get(lesson.name, {}),
                {student: _mark(folder, student, lesson, entered, places, astray) for student in people},
                tuple(left_out),
                counting(folder.path, lesson.name),
            )
            for lesson, (places, left_out) in zip(lessons, found, strict=True)
        },
        astray,
    )


def _mark(
    folder: CourseFolder,
    student: str,
    lesson: Lesson,
    entered: Mapping[tuple[str, str], SubmissionScores],
    places: Mapping[str, Path],
    astray: Sequence[Misplaced],
) -> Mark:
    handed_in = student in places
    elsewhere = () if handed_in else (entry.path for entry in astray if entry.may_be(student, lesson.name))
    return Mark(folder, student, lesson, entered.get((lesson.name, student)), handed_in, tuple(elsewhere))


def _touched(path: Path) -> int:
    """When a file was last changed, put there or moved, in nanoseconds; 0 where there is none."""
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0


def _sum(points: Iterable[float | None]) -> float | None:
    """The sum of those that are there; None where none is."""
    there = [entry for entry in points if entry is not None]
    return round(sum(there), 6) if there else None
