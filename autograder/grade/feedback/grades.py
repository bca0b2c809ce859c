"""What nbgrader's gradebook says of a student's lesson: points, those given by hand, comments, lateness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, select

from autograder.catalogue.lesson import Lesson

# The ids that one query may name: databases have a limit.
AT_ONCE = 500


@dataclass(frozen=True)
class Points:
    """Those of one cell, an exercise's check for the most part.

    Attributes:
        automatic: None where no program gives any.
        by_hand: those that a person gave, which then count; None where nobody did.
        extra: what a person added.
        score: what counts.
        waiting: somebody has to give points yet.
    """

    automatic: float | None
    by_hand: float | None
    extra: float
    score: float
    maximum: float
    waiting: bool


@dataclass(frozen=True)
class Grades:
    """One student's, of one lesson.

    Attributes:
        name: the first and last name, or else the id.
        handed_in: in UTC; None where nothing says when.
        late: the points that are taken off.
        points: by the id of the cell that has them.
        comments: what a person wrote, by the id of the cell that it is about.
    """

    student: str
    name: str
    handed_in: datetime | None
    late: float
    points: Mapping[str, Points] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """As nbgrader exports it."""
        return max(0.0, sum(entry.score for entry in self.points.values()) - self.late)

    @property
    def maximum(self) -> float:
        return sum(entry.maximum for entry in self.points.values())


def grades(gradebook: Gradebook, lesson: Lesson, students: Iterable[str] | None = None) -> dict[str, Grades]:
    """Everybody's of a lesson, or only some students', by id; in a few queries whatever their number."""
    if students is None:
        return _grades(gradebook, lesson, None)
    listed, found = list(students), dict[str, Grades]()
    for start in range(0, len(listed), AT_ONCE):
        found |= _grades(gradebook, lesson, listed[start : start + AT_ONCE])
    return found


def _grades(gradebook: Gradebook, lesson: Lesson, students: list[str] | None) -> dict[str, Grades]:
    def asked(*columns: object) -> Select:
        """Columns of the submissions that are asked for."""
        query = (
            select(SubmittedAssignment.student_id, *columns)
            .select_from(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(Assignment.name == lesson.name)
        )
        return query if students is None else query.where(SubmittedAssignment.student_id.in_(students))

    points: defaultdict[str, dict[str, Points]] = defaultdict(dict)
    comments: defaultdict[str, dict[str, str]] = defaultdict(dict)
    graded = (
        *(BaseCell.name, Grade.auto_score, Grade.manual_score, Grade.extra_credit),
        *(Grade.score, Grade.max_score, Grade.needs_manual_grade),
    )
    query = asked(*graded).join(Grade, Grade.notebook_id == SubmittedNotebook.id)
    rows = gradebook.db.execute(query.join(BaseCell, BaseCell.id == Grade.cell_id).order_by(BaseCell.name))
    for student, cell, automatic, by_hand, extra, score, maximum, waiting in rows:
        points[student][cell] = Points(automatic, by_hand, extra or 0.0, score, maximum, waiting)
    query = asked(BaseCell.name, Comment.manual_comment).join(
        Comment, Comment.notebook_id == SubmittedNotebook.id
    )
    rows = gradebook.db.execute(query.join(BaseCell, BaseCell.id == Comment.cell_id).order_by(BaseCell.name))
    for student, cell, comment in rows:
        if comment and comment.strip():
            comments[student][cell] = comment
    people = asked(
        *(Student.first_name, Student.last_name, SubmittedAssignment.timestamp),
        SubmittedNotebook.late_submission_penalty,
    ).join(Student, Student.id == SubmittedAssignment.student_id)
    found = {
        student: Grades(
            student,
            " ".join(filter(None, (first, last))).strip() or student,
            handed_in,
            late or 0.0,
            points[student],
            comments[student],
        )
        for student, first, last, handed_in, late in gradebook.db.execute(people)
    }
    gradebook.db.rollback()  # what was read is not held on to: the next step is another connection's
    return found
