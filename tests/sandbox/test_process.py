"""The grader's end of a student's process: what it reports, and how long it waits."""

import os
import pickle
import signal
import socket
import sys

import numpy as np
import pytest

from autograder.machine import warm
from autograder.sandbox import process as sandbox_process
from autograder.sandbox.bubblewrap import SandboxError
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.process import Isolation, Stopped, StudentProcess
from course.exercises import EXERCISES
from course.families.recorder import Stop
from course.problems import Problem
from course.sealed import COMMON
from course.wire import decode_evidence, encode_cases

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=30, notebook=90)


@pytest.fixture(scope="module", params=(True, False), ids=("sandbox", "no sandbox"))
def isolation(request):
    return Isolation(LIMITS, request.param)


def test_what_stops_a_process_or_a_case_can_be_sent_between_processes():
    stopped = pickle.loads(pickle.dumps(Stopped("timeout", "ran for more than 20 s and was stopped")))
    assert (stopped.state, stopped.sentence) == ("timeout", "ran for more than 20 s and was stopped")
    assert str(stopped) == stopped.sentence
    problem = Problem("raised", {"name": "step()", "exception": "ValueError"})
    assert pickle.loads(pickle.dumps(Stop(problem))).problem == problem


@pytest.mark.parametrize(
    "code", ("import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
)
def test_a_process_that_ends_is_seen_to_end_although_others_hold_its_connection(isolation, code):
    with isolation.start(COMMON) as process:
        process.run("import os\nif os.fork() == 0:\n    import time\n    time.sleep(60)\n    os._exit(0)", 30)
        with pytest.raises(Stopped) as stopped:
            process.run(code, 30)
        assert stopped.value.state == "crashed"


def test_a_probe_names_a_refusal_by_its_class(isolation):
    exercise = EXERCISES["Adam"]
    with isolation.start(COMMON) as process:
        process.run("import torch\nAdam = torch.optim.Adam", 30)
        case = exercise.cases(np.random.default_rng(0), "public")[0]
        (packed,) = process.observe("Adam", encode_cases([case]), 30)
    (evidence,) = decode_evidence(packed)
    assert evidence.problem.exception == "NotAvailable"
    assert COMMON.refusal in evidence.problem.sentence


def test_students_see_nothing_of_the_graders_environment(isolation, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    with isolation.start(COMMON) as process:
        source = "import os\nassert 'SECRET_OF_THE_GRADER' not in os.environ\nassert os.getcwd() == os.environ['HOME']"
        assert process.run(source, 30) == ([], "")


def test_a_process_that_can_not_be_confined_says_why(monkeypatch):
    isolation = Isolation(LIMITS)
    monkeypatch.setattr(sandbox_process, "WORK", "/no/such/folder")
    with pytest.raises(SandboxError, match=r"FileNotFoundError.*--no-sandbox"), isolation.start(COMMON):
        pass


def test_a_process_that_does_not_start_is_not_waited_for_without_end(isolation, monkeypatch):
    warm_process(COMMON).wait()
    os.kill(warm_process(COMMON).pid, signal.SIGSTOP)
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(warm, "START_SECONDS", 0.2)
            with pytest.raises(warm.WarmProcessError), isolation.start(COMMON):
                pass
    finally:
        os.kill(warm_process(COMMON).pid, signal.SIGCONT)
    with isolation.start(COMMON) as process:
        assert process.run("1 + 1", 30)[1] == ""


def test_a_process_that_says_nothing_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(sandbox_process, "START_SECONDS", 0.2)
    silent = warm.WarmProcess("roles", {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    ours, theirs = socket.socketpair()
    told, tells = socket.socketpair()
    with ours, theirs, told, tells, pytest.raises(SandboxError, match="timed out"):
        StudentProcess(ours, told, silent.start({"sleep": 600}, [theirs.fileno()]), None, LIMITS)
    silent.close()
