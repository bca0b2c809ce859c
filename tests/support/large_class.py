"""A class of any size: graded students, again and again under other names; files as links to the same bytes."""

import os
from itertools import cycle
from uuid import uuid4

from nbgrader.api import Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import insert, select

from autograder.grade.record import STEP


def enlarge(folder, lesson, count):
    """Add students to a graded folder until there are ``count``, each a copy of one who is there."""
    with folder.open() as gradebook:
        there = sorted(student.id for student in gradebook.students)
        names = [f"student{number:05d}" for number in range(count - len(there))]
        pairs = list(zip(names, cycle(there), strict=False))
        rows = {kind: [] for kind in (Student, SubmittedAssignment, SubmittedNotebook, Grade)}
        known = {kind: _rows(gradebook, kind) for kind in rows}
        for name, model in pairs:
            rows[Student].append({"id": name, "first_name": "Ada", "last_name": f"Byron {name[-3:]}"})
            for submission in known[SubmittedAssignment]:
                if submission["student_id"] != model:
                    continue
                own = _copy(rows, SubmittedAssignment, submission, student_id=name)
                for notebook in known[SubmittedNotebook]:
                    if notebook["assignment_id"] == submission["id"]:
                        pages = _copy(rows, SubmittedNotebook, notebook, assignment_id=own)
                        for grade in known[Grade]:
                            if grade["notebook_id"] == notebook["id"]:
                                _copy(rows, Grade, grade, notebook_id=pages)
        for kind, made in rows.items():
            gradebook.db.execute(insert(kind.__table__), made)
        gradebook.db.commit()
    directory = folder.directory
    for step in (
        directory.submitted_directory,
        directory.autograded_directory,
        directory.feedback_directory,
        STEP,
    ):
        for name, model in pairs:
            place = folder.place(step, name, lesson)
            for path in folder.place(step, model, lesson).glob("*"):
                place.mkdir(parents=True, exist_ok=True)
                os.link(path, place / path.name)


def _rows(gradebook, kind):
    return [dict(row) for row in gradebook.db.execute(select(kind.__table__)).mappings()]


def _copy(rows, kind, row, **other):
    id = uuid4().hex
    rows[kind].append({**row, "id": id, **other})
    return id
