"""What starts another program does nothing while a notebook is graded: the system would refuse it.

A notebook that installs a package or lists a folder goes on as if that had been done.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import Any

from IPython.core.magics.packaging import PackagingMagics
from IPython.core.magics.script import ScriptMagics
from IPython.utils.text import LSString, SList

from autograder.sandbox.interpreter import Shell


class _Popen(subprocess.Popen[Any]):
    """A program that ends at once, with success and without output."""

    def __init__(self, *arguments: Any, **keywords: Any):
        # Called in the child in the place of what would run the program there.
        super().__init__(*arguments, **{**keywords, "preexec_fn": partial(os._exit, 0)})


def leave_out(shell: Shell) -> None:
    """Let `!ls`, `%pip install`, `%%bash`, ``subprocess`` and so on do nothing, for good."""
    shell.system = _tell  # type: ignore[method-assign]
    shell.getoutput = _getoutput  # type: ignore[method-assign]
    for name in PackagingMagics.magics["line"]:
        shell.magics_manager.register_function(_tell, "line", name)
    # What `%%bash` and its like call; `%%script` is it.
    ScriptMagics.shebang = _tell  # type: ignore[method-assign]
    shell.magics_manager.register_function(_tell, "cell", "script")
    subprocess.Popen = _Popen  # type: ignore[misc]


def _getoutput(command: str, split: bool = True, depth: int = 0) -> SList | LSString:
    _tell()
    return SList() if split else LSString()


def _tell(*asked: object) -> None:
    print("Programs are not run while a notebook is graded.", file=sys.stderr)
