"""The process that students' processes are forked from: it has all that a lesson imports, and no optimiser.

``python -m autograder.sandbox.warm SOCKET`` answers requests on a Unix socket: one line of JSON with what the
forked process is to do to itself. From then on the connection is that process's own. Ends when its stdin is
closed, so that it does not outlive whoever started it.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
from typing import NoReturn

from autograder.sandbox.seal import seal

if __name__ == "__main__":
    gc.disable()  # until everything is loaded: there is nothing to collect
    seal()  # before anything imports torch

from autograder.machine.loading import load_for_notebooks
from autograder.sandbox import frames, interpreter
from autograder.sandbox.confine import Limits, become_subreaper, join, limit


def warm_up() -> None:
    """Load the modules, and run what is slow the first time."""
    load_for_notebooks()
    import torch

    weight = torch.ones(1, requires_grad=True)
    weight.sum().backward()


def serve(path: str) -> None:
    """Answer requests on the Unix socket ``path`` until stdin is closed."""
    # A process that leaves children behind hands them to this one, which is not told when they end.
    become_subreaper()
    shell = interpreter.make_shell()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a forked process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to deal with
    # What is loaded stays where it is in memory: children share it until they write to it.
    gc.collect()
    gc.freeze()
    gc.enable()
    print("ready", flush=True)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not listener:
                    return
                connection, _ = listener.accept()
                if os.fork() == 0:
                    _become(connection, shell)
                connection.close()


def _become(connection: socket.socket, shell: interpreter.Shell) -> NoReturn:
    """In the forked process: do as the request says, and serve the connection."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        request = json.loads(_line(connection))
        limits = Limits(**request["limits"])
        sandbox = request["sandbox"]
        if sandbox is not None:
            join(sandbox)
            # Only what is forked from here on is in the sandbox's pid namespace.
            if child := os.fork():
                connection.sendall(frames.pack(frames.STARTED, str(child).encode()))
                os._exit(0)
            os.setsid()  # the group of before is none that can be seen in here
        else:
            connection.sendall(frames.pack(frames.STARTED, str(os.getpid()).encode()))
        _close_all_but(connection)
        limit(limits, request["uid"], joined=sandbox is not None)
        os.chdir(request["folder"])
        os.environ["HOME"] = os.environ["TMPDIR"] = request["folder"]
        interpreter.serve(connection, shell)
    except BaseException as error:
        # Nobody else can tell why: the grader reads this, and no student code has run yet when it matters.
        connection.sendall(frames.pack(frames.DONE, f"{type(error).__name__}: {error}".encode()))
    finally:
        os._exit(0)


def _line(connection: socket.socket) -> bytes:
    with connection.makefile("rb", buffering=0) as lines:
        line = lines.readline()
    if not line:
        os._exit(0)  # whoever asked has gone
    return line


def _close_all_but(connection: socket.socket) -> None:
    """Keep nothing open of the process that this one was forked from."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    kept = connection.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, 1024)


if __name__ == "__main__":
    warm_up()
    serve(sys.argv[1])
