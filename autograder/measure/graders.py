"""Stock nbgrader and ours, each run on a course folder as anyone would run it, and timed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.measure.memory import Memory
from autograder.sandbox.confine import Limits

# Against a course folder's settings, which send both commands to Descent.
ITS_OWN_AUTOGRADE = ("--Autograde.exporter_class=nbconvert.exporters.NotebookExporter",)
ITS_OWN_FEEDBACK = ("--GenerateFeedback.exporter_class=nbconvert.exporters.HTMLExporter",)


@dataclass(frozen=True)
class Run:
    """One run of ours.

    Attributes:
        whole: seconds, from the start of Python to its end.
        recorded: for each student, when it was in the gradebook, in seconds from the first on.
        memory: bytes at its peak, of all its processes, what they share counted once.
    """

    whole: float
    recorded: Mapping[str, float]
    memory: int

    @property
    def between(self) -> float:
        """Seconds a submission, from the first that was recorded to the last."""
        return max(self.recorded.values()) / max(1, len(self.recorded) - 1)


def ours(
    folder: Path,
    lesson: Lesson,
    workers: int,
    cell_seconds: float = Limits.cell,
    with_feedback: bool = False,
) -> Run:
    """Grade everything in the folder, and write the feedback too where that is wanted.

    Raises:
        DescentError: it failed, and has said why on stderr.
    """
    command = [sys.executable, "-m", "autograder.measure.timed", str(folder), lesson.name]
    command += ["--workers", str(workers), "--cell-seconds", str(cell_seconds)]
    command += ["--with-feedback"] if with_feedback else []
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    with Memory(process.pid) as memory:
        printed = process.communicate()[0]
    whole = time.monotonic() - start
    if process.returncode:
        raise DescentError("The grading that was to be measured failed: see the lines above.")
    recorded = json.loads(printed)
    first = min(recorded.values())
    return Run(whole, {student: when - first for student, when in recorded.items()}, memory.peak)


def stock(folder: Path, lesson: Lesson) -> list[float]:
    """Seconds that ``nbgrader autograde`` takes from one submission to the next."""
    run_nbgrader(folder, "autograde", lesson.name, "--force", "--Execute.timeout=300", *ITS_OWN_AUTOGRADE)
    return steps(path.stat().st_mtime for path in (folder / "autograded").glob("*/*/*.ipynb"))


def stock_feedback(folder: Path, lesson: Lesson) -> list[float]:
    """Seconds that ``nbgrader generate_feedback`` takes from one submission to the next."""
    run_nbgrader(folder, "generate_feedback", lesson.name, "--force", *ITS_OWN_FEEDBACK)
    return steps(path.stat().st_mtime for path in (folder / "feedback").glob("*/*/*.html"))


def steps(times: Iterable[float]) -> list[float]:
    """Seconds from each moment to the next."""
    return [after - before for before, after in pairwise(sorted(times))]


def run_nbgrader(folder: Path, *arguments: str) -> None:
    """Run stock nbgrader in the folder; raises DescentError with the end of what it said if it fails."""
    program = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DescentError(
            f"nbgrader {arguments[0]} failed, so there is nothing to compare: {done.stderr[-500:]}"
        )
