"""Workers share this process's memory and end with it, whatever they are doing."""

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.errors import DescentError
from autograder.machine.workers import workers

pytestmark = pytest.mark.slow

prepared = None


def _prepare(value):
    global prepared
    prepared = value


def _look(_):
    return prepared, os.getpid()


def _gone(pid):
    return not Path(f"/proc/{pid}").exists()


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
        pool.submit(time.sleep, 600)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    assert _gone(pid)


def test_a_worker_that_is_killed_ends_the_work_with_a_sentence():
    with pytest.raises(DescentError, match="ended from outside"), workers(1) as pool:
        pool.submit(os.kill, pool.submit(os.getpid).result(), signal.SIGKILL).result()


def test_an_error_of_the_work_is_its_own():
    with pytest.raises(ZeroDivisionError), workers(1) as pool:
        pool.submit(divmod, 1, 0).result()
