"""Real Dask schedulers and workers on loopback, and the command that grades a class on them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
from servers import free_port

from autograder.catalogue.lesson import find

LESSON = find("05_adam")
DASK = (sys.executable, "-m", "dask")
# Seconds until anything at all has happened, on a machine that has much else to do.
PATIENCE = 600


class Cluster:
    """A scheduler and workers, on one machine or on what looks like several; all that were started end."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.protocol = "tcp"
        self.environment = {}
        self._all = []

    @property
    def address(self):
        return f"{self.protocol}://127.0.0.1:{self.port}"

    def scheduler(self):
        return self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port))

    def worker(self, machine=1, environment=()):
        """One more worker; each machine has an address and a folder for temporary files of its own."""
        own = self.machine(machine)
        own.mkdir(exist_ok=True)
        place = tempfile.mkdtemp(dir=own)
        given = ("--host", f"127.0.0.{machine}", "--nthreads", "1", "--local-directory", place)
        return self._start(
            "worker", self.address, *given, environment={"TMPDIR": str(own), **dict(environment)}
        )

    def machine(self, number):
        return self.folder / str(number)

    def _start(self, what, *given, environment=None):
        process = subprocess.Popen(
            [*DASK, what, *given, "--protocol", self.protocol, "--dashboard-address", ":0"],
            env={**os.environ, **self.environment, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._all.append(process)
        return process

    def kill(self, process):
        """It and all that Dask started for it, so that nobody starts another in its place."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self):
        for process in self._all:
            if process.poll() is None:
                self.kill(process)


def grade(folder, *given, environment=None):
    """The command, running."""
    command = (sys.executable, "-m", "autograder", "grade", LESSON.name, "--gradebook", str(folder.path))
    return subprocess.Popen(
        [*command, *given],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(grading, status=0):
    """What it said, once it has ended."""
    _, said = grading.communicate(timeout=PATIENCE)
    assert grading.returncode == status, said
    assert "Traceback" not in said
    return said


def judgements(folder):
    """By student, of those who are graded by now."""
    kept = folder.path.glob(f"judgements/*/{LESSON.name}/judgement.json")
    return {path.parts[-3]: json.loads(path.read_text()) for path in kept}


def gone(processes):
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def wait_until(happened, grading=None):
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert grading is None or grading.poll() is None, grading.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
