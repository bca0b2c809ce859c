"""A class that is graded on Dask's workers: the gradebook is the one of this machine, whatever ends meanwhile."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest
from small_class import copy_of

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import sample_class
from autograder.cluster import versions as versions_module
from autograder.cluster.versions import differences, versions
from autograder.grade.folder import CourseFolder

LESSON = find("05_adam")


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory):
    folder = CourseFolder(tmp_path_factory.mktemp("class") / "gradebook")
    folder.setup([LESSON])
    for student, file, text in sample_class(LESSON, 16):
        folder.submit(student, LESSON, text, file)
    folder.seed()
    return folder


@pytest.fixture(scope="module")
def here(ungraded, tmp_path_factory):
    folder = copy_of(ungraded, tmp_path_factory.mktemp("here"))
    assert grade(folder).wait() == 0
    return folder


def grade(folder, *given, environment=None):
    command = (sys.executable, "-m", "autograder", "grade", LESSON.name, "--gradebook", str(folder.path))
    return subprocess.Popen(
        [*command, *given],
        env=environment or dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def address(dask):
    for _ in range(600):
        if dask.workers_know.is_file() and (text := dask.workers_know.read_text()).endswith("}"):
            return json.loads(text)["address"]
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


def contents(folder):
    """Scores, every autograded notebook and judgement, and every page, byte for byte."""
    with folder.open() as gradebook:
        rows = {
            (submission.student.id, entry.name): (entry.auto_score, entry.manual_score, submission.score)
            for submission in gradebook.assignment_submissions(LESSON.name)
            for notebook in submission.notebooks
            for entry in notebook.grades
        }
    kept = (
        path
        for step in ("autograded", "judgements", "feedback")
        for path in folder.path.glob(f"{step}/*/*/*")
    )
    return rows, {path.relative_to(folder.path): path.read_bytes() for path in kept}


@pytest.mark.slow
def test_two_workers_make_the_gradebook_that_this_machine_makes(dask, ungraded, here, tmp_path):
    folder = copy_of(ungraded, tmp_path)
    dask.worker(), dask.worker()
    grading = grade(folder, "--cluster", address(dask))
    _, said = grading.communicate()
    assert grading.returncode == 0, said
    assert contents(folder) == contents(here)


@pytest.mark.slow
def test_workers_that_are_killed_change_nothing(dask, ungraded, here, tmp_path):
    folder, draw = copy_of(ungraded, tmp_path), random.Random(19)
    workers = [dask.worker(), dask.worker()]
    grading = grade(folder, "--cluster", address(dask))
    for recorded in sorted(draw.sample(range(1, 12), 3)):
        while len(list(folder.path.glob("judgements/*/*/judgement.json"))) < recorded:
            assert grading.poll() is None, grading.stderr.read()
            time.sleep(0.05)
        # The nanny too: nobody starts another in its place.
        gone = workers.pop(draw.randrange(len(workers)))
        os.killpg(gone.pid, signal.SIGKILL)
        workers.append(dask.worker())
    _, said = grading.communicate()
    assert grading.returncode == 0, said
    assert contents(folder) == contents(here)


@pytest.mark.slow
def test_where_no_scheduler_is_one_sentence_says_so(ungraded):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    grading = grade(ungraded, "--cluster", nobody)
    _, said = grading.communicate()
    assert grading.returncode == 2
    assert "There is no Dask scheduler to be reached at" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.slow
def test_a_worker_with_another_version_is_refused_before_anything_is_graded(dask, ungraded, tmp_path):
    folder = copy_of(ungraded, tmp_path)
    (dask.folder / "sitecustomize.py").write_text(
        "from autograder.cluster import versions\nfound = versions.versions()\nfound['torch'] = '2.0.0'\n"
    )
    path = os.pathsep.join([str(dask.folder), os.environ.get("PYTHONPATH", os.getcwd())])
    dask.worker({"PYTHONPATH": path})
    grading = grade(folder, "--cluster", address(dask))
    _, said = grading.communicate()
    assert grading.returncode == 2
    assert "has torch 2.0.0 (here" in said
    assert not list(folder.path.glob("judgements/*"))


def test_what_is_another_there_is_named():
    ours = versions()
    assert differences(ours, dict(ours)) == ""
    assert versions_module.NAME in differences(ours, {**ours, versions_module.NAME: "other"})
    assert "torch missing" in differences(ours, {**ours, "torch": ""})
