"""How long a student waits for a check, from the call to the shown report with its diagnosis."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import time
from collections.abc import Callable, Iterable
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from rich import box
from rich.table import Table

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import Lesson
from autograder.catalogue.pairs import together
from autograder.errors import DescentError
from course.check import check

REPEATS = 3


def table(lessons: Iterable[Lesson]) -> Table:
    """The slowest check of each lesson in seconds, right and wrong, first of its process and repeated.

    Every exercise is checked with its reference solution, with its first mistake and with its first
    pair of mistakes, each in a process of its own that has imported the course and nothing else done. A dash
    stands where a lesson has no such answer.
    """
    made = Table(title="The slowest check, in seconds", title_justify="left", box=box.SIMPLE)
    heads = ("right, first", "right, again", "wrong, first", "wrong, again")
    for head in ("lesson", *heads):
        made.add_column(head, justify="left" if head == "lesson" else "right")
    for lesson in lessons:
        right: list[tuple[float, float]] = []
        wrong: list[tuple[float, float]] = []
        for exercise in lesson.exercises:
            solution = lesson.solutions()[exercise.id]
            right.append(_in_own_process(exercise.id, lesson, solution))
            wrong += [
                _in_own_process(exercise.id, lesson, code) for code in _wrong(lesson, exercise.id, solution)
            ]
        made.add_row(lesson.name, *_slowest(right), *_slowest(wrong))
    return made


def _slowest(times: list[tuple[float, float]]) -> tuple[str, str]:
    """The slowest first check and the slowest repeated one."""
    if not times:
        return "-", "-"
    first, again = (max(seconds) for seconds in zip(*times, strict=True))
    return f"{first:.3f}", f"{again:.3f}"


def _wrong(lesson: Lesson, exercise: str, solution: str) -> list[str]:
    """The exercise's first mistake, and its first pair of mistakes; as far as there are any."""
    mistakes = misconceptions(lesson, exercise)
    pairs = (together(mistakes[0], other, solution) for other in mistakes[1:])
    singles = (mistake.code(solution) for mistake in mistakes)
    return [*islice(singles, 1), *islice(filter(None, pairs), 1)]


def _in_own_process(exercise: str, lesson: Lesson, code: str) -> tuple[float, float]:
    """Seconds of the first check of a process, and the least of REPEATS more."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(send, exercise, answer(lesson, exercise, code)))
    process.start()
    send.close()
    try:
        return receive.recv()
    except EOFError:
        raise DescentError(f"The check of {exercise} could not be timed: its process ended.") from None
    finally:
        process.join()


def _measure(send: Connection, exercise: str, made: Any) -> None:
    InteractiveShell.instance()  # the report is made for a notebook, as HTML
    with contextlib.redirect_stdout(io.StringIO()):
        first = _seconds(check, exercise, made)
        again = min(_seconds(check, exercise, made) for _ in range(REPEATS))
    send.send((first, again))


def _seconds(function: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start
