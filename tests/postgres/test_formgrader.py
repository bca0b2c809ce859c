"""What formgrader asks nbgrader for, on PostgreSQL as on SQLite."""

import pytest
from entered_class import ADAM, entered_class
from nbgrader.apps.api import NbGraderAPI

from autograder.grade.folder import CourseFolder

# nbgrader's own, about the order in which it adds the parts of a submission.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

# Drawn anew in every gradebook.
DRAWN = {"id"}


def answers(folder):
    """All of formgrader's tables, without what is drawn."""
    api = NbGraderAPI(config=folder.config)
    tables = {
        "assignments": api.get_assignments(),
        "students": api.get_students(),
        "submissions": api.get_submissions(ADAM.name),
        "notebooks": api.get_notebooks(ADAM.name),
        "of one notebook": api.get_notebook_submissions(ADAM.name, ADAM.name),
        "of one student": api.get_student_submissions("fred"),
        "of a student's notebooks": api.get_student_notebook_submissions("fred", ADAM.name),
    }
    return {
        name: sorted(repr([(key, row[key]) for key in sorted(row.keys() - DRAWN)]) for row in rows)
        for name, rows in tables.items()
    }


def test_every_table_of_formgraders_is_the_same(folder, tmp_path):
    on_file = entered_class(tmp_path / "sqlite")
    entered_class(folder.path)
    on_server = answers(CourseFolder(folder.path))
    assert on_server == answers(on_file)
    assert (len(on_server["students"]), len(on_server["assignments"])) == (8, 2)
