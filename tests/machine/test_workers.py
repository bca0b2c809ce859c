"""Workers share this process's memory, end with it whatever they are doing, and die for themselves alone."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.machine.workers import WorkerLost, workers

pytestmark = pytest.mark.slow

prepared = None


def _prepare(value):
    global prepared
    prepared = value


def _look(_):
    return prepared, os.getpid()


def _gone(pid):
    return not Path(f"/proc/{pid}").exists()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


class DiesWhenPacked:
    """Ends the process in the middle of its answer."""

    def __reduce__(self):
        _die()


class Unpackable(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def _raise_unpackable():
    raise Unpackable(1, 2)


def _take(size):
    return len(bytearray(size))


def test_each_worker_is_prepared_and_work_is_shared_by_map_and_by_submit():
    with workers(2, _prepare, "ready") as pool:
        found = list(pool.map(_look, range(4)))
        assert pool.submit(_look, None).result()[0] == "ready"
    assert {value for value, _ in found} == {"ready"}
    assert prepared is None
    assert all(_gone(pid) for _, pid in found)


def test_a_worker_that_never_ends_is_not_waited_for():
    with workers(1) as pool:
        pid = pool.submit(os.getpid).result()
        running = pool.submit(time.sleep, 600)
        waiting = pool.submit(time.sleep, 600)
        while not running.running():
            time.sleep(0.01)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    assert _gone(pid)
    assert waiting.cancelled()
    assert isinstance(running.exception(), WorkerLost)


@pytest.mark.parametrize("task", [_die, DiesWhenPacked, sys.exit])
def test_a_worker_that_dies_costs_its_own_task(task):
    with workers(2, _prepare, "ready") as pool:
        before = [pool.submit(_look, None) for _ in range(4)]
        lost = [pool.submit(task) for _ in range(5)]
        after = [pool.submit(_look, None) for _ in range(4)]
        assert [future.result()[0] for future in before + after] == ["ready"] * 8
        for future in lost:
            with pytest.raises(WorkerLost, match="ended before its work was done") as error:
                future.result()
            assert error.value.seconds is None
        pids = {future.result()[1] for future in after}
    assert all(_gone(pid) for pid in pids)


def test_a_worker_that_is_killed_while_it_waits_costs_nothing():
    with workers(1) as pool:
        pid = pool.submit(os.getpid).result()
        os.kill(pid, signal.SIGKILL)
        while not _gone(pid) and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        assert pool.submit(os.getpid).result() != pid


def test_a_task_that_takes_longer_than_it_may_is_ended_alone():
    with workers(2) as pool:
        endless = [pool.submit(time.sleep, 600, seconds=0.2) for _ in range(3)]
        assert pool.submit(divmod, 7, 2, seconds=60).result() == (3, 1)
        for future in endless:
            with pytest.raises(WorkerLost, match=r"took more than 0\.2 s") as error:
                future.result()
            assert error.value.seconds == 0.2


def test_a_process_that_was_ended_gets_no_further_task_whoever_is_told_of_its_end_first(monkeypatch):
    kill, waitpid = os.kill, os.waitpid

    def kill_and_rest(pid, number):
        kill(pid, number)
        time.sleep(0.1)  # time for the other thread to be told

    def told_and_resting(pid, options):
        told = waitpid(pid, options)
        if told[0] and options:
            time.sleep(0.3)  # it knows, and has not noted it
        return told

    with workers(2) as pool:
        monkeypatch.setattr(os, "kill", kill_and_rest)
        monkeypatch.setattr(os, "waitpid", told_and_resting)
        done = threading.Event()

        def ask():
            while not done.wait(0.005):
                for worker in list(pool._all):
                    _ = worker.alive

        asking = threading.Thread(target=ask)
        asking.start()
        endless = [pool.submit(time.sleep, 600, seconds=0.2) for _ in range(4)]
        seconds = [future.exception().seconds for future in endless]
        done.set()
        asking.join()
    assert seconds == [0.2] * 4


def test_memory_that_a_worker_may_not_have_is_an_error_of_the_task_and_the_worker_goes_on():
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    with workers(1, memory=200_000_000) as pool:
        pid = pool.submit(os.getpid).result()
        assert pool.submit(_take, 100_000_000).result() == 100_000_000
        with pytest.raises(MemoryError):
            pool.submit(_take, 400_000_000).result()
        # What it starts may be limited otherwise.
        assert pool.submit(resource.getrlimit, resource.RLIMIT_DATA).result()[1] == limits[1]
        assert pool.submit(os.getpid).result() == pid
    assert resource.getrlimit(resource.RLIMIT_DATA) == limits


def test_an_error_of_the_work_is_its_own():
    with pytest.raises(ZeroDivisionError), workers(1) as pool:
        pool.submit(divmod, 1, 0).result()
    with pytest.raises(RuntimeError, match="Unpackable: 1 and 2"), workers(1) as pool:
        pool.submit(_raise_unpackable).result()


ORPHANS = """
import os, time
from autograder.machine.workers import workers
with workers(2) as pool:
    try:
        pool.submit(os._exit, 1).result()
    except Exception:
        pass
    print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
    for _ in range(4):
        pool.submit(time.sleep, 600)
    time.sleep(600)
"""


def test_workers_and_those_that_took_their_place_end_with_whoever_started_them():
    owner = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True)
    pids = list(map(int, owner.stdout.readline().split()))
    assert pids
    assert not any(map(_gone, pids))
    owner.kill()
    owner.communicate()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not all(map(_gone, pids)):
        time.sleep(0.05)
    assert all(map(_gone, pids))
