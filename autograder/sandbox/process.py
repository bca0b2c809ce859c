"""The grader's end of a student's process: start it, send it cells, wait no longer than it may take."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import selectors
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from autograder.machine.warm import START_SECONDS, Forked
from autograder.sandbox import frames
from autograder.sandbox.bubblewrap import WORK, Sandbox, SandboxError, command, sealed_files
from autograder.sandbox.calls import Calls
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from autograder.sandbox.watch import KINDS
from course.sealed import Sealed
from course.trial import ENDED, too_large, too_long
from course.wire import SIZE_LIMIT

# How often memory is looked at: while a request runs, and at its end. To fill what is allowed takes longer.
GLANCE, SOON = 0.05, 0.01
# Users of no rights: one for each grading process, so that none counts another's processes.
FIRST_UID = 64_000
# What Python and PyTorch take by themselves.
BASE_MEMORY = 400_000_000
# An honest process sends far less: its outputs are cut before they are sent.
BYTES_LIMIT = 4 * SIZE_LIMIT
# So does it send fewer frames: an output, a case and a request are one each.
FRAMES_LIMIT = 5000
TOO_MUCH = "sent more than a notebook can hold and was stopped"
# What is noticed besides what the process tells of its code.
UNASKED, SILENCED = "sent_unasked", "silenced"
# Bytes of where a cell goes wrong: a line's number, and whether it is the only one.
PLACE_SIZE = 40
# Bytes of what it tells that are read at a time: an honest process tells far less in all.
TOLD_LIMIT = 1 << 14


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


class Notice(NamedTuple):
    """Something that a process did besides answering; nothing but a reason to look at its code.

    Attributes:
        id: one of ``autograder.sandbox.watch.KINDS``, ``UNASKED`` or ``SILENCED``.
        detail: text of somebody else's.
    """

    id: str
    detail: str = ""


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
            # Whether it can be made is known before anything is graded.
            Calls()
            Sandbox(command(hidden)).close()

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
            told, tells = socket.socketpair()
            with theirs, tells:
                stack.enter_context(ours)
                stack.enter_context(told)
                forked = warm_process(sealed).start(request, [theirs.fileno(), tells.fileno()])
            process = StudentProcess(ours, told, forked, sandbox, self.limits)
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
        told: what it tells by what its code reaches for.
        forked: tells when it ends.
        sandbox: what it is in; None when it runs without protection.

    Raises:
        SandboxError: it could not be confined.
    """

    def __init__(
        self,
        connection: socket.socket,
        told: socket.socket,
        forked: Forked,
        sandbox: Sandbox | None,
        limits: Limits,
    ):
        self._connection = connection
        self._told = told
        self._told.setblocking(False)
        self._forked = forked
        self._sandbox = sandbox
        self._limits = limits
        self._frames = frames.Frames()
        self._bytes = self._count = 0
        self._answered = self._unasked = False
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
        for kind, payload in self._exchange(frames.RUN, source.encode(errors="replace"), seconds):
            if kind == frames.OUTPUT:
                outputs.append(payload)
            elif kind == frames.DONE:
                error = payload
        return outputs, error.decode(errors="replace")

    def observe(self, exercise: str, cases: bytes, seconds: float) -> Iterator[bytes]:
        """Try an exercise: the evidence of one case after the other, as bytes not to be believed.

        Args:
            cases: as ``course.wire.encode_cases`` writes them.

        Raises:
            Stopped: the process is no more.
        """
        return self._evidence(frames.OBSERVE, exercise.encode() + b"\n" + cases, seconds)

    def aside(self, exercise: str, numbers: Sequence[int], seconds: float) -> Iterator[bytes]:
        """What the exercise that was observed last does beside some of its cases, as ``observe`` gives it.

        Args:
            numbers: of these cases, from 0.

        Raises:
            Stopped: the process is no more.
        """
        return self._evidence(frames.ASIDE, json.dumps([exercise, *numbers]).encode(), seconds)

    def _evidence(self, kind: bytes, request: bytes, seconds: float) -> Iterator[bytes]:
        for came, payload in self._exchange(kind, request, seconds):
            if came == frames.EVIDENCE:
                yield payload

    def locate(self, exercise: str, source: str, tries: bytes, seconds: float) -> object:
        """Search for where a cell goes wrong: what is said is not to be believed (``course.repair.place``).

        Args:
            tries: as ``course.repair.tries.encode_tries`` writes them.

        Raises:
            Stopped: the process is no more.
        """
        request = json.dumps([exercise, source]).encode() + b"\n" + tries
        said = [
            payload
            for kind, payload in self._exchange(frames.LOCATE, request, seconds)
            if kind == frames.EVIDENCE
        ]
        try:
            return json.loads(said[0][:PLACE_SIZE]) if said else None
        except ValueError:
            return None

    def noticed(self) -> list[Notice]:
        """What there is to notice, since this was asked last, besides the answers; none of it is sure."""
        notices = [Notice(UNASKED)] if self._unasked else []
        self._unasked = False
        told = None
        with contextlib.suppress(OSError):  # there is nothing
            told = self._told.recv(TOLD_LIMIT)
        if told == b"" and self._answered:
            notices.append(Notice(SILENCED))
        for line in (told or b"").decode(errors="replace").splitlines():
            id, _, detail = line.partition(" ")
            notices.append(Notice(id, detail) if id in KINDS else Notice(UNASKED))
        return notices

    def _exchange(self, kind: bytes, payload: bytes, seconds: float) -> Iterator[frames.Frame]:
        """Send one request; the answers to it as they come, up to and with ``DONE``."""
        deadline = time.monotonic() + seconds
        tag = secrets.token_bytes(frames.TAG)
        answers = (frames.DONE,) if kind == frames.RUN else (frames.DONE, frames.EVIDENCE)
        self._answered = False
        try:
            self._connection.settimeout(seconds)
            self._connection.sendall(frames.pack(kind, tag + payload))
            while True:
                while (frame := self._frames.take()) is not None:
                    self._count += 1
                    if self._count > FRAMES_LIMIT:
                        raise Stopped("crashed", TOO_MUCH)
                    if frame.kind == frames.OUTPUT:
                        yield frame
                    elif frame.kind in answers and frame.payload.startswith(tag):
                        self._answered = frame.kind == frames.DONE
                        yield frames.Frame(frame.kind, frame.payload[frames.TAG :])
                        if self._answered:
                            # What is held by now is not the next request's doing.
                            self._look_at_memory(SOON)
                            return
                    else:
                        self._unasked = True
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._receive(min(left, GLANCE))
        except TimeoutError:
            raise Stopped("timeout", too_long(seconds)) from None
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
                raise Stopped("crashed", TOO_MUCH)
        elif "end" in ready:
            raise Stopped("crashed", ENDED)
        self._look_at_memory(GLANCE)

    def _look_at_memory(self, every: float) -> None:
        """Stop a process that uses too much; looked at again when so many seconds have gone by."""
        now = time.monotonic()
        if now - self._glanced < every:
            return
        self._glanced = now
        if self._sandbox and self._sandbox.uses_more_than(BASE_MEMORY + self._limits.memory):
            raise Stopped("out_of_memory", too_large(self._limits.memory))

    def close(self) -> None:
        self._selector.close()
        self._forked.close()
        if self._sandbox is None:
            # Without a sandbox this reaches what stayed in the process's own group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._forked.pid, signal.SIGKILL)
