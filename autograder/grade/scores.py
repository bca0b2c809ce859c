"""What the gradebook's database says of a class, asked for all students at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select


@dataclass(frozen=True)
class Person:
    """A student whom the gradebook knows; what it does not know of one is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class CellScore:
    """The points of one submission for one graded cell.

    Attributes:
        automatic: the grader's; None where it gave none.
        manual: those of a person, which count before the grader's; None where nobody gave any.
        extra: extra credit, which a person gave.
        needs_manual: nbgrader waits for a person to grade it, or to look at it again.
    """

    automatic: float | None
    manual: float | None = None
    extra: float = 0.0
    needs_manual: bool = False

    @property
    def score(self) -> float | None:
        """What counts; None where nobody has graded it."""
        counts = self.automatic if self.manual is None else self.manual
        return None if counts is None else counts + self.extra


@dataclass
class SubmissionScores:
    """One submission in the gradebook.

    Attributes:
        when: it was handed in, in UTC; None where the gradebook was not told.
        penalty: points that are taken off for being late.
        cells: by the name of the cell, which for an exercise is that of its check cell.
        notebook: what formgrader's addresses call its notebook; None where it has none.
    """

    when: datetime | None
    penalty: float = 0.0
    cells: dict[str, CellScore] = field(default_factory=dict)
    notebook: str | None = None


def people(gradebook: Gradebook) -> dict[str, Person]:
    """Everybody whom the gradebook knows, by id."""
    known = select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    rows = gradebook.db.execute(known.order_by(Student.id))
    return {row[0]: Person(row[0], *(entry or "" for entry in row[1:])) for row in rows}


def max_scores(gradebook: Gradebook, lessons: Iterable[str]) -> dict[str, dict[str, float]]:
    """The most that each graded cell gives, by lesson and cell; nothing for lessons that it does not have."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for kind in (GradeCell, TaskCell):
        cells = (
            select(Assignment.name, kind.name, kind.max_score)
            .join(Notebook, Notebook.assignment_id == Assignment.id)
            .join(kind, kind.notebook_id == Notebook.id)
            .where(Assignment.name.in_(list(lessons)))
        )
        for lesson, cell, points in gradebook.db.execute(cells):
            found[lesson][cell] = float(points or 0.0)
    return found


def submissions(gradebook: Gradebook, lessons: Iterable[str]) -> Mapping[tuple[str, str], SubmissionScores]:
    """Every submission of some lessons, by lesson and student."""
    chosen = Assignment.name.in_(list(lessons))
    of_lessons = (
        select(
            Assignment.name,
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedNotebook.late_submission_penalty,
            SubmittedNotebook.id,
        )
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id, isouter=True)
        .where(chosen)
    )
    found: dict[tuple[str, str], SubmissionScores] = {}
    for lesson, student, when, penalty, notebook in gradebook.db.execute(of_lessons):
        entry = found.setdefault((lesson, student), SubmissionScores(when, notebook=notebook))
        entry.penalty += penalty or 0.0
    of_cells = (
        select(
            Assignment.name,
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(chosen)
    )
    for lesson, student, cell, automatic, manual, extra, needs_manual in gradebook.db.execute(of_cells):
        score = CellScore(automatic, manual, extra or 0.0, needs_manual)
        found[lesson, student].cells[cell] = score
    return found
