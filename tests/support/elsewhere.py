"""Python that runs in a process of its own, where other things hold: a full disk, a folder that can't be written."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# `course` as the commands load it: without PyTorch, at once.
AS_A_COMMAND = "import sys\nsys.argv[0] = '-m'\nsys.orig_argv.append('course')\n"


def started(*command, **options):
    """A process that imports this very course."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def in_a_sandbox(code, *arguments):
    """Run code where what bubblewrap's arguments say holds, and give what it printed."""
    process = started("bwrap", "--dev-bind", "/", "/", *arguments, sys.executable, "-c", AS_A_COMMAND + code)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed
