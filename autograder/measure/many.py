"""Grading on many machines: where the time goes, and from how many workers on the writer is too slow.

What workers do is taken once, on this machine, and repeated by others that only wait as long and give the
same answer: as many as one likes, on a real scheduler, for the real writer.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.catalogue.lesson import Lesson
from autograder.cluster import errand
from autograder.cluster.asked import DONE, HandIn
from autograder.cluster.parcels import Kit, Packed
from autograder.errors import DescentError
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import Grader
from autograder.measure.rehearsal import Recorded, Rehearsal, key
from autograder.measure.sample_class import hand_in

SIZES = (1, 4, 16, 64)
# Of each kind of hand-in, how often it is judged: the first finds nothing loaded.
TIMES = 3
# Hand-ins for each simulated worker, and at least; seconds that a scheduler has to start.
EACH, LEAST, STARTING = 8, 64, 120.0


@dataclass(frozen=True)
class Simulated:
    """One class on workers that wait as long as a real one works.

    Attributes:
        whole: seconds from the first hand-in that is recorded to the last.
        working: seconds that all hand-ins took their workers.
        recording: seconds that the writer wrote.
    """

    workers: int
    students: int
    whole: float
    working: float
    recording: float

    @property
    def efficiency(self) -> float:
        """Of what so many workers could do, how much they did."""
        return self.working / self.workers / self.whole

    def line(self) -> dict[str, float]:
        return {
            "workers": self.workers,
            "students": self.students,
            "seconds": round(self.whole, 2),
            "a_second": round(self.students / self.whole, 2),
            "efficiency": round(self.efficiency, 3),
            "writer_busy": round(self.recording / self.whole, 3),
        }


def many(lesson: Lesson, sizes: Sequence[int], say: Callable[[str], None]) -> dict[str, Any]:
    """What ``autograder bench --cluster --json`` prints.

    Args:
        sizes: how many workers there are to be.
        say: told what is being measured.
    """
    with TemporaryDirectory(prefix="descent-bench-") as name:
        place = Path(name)
        say("one worker of this machine")
        hand_in(place / "kinds", lesson, 2 * LEAST)
        recorded = record(CourseFolder(place / "kinds"), lesson)
        found = []
        for workers in sizes:
            say(f"{workers} workers that wait as long")
            students = max(LEAST, EACH * workers)
            hand_in(place / f"{workers}", lesson, students)
            found.append(simulate(CourseFolder(place / f"{workers}"), lesson, workers, recorded))
    service = sum(entry.seconds for entry in recorded.values()) / len(recorded)
    writing = min(entry.recording / entry.students for entry in found)
    return {
        "service_s": round(service, 4),
        "writing_s": round(writing, 4),
        # From then on workers wait for the writer.
        "writer_saturates_at": round(service / writing, 1),
        "simulated": [entry.line() for entry in found],
    }


def record(folder: CourseFolder, lesson: Lesson) -> dict[str, Recorded]:
    """What each kind of hand-in in the folder takes a worker of this machine, and what comes of it.

    Raises:
        DescentError: nothing can be judged here; the sentence says why.
    """
    grader = _grader(folder, lesson)
    paths = sorted(folder.path.glob(f"submitted/*/{lesson.name}/*.ipynb"))
    kinds = {key(path.read_bytes()): path for path in paths}
    grader.prepare(lesson, kinds, 2)
    kit = Packed.of(Kit.of(grader, lesson, kinds))
    found = {}
    _done(errand.furnish(kit.digest, kit.data))
    for kind, path in kinds.items():
        sent = HandIn(path.read_bytes(), path.name, grader.number(kind), None)
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            answer = _done(errand.judge(kit.digest, sent))
            took.append(time.perf_counter() - began)
        found[kind] = Recorded(min(took), answer)
    return found


def simulate(folder: CourseFolder, lesson: Lesson, workers: int, recorded: dict[str, Recorded]) -> Simulated:
    """Grade the folder on a real scheduler with workers that only wait."""
    grader = _grader(folder, lesson)
    with _scheduler(folder.path, workers) as address:
        run = ClassRun(folder, lesson, grader, force=True)
        working, moments = 0.0, []
        for graded in run.run(2, Rehearsal(address, 2, _say, recorded)):
            moments.append(time.perf_counter())
            (path,) = folder.path.glob(f"submitted/{graded.student}/{lesson.name}/*.ipynb")
            working += recorded[key(path.read_bytes())].seconds
    whole = max(moments) - min(moments)
    return Simulated(workers, len(moments), whole, working, run.recording)


@contextmanager
def _scheduler(place: Path, workers: int) -> Iterator[str]:
    """A scheduler with workers that do nothing but wait; its address."""
    command = [sys.executable, "-m", "autograder.measure.stand_ins", str(place), str(workers)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise DescentError("Dask's scheduler did not start: see the lines above.")
        yield address
    finally:
        process.stdin.close()  # it ends with that
        process.wait(STARTING)
        process.stdout.close()


def _grader(folder: CourseFolder, lesson: Lesson) -> Grader:
    given = {lesson.name: folder.student_notebook(lesson)}
    return Grader(folder.seed(), hidden=folder.hidden(), handed_out=given, here=False)


def _done(said: errand.Said) -> Any:
    how, answer = said
    if how != DONE:
        raise DescentError(f"Nothing can be judged here: {answer}")
    return answer


def _say(said: str) -> None:
    print(said, file=sys.stderr)


def sentences(found: Mapping[str, Any]) -> list[str]:
    """What ``many`` found, for the terminal."""
    return [
        f"A notebook takes a worker {found['service_s']:.3f} s and the writer {found['writing_s']:.3f} s: "
        f"with more than {found['writer_saturates_at']:.0f} workers, they wait for it.",
        *(
            f"{entry['workers']:>3} workers: {entry['a_second']:6.1f} a second, "
            f"{entry['efficiency']:.0%} of what they could, the writer at work {entry['writer_busy']:.0%}"
            for entry in found["simulated"]
        ),
    ]
