"""A process that is set up has pinned numerics, finds nbgrader's tools, and ends in order when it is told to."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.machine.numerics import PINNED

pytestmark = pytest.mark.slow

PROGRAM = """
import atexit, json, os, shutil, sys, time
from autograder.machine.prepare import prepare
assert "torch" not in sys.modules
prepare()
atexit.register(lambda: print("closed", flush=True))
print(json.dumps([dict(os.environ), shutil.which("alembic")]), flush=True)
import jsonschema, torch
print(torch.get_num_threads(), flush=True)
time.sleep(600)
"""


def test_a_process_is_set_up_from_nothing_and_ends_in_order():
    command = [sys.executable, "-c", PROGRAM]
    environment = {"PYTHONPATH": ":".join(entry for entry in sys.path if entry)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        found, alembic = json.loads(process.stdout.readline())
        assert {name: found[name] for name in PINNED} == PINNED
        assert Path(alembic).parent == Path(sys.executable).parent
        assert process.stdout.readline() == "1\n"
        process.terminate()
        assert process.stdout.read() == "closed\n"
    assert process.returncode == 128 + signal.SIGTERM
