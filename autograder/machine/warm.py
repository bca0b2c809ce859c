"""A warm process, and those that are forked from it: ready in milliseconds, with all modules loaded.

``python -m autograder.machine.warm SOCKET ROLE ARGUMENT`` loads what the module ROLE says, and listens.
For each connection it forks a process, which reads one request from it, a line of JSON with open files beside
it, and becomes what the role makes of that. The connection stays the server's: it tells the process's id, and
once that has ended, its exit code, each as a line of JSON. Nothing outlives whoever started it: the server
ends, with all that was forked from it, when its stdin is closed.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn, Protocol

from autograder.errors import DescentError

GONE = "The process that runs notebooks is not there: run the same command again."
# Forking takes milliseconds; on a busy machine it may be more.
START_SECONDS = 30.0
END_SECONDS = 10.0

Become = Callable[[dict[str, Any], list[int]], None]
"""What a forked process does: with its request, and the open files that came with it. It ends on return."""


class Role(Protocol):
    """What a warm process is for: a module with one function."""

    def load(self, argument: str) -> Become:
        """Load all that the forked processes have in common.

        Args:
            argument: what the owner gave to ``WarmProcess``.
        """


class WarmProcessError(DescentError):
    """The warm process is not there, or does not answer."""


class Forked:
    """A forked process, with the part of ``subprocess.Popen`` that is of use.

    Args:
        connection: where the warm process tells the process id, and the exit code when it ends.

    Raises:
        WarmProcessError: nothing comes.
    """

    stdin = stdout = stderr = None  # there are no pipes

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._ended: int | None = None
        connection.settimeout(START_SECONDS)
        try:
            self.pid: int = json.loads(self._lines.readline())["pid"]
        except (OSError, ValueError):
            self._lines.close()
            connection.close()
            raise WarmProcessError(GONE) from None
        connection.settimeout(None)

    def fileno(self) -> int:
        """Can be read from once the process has ended."""
        return self._connection.fileno()

    def poll(self) -> int | None:
        """The exit code; None while the process runs."""
        if self._ended is None and select.select([self._connection], [], [], 0)[0]:
            self.wait()
        return self._ended

    def wait(self) -> int:
        """Wait for the end; returns the exit code, that of SIGKILL when the warm process went first."""
        if self._ended is None:
            line = self._lines.readline()
            self._ended = json.loads(line)["exit"] if line else -signal.SIGKILL
            self.close()
        return self._ended

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Ask no more."""
        self._lines.close()
        self._connection.close()


class WarmProcess:
    """A process to fork from; ends with this process, or when it is closed.

    Args:
        role: the module that says what is loaded and what forked processes become.
        environment: all of its environment.
        argument: for the role to know.
    """

    def __init__(self, role: str, environment: Mapping[str, str], argument: str = ""):
        self._folder = tempfile.TemporaryDirectory(prefix="descent-")
        self._path = os.path.join(self._folder.name, "warm")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.machine.warm", self._path, role, argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment,
        )
        assert self._process.stdin and self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._ready = False
        self._owner = os.getpid()
        self.pid = self._process.pid
        atexit.register(self.close)

    def wait(self) -> None:
        """Wait until it has loaded everything. Who forks workers does this first: it is said once.

        Raises:
            WarmProcessError: the process did not start.
        """
        self._ready = self._ready or self._stdout.readline() == b"ready\n"
        if not self._ready:
            raise WarmProcessError(GONE)

    def start(self, request: Mapping[str, Any], files: Sequence[int] = ()) -> Forked:
        """A process that is forked for the request, once there is something to fork from.

        Args:
            request: what the role's processes need to know, as JSON can hold it.
            files: open files that the process gets.

        Raises:
            WarmProcessError: the process did not start, or is no more.
        """
        self.wait()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._path)
            line = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(connection, [line], files)
            connection.sendall(line[sent:])
        except OSError:
            connection.close()
            raise WarmProcessError(GONE) from None
        return Forked(connection)

    @property
    def alive(self) -> bool:
        # A forked worker can't ask after a process that is not its child; its parent did before.
        return os.getpid() != self._owner or self._process.poll() is None

    def close(self) -> None:
        """End the process, and all that were forked from it."""
        if os.getpid() != self._owner:
            return
        self._stdin.close()
        try:
            # While it still loads there is nothing of it to end, and no sense in waiting.
            self._process.wait(END_SECONDS if self._ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()
        self._folder.cleanup()
        atexit.unregister(self.close)


class _Server:
    """Forks a process for each connection, and tells what becomes of it."""

    def __init__(self, path: str, become: Become):
        self._become = become
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        self._children: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Answer requests until stdin is closed; then end whatever was forked."""
        ended, wake = socket.socketpair()
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        with selectors.DefaultSelector() as selector:
            for source in (self._listener, ended, sys.stdin.buffer):
                selector.register(source, selectors.EVENT_READ)
            print("ready", flush=True)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._listener:
                        self._fork()
                    elif key.fileobj is ended:
                        ended.recv(4096)
                        self._tell_ended()
                    else:
                        self._end()

    def _fork(self) -> None:
        connection, _ = self._listener.accept()
        child = os.fork()
        if child == 0:
            _run(connection, self._become)
        self._children[child] = connection
        _tell(connection, {"pid": child})

    def _tell_ended(self) -> None:
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            # What a forked process left behind may be a child of ours by now, and nobody asks after it.
            connection = self._children.pop(child, None)
            if connection is not None:
                _tell(connection, {"exit": os.waitstatus_to_exitcode(status)})
                connection.close()

    def _end(self) -> NoReturn:
        for child in self._children:
            # Its group, or itself alone where it has not made one yet.
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(child, signal.SIGKILL)
        os._exit(0)


def _tell(connection: socket.socket, message: Mapping[str, int]) -> None:
    with contextlib.suppress(OSError):  # whoever asked may have gone
        connection.sendall(json.dumps(message).encode() + b"\n")


def _run(connection: socket.socket, become: Become) -> NoReturn:
    """In the forked process: keep nothing of the server's but what is loaded; become what is asked for."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        request, files = _receive(connection)
        connection.close()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        for low, high in pairwise((2, *sorted(files), 1024)):
            os.closerange(low + 1, high)
        become(request, files)
        status = 0
    finally:
        os._exit(status)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    line, files = bytearray(), list[int]()
    while not line.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(connection, 1 << 16, 8)
        if not part:
            raise EOFError  # whoever asked has gone
        line += part
        files += more
    for file in files:
        os.set_inheritable(file, False)  # not by what the process runs
    return json.loads(line), files


def main(path: str, role: str, argument: str) -> None:
    """Be a warm process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to deal with
    gc.disable()  # until everything is loaded: there is nothing to collect
    module: Role = importlib.import_module(role)
    become = module.load(argument)
    server = _Server(path, become)
    # What is loaded stays where it is in memory: children share it until they write to it.
    gc.collect()
    gc.freeze()
    gc.enable()
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
