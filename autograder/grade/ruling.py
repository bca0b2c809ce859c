"""Puts the policy of a folder into force: on what is graded already, without running anybody's code again."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any

import nbformat
from nbgrader.api import Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import determine_grade, is_grade
from sqlalchemy.orm import selectinload

from autograder.catalogue.lesson import Lesson, lessons
from autograder.errors import DescentError
from autograder.grade import scores
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import submitted
from autograder.grade.record import by_check, read
from autograder.grade.scores import SubmissionScores
from autograder.grade.settings import SETTINGS
from autograder.judge.judgement import FormatError
from autograder.policy import reading
from autograder.policy.in_force import InForce
from autograder.policy.rules import Rules
from autograder.policy.terms import POLICY, Policy
from course.cells import grade_id


@dataclass(frozen=True)
class Ruled:
    """What the policy changed in a lesson.

    Attributes:
        changed: before and after, by student.
        by_hand: students with points that somebody gave for an exercise that gives others now: they stay.
        left: students whose points could not be worked out anew, as no graded notebook of theirs is there.
    """

    lesson: Lesson
    changed: Mapping[str, tuple[SubmissionScores, SubmissionScores]] = field(default_factory=dict)
    by_hand: Sequence[str] = ()
    left: Sequence[str] = ()


def rules_of(folder: CourseFolder) -> Rules:
    """The folder's policy.

    Raises:
        DescentError: a line for each fault that the file has.
    """
    try:
        late = AssignLatePenalties(config=folder.config, log=folder.directory.log)
        late.init_plugin()
    except Exception as error:  # a class of the instructor's own may be named there
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise DescentError(
            f"nbgrader's late policy in {folder.path / SETTINGS} can't be used ({said}): mend it."
        ) from error
    return Rules(_read(folder), InForce(folder.path), late.plugin_inst)


def _read(folder: CourseFolder) -> Policy:
    path = folder.path / POLICY
    if not path.is_file():
        return Policy()
    known = lessons()
    with folder.open() as gradebook:
        students = set(scores.people(gradebook))
    for lesson in known:
        students.update(submitted(folder, lesson)[0])
    return reading.read(path, known, students)


def rule(folder: CourseFolder, rules: Rules, lesson: Lesson, dry_run: bool = False) -> Ruled:
    """Bring what is graded of a lesson in line with the policy: all of it, or nothing.

    Args:
        dry_run: say what would change; change nothing.
    """
    if not rules.touch(lesson):
        return Ruled(lesson)
    before_us = copy.deepcopy(rules.in_force.lesson(lesson.name))
    with folder.open() as gradebook:
        before = _scores(gradebook, lesson)
        left = _enter(folder, gradebook, rules, lesson)
        after = _scores(gradebook, lesson)
        if dry_run:
            gradebook.db.rollback()
            rules.in_force.replace(lesson.name, before_us)
        else:
            # What is covered is written down before it is gone, and forgotten when it is back.
            rules.in_force.write()
            gradebook.db.commit()
            rules.in_force.lesson(lesson.name).leave(rules.terms(lesson), lesson.exercises)
            rules.in_force.write()
    pairs = {student: (before[student], after[student]) for student in sorted(after)}
    changed = {student: pair for student, pair in pairs.items() if _standing(pair[0]) != _standing(pair[1])}
    return Ruled(lesson, changed, [name for name, pair in pairs.items() if _by_hand(*pair)], left)


def _scores(gradebook: Gradebook, lesson: Lesson) -> dict[str, SubmissionScores]:
    return {student: entry for (_, student), entry in scores.submissions(gradebook, [lesson.name]).items()}


def _standing(entry: SubmissionScores) -> tuple[float | None, float, float]:
    """What is listed where it changes."""
    return entry.score, entry.maximum, entry.penalty


def _by_hand(before: SubmissionScores, after: SubmissionScores) -> bool:
    """Whether points of a person's are for a cell that gives others at most than it did."""
    return any(
        cell.manual is not None and cell.maximum != before.cells[name].maximum
        for name, cell in after.cells.items()
    )


def _enter(folder: CourseFolder, gradebook: Gradebook, rules: Rules, lesson: Lesson) -> list[str]:
    """Enter the policy for everybody; returns those whose points could not be worked out anew."""
    assignment = gradebook.find_assignment(lesson.name)
    rules.enter_lesson(assignment, lesson)
    left = [
        submission.student_id
        for submission in _submissions(gradebook, assignment.id)
        if not rules.enter(submission, lesson, partial(_judged, folder, submission.student_id, lesson))
    ]
    gradebook.db.flush()
    return sorted(left)


def lessons_of(folder: CourseFolder) -> list[Lesson]:
    """The lessons that a gradebook has."""
    with folder.open() as gradebook:
        names = {assignment.name for assignment in gradebook.assignments}
    return [lesson for lesson in lessons() if lesson.name in names]


def _submissions(gradebook: Gradebook, assignment: str) -> list[SubmittedAssignment]:
    """Those of a lesson with all that their points are made of, in a few queries whatever their number."""
    grades = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
    query = gradebook.db.query(SubmittedAssignment).options(grades.selectinload(Grade.cell))
    found: list[SubmittedAssignment] = query.filter(SubmittedAssignment.assignment_id == assignment).all()
    return sorted(found, key=attrgetter("student_id"))


def _maxima(gradebook: Gradebook, lesson: Lesson) -> Mapping[str, float]:
    return scores.max_scores(gradebook, [lesson.name]).get(lesson.name, {})


def _judged(folder: CourseFolder, student: str, lesson: Lesson) -> dict[str, float] | None:
    """What was judged, by check cell: what we keep of it, or what stands in the graded notebook."""
    try:
        kept = read(folder, student, lesson)
    except FormatError:
        kept = None
    if kept is not None:
        return by_check(kept.judgement)
    try:
        notebook = nbformat.read(folder.autograded(student, lesson), as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None
    graded: dict[str, Any] = {
        grade_id(cell): determine_grade(cell, folder.directory.log)[0]
        for cell in notebook.cells
        if is_grade(cell)
    }
    return {cell: float(points) for cell, points in graded.items() if points is not None}
