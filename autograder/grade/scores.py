"""What the gradebook's database says of a class: in a few queries, of however many students."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import ColumnElement, Select, and_, select, true

# The ids that one query may name: databases have a limit. Of more students everybody's are asked for.
AT_ONCE = 500


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
        maximum: the most that it gives.
    """

    automatic: float | None
    manual: float | None = None
    extra: float = 0.0
    needs_manual: bool = False
    maximum: float = 0.0

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
        due: until when it was to be, the student's extension counted, in UTC; None where nothing says.
        penalty: points that are taken off for being late.
        cells: by the name of the cell, which for an exercise is that of its check cell.
        comments: what people wrote, by the name of the cell that it is about; not what programs did.
        notebook: what formgrader's addresses call its notebook; None where it has none.
    """

    when: datetime | None
    penalty: float = 0.0
    cells: dict[str, CellScore] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    due: datetime | None = None
    notebook: str | None = None

    @property
    def score(self) -> float | None:
        """What nbgrader exports: all points less the penalty; None, and not 0, where nothing is graded."""
        points = [cell.score for cell in self.cells.values() if cell.score is not None]
        return max(0.0, round(sum(points) - self.penalty, 6)) if points else None

    @property
    def maximum(self) -> float:
        """What all cells give at most."""
        return round(sum(cell.maximum for cell in self.cells.values()), 6)


def people(gradebook: Gradebook, students: Collection[str] | None = None) -> dict[str, Person]:
    """Everybody whom the gradebook knows, or only some, by id."""
    known = select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    # In Python's order: that of a database follows its language.
    rows = sorted(gradebook.db.execute(known.where(_among(Student.id, students))), key=itemgetter(0))
    return {
        row[0]: Person(row[0], *(entry or "" for entry in row[1:]))
        for row in rows
        if students is None or row[0] in students
    }


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


def submissions(
    gradebook: Gradebook, lessons: Collection[str], students: Collection[str] | None = None
) -> dict[tuple[str, str], SubmissionScores]:
    """Every submission of some lessons, by lesson and student.

    Args:
        students: those whose submissions are asked for; everybody when None.
    """

    def asked(*columns: object) -> Select:
        """Columns of the submissions' notebooks, by the databases' own indices."""
        return (
            select(Assignment.name, SubmittedAssignment.student_id, *columns)
            .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(Notebook, Notebook.assignment_id == Assignment.id)
            .join(
                SubmittedNotebook,
                and_(
                    SubmittedNotebook.notebook_id == Notebook.id,
                    SubmittedNotebook.assignment_id == SubmittedAssignment.id,
                ),
                isouter=True,
            )
            .where(Assignment.name.in_(list(lessons)), _among(SubmittedAssignment.student_id, students))
        )

    def of_cells(kind: type[Grade] | type[Comment], *columns: object) -> Select:
        cells = asked(BaseCell.name, *columns).join(BaseCell, BaseCell.notebook_id == Notebook.id)
        return cells.join(kind, and_(kind.cell_id == BaseCell.id, kind.notebook_id == SubmittedNotebook.id))

    found: dict[tuple[str, str], SubmissionScores] = {}
    times = (SubmittedAssignment.timestamp, Assignment.duedate, SubmittedAssignment.extension)
    notebooks = asked(*times, SubmittedNotebook.late_submission_penalty, SubmittedNotebook.id)
    for lesson, student, when, due, extension, penalty, notebook in gradebook.db.execute(notebooks):
        if students is None or student in students:
            until = due + extension if due and extension else due
            fresh = SubmissionScores(when, due=until, notebook=notebook)
            found.setdefault((lesson, student), fresh).penalty += penalty or 0.0
    most = max_scores(gradebook, lessons)
    points = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    rows = gradebook.db.execute(of_cells(Grade, *points))
    for lesson, student, cell, automatic, manual, extra, needs_manual in rows:
        if entry := found.get((lesson, student)):
            maximum = most[lesson].get(cell, 0.0)
            entry.cells[cell] = CellScore(automatic, manual, extra or 0.0, needs_manual, maximum)
    comments = of_cells(Comment, Comment.manual_comment)
    if students is None:
        # Few have any. Where few are asked for, SQLite would look through everybody's for it.
        comments = comments.where(Comment.manual_comment != "")
    for lesson, student, cell, comment in gradebook.db.execute(comments):
        if (entry := found.get((lesson, student))) and comment and comment.strip():
            entry.comments[cell] = comment
    return found


def _among(column: ColumnElement[str], students: Collection[str] | None) -> ColumnElement[bool]:
    return true() if students is None or len(students) > AT_ONCE else column.in_(list(students))
