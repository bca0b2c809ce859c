"""The process that warm kernels are forked from: it has all that a lesson imports loaded, and runs nothing.

One request a connection, on a Unix socket: a line of JSON with the connection file, the environment and
the working directory. The answer is the child's process id, and once it has ended, its exit code. The
zygote ends, with all its children, when its stdin is closed, so that nothing outlives the process that
started it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys

import torch
from ipykernel.kernelapp import IPKernelApp

from autograder.machine.loading import load_for_notebooks


def warm_up() -> None:
    """Load the modules, and torch's optimisers with what their first step imports."""
    load_for_notebooks()
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.Adam([weight]).step()


def become_kernel(request: dict) -> None:
    """In the forked child: take over the request's surroundings and run an ordinary IPython kernel."""
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    os.closerange(3, 256)  # the zygote's sockets are not the kernel's
    app = IPKernelApp.instance()
    app.initialize(["-f", request["connection_file"]])
    app.start()


def serve(path: str) -> None:
    """Answer requests on the Unix socket ``path`` until stdin is closed."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    children: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        for source in (listener, ended, sys.stdin.buffer):
            selector.register(source, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    _launch(listener, children)
                elif key.fileobj is ended:
                    ended.recv(4096)
                    _report_ended(children)
                else:
                    _end(children)
                    return


def _launch(listener: socket.socket, children: dict[int, socket.socket]) -> None:
    connection, _ = listener.accept()
    with connection.makefile("rb") as lines:
        request = json.loads(lines.readline())
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become_kernel(request)
            status = 0
        finally:
            os._exit(status)
    children[child] = connection
    _tell(connection, {"pid": child})


def _report_ended(children: dict[int, socket.socket]) -> None:
    while children:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        connection = children.pop(child, None)
        if connection is not None:
            _tell(connection, {"exit": os.waitstatus_to_exitcode(status)})
            connection.close()


def _tell(connection: socket.socket, message: dict) -> None:
    # Whoever asked may have gone.
    with contextlib.suppress(OSError):
        connection.sendall(json.dumps(message).encode() + b"\n")


def _end(children: dict[int, socket.socket]) -> None:
    signal.set_wakeup_fd(-1)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


if __name__ == "__main__":
    warm_up()
    # What is loaded stays where it is in memory: children share it until they write to it.
    gc.collect()
    gc.freeze()
    serve(sys.argv[1])
