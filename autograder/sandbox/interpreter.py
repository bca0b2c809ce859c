"""What runs in a student's process: an IPython shell that is sent cells, and probes what they define.

It decides nothing and knows nothing: no expected values, no seed. What it sends is read as plain bytes and
judged outside, so that whatever a student's code does to it can only cost the student points.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
import sys
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox import frames
from course.definitions import as_python
from course.exercise import Case, Evidence
from course.exercises import EXERCISES
from course.repair.search import Place, find_line
from course.repair.tries import decode_tries
from course.trial import tried
from course.wire import decode_cases, encode_evidence

# What a notebook shows: more than that helps nobody who reads it.
SHOWN_BYTES = 1_000_000
SHOWN_OUTPUTS = 500
CUT = "\n[The rest of the output is cut here: it is more than a page can show.]\n"


class Outputs:
    """Sends what cells show, as notebooks store it, until there is too much of it."""

    def __init__(self) -> None:
        self.connection: socket.socket | None = None
        self._text: list[tuple[str, str]] = []
        self._sent = self._bytes = 0

    @property
    def full(self) -> bool:
        return self._bytes > SHOWN_BYTES

    def write(self, name: str, text: str) -> None:
        if not self.full:
            self._bytes += len(text)
            self._text.append((name, text[: SHOWN_BYTES // 2] + CUT if self.full else text))

    def flush(self) -> None:
        """Send the text that was written, one output for each run of stdout or stderr."""
        text, self._text = self._text, []
        for name, parts in groupby(text, key=itemgetter(0)):
            written = "".join(part for _, part in parts)
            self._send({"output_type": "stream", "name": name, "text": written})

    def show(self, output: dict[str, Any]) -> None:
        self.flush()
        if not self.full:
            self._send(output)

    def _send(self, output: dict[str, Any]) -> None:
        if self.connection is None:
            return  # what runs before there are students is for nobody
        packed = json.dumps(output).encode()
        if output["output_type"] != "stream":
            self._bytes += len(packed)
        self._sent += 1
        if self._sent <= SHOWN_OUTPUTS and len(packed) < frames.FRAME_LIMIT:
            self.connection.sendall(frames.pack(frames.OUTPUT, packed))


OUTPUTS = Outputs()


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a student's process."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str):
        self.name = f"<{name}>"
        self._name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if OUTPUTS.full:
            # From here on printing costs next to nothing: an honest loop of a million prints goes on.
            self.write = len  # type: ignore[method-assign,assignment]  # this stream's alone
        else:
            OUTPUTS.write(self._name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, source: Any = None, **options: Any) -> None:
        OUTPUTS.show({"output_type": "display_data", "data": _kept(data)})

    def clear_output(self, wait: bool = False) -> None:
        pass


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        OUTPUTS.show({"output_type": "execute_result", "data": _kept(format_dict)})

    def finish_displayhook(self) -> None:
        self._is_active = False


def _kept(data: dict[str, Any]) -> dict[str, str]:
    return {kind: data[kind] for kind in frames.SHOWN if isinstance(data.get(kind), str)}


class Shell(InteractiveShell):
    """IPython as in a notebook, its outputs going to ``OUTPUTS``."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        OUTPUTS.show(
            {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        )

    # `!ls` has no terminal to run in: what it prints is lost, and the cell goes on.
    system = InteractiveShell.system_raw

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen: figures are shown in line, whatever is asked for."""

    def ask_exit(self) -> None:
        """``exit()`` ends the cell's work and not the notebook's."""


def make_shell() -> Shell:
    """The shell of this process and of those forked from it; figures are shown in line."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    # IPython's own form looks every frame up in every module: seconds, when the recursion was endless.
    settings.InteractiveShell.xmode = "Plain"
    shell = Shell.instance(config=settings)
    shell.run_line_magic("matplotlib", "inline")
    # What the first cell and the first error import is loaded before there are students.
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell("0 / 0", store_history=False)
        shell.run_cell("1", store_history=False)
    shell.reset()
    return shell


def serve(connection: socket.socket, shell: Shell) -> None:
    """Run the cells and probes that come, until there are no more."""
    OUTPUTS.connection = connection
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), _Stream("stdout"), _Stream("stderr")
    observed: list[tuple[Case, Evidence]] = []
    while frame := frames.read(connection):
        error = ""
        tag, payload = frame.payload[: frames.TAG], frame.payload[frames.TAG :]
        try:
            if frame.kind == frames.RUN:
                error = _run(shell, payload.decode())
            elif frame.kind == frames.LOCATE:
                if place := _locate(shell, payload):
                    connection.sendall(frames.pack(frames.EVIDENCE, tag + json.dumps(place).encode()))
            else:
                more = _aside if frame.kind == frames.ASIDE else _observe
                for evidence in more(shell, payload, observed):
                    connection.sendall(frames.pack(frames.EVIDENCE, tag + encode_evidence([evidence])))
        except BaseException as escaped:
            # Of the student's making, whatever it is: the next cell runs all the same.
            error = _named(escaped)
        with contextlib.suppress(BaseException):
            OUTPUTS.flush()
        connection.sendall(frames.pack(frames.DONE, tag + error.encode(errors="replace")))


def _run(shell: Shell, source: str) -> str:
    result = shell.run_cell(source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return _named(error) if error else ""


def _named(error: BaseException) -> str:
    """How a cell ended: "NameError: name 'x' is not defined"."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _observe(shell: Shell, payload: bytes, observed: list[tuple[Case, Evidence]]) -> Iterator[Evidence]:
    """Try an exercise: the evidence of one case after the other, which is kept."""
    name, _, packed = payload.partition(b"\n")
    exercise = EXERCISES[name.decode()]
    observed.clear()
    for case in decode_cases(packed):
        evidence = tried(exercise.id, shell.user_ns, partial(exercise.observe, case=case))
        observed.append((case, evidence))
        yield evidence


def _aside(shell: Shell, payload: bytes, observed: list[tuple[Case, Evidence]]) -> Iterator[Evidence]:
    """What there is beside some of the cases that were observed last."""
    name, *numbers = json.loads(payload)
    exercise = EXERCISES[name]
    for case, evidence in (observed[number] for number in numbers):
        yield tried(name, shell.user_ns, partial(exercise.aside, case=case, observed=evidence))


def _locate(shell: Shell, payload: bytes) -> Place | None:
    """Where an exercise's cell goes wrong."""
    asked, _, given = payload.partition(b"\n")
    name, source = json.loads(asked)
    text = as_python(source, shell.transform_cell)
    return find_line(EXERCISES[name], text, shell.user_ns, decode_tries(given))
