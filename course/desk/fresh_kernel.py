"""Runs a notebook in a kernel of its own, cell by cell, within limits of time and memory.

The kernel is that of this Python, in an empty folder and without the user's start-up files, as in grading. A
cell that raises does not stop those after it; one that ends the kernel, or takes too long, is left out and
the notebook started anew.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode

from course.desk import DeskError
from course.desk.inside import INSIDE, LESSON, VERDICT
from course.desk.played import Limits, Played, Step
from course.problems import Problem
from course.trial import RESTARTS, State, not_done, said_of

# Seconds between two looks at how much memory the kernel has.
PACE = 0.2
# Seconds in which a kernel has loaded the course, on a busy machine too.
LOADING = 120
PROBING = "__import__('course.desk.probing').desk.probing"


@dataclass
class Stops:
    """What ended a kernel, and is left out of the next.

    Attributes:
        cells: what they did, by the number of the step.
        cases: how many cases of an exercise were tried, and what the next one did.
    """

    cells: dict[int, str] = field(default_factory=dict)
    cases: dict[str, tuple[int, str]] = field(default_factory=dict)


class _KernelDied(Exception):
    def __init__(self, state: State):
        self.state = state


class OwnKernelManager(AsyncKernelManager):
    """Starts the kernel of this Python, whatever kernels the user has installed."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])


def play(names: Sequence[str], steps: Callable[[Sequence[str]], Sequence[Step]], limits: Limits) -> Played:
    """Try a notebook in a fresh kernel.

    Args:
        names: by which grading knows the notebook's cells.
        steps: what is to be done, by the lesson's exercises.

    Raises:
        DeskError: no kernel starts, or it can't load the course.
    """
    played = Played()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run_sync(_play)(names, steps, limits, played, Path(folder))
    return played


async def _play(
    names: Sequence[str],
    steps: Callable[[Sequence[str]], Sequence[Step]],
    limits: Limits,
    played: Played,
    folder: Path,
) -> None:
    deadline: float | None = None
    stops = Stops()
    for turn in range(RESTARTS):
        place = folder / f"work-{turn}"
        place.mkdir()
        async with _kernel(place, limits) as kernel:
            found = await kernel.begin(names)
            if (lesson := found["lesson"]) is None:
                return
            if played.lesson is None:
                played.lesson, played.points = lesson, dict(found["exercises"])
                played.steps = steps(list(played.points))
            # What starting takes is the machine's, and not the notebook's.
            deadline = deadline or time.monotonic() + limits.notebook
            if await _through(kernel, played, stops, limits, deadline):
                return
        if deadline <= time.monotonic():
            return


async def _through(kernel: _Kernel, played: Played, stops: Stops, limits: Limits, deadline: float) -> bool:
    """Do the steps that are left; whether the end was reached."""
    failed: dict[str, str] = {}
    for number, step in enumerate(played.steps):
        seconds = min(limits.cell, max(deadline - time.monotonic(), 0.01))
        try:
            if number in stops.cells:
                failed[step.exercise] = stops.cells[number]
            elif step.place:
                said = await kernel.run(step.source, seconds)
                if said:
                    played.failed[step.place] = said
                    failed[step.exercise] = not_done(said)
            elif step.exercise not in played.verdicts or step.exercise in stops.cases:
                asked = failed.get(step.exercise, ""), *stops.cases.pop(step.exercise, (None, ""))
                played.verdicts[step.exercise] = await kernel.probe(step.exercise, asked, seconds)
        except _KernelDied as died:
            sentence = limits.sentence(died.state)
            if played.state == "graded":
                played.state = died.state
            if step.place:
                played.failed[step.place] = stops.cells[number] = sentence
            else:
                stops.cases[step.exercise] = kernel.reached, sentence
                played.verdicts[step.exercise] = {"message": f"{step.exercise} {sentence}."}
            return False
    return True


class _Kernel:
    """A kernel that is ready."""

    def __init__(self, client: NotebookClient, limits: Limits, note: Path):
        self._client = client
        self._limits = limits
        assert client.km is not None
        provisioner: Any = client.km.provisioner
        self._process = psutil.Process(provisioner.pid)
        self._most = float("inf")
        self._full = False
        self._note = note

    @property
    def reached(self) -> int:
        """How many cases were tried of the exercise that ended the kernel."""
        with contextlib.suppress(OSError, ValueError):
            return int(self._note.read_text())
        return 0

    async def begin(self, names: Sequence[str]) -> Mapping[str, Any]:
        """Load the course; what ``probing.begin`` displays.

        Raises:
            DeskError: it can't be loaded.
        """
        try:
            outputs = await self._execute(f"{PROBING}.begin({list(names)!r})", LOADING)
        except _KernelDied as died:
            raise DeskError(
                f"The kernel to try the notebook in {self._limits.sentence(died.state)}."
            ) from None
        found = _data(outputs, LESSON)
        if found is None:
            raise DeskError(f"The kernel to try the notebook in can't load course ({_error(outputs)}).")
        with contextlib.suppress(psutil.Error):
            self._most = self._process.memory_info().rss + self._limits.memory
        return found

    async def run(self, source: str, seconds: float) -> str:
        """Run a cell; how it ended where that was not its end: "NameError: name 'x' is not defined"."""
        return _error(await self._execute(source, seconds))

    async def probe(
        self, exercise: str, asked: Sequence[str | int | None], seconds: float
    ) -> Mapping[str, Any]:
        """Try an exercise; what ``probing.show_verdict`` displays, or a message where it displays nothing.

        Args:
            asked: what that takes besides the exercise.
        """
        self._note.unlink(missing_ok=True)
        outputs = await self._execute(
            f"{PROBING}.show_verdict{(exercise, str(self._note), *asked)!r}", seconds
        )
        missing = Problem("no_evidence", {"name": exercise})
        return _data(outputs, VERDICT) or {"message": missing.sentence}

    async def _execute(self, source: str, seconds: float) -> list[NotebookNode]:
        cell = nbformat.v4.new_code_cell(source)
        self._client.nb.cells = [cell]
        self._client.timeout_func = lambda _: max(1, round(seconds))
        watching = asyncio.create_task(self._watch())
        try:
            await self._client.async_execute_cell(cell, 0)
        except CellTimeoutError:
            raise _KernelDied("timeout") from None
        except DeadKernelError:
            if self._client.km is None:  # nbclient's answer to Ctrl+C
                raise KeyboardInterrupt from None
            raise _KernelDied("out_of_memory" if self._full else "crashed") from None
        finally:
            watching.cancel()
        return list(cell.outputs)

    async def _watch(self) -> None:
        """End the kernel when it has more memory than it may."""
        with contextlib.suppress(psutil.Error):
            while self._process.memory_info().rss <= self._most:
                await asyncio.sleep(PACE)
            self._full = True
            self._process.kill()


def _data(outputs: Sequence[NotebookNode], form: str) -> Mapping[str, Any] | None:
    return next((output.data[form] for output in outputs if form in output.get("data", {})), None)


def _error(outputs: Sequence[NotebookNode]) -> str:
    """The exception that ended a cell, in a line; empty where none did."""
    error = next((output for output in outputs if output.output_type == "error"), None)
    if error is None:
        return ""
    return said_of(error.ename, error.evalue)


@contextlib.asynccontextmanager
async def _kernel(place: Path, limits: Limits) -> AsyncIterator[_Kernel]:
    """A kernel in a folder, which ends with the block."""
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        kernel_name="python3",
        kernel_manager_class=OwnKernelManager,
        allow_errors=True,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(place)}},
    )
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(
                client.async_setup_kernel(env=_environment(place), stderr=subprocess.DEVNULL)
            )
        except (OSError, RuntimeError) as error:
            atexit.unregister(client._cleanup_kernel)  # nbclient leaves it behind, for a kernel that is gone
            raise DeskError(f"No kernel starts to try the notebook in ({error}).") from error
        yield _Kernel(client, limits, place.with_suffix(".note"))


def _environment(place: Path) -> dict[str, str]:
    """This process's, with the course to be found, and nothing of a notebook that runs in it."""
    course = str(Path(__file__).resolve().parents[2])
    left_out = ("MPLBACKEND", "JPY_SESSION_NAME", "JPY_PARENT_PID", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    paths = [course, *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "IPYTHONDIR": str(place), INSIDE: "1"}
