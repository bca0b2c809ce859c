"""A real Dask scheduler and its workers on loopback, with a folder for temporary files of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

DASK = (sys.executable, "-m", "dask")


class Processes:
    """A scheduler and the workers that were started; ended by ``close``."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "TMPDIR": str(folder)}
        self._all = []
        self.address = ""

    def scheduler(self):
        file = self.folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        # Asked for as long as it takes: nothing tells when it is there but the file.
        self.workers_know = file
        return file

    def worker(self, environment=()):
        place = tempfile.mkdtemp(dir=self.folder)
        given = ("--scheduler-file", str(self.workers_know), "--nthreads", "1", "--local-directory", place)
        return self._start("worker", *given, environment=dict(environment))

    def _start(self, what, *given, environment=None):
        process = subprocess.Popen(
            [*DASK, what, *given, "--dashboard-address", ":0"],
            env={**self.environment, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._all.append(process)
        return process

    def close(self):
        for process in reversed(self._all):
            process.send_signal(signal.SIGTERM)
        for process in self._all:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def dask():
    """Starts a scheduler and workers; stations stand in a folder of this test's alone."""
    folder = Path(tempfile.mkdtemp(prefix="d"))  # short: a socket's path has 108 characters
    processes = Processes(folder)
    processes.scheduler()
    yield processes
    processes.close()
    shutil.rmtree(folder, ignore_errors=True)
