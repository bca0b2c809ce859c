"""A machine's station: forked from one thread, shared by its workers, gone with them however they end."""

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from cluster_class import LESSON, gone, wait_until

from autograder.catalogue.sample import answered
from autograder.cluster import errand
from autograder.cluster.asked import DONE, HAVE, JUDGE, MISSING, HandIn
from autograder.cluster.parcels import Kit, Packed, from_bytes
from autograder.cluster.place import Place
from autograder.cluster.station import ALONE
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow

HAND_IN = "student/digest"
# As a Dask worker is: one that has what it was sent, and asks for it to be judged.
WORKER = """
import pickle, sys
from pathlib import Path
from autograder.cluster import errand
digest, kit, hand_in = pickle.loads(Path(sys.argv[1]).read_bytes())
print(errand.furnish(digest, kit)[0], flush=True)
print(errand.judge(digest, hand_in)[0], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def grader():
    return Grader(5, Limits(cell=600, notebook=600), here=False)


@pytest.fixture(scope="module")
def kit(grader):
    grader.prepare(LESSON, [HAND_IN], 1)
    return Packed.of(Kit.of(grader, LESSON, [HAND_IN]))


@pytest.fixture
def place(monkeypatch):
    """Where this test's station stands; it is ended with the test."""
    with tempfile.TemporaryDirectory(prefix="d", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Place()
        monkeypatch.undo()
        for process in psutil.process_iter(["cmdline"]):
            if folder in " ".join(process.info["cmdline"] or []):
                process.kill()


def hand_in(grader, cells, seconds=None):
    data = nbformat.writes(answered(LESSON, cells)).encode()
    return HandIn(data, f"{LESSON.name}.ipynb", grader.number(HAND_IN), seconds)


def worker(place, kit, sent):
    file = place.path / "sent"
    file.write_bytes(pickle.dumps((kit.digest, kit.data, sent)))
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def station_of(connection):
    """The process at a connection's other end."""
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        said = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return psutil.Process(struct.unpack("3i", said)[0])


def asked(connection, *said):
    connection.send(said)
    return connection.recv()


def test_a_station_judges_as_this_machine_does_and_has_one_thread(place, grader, kit):
    with place.connect() as connection:
        assert asked(connection, HAVE, kit.digest, None) == (MISSING, None)
        assert asked(connection, "furnish", kit.digest, kit.data) == (DONE, None)
        how, answer = asked(connection, JUDGE, kit.digest, hand_in(grader, {}))
        assert (how, answer.longest > 0) == (DONE, True)
        judged = from_bytes(answer.judged).judgement
        assert (judged.state, judged.score) == ("graded", judged.max_score)
        station = station_of(connection)
        with place.connect() as other:  # which finds the kit there
            assert asked(other, HAVE, kit.digest, None) == (DONE, None)
            assert station_of(other) == station
            (seats,) = [[each for each in station.children() if each.cmdline() == station.cmdline()]]
            assert [each.num_threads() for each in [station, *seats]] == [1] * 3
    wait_until(lambda: gone(seats))
    began = time.monotonic()
    wait_until(lambda: gone([station]))
    assert time.monotonic() - began < 10 * ALONE
    assert not place.socket.exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_worker_asked_for_ends_with_it(place, grader, kit, how):
    sent = hand_in(grader, {"adam_update": "while True: pass"})
    with worker(place, kit, sent) as asking, place.connect() as connection:
        assert asking.stdout.readline() == "done\n"
        station = station_of(connection)
        wait_until(lambda: len(running(station)) >= 3)  # the seat, its process, and the student's
        at_work = running(station)
        asking.send_signal(how)
        asking.wait()
        wait_until(lambda: gone(at_work))


def running(station):
    """All that was forked for hand-ins."""
    return [
        each
        for each in station.children(recursive=True)
        if each.status() != psutil.STATUS_ZOMBIE and is_forked(each)
    ]


def is_forked(process):
    """Not a program that was started: the warm process."""
    with_it = process.parent()
    return with_it is not None and with_it.cmdline() == process.cmdline()


@pytest.mark.parametrize("whom", ["station", "seat", "warm process"])
def test_whatever_ends_there_a_worker_goes_on(place, grader, kit, whom):
    assert errand.furnish(kit.digest, kit.data) == (DONE, None)
    with place.connect() as connection:
        station = station_of(connection)
    ended = {
        "station": [station],
        "seat": [each for each in station.children() if is_forked(each)],
        "warm process": [each for each in station.children() if not is_forked(each)],
    }[whom]
    for each in ended:
        each.kill()
    wait_until(lambda: gone(ended))
    sent = hand_in(grader, {})
    # The first may find the seat without what it needs, and is lost with it.
    for _ in range(2):
        try:
            how, answer = errand.judge(kit.digest, sent)
        except errand.StationLost:
            continue
        if how == MISSING:
            assert errand.furnish(kit.digest, kit.data) == (DONE, None)
            how, answer = errand.judge(kit.digest, sent)
        assert how == DONE
        assert from_bytes(answer.judged).judgement.state == "graded"
        break
    else:
        raise AssertionError("lost twice")
    errand._leave()


def test_a_folder_that_is_somebody_elses_is_not_used(tmp_path):
    (tmp_path / "own").mkdir(mode=0o755)
    (tmp_path / "own").chmod(0o755)
    with pytest.raises(Exception, match="is not this user's alone"):
        Place(Path(tmp_path / "own"))
