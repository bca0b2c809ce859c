"""Side by side with stock ``nbgrader autograde``: the same submissions, one machine, one run.

The comparison leans towards stock: its start-up is left out and ours is counted.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import psutil
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.catalogue.sample import answered, right_answers, wrong_answers
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.sandbox.confine import Limits

# Stock runs the experiments of notebooks as they are handed in: a few of them take it minutes.
STOCK_AS_HANDED_IN = 6
ROUNDS = 3
SIZES = (50, 200, 1000)
# An answer that never ends, and the seconds that it is given when it is measured what that costs the others.
ENDLESS, PATIENCE = "while True:\n    pass\n", 5.0
# Grades the folder without feedback, which stock makes with another command; prints when each was recorded.
GRADE = """
import json, sys, time
from pathlib import Path
from autograder.machine.prepare import prepare
prepare()
from autograder.sandbox.launch import load_ahead
load_ahead()
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import Grader
from autograder.grade.class_run import ClassRun
from autograder.catalogue.lesson import find
from autograder.sandbox.confine import Limits
path, name, workers, cell = sys.argv[1:]
folder, lesson = CourseFolder(Path(path)), find(name)
limits = Limits(cell=float(cell), notebook=3 * float(cell))
run = ClassRun(folder, lesson, Grader(folder.seed(), limits, hidden=[folder.path]), force=True)
print(json.dumps([(graded.student, time.monotonic()) for graded in run.run(int(workers))]))
"""


@dataclass(frozen=True)
class Comparison:
    """Median seconds a submission."""

    stock_s: float
    descent_s: float

    @property
    def ratio(self) -> float:
        return self.stock_s / self.descent_s

    def line(self) -> dict[str, float]:
        return {
            "stock_s": round(self.stock_s, 3),
            "descent_s": round(self.descent_s, 3),
            "ratio": round(self.ratio, 1),
        }


@dataclass(frozen=True)
class Graded:
    """One run of ours.

    Attributes:
        whole: seconds, from the start of Python to its end.
        recorded: for each student, when it was in the gradebook, in seconds from the first on.
        memory: bytes at its peak, of all its processes, what they share counted once.
    """

    whole: float
    recorded: dict[str, float]
    memory: int

    @property
    def between(self) -> float:
        """Seconds a submission, from the first that was recorded to the last."""
        return max(self.recorded.values()) / max(1, len(self.recorded) - 1)


def bench(
    lesson: Lesson,
    students: int,
    workers: int,
    say: Callable[[str], None],
    rounds: int = ROUNDS,
    sizes: Sequence[int] = SIZES,
) -> dict:
    """What ``autograder bench --json`` prints.

    Args:
        students: how many hand in, of right and of wrong answers.
        say: told what is being measured.
        rounds: how often ours is run, to take the median.
        sizes: of the classes whose cost is measured.
    """
    with TemporaryDirectory(prefix="descent-bench-") as name:
        place = Path(name)
        say(f"stock nbgrader on {students} submissions without experiments")
        bare = place / "bare"
        _hand_in(bare, lesson, students, _without_experiments)
        stock = statistics.median(_stock(bare, lesson))
        say(f"Descent on the same, {rounds} times")
        runs = [_grade(bare, lesson, workers) for _ in range(rounds)]
        compared = Comparison(stock, statistics.median(run.whole / students for run in runs))
        few = min(STOCK_AS_HANDED_IN, students)
        say(f"stock nbgrader on {few} submissions as they are handed in")
        full = place / "full"
        _hand_in(full, lesson, few)
        stock = statistics.median(_stock(full, lesson))
        say(f"Descent on {students} of these")
        _hand_in(full, lesson, students)
        handed_in = Comparison(stock, _grade(full, lesson, workers).whole / students)
        between: dict[int, list[float]] = {size: [] for size in sizes}
        # Before and after the largest, and once more: so short a time tells little when taken once.
        for size in (*sizes, *reversed(sizes[:-1]), *sizes[:-1]):
            say(f"Descent on {size} submissions")
            some = place / f"class-{size}"
            _hand_in(some, lesson, size)
            runs.append(_grade(some, lesson, workers))
            between[size].append(runs[-1].between)
        cost = {str(size): round(statistics.median(taken), 4) for size, taken in between.items()}
        say(f"Descent on {students} submissions, a third of them without end")
        loops = _loops(place / "loops", lesson, students, workers)
    return {
        **compared.line(),
        "as_handed_in": handed_in.line(),
        "cost": cost,
        "endless_loops": loops,
        "peak_memory_mb": round(max(run.memory for run in runs) / 1e6),
        "students": students,
        "workers": workers,
    }


def _loops(folder: Path, lesson: Lesson, students: int, workers: int) -> dict[str, float]:
    """Seconds until the last honest submission is recorded, alone and when a third never ends."""
    _hand_in(folder, lesson, students - students // 3)
    alone = _grade(folder, lesson, workers, PATIENCE).recorded
    endless = nbformat.writes(answered(lesson, {lesson.exercises[0].id: ENDLESS}))
    for number in range(students // 3):
        # Their ids stand among the others': it is not their place that makes them last.
        _put(folder, lesson, f"student{3 * number:04d}-endless", endless)
    together = _grade(folder, lesson, workers, PATIENCE).recorded
    honest = max(when for student, when in together.items() if student in alone)
    first = max(alone.values())
    return {"alone_s": round(first, 2), "together_s": round(honest, 2), "ratio": round(honest / first, 2)}


def _without_experiments(notebook: NotebookNode) -> NotebookNode:
    kept = [cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": kept})


def _hand_in(
    folder: Path,
    lesson: Lesson,
    students: int,
    change: Callable[[NotebookNode], NotebookNode] = lambda notebook: notebook,
) -> None:
    """A course folder with submissions, half of them right; those that are there already stay."""
    CourseFolder(folder).setup([lesson])
    source = folder / "source" / lesson.name / f"{lesson.name}.ipynb"
    nbformat.write(change(nbformat.read(source, as_version=4)), source)
    _run_nbgrader(folder, "generate_assignment", lesson.name, "--force")
    answers = [
        entry for pair in zip(right_answers(lesson), wrong_answers(lesson), strict=False) for entry in pair
    ]
    texts = [nbformat.writes(change(answered(lesson, cells))) for cells in answers]
    for number, text in enumerate(islice(cycle(texts), students)):
        _put(folder, lesson, f"student{number:04d}", text)


def _put(folder: Path, lesson: Lesson, student: str, text: str) -> None:
    place = folder / "submitted" / student / lesson.name
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{lesson.name}.ipynb").write_text(text, encoding="utf-8")


def _run_nbgrader(folder: Path, *arguments: str) -> None:
    program = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DescentError(
            f"nbgrader {arguments[0]} failed, so there is nothing to compare: {done.stderr[-500:]}"
        )


def _stock(folder: Path, lesson: Lesson) -> Iterator[float]:
    """Seconds that stock takes from one submission to the next."""
    _run_nbgrader(folder, "autograde", lesson.name, "--force", "--Execute.timeout=300")
    done = sorted(path.stat().st_mtime for path in (folder / "autograded").glob("*/*/*.ipynb"))
    return (after - before for before, after in pairwise(done))


def _grade(folder: Path, lesson: Lesson, workers: int, cell: float = Limits.cell) -> Graded:
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", GRADE, str(folder), lesson.name, str(workers), str(cell)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with _Memory(process.pid) as memory:
        printed = process.communicate()[0]
    whole = time.monotonic() - start
    if process.returncode:
        raise DescentError("The grading that was to be measured failed: see the lines above.")
    times = dict(json.loads(printed))
    first = min(times.values())
    return Graded(whole, {student: when - first for student, when in times.items()}, memory.peak)


class _Memory:
    """Watches the memory of a process and of all that it started, while the ``with`` lasts."""

    def __init__(self, pid: int):
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            with contextlib.suppress(psutil.NoSuchProcess):
                first = psutil.Process(self._pid)
                self.peak = max(self.peak, sum(map(_memory, [first, *first.children(recursive=True)])))


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:
        return 0  # it has ended by now
