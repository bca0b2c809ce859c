"""Enters what the policy says into nbgrader's gradebook, so that formgrader and every export show the same.

Due dates and extensions are nbgrader's, what an exercise gives is its check cell's maximum, and what is taken
off for being late its late penalty. Nothing here commits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import BasePlugin

from autograder.catalogue.lesson import Lesson
from autograder.policy.in_force import InForce, LessonInForce
from autograder.policy.late import penalty
from autograder.policy.terms import Policy, Terms, Worth

# Points of the judgement by check cell; None where there is none.
Judged = Callable[[], Mapping[str, float] | None]


class Rules:
    """A policy, and what of it is in force.

    Args:
        late_plugin: nbgrader's, as the folder's settings say: for lessons of whose lateness the policy says
            nothing.
    """

    def __init__(self, policy: Policy, in_force: InForce, late_plugin: BasePlugin):
        self._policy, self.in_force, self._late_plugin = policy, in_force, late_plugin

    def terms(self, lesson: Lesson) -> Terms:
        return self._policy.terms(lesson.name)

    def touch(self, lesson: Lesson) -> bool:
        """Whether there is anything to enter, or to take back."""
        return bool(self.in_force.lesson(lesson.name)) or not self.terms(lesson).says_nothing

    def enter_lesson(self, assignment: Assignment, lesson: Lesson) -> None:
        """The due date, and what each exercise gives at most."""
        terms, in_force = self.terms(lesson), self.in_force.lesson(lesson.name)
        if terms.due:
            in_force.cover_due(assignment.duedate)
            assignment.duedate = terms.due.astimezone(UTC).replace(tzinfo=None)
        elif in_force.due:
            assignment.duedate = in_force.uncovered_due()
        if not (terms.changes_points or in_force.points):
            return
        in_force.points = True
        worths = terms.worths(lesson.exercises)
        for notebook in assignment.notebooks:
            for cell in notebook.grade_cells:
                if cell.name in worths:
                    cell.max_score = worths[cell.name][0].maximum

    def enter(self, submission: SubmittedAssignment, lesson: Lesson, judged: Judged) -> bool:
        """One submission's extension, points and late penalty.

        Args:
            judged: asked where points have to be worked out.

        Returns:
            False where it gave none: those points are left as they are.
        """
        terms, in_force = self.terms(lesson), self.in_force.lesson(lesson.name)
        self._extend(submission, terms, in_force)
        known = True
        if terms.changes_points or in_force.points:
            points = judged()
            known = points is not None
            for notebook in submission.notebooks:
                for grade in notebook.grades if points is not None else ():
                    _enter_points(grade, lesson, terms, in_force, points or {})
        for notebook in submission.notebooks:
            taken = self._penalty(submission, notebook, terms) or None
            if (notebook.late_submission_penalty or None) != taken:
                notebook.late_submission_penalty = taken
        return known

    def _extend(self, submission: SubmittedAssignment, terms: Terms, in_force: LessonInForce) -> None:
        student = submission.student_id
        extension = terms.extension(student)
        if extension is not None:
            in_force.cover_extension(student, submission.extension)
            submission.extension = extension
        elif student in in_force.extensions:
            submission.extension = in_force.uncovered_extension(student)

    def _penalty(
        self, submission: SubmittedAssignment, notebook: SubmittedNotebook, terms: Terms
    ) -> float | None:
        due, handed_in = submission.assignment.duedate, submission.timestamp
        if due is None or handed_in is None:
            return None
        if submission.extension is not None:
            due += submission.extension
        reached = max(0.0, math.fsum(map(_counted, notebook.grades)))
        if terms.late is not None:
            maximum = math.fsum(grade.cell.max_score for grade in notebook.grades)
            return penalty(terms.late, _local(due, terms), _local(handed_in, terms), reached, maximum)
        seconds = (handed_in - due).total_seconds()
        if seconds <= 0:
            return None
        taken = self._late_plugin.late_submission_penalty(submission.student_id, reached, seconds)
        return None if taken is None else max(0.0, min(taken, reached))


def _enter_points(
    grade: Grade, lesson: Lesson, terms: Terms, in_force: LessonInForce, points: Mapping[str, float]
) -> None:
    """The points of one check cell: always from what was judged, so that what is taken back is as it was."""
    cell, student = grade.cell.name, grade.notebook.assignment.student_id
    known = terms.worths(lesson.exercises).get(cell)
    if known is None or cell not in points:
        return
    worth, judged_out_of = known
    if worth == Worth(0.0, 0.0):
        if grade.manual_score is not None or grade.extra_credit is not None:
            in_force.by_hand.setdefault(student, {})[cell] = (grade.manual_score, grade.extra_credit)
            grade.manual_score = grade.extra_credit = None
    elif kept := in_force.by_hand.get(student, {}).get(cell):
        # What somebody has given meanwhile goes before.
        if grade.manual_score is None:
            grade.manual_score = kept[0]
        if grade.extra_credit is None:
            grade.extra_credit = kept[1]
    share = points[cell] / judged_out_of if judged_out_of else 0.0
    if grade.auto_score != worth.full * share:
        grade.auto_score = worth.full * share


def _counted(grade: Grade) -> float:
    """What counts of a cell, as nbgrader adds it up."""
    points = grade.auto_score if grade.manual_score is None else grade.manual_score
    return 0.0 if points is None else points + (grade.extra_credit or 0.0)


def _local(time: datetime, terms: Terms) -> datetime:
    """A time of nbgrader's, in UTC without a zone, in that of the class."""
    return time.replace(tzinfo=UTC).astimezone(terms.zone)
