"""A warm process forks what it is asked for, says how that ends, and outlives nobody."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import DescentError
from autograder.machine import warm
from autograder.machine.warm import WarmProcess, WarmProcessError

pytestmark = pytest.mark.slow

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
}


@pytest.fixture(scope="module")
def source():
    process = WarmProcess("roles", ENVIRONMENT, "what to load")
    yield process
    process.close()


def ask(source, request):
    """A forked process, and what it says of itself."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            forked = source.start(request, [theirs.fileno()])
        ours.settimeout(30)
        return forked, json.loads(ours.recv(1 << 16))


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def wait_until_ended(*pids):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(runs, pids)):
        time.sleep(0.02)
    assert not any(map(runs, pids))


def test_a_forked_process_gets_its_request_its_files_and_what_was_loaded(source):
    forked, (loaded, length, pid, environment) = ask(source, {"say": "x" * 300_000})
    assert (loaded, length) == ("what to load", 300_000)
    assert pid == forked.pid
    assert set(environment) <= {*ENVIRONMENT, "LC_CTYPE"}
    assert forked.wait() == 0


def test_each_end_is_told_to_whom_it_concerns(source):
    slow = source.start({"sleep": 600})
    assert source.start({"exit": 7}).wait() == 7
    assert source.start({"raise": True}).wait() == 1
    assert slow.poll() is None
    slow.terminate()
    assert slow.wait() == slow.poll() == -signal.SIGTERM
    slow.kill()  # as with subprocess.Popen, one that has ended can be ended again


def test_what_is_interrupted_is_the_forked_process_alone(source):
    forked, _ = ask(source, {"sleep": 600})
    os.kill(source.pid, signal.SIGINT)
    forked.send_signal(signal.SIGINT)
    assert forked.wait() == 1
    assert source.start({"exit": 3}).wait() == 3


def test_closing_ends_what_was_forked():
    source = WarmProcess("roles", ENVIRONMENT)
    forked, _ = ask(source, {"sleep": 600})
    source.close()
    assert forked.wait() == -signal.SIGKILL
    wait_until_ended(source.pid, forked.pid)
    with pytest.raises(WarmProcessError, match="run the same command again"):
        source.start({})


def test_closing_does_not_wait_for_what_is_still_loading():
    source = WarmProcess("roles", ENVIRONMENT, "slowly")
    start = time.monotonic()
    source.close()
    assert time.monotonic() - start < 5
    assert not runs(source.pid)


OWNER = """
import sys, time
from autograder.machine.warm import WarmProcess
source = WarmProcess("roles", {"PYTHONPATH": sys.argv[1]})
pids = [source.pid]
if sys.argv[2] == "forked":
    pids.append(source.start({"sleep": 600}).pid)
print(*pids, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("state", ("forked", "unused"))
def test_nothing_outlives_an_owner_that_is_killed(state):
    command = [sys.executable, "-c", OWNER, ENVIRONMENT["PYTHONPATH"], state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        pids = list(map(int, owner.stdout.readline().split()))
        assert all(map(runs, pids))
        owner.kill()
    wait_until_ended(*pids)


def test_one_that_can_not_load_is_said_to_be_gone(capfd):
    source = WarmProcess("no_such_role", ENVIRONMENT)
    with pytest.raises(DescentError, match="run the same command again"):
        source.start({})
    source.close()
    assert "no_such_role" in capfd.readouterr().err


def test_one_that_does_not_answer_is_not_waited_for_without_end(source, monkeypatch):
    source.wait()
    monkeypatch.setattr(warm, "START_SECONDS", 0.2)
    os.kill(source.pid, signal.SIGSTOP)
    try:
        with pytest.raises(WarmProcessError):
            source.start({"exit": 0})
    finally:
        os.kill(source.pid, signal.SIGCONT)
