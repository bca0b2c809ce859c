"""The grader's end of a student's process: start it, send it cells, wait no longer than it may take."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import selectors
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.machine.warm import START_SECONDS, Forked
from autograder.sandbox import frames
from autograder.sandbox.bubblewrap import WORK, Sandbox, SandboxError, command, sealed_files
from autograder.sandbox.confine import MEGABYTE, Limits
from autograder.sandbox.launch import warm_process
from course.sealed import Sealed
from course.wire import SIZE_LIMIT

# How often memory is looked at.
GLANCE = 0.05
# Users of no rights: one for each grading process, so that none counts another's processes.
FIRST_UID = 64_000
# What Python and PyTorch take by themselves.
BASE_MEMORY = 400_000_000
# An honest process sends far less: its outputs are cut before they are sent.
BYTES_LIMIT = 4 * SIZE_LIMIT
ENDED = "ended the Python process it ran in"


class Stopped(Exception):
    """The process was ended, or ended itself.

    Attributes:
        state: ``"timeout"``, ``"out_of_memory"`` or ``"crashed"``.
        sentence: what happened, to follow a name: "ran for more than 20 s and was stopped".
    """

    def __init__(self, state: str, sentence: str):
        super().__init__(sentence)
        self.state = state
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[Stopped], tuple[str, str]]:
        return Stopped, (self.state, self.sentence)


class Isolation:
    """How students' processes are kept apart from everything else, and from each other.

    Args:
        limits: for each notebook.
        sandbox: False to run student code without protection.
        hidden: folders that student code must not see, wherever they are.

    Raises:
        SandboxError: there is no sandbox to be had here; the sentence says what to do.
    """

    def __init__(self, limits: Limits, sandbox: bool = True, hidden: Sequence[Path] = ()):
        self.limits = limits
        self.sandboxed = sandbox
        self._hidden = tuple(hidden)
        self._commands: dict[Sealed, list[str]] = {}
        if sandbox:
            Sandbox(command(hidden)).close()  # whether it can be made is known before anything is graded

    @contextlib.contextmanager
    def start(self, sealed: Sealed) -> Iterator[StudentProcess]:
        """A new process without what is sealed, in a sandbox of its own; both are gone at the end."""
        with contextlib.ExitStack() as stack:
            sandbox = None
            if self.sandboxed:
                sandbox = Sandbox(self._command(sealed))
                stack.callback(sandbox.close)
                folder = WORK
            else:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="descent-"))
            request = {
                "sandbox": sandbox and sandbox.pid,
                "uid": FIRST_UID + os.getpid() % 1000 if sandbox and os.geteuid() == 0 else None,
                "limits": dataclasses.asdict(self.limits),
                "folder": folder,
            }
            ours, theirs = socket.socketpair()
            with theirs:
                stack.enter_context(ours)
                forked = warm_process(sealed).start(request, [theirs.fileno()])
            process = StudentProcess(ours, forked, sandbox, self.limits)
            stack.callback(process.close)
            yield process

    def _command(self, sealed: Sealed) -> list[str]:
        if sealed not in self._commands:
            self._commands[sealed] = command([*sealed_files(sealed), *self._hidden])
        return self._commands[sealed]


class StudentProcess:
    """One process that runs the cells of one notebook.

    Args:
        connection: what it is sent requests by, and answers by.
        forked: tells when it ends.
        sandbox: what it is in; None when it runs without protection.

    Raises:
        SandboxError: it could not be confined.
    """

    def __init__(self, connection: socket.socket, forked: Forked, sandbox: Sandbox | None, limits: Limits):
        self._connection = connection
        self._forked = forked
        self._sandbox = sandbox
        self._limits = limits
        self._frames = frames.Frames()
        self._bytes = 0
        self._selector = selectors.DefaultSelector()
        self._selector.register(connection, selectors.EVENT_READ, "data")
        # The connection stays open as long as anything that the process started holds it.
        self._selector.register(forked, selectors.EVENT_READ, "end")
        try:
            self._wait_for_start()
        except BaseException:
            self.close()
            raise
        self._glanced = time.monotonic()

    def _wait_for_start(self) -> None:
        """Return once the process is confined, before any of the student's code."""
        self._connection.settimeout(START_SECONDS)
        try:
            started = frames.read(self._connection)
            reason = started.payload.decode(errors="replace") if started else "it ended at once"
        except OSError as error:
            started, reason = None, str(error) or type(error).__name__
        if started is None or started.kind != frames.STARTED:
            raise SandboxError(f"A notebook could not be run in the sandbox ({reason}): see --no-sandbox.")

    def run(self, source: str, seconds: float) -> tuple[list[bytes], str]:
        """Run one cell.

        Returns:
            What it showed, as it came, and how it ended: "" or "NameError: ...".

        Raises:
            Stopped: the process is no more.
        """
        outputs, error = [], b""
        for frame in self._exchange(frames.RUN, source.encode(errors="replace"), seconds):
            if frame.kind == frames.OUTPUT:
                outputs.append(frame.payload)
            elif frame.kind == frames.DONE:
                error = frame.payload
        return outputs, error.decode(errors="replace")

    def probe(self, exercise: str, cases: bytes, seconds: float) -> Iterator[bytes]:
        """Try an exercise: the evidence of one case after the other, as bytes not to be believed.

        Args:
            cases: as ``course.wire.encode_cases`` writes them.

        Raises:
            Stopped: the process is no more.
        """
        payload = exercise.encode() + b"\n" + cases
        for frame in self._exchange(frames.PROBE, payload, seconds):
            if frame.kind == frames.EVIDENCE:
                yield frame.payload

    def _exchange(self, kind: bytes, payload: bytes, seconds: float) -> Iterator[frames.Frame]:
        """Send one request; what comes back, up to and with ``DONE``."""
        deadline = time.monotonic() + seconds
        try:
            self._connection.settimeout(seconds)
            self._connection.sendall(frames.pack(kind, payload))
            while True:
                while (frame := self._frames.take()) is not None:
                    yield frame
                    if frame.kind == frames.DONE:
                        self._look_at_memory()  # what is held by now is not the next request's doing
                        return
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._receive(min(left, GLANCE))
        except TimeoutError:
            raise Stopped("timeout", f"ran for more than {seconds:g} s and was stopped") from None
        except (frames.FrameError, OSError) as error:
            raise Stopped("crashed", ENDED) from error

    def _receive(self, seconds: float) -> None:
        """Take in what comes within that time, and see to it that it is not too much."""
        ready = [key.data for key, _ in self._selector.select(seconds)]
        if "data" in ready:
            data = self._connection.recv(1 << 18)
            if not data:
                raise Stopped("crashed", ENDED)
            self._frames.add(data)
            self._bytes += len(data)
            if self._bytes > BYTES_LIMIT:
                raise Stopped("crashed", "sent more than a notebook can hold and was stopped")
        elif "end" in ready:
            raise Stopped("crashed", ENDED)
        if time.monotonic() - self._glanced >= GLANCE:
            self._look_at_memory()

    def _look_at_memory(self) -> None:
        self._glanced = time.monotonic()
        if self._sandbox and self._sandbox.uses_more_than(BASE_MEMORY + self._limits.memory):
            allowed = self._limits.memory // MEGABYTE
            raise Stopped("out_of_memory", f"used more than {allowed} MB of memory and was stopped")

    def close(self) -> None:
        self._selector.close()
        self._forked.close()
        if self._sandbox is None:
            # Without a sandbox this reaches what stayed in the process's own group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._forked.pid, signal.SIGKILL)
