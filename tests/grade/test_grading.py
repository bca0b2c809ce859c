"""Grading a class: the same gradebook however it comes about, and nobody waits for somebody's endless loop."""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
from corpus.entry import WITHOUT_ADAM, left_without
from small_class import copy_of, submit

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered, right_answers, wrong_answers
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge import patience
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
AUTOGRADER = (sys.executable, "-m", "autograder")


def grade(folder, force=False, workers=2, limits=Limits()):  # noqa: B008
    return list(ClassRun(folder, LESSON, Grader(folder.seed(), limits), force).run(workers))


def contents(folder):
    """Everything that a gradebook says of the lesson, every autograded notebook and judgement, byte for byte."""
    with folder.open() as gradebook:
        rows = {
            (submission.student.id, notebook.name, grade.name): (
                grade.auto_score,
                grade.manual_score,
                grade.extra_credit,
                grade.needs_manual_grade,
                submission.score,
            )
            for submission in gradebook.assignment_submissions(LESSON.name)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    kept = (*folder.path.glob("autograded/*/*/*"), *folder.path.glob("judgements/*/*/*"))
    files = {path.relative_to(folder.path): path.read_bytes() for path in kept}
    return rows, files


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory):
    """A folder with a class of twelve that nobody has graded; its seed is drawn."""
    folder = CourseFolder(tmp_path_factory.mktemp("class") / "gradebook")
    folder.setup([LESSON])
    answers = [*islice(right_answers(LESSON), 5), *islice(wrong_answers(LESSON), 5)]
    for number, cells in enumerate(answers):
        submit(folder, f"student{number:02d}", answered(LESSON, cells))
    submit(folder, "broken", "{")
    submit(folder, "crashed", answered(LESSON, {"AdamW": "import os\nos._exit(1)"}))
    folder.seed()
    return folder


@pytest.fixture(scope="module")
def sequential(ungraded, tmp_path_factory):
    folder = copy_of(ungraded, tmp_path_factory.mktemp("sequential"))
    grade(folder, workers=1)
    return folder


def test_one_worker_and_three_make_the_same_gradebook(ungraded, sequential, tmp_path):
    parallel = copy_of(ungraded, tmp_path)
    grade(parallel, workers=3)
    assert contents(parallel) == contents(sequential)


def test_some_kills_later_the_gradebook_is_the_same_and_nothing_is_left_running(
    ungraded, sequential, tmp_path, pytestconfig
):
    folder = copy_of(ungraded, tmp_path)
    command = [*AUTOGRADER, "grade", LESSON.name, "--gradebook", str(folder.path)]
    moments = random.Random(5)
    graded_when_killed = []
    for _ in range(pytestconfig.getoption("kills")):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        known = len(list(folder.path.glob("autograded/*/*/*.ipynb")))
        # Not before there is something to lose, and then at any moment.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if len(list(folder.path.glob("autograded/*/*/*.ipynb"))) > known:
                break
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        graded_when_killed.append(len(list(folder.path.glob("autograded/*/*/*.ipynb"))))
    assert graded_when_killed == sorted(graded_when_killed)
    assert 0 < graded_when_killed[0] < 12
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert contents(folder) == contents(sequential)
    assert len(list(folder.path.glob("feedback/*/*/*.html"))) == 12
    assert running_in(folder.path) == []


def running_in(folder):
    """The command lines of processes that were started to grade in ``folder``."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{entry}/cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def test_what_has_not_changed_is_not_graded_again(sequential, tmp_path):
    folder = copy_of(sequential, tmp_path)
    assert grade(folder) == []
    submit(folder, "student00", LESSON.student_notebook())
    submit(folder, "new", answered(LESSON, {}))
    graded = {entry.student: (entry.before, entry.after) for entry in grade(folder)}
    assert graded == {"student00": (10.0, 0.0), "new": (None, 10.0)}


def test_force_grades_everybody_and_says_whose_score_changed(sequential, tmp_path, command_line):
    folder = copy_of(sequential, tmp_path)
    with folder.open() as gradebook:
        gradebook.find_grade("check_Adam", LESSON.name, LESSON.name, "student01").auto_score = 1.0
        gradebook.db.commit()
    code, printed, _ = command_line("grade", LESSON.name, "--force", "--gradebook", folder.path)
    assert not code
    changed = printed.partition("Scores that changed")[2].splitlines()
    assert [line.split() for line in changed if "student" in line][1:] == [
        ["student01", f"{left_without('Adam') + 1:g}", "10"]
    ]
    assert contents(folder) == contents(sequential)


def test_ctrl_c_ends_with_one_sentence_and_the_next_run_goes_on(ungraded, sequential, tmp_path):
    folder = copy_of(ungraded, tmp_path)
    command = [*AUTOGRADER, "grade", LESSON.name, "--gradebook", str(folder.path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(folder.path.glob("autograded/*/*/*.ipynb")) and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Run the same command again to go on from there." in said
    assert "Traceback" not in said
    grade(folder)
    assert contents(folder) == contents(sequential)


def test_endless_loops_wait_until_everybody_else_is_graded(tmp_path, monkeypatch):
    # An honest step that a busy machine makes long would wait with them.
    monkeypatch.setattr(patience, "AT_FIRST", 2.0)
    monkeypatch.setattr(patience, "TIMES", 10.0)
    folder = CourseFolder(tmp_path / "gradebook")
    folder.setup([LESSON])
    for number in range(9):
        endless = number % 3 == 0
        submit(
            folder,
            f"{'endless' if endless else 'honest'}{number}",
            answered(LESSON, {"Adam": "while True: pass"} if endless else {}),
        )
    graded = grade(folder, limits=Limits(cell=5, notebook=15))
    assert [entry.student[:6] for entry in graded] == ["honest"] * 6 + ["endles"] * 3
    assert {entry.judgement.state for entry in graded[6:]} == {"timeout"}
    assert {entry.after for entry in graded[6:]} == {WITHOUT_ADAM}


def test_without_the_sandbox_the_report_says_so(sequential, tmp_path, command_line):
    folder = copy_of(sequential, tmp_path)
    submit(folder, "student00", answered(LESSON, {}))
    code, printed, _ = command_line(
        "grade", LESSON.name, "--no-sandbox", "--force", "--gradebook", folder.path
    )
    assert not code
    assert "11 of them graded without the sandbox" in printed
    # Of the broken one, no code ran.
    assert "Graded without the sandbox" in (folder.path / "report.html").read_text()


def test_two_at_once_in_one_folder_do_not_get_along(ungraded, command_line):
    with ungraded.lock():
        code, _, said = command_line("grade", LESSON.name, "--gradebook", ungraded.path)
    assert code == 2
    assert "Somebody is grading" in said


def test_where_bubblewrap_is_missing_one_sentence_says_how_to_get_it(
    ungraded, tmp_path, monkeypatch, command_line
):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, said = command_line("grade", LESSON.name, "--gradebook", ungraded.path)
    assert code == 2
    assert "apt install bubblewrap" in said
    assert len(said.strip().splitlines()) == 1
