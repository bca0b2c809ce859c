"""Who works on a gradebook at once on PostgreSQL: different lessons may, the same may not."""

import subprocess
import sys

import nbformat
import pytest
from alike import tables

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder

pytestmark = pytest.mark.slow

ADAM, DECAY = find("05_adam"), find("06_lr_decay")
ZONE = 'zone = "Europe/Berlin"\n'
AUTOGRADER = (sys.executable, "-m", "autograder")


def test_a_lesson_is_one_runs_and_another_lesson_anothers(folder):
    with folder.lock([ADAM]), folder.lock([DECAY]):
        with pytest.raises(
            DescentError, match=r"^\S.* on \S+ is at work on 05_adam already: wait for the end\.$"
        ):
            folder.lock([ADAM]).__enter__()
        with pytest.raises(DescentError, match="is at work in this gradebook already"):
            folder.lock().__enter__()
    with folder.lock(), pytest.raises(DescentError, match="is at work in this gradebook already"):
        folder.lock([DECAY]).__enter__()
    # Of two, one that is taken: neither is held then.
    with folder.lock([DECAY]):
        with pytest.raises(DescentError):
            folder.lock([ADAM, DECAY]).__enter__()
        with folder.lock([ADAM]):
            pass


def test_a_lock_whose_connection_is_lost_is_taken_again_unless_somebody_else_has_it(folder, server):
    ended = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name like 'autograder:%' and datname = :name"
    )
    name = folder.db_url.rpartition("/")[2]
    with folder.lock([ADAM]) as hold:
        hold.keep()
        server.ask(ended, name=name)
        hold.keep()
        with pytest.raises(DescentError, match="05_adam already"):
            folder.lock([ADAM]).__enter__()
        server.ask(ended, name=name)
        with folder.lock([ADAM]), pytest.raises(DescentError, match="05_adam already"):
            hold.keep()


def test_two_lessons_are_graded_at_once_by_two_processes(folder, server, tmp_path):
    folder.setup([ADAM, DECAY])
    for number in range(6):
        for lesson in (ADAM, DECAY):
            folder.submit(f"student{number}", lesson, nbformat.writes(answered(lesson, {})))
            place = folder.place(folder.directory.submitted_directory, f"student{number}", lesson)
            (place / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    (folder.path / "policy.toml").write_text(
        ZONE
        + "".join(
            f'[lessons.{lesson.name}]\ndue = 2026-01-01T12:00:00\nlate = {{per_day = "10 %"}}\n'
            f'excluded = ["{lesson.exercises[-1].id}"]\n'
            for lesson in (ADAM, DECAY)
        )
    )
    runs = [
        subprocess.Popen(
            [*AUTOGRADER, "grade", lesson.name, "--workers", "1", "--gradebook", folder.path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for lesson in (ADAM, DECAY)
    ]
    said = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    at_once = tables(folder)
    assert len(at_once["student"]) == 6
    assert len(at_once["submitted_notebook"]) == 12
    assert len(list(folder.path.glob("feedback/*/*/*.html"))) == 12
    assert "Traceback" not in "".join(said[0] + said[1])
    in_turn = CourseFolder(folder.path)
    command = [*AUTOGRADER, "grade", ADAM.name, DECAY.name, "--force", "--gradebook", in_turn.path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Scores that changed" not in done.stdout
    assert tables(in_turn) == at_once
