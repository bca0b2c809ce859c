"""Side by side with stock nbgrader: the same submissions, one machine, one run.

The comparison leans towards stock: its start-up is left out and ours is counted.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.catalogue.lesson import Lesson
from autograder.measure.graders import Run, ours, stock, stock_feedback
from autograder.measure.sample_class import hand_in, hand_in_endless, without_experiments

# Stock takes as long for each submission of a large class as for each of a small one. It runs the experiments
# of notebooks as they are handed in: a few of them take it minutes.
STOCK, STOCK_AS_HANDED_IN = 60, 6
ROUNDS = 3
SIZES = (50, 200, 1000)
# The seconds that a cell is given when it is measured what endless loops cost the others.
PATIENCE = 5.0


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


def bench(lesson: Lesson, students: int, workers: int, say: Callable[[str], None]) -> dict[str, Any]:
    """What ``autograder bench --json`` prints.

    Args:
        students: how many hand in, of right and of wrong answers.
        say: told what is being measured.
    """
    with TemporaryDirectory(prefix="descent-bench-") as name:
        place = Path(name)
        few = min(STOCK, students)
        say(f"stock nbgrader on {few} submissions without experiments")
        bare = place / "bare"
        hand_in(bare, lesson, few, without_experiments)
        autograde = statistics.median(stock(bare, lesson))
        say("stock nbgrader's feedback on the same")
        with_pages = autograde + statistics.median(stock_feedback(bare, lesson))
        say(f"Descent on {students} of these, {ROUNDS} times")
        hand_in(bare, lesson, students, without_experiments)
        runs = [ours(bare, lesson, workers) for _ in range(ROUNDS)]
        compared = Comparison(autograde, statistics.median(run.whole / students for run in runs))
        say(f"Descent on the same, with feedback, {ROUNDS} times")
        both = [ours(bare, lesson, workers, with_feedback=True) for _ in range(ROUNDS)]
        with_feedback = Comparison(with_pages, statistics.median(run.whole / students for run in both))

        few = min(STOCK_AS_HANDED_IN, students)
        say(f"stock nbgrader on {few} submissions as they are handed in")
        full = place / "full"
        hand_in(full, lesson, few)
        autograde = statistics.median(stock(full, lesson))
        say(f"Descent on {students} of these")
        hand_in(full, lesson, students)
        handed_in = Comparison(autograde, ours(full, lesson, workers).whole / students)

        sized = []
        for size in order(SIZES):
            say(f"Descent on {size} submissions")
            hand_in(place / f"class-{size}", lesson, size)
            sized.append((size, ours(place / f"class-{size}", lesson, workers)))

        say(f"Descent on {students} submissions, a third of them without end")
        loops, endless = place / "loops", students // 3
        hand_in(loops, lesson, students - endless)
        alone = ours(loops, lesson, workers, PATIENCE).recorded
        hand_in_endless(loops, lesson, endless)
        together = ours(loops, lesson, workers, PATIENCE).recorded
    return {
        **compared.line(),
        "with_feedback": with_feedback.line(),
        "as_handed_in": handed_in.line(),
        "cost": cost(sized),
        "endless_loops": endless_loops(alone, together),
        "peak_memory_mb": peak_memory_mb([*runs, *both, *(run for _, run in sized)]),
        "students": students,
        "workers": workers,
    }


def order(sizes: Sequence[int]) -> list[int]:
    """In which order classes are graded: the largest once, the others three times.

    So short a time tells little when taken once: before and after the largest, and once more.
    """
    *smaller, _ = sizes
    return [*sizes, *reversed(smaller), *smaller]


def cost(sized: Sequence[tuple[int, Run]]) -> dict[str, float]:
    """Median seconds a submission, once started, by the size of the class."""
    sizes = dict.fromkeys(size for size, _ in sized)
    return {
        str(size): round(statistics.median(run.between for own, run in sized if own == size), 4)
        for size in sizes
    }


def endless_loops(alone: Mapping[str, float], together: Mapping[str, float]) -> dict[str, float]:
    """Seconds until the last honest submission is recorded, alone and when a third never ends.

    Args:
        alone: when each honest submission was recorded, by student.
        together: the same when the others handed in too.
    """
    first = max(alone.values())
    honest = max(when for student, when in together.items() if student in alone)
    return {"alone_s": round(first, 2), "together_s": round(honest, 2), "ratio": round(honest / first, 2)}


def peak_memory_mb(runs: Sequence[Run]) -> int:
    return round(max(run.memory for run in runs) / 1e6)
