"""One class with everything that once stopped one: each costs its own student, and nobody else a byte."""

import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import pytest
from corpus.poison import NAMES, PILLS
from small_class import LESSON, graded_with, judged_marks, submit

from autograder.catalogue.sample import answered, right_answers, wrong_answers
from autograder.grade.class_run import ClassRun
from autograder.grade.feedback import pages
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import digest, handed_in, root
from autograder.judge import apart
from autograder.judge.grader import Grader
from autograder.judge.own_file import Unreadable
from autograder.judge.reading import read
from autograder.report import page as class_report
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow

SEED = 5
STUDENTS = {pill.name: pill.student or f"poison-{number:02d}" for number, pill in enumerate(PILLS)}
HONEST = {
    "honest-1": answered(LESSON, {}),
    "honest-2": answered(LESSON, next(right_answers(LESSON))),
    "honest-3": answered(LESSON, next(wrong_answers(LESSON))),
    "honest-4": LESSON.student_notebook(),
}


def honest_class(path):
    folder = CourseFolder(path)
    folder.setup([LESSON])
    for student, notebook in HONEST.items():
        (submit(folder, student, notebook) / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    return folder


def grade(folder):
    (done,) = graded_with(folder.path, SEED)
    return done


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    folder = honest_class(tmp_path_factory.mktemp("honest") / "gradebook")
    grade(folder)
    return folder


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """The same class with every pill in it, and what came of it.

    It is graded as a command does it, in a new process: one that has used and freed memory before has more room
    than the limit says.
    """
    folder = honest_class(tmp_path_factory.mktemp("poisoned") / "gradebook")
    for pill in PILLS:
        pill.hand_in(LESSON, folder.path / "submitted" / STUDENTS[pill.name] / LESSON.name)
    for student in NAMES:
        submit(folder, student, answered(LESSON, {}))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as new:
        (done,) = new.submit(graded_with, folder.path, SEED).result()
    return folder, done


@pytest.mark.parametrize("pill", PILLS, ids=lambda pill: pill.name)
def test_each_ends_in_its_state(poisoned, pill):
    folder, done = poisoned
    (judged,) = (entry.judgement for entry in done.graded if entry.student == STUDENTS[pill.name])
    kept = judged_marks(folder)[STUDENTS[pill.name]]
    assert (judged.state, kept.score) == (pill.state, pill.score), kept.judgement.sentences
    assert not pill.flag or kept.judgement.flagged(pill.flag)
    assert all(sentence.isprintable() for sentence in kept.judgement.sentences)
    page = folder.feedback(STUDENTS[pill.name], LESSON).read_text()
    assert not re.search(r'href="javascript:', page)


def test_names_that_nothing_can_hold_are_left_out_and_told(poisoned):
    _, done = poisoned
    assert {entry.student for entry in done.graded} == {*HONEST, *STUDENTS.values()}
    assert sorted(flag.id for flag in done.left_out) == [
        "left_out_long",
        *["left_out_name"] * (len(NAMES) - 1),
    ]
    assert all("rename it" in flag.sentence and flag.sentence.isprintable() for flag in done.left_out)
    assert (done.without_page, done.problem) == ([], "")


def of(folder, student):
    """All that grading made for a student, byte for byte, and the rows of the gradebook and of the report."""
    files = {
        path.relative_to(folder.path): path.read_bytes()
        for step in ("autograded", "feedback", "judgements")
        for path in (folder.path / step / student).rglob("*")
        if path.is_file()
    }
    with folder.open() as gradebook:
        submission = gradebook.find_submission(LESSON.name, student)
        grades = {
            grade.name: (grade.auto_score, grade.needs_manual_grade)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
        row = (submission.score, submission.timestamp, grades)
    lines = (folder.path / class_report.NAME).read_text().split("<tr>")
    (shown,) = (line for line in lines if f">{student}</a></th>" in line)
    return files, row, shown.partition("</tr>")[0]


def test_nobody_else_loses_a_byte(honest, poisoned):
    for folder in (honest, poisoned[0]):
        class_report.write(folder)
    for student in HONEST:
        files, row, shown = of(honest, student)
        assert len(files) == 5
        assert (files, row, shown) == of(poisoned[0], student)


def test_what_came_of_it_is_not_done_again(poisoned):
    again = grade(poisoned[0])
    assert (again.graded, again.unchanged) == ([], len(HONEST) + len(PILLS))


@pytest.fixture
def three(tmp_path):
    """A class of two honest students and one whose cell takes a while."""
    folder = CourseFolder(tmp_path / "gradebook")
    folder.setup([LESSON])
    for student in ("honest-1", "honest-2"):
        submit(folder, student, HONEST[student])
    submit(folder, "slow", answered(LESSON, {"Adam": "import time\ntime.sleep(15)"}))
    return folder


def test_a_worker_that_is_killed_costs_the_submission_that_it_was_at(three):
    graded = {}
    for entry in ClassRun(three, LESSON, Grader(SEED)).run(1):
        graded[entry.student] = entry
        if len(graded) == 2:  # what takes longer than the others comes last
            (worker,) = multiprocessing.active_children()
            threading.Timer(2, os.kill, (worker.pid, signal.SIGKILL)).start()
    assert [entry.after for entry in graded.values()] == [10.0, 10.0, 0.0]
    judgement = graded["slow"].judgement
    assert (judgement.state, [flag.id for flag in judgement.flags]) == ("crashed", ["grader_died"])
    nbformat.validate(nbformat.read(three.autograded("slow", LESSON), as_version=4))
    assert not multiprocessing.active_children()
    assert ClassRun(three, LESSON, Grader(SEED)).unchanged == 3


def test_what_takes_the_grader_too_long_is_ended(three, monkeypatch):
    grader = Grader(SEED)
    monkeypatch.setattr(apart, "READING_AND_JUDGING", 4 - grader.isolation.limits.notebook)
    graded = {entry.student: entry.judgement for entry in ClassRun(three, LESSON, grader).run(1)}
    assert [flag.id for flag in graded["slow"].flags] == ["grader_time"]
    assert graded["slow"].state == "crashed"
    assert graded["slow"].sentences == ["to read and judge it took more than 4 s: grade it by hand"]
    assert (graded["honest-1"].score, graded["honest-2"].score) == (10.0, 10.0)


def test_a_page_that_takes_too_long_is_that_students_alone(three, monkeypatch):
    list(ClassRun(three, LESSON, Grader(SEED)).run(2))
    path = three.autograded("slow", LESSON)
    path.unlink()
    os.mkfifo(path)  # whoever opens it waits
    monkeypatch.setattr(pages, "SECONDS", 6.0)
    tried = {
        page.student: page.problem for page in pages.write(three, LESSON, ["honest-1", "slow", "honest-2"], 1)
    }
    assert tried == {"honest-1": "", "honest-2": "", "slow": "it took more than 6 s"}
    assert pages.stale(three, LESSON) == []
    assert not three.feedback("slow", LESSON).exists()


@pytest.fixture
def unread():
    """A folder that everybody can get to, with what an ordinary user may not read; left as such a user."""
    place = Path(tempfile.mkdtemp(prefix="descent-test-"))
    place.chmod(0o755)
    folder = CourseFolder(place)
    closed = {"file": "05_adam/05_adam.ipynb", "lesson": "05_adam", "student": "."}
    for student, part in closed.items():
        submit(folder, student, HONEST["honest-1"])
        (place / "submitted" / student / part).chmod(0)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(before)
    for student, part in closed.items():
        (place / "submitted" / student / part).chmod(0o755)
    shutil.rmtree(place)


def test_what_may_not_be_read_is_a_submission_that_cannot_be(unread):
    found = handed_in(unread, LESSON)
    said = {}
    for student, path in found.notebooks.items():
        with pytest.raises(Unreadable) as error:
            read(path, root(unread, LESSON))
        said[student] = error.value.flag.id
        assert digest(unread, student, LESSON, path)
    assert said == dict.fromkeys(("file", "lesson", "student"), "cannot_open")


def test_what_cannot_be_written_for_one_student_is_told_and_the_others_go_on(three):
    (three.path / "judgements" / "honest-1").mkdir(parents=True)
    (three.path / "judgements" / "honest-1" / LESSON.name).write_text("in the way")
    run = ClassRun(three, LESSON, Grader(SEED, Limits(cell=2, notebook=6)))
    assert {entry.student for entry in run.run(2)} == {"honest-2", "slow"}
    assert [(flag.id, flag.values["student"]) for flag in run.left_out] == [("left_out_failed", "honest-1")]


def test_the_judge_command_judges_in_a_process_of_its_own(tmp_path):
    pill = next(pill for pill in PILLS if pill.flag == "grader_memory")
    pill.hand_in(LESSON, tmp_path / "bomb")
    right = tmp_path / "right.ipynb"
    nbformat.write(HONEST["honest-1"], right)
    (bomb,) = (tmp_path / "bomb").iterdir()
    command = [sys.executable, "-m", "autograder", "judge", right, bomb, right]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["state"], line["score"]) for line in lines] == [
        ("graded", 10),
        ("crashed", 0),
        ("graded", 10),
    ]
    assert [flag["id"] for flag in lines[1]["flagged"]] == ["grader_memory"]
