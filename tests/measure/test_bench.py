"""The comparison with stock nbgrader: its arithmetic, and the program that it times. `make bench` is the whole."""

import subprocess
import sys

import pytest
from rich.console import Console

from autograder.catalogue.lesson import find
from autograder.measure import bench_table
from autograder.measure.bench import Comparison, cost, endless_loops, order, peak_memory_mb
from autograder.measure.graders import Run, ours, steps
from autograder.measure.memory import Memory
from autograder.measure.sample_class import hand_in, hand_in_endless

LESSON = find("02_ema")


def test_a_comparison_is_stock_over_ours():
    assert Comparison(6.0, 0.1604).line() == {"stock_s": 6.0, "descent_s": 0.16, "ratio": 37.4}


def test_stock_is_timed_from_one_submission_to_the_next_in_whichever_order_they_are_listed():
    assert steps([13.0, 10.0, 18.0]) == [3.0, 5.0]


@pytest.mark.parametrize(
    ("recorded", "seconds"), [({"a": 0.0, "b": 0.5, "c": 3.0}, 1.5), ({"a": 0.0}, 0.0)], ids=["three", "one"]
)
def test_a_class_is_timed_between_its_first_submission_and_its_last(recorded, seconds):
    assert Run(100.0, recorded, 0).between == seconds


def test_the_cost_of_a_size_is_the_median_of_its_runs():
    def run(between):
        return Run(100.0, {"first": 0.0, "last": between}, 0)

    assert order((50, 200, 1000)) == [50, 200, 1000, 200, 50, 50, 200]
    assert order((50,)) == [50]
    sized = [(50, run(0.3)), (200, run(0.5)), (50, run(0.1)), (50, run(0.2))]
    assert cost(sized) == {"50": 0.2, "200": 0.5}


def test_endless_loops_cost_what_the_last_honest_submission_waits_longer():
    alone = {"ada": 2.0, "ben": 4.0}
    together = {"ada": 6.0, "ben": 5.0, "cleo-endless": 60.0}
    assert endless_loops(alone, together) == {"alone_s": 4.0, "together_s": 6.0, "ratio": 1.5}


def test_the_memory_is_that_of_the_hungriest_run():
    runs = [Run(1.0, {}, memory) for memory in (200_000_000, 712_600_000, 300_000_000)]
    assert peak_memory_mb(runs) == 713


def test_the_memory_of_what_a_process_starts_counts_too():
    hold = "held = b'x' * 60_000_000"
    child = f"{hold}; input()"
    parent = f"import subprocess, sys; {hold}; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE)
    with Memory(process.pid, every=0.05) as memory:
        try:
            for _ in range(200):
                if memory.peak > 120_000_000:
                    break
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.1)
        finally:
            process.communicate(b"\n")
    assert 120_000_000 < memory.peak < 200_000_000


def test_the_table_shows_every_comparison():
    line = {"stock_s": 6.0, "descent_s": 0.16, "ratio": 37.5}
    found = line | {
        "with_feedback": {"stock_s": 8.25, "descent_s": 1.1, "ratio": 7.5},
        "as_handed_in": {"stock_s": 30.0, "descent_s": 0.2, "ratio": 150.0},
        "cost": {"50": 0.12, "200": 0.11},
        "endless_loops": {"alone_s": 4.0, "together_s": 6.0, "ratio": 1.5},
        "peak_memory_mb": 713,
        "students": 60,
        "workers": 2,
    }
    console = Console(width=100)
    with console.capture() as shown:
        console.print(bench_table.table("05_adam", found))
    rows = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert "without experiments 6.00 0.16 37.5" in rows
    assert "the same, with feedback 8.25 1.10 7.5" in rows
    assert "as handed in 30.00 0.20 150.0" in rows
    assert bench_table.sentences(found) == [
        "   50 submissions: 0.120 s each once started",
        "  200 submissions: 0.110 s each once started",
        "With a third of the class in endless loops, the others are done after 6.0 s instead of 4.0 s.",
        "Peak memory: 713 MB",
    ]


@pytest.mark.slow
def test_ours_is_timed_in_a_process_of_its_own(tmp_path, capfd):
    folder = tmp_path / "class"
    hand_in(folder, LESSON, 2)
    hand_in_endless(folder, LESSON, 1)
    run = ours(folder, LESSON, 2, cell_seconds=1.0, with_feedback=True)
    assert set(run.recorded) == {"student0000", "student0001", "student0000-endless"}
    assert min(run.recorded.values()) == 0.0
    assert run.whole > max(run.recorded.values()) > 0.0
    assert run.memory > 100_000_000
    pages = {path.parent.parent.name for path in (folder / "feedback").glob("*/*/*.html")}
    assert pages == set(run.recorded)
    assert "Traceback" not in capfd.readouterr().err
