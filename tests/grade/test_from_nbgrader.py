"""nbgrader's own commands in a course folder: Descent does their work, and students' code stays in its sandbox."""

import subprocess
import sys
from pathlib import Path

import pytest
from small_class import HONEST, LESSON, copy_of, submit

from autograder.catalogue.sample import answered
from autograder.grade import feedback, record
from autograder.grade.settings import SEND_TO_DESCENT, SETTINGS

pytestmark = pytest.mark.slow

NBGRADER = Path(sys.executable).with_name("nbgrader")


def nbgrader(folder, *arguments):
    return subprocess.run(
        [NBGRADER, *arguments], cwd=folder.path, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(graded, tmp_path):
    return copy_of(graded[0], tmp_path)


def test_autograde_grades_one_student_in_the_sandbox(folder, tmp_path):
    trace = tmp_path / "ran-outside"
    outside = f"try:\n    open({str(trace)!r}, 'w').close()\nexcept OSError:\n    pass"
    for student in ("right", "wrong"):
        submit(folder, student, answered(LESSON, {"Adam": f"{outside}\n{LESSON.solutions()['Adam']}"}))
    before = record.scores(folder, LESSON)
    done = nbgrader(folder, "autograde", LESSON.name, "--student=wrong", "--force")
    assert done.returncode == 0, done.stderr
    assert "Done by Descent" in done.stderr
    assert not trace.exists()
    assert before["wrong"] < record.scores(folder, LESSON)["wrong"] == 10
    # The other's new one waits.
    assert "ran-outside" not in folder.autograded("right", LESSON).read_text()
    assert feedback.stale(folder, LESSON) == []


def test_generate_feedback_makes_our_page(folder):
    folder.feedback("right", LESSON).unlink()
    done = nbgrader(folder, "generate_feedback", LESSON.name)
    assert done.returncode == 0, done.stderr
    assert "descent-feedback" in folder.feedback("right", LESSON).read_text()
    assert feedback.stale(folder, LESSON) == []


def test_what_keeps_us_from_grading_is_said_and_nothing_is_lost(folder):
    (folder.path / "secret_seed").write_text("none")
    before = folder.autograded("right", LESSON).read_bytes()
    submit(folder, "right", HONEST["wrong"])
    done = nbgrader(folder, "autograde", LESSON.name, "--student=right", "--force")
    assert done.returncode == 1
    assert "secret_seed holds no number" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert folder.autograded("right", LESSON).read_bytes() == before


def test_setup_says_where_an_older_folder_lets_nbgrader_run_students_code(folder, command_line):
    settings = folder.path / SETTINGS
    assert SEND_TO_DESCENT in settings.read_text()
    _, _, said = command_line("setup", "--gradebook", folder.path)
    assert "outside the sandbox" not in said
    settings.write_text(settings.read_text().replace(SEND_TO_DESCENT, ""))
    code, _, said = command_line("setup", "--gradebook", folder.path)
    assert code == 0
    assert SEND_TO_DESCENT in said


def test_grade_says_whose_submission_is_not_there(folder, command_line):
    code, _, said = command_line("grade", LESSON.name, "--gradebook", folder.path, "--student", "nobody")
    assert (code, " ".join(said.split())) == (2, "autograder: There is no submission of 05_adam by nobody.")
