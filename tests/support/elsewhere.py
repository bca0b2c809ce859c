"""Python that runs in a process of its own, where other things hold: a full disk, a folder that can't be written."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def started(*command, **options):
    """A process that imports this very course."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def in_a_sandbox(code, *arguments):
    """Run code where what bubblewrap's arguments say holds, and give what it printed."""
    process = started("bwrap", "--dev-bind", "/", "/", *arguments, sys.executable, "-c", code)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed
