"""A server that is gone in the middle: nothing is half written, and the run or the next one goes on."""

import os
import subprocess
import sys
import time

import nbformat
import pytest
from alike import tables

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.errors import DescentError
from autograder.grade import alone, class_run, connection
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
CLASS = 8


@pytest.fixture
def handed_in(folder):
    folder.setup([LESSON])
    notebook = nbformat.writes(answered(LESSON, {}))
    for number in range(CLASS):
        folder.submit(f"student{number}", LESSON, notebook)
    return folder


def whole(folder):
    """Whether everybody is graded, once, with a page."""
    found = tables(folder)
    assert len(found["submitted_assignment"]) == CLASS
    assert all("'late_submission_penalty': None" in row for row in found["submitted_notebook"])
    points = [row for row in found["grade"] if "'auto_score': None" not in row]
    assert len(points) == CLASS * len(LESSON.exercises)
    assert len(list(folder.path.glob("judgements/*/*/*.json"))) == CLASS
    assert len(list(folder.path.glob("feedback/*/*/*.html"))) == CLASS


def test_a_server_that_comes_back_is_waited_for_in_the_same_run(handed_in, server):
    run = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", LESSON.name, "--gradebook", handed_in.path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not list(handed_in.path.glob("judgements/*/*/*.json")) and run.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    server.stop()
    time.sleep(0.5)
    server.start()
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert "Traceback" not in said
    whole(handed_in)


def test_a_server_that_stays_away_is_a_sentence_and_the_same_command_goes_on(handed_in, server, monkeypatch):
    monkeypatch.setattr(connection, "PAUSES", (0.1,))
    monkeypatch.setattr(alone, "PAUSES", (0.1,))
    record, count = class_run.record, iter(range(CLASS))

    def until_the_third(*given):
        if next(count) == 2:
            server.stop()
        return record(*given)

    monkeypatch.setattr(class_run, "record", until_the_third)
    try:
        with pytest.raises(DescentError, match=r"does not answer .*run the same command again") as error:
            list(grade_class(handed_in, [LESSON], seed=3))
        assert "\n" not in str(error.value)
        with pytest.raises(DescentError, match="can't be opened"):
            handed_in.require()
        with pytest.raises(DescentError, match=r"does not answer|can't be opened"):
            handed_in.lock([LESSON]).__enter__()
    finally:
        server.start()
    monkeypatch.setattr(class_run, "record", record)
    assert len(list(handed_in.path.glob("judgements/*/*/*.json"))) == 2
    (done,) = grade_class(CourseFolder(handed_in.path), [LESSON], seed=3)
    assert (len(done.graded), done.unchanged, done.left_out) == (CLASS - 2, 2, [])
    whole(handed_in)


def test_what_speaks_to_postgresql_is_asked_for_where_it_is_missing(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'postgresql://me:secret@127.0.0.1:1/g'\n"
    )
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "psycopg2.py").write_text("raise ImportError('No module named psycopg2')")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "report", "--gradebook", tmp_path],
        env={**os.environ, "PYTHONPATH": f"{tmp_path / 'without'}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install .[cluster]" in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
