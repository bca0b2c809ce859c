"""What is forked for a student's notebook: a confined process for its cells; see ``autograder.machine.warm``.

It has all that a lesson imports, and nothing of what the lesson builds.
"""

from __future__ import annotations

import json
import os
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from autograder.machine.loading import load_for_notebooks
from autograder.machine.warm import Become
from autograder.sandbox.bubblewrap import SandboxError
from autograder.sandbox.seal import seal
from autograder.sandbox.watch import watch

if TYPE_CHECKING:
    from autograder.sandbox.calls import Calls
    from autograder.sandbox.interpreter import Shell


def load(sealed: str) -> Become:
    """Load what notebooks load, and run what is slow the first time.

    Args:
        sealed: what ``seal`` is told, as JSON.
    """
    seal(json.loads(sealed))  # before anything imports torch
    load_for_notebooks()
    import torch

    from autograder.sandbox import interpreter, programs  # noqa: F401  # loaded before it is needed
    from autograder.sandbox.calls import Calls
    from autograder.sandbox.confine import become_subreaper

    try:
        calls = Calls()
        calls.leave_keyring()
    except SandboxError:
        calls = None  # whoever wants a sandbox has been told
    torch.autograd.backward(torch.ones(1, requires_grad=True).sum())
    # A process that leaves children behind hands them to this one, which reaps them.
    become_subreaper()
    return partial(_become, interpreter.make_shell(), calls)


def _become(shell: Shell, calls: Calls | None, request: dict[str, Any], files: list[int]) -> None:
    """Be confined as the request says, and serve the connection to the grader.

    Args:
        files: that connection, and what to tell the grader by what the code reaches for.
    """
    from autograder.sandbox import frames, interpreter, programs
    from autograder.sandbox.confine import Limits, join, limit

    connection = socket.socket(fileno=files[0])
    try:
        sandbox = request["sandbox"]
        if sandbox is not None:
            join(sandbox)
            # Only what is forked from here on is in the sandbox's pid namespace; this one ends with it.
            if child := os.fork():
                connection.close()
                os.close(files[1])
                os.waitpid(child, 0)
                return
            os.setsid()  # the group of before is none that can be seen in here
            programs.leave_out(shell)
        limit(Limits(**request["limits"]), request["uid"], joined=sandbox is not None)
        os.chdir(request["folder"])
        os.environ["HOME"] = os.environ["TMPDIR"] = request["folder"]
        if sandbox is not None:
            assert calls
            calls.leave_keyring()
            calls.load()  # the last: what came before needs some of what is refused now
    except BaseException as error:
        # Nobody else can tell why.
        connection.sendall(frames.pack(frames.DONE, f"{type(error).__name__}: {error}".encode()))
        return
    connection.sendall(frames.pack(frames.STARTED, b""))
    watch(files[1], shell.user_ns)
    interpreter.serve(connection, shell)
