"""The card that a typical mistake gets from the lesson's own check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from autograder.catalogue.answers import WrongAnswer, answer, misconceptions
from autograder.catalogue.lesson import Lesson, LessonError
from course.check import check


def typical(lesson: Lesson, exercise: str) -> WrongAnswer:
    """The mistake that an exercise's catalogue begins with."""
    known = misconceptions(lesson, exercise)
    if not known:
        raise LessonError(f"solutions/misconceptions/{lesson.name}.py: {exercise} has no mistake to show.")
    return known[0]


def card(lesson: Lesson, mistake: WrongAnswer) -> str:
    """What the check shows below an answer with this mistake, as HTML that Markdown takes as one block."""
    code = mistake.code(lesson.solutions()[mistake.exercise])
    made = answer(lesson, mistake.exercise, code)
    with _shown() as outputs:
        check(mistake.exercise, made)
    lines = "".join(output["data"]["text/html"] for output in outputs).splitlines()
    # Neither an empty line nor one that is set in.
    return "\n".join(line.strip() for line in lines if line.strip())


@contextmanager
def _shown() -> Iterator[list[dict]]:
    """What is displayed meanwhile, as a notebook gets it."""
    shell = InteractiveShell.instance()
    before = shell.display_pub
    shell.display_pub = CapturingDisplayPublisher()
    try:
        yield shell.display_pub.outputs
    finally:
        shell.display_pub = before
        InteractiveShell.clear_instance()
