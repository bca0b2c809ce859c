"""Submissions that once stopped or slowed everybody's grades: each may cost its own student alone.

``PILLS`` are what stands in a student's folder of the lesson; ``NAMES`` are folders of students that no gradebook
can hold.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.catalogue.sample import answered
from corpus.entry import left_without, notebook

FILE = "05_adam.ipynb"


@dataclass(frozen=True)
class Pill:
    """What one student hands in.

    Attributes:
        hand_in: makes it, given the lesson and the student's folder of the lesson, which is not there yet.
        state: how grading it must end.
        score: exactly.
        flag: the id of a flag that it must have; empty where none is needed.
        student: the folder's name; "poison-NN" when empty.
    """

    name: str
    hand_in: Callable[[Lesson, Path], None]
    state: str
    score: float = 0.0
    flag: str = ""
    student: str = ""


def _file(
    make: Callable[[Lesson], NotebookNode | str | bytes], name: str = FILE
) -> Callable[[Lesson, Path], None]:
    def hand_in(lesson: Lesson, place: Path) -> None:
        place.mkdir(parents=True)
        made = make(lesson)
        made = nbformat.writes(made) if isinstance(made, NotebookNode) else made
        (place / name).write_bytes(made if isinstance(made, bytes) else made.encode())

    return hand_in


def _right(lesson: Lesson) -> NotebookNode:
    return answered(lesson, {})


def _metadata(value: str) -> Callable[[Lesson], str]:
    """A right notebook that holds something more beside its cells."""
    return lambda lesson: nbformat.writes(_right(lesson)).replace("{", f'{{"bomb": {value}, ', 1)


def _worksheet(lesson: Lesson) -> str:
    cells = [{"cell_type": "code", "input": "1", "language": "python", "outputs": []}] * 20_000
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


def _outputs(lesson: Lesson) -> NotebookNode:
    made = _right(lesson)
    cell = next(cell for cell in made.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text="x")] * 20_000
    return made


# Until the cell of Adam, evidence is what the student's own cell says.
FORGED = """import sys
loop = sys.modules['autograder.sandbox.interpreter']
honest = loop.encode_evidence
loop.encode_evidence = lambda evidence: {sent!r}.encode()
def adam_update(*arguments): pass
"""


def _evidence(sent: str) -> Callable[[Lesson], NotebookNode]:
    def make(lesson: Lesson) -> NotebookNode:
        adam = "loop.encode_evidence = honest\n" + lesson.solutions()["Adam"]
        return notebook(lesson, {**lesson.solutions(), "adam_update": FORGED.format(sent=sent), "Adam": adam})

    return make


SHAPE = json.dumps([1e308] * 2000)
HUGE_SHAPE = (
    '[{"readings": [[[1, "m", [], 0, "", ""], {"dtype": "float64", "shape": ' + SHAPE + ', "data": ""}]], '
    '"problem": null}]'
)
INFINITE_STEP = '[{"readings": [[[Infinity, "m", [], 0, "", ""], 0]], "problem": null}]'


def _linked_lesson(lesson: Lesson, place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.symlink_to(Path("..", "honest-1", lesson.name))


def _linked_student(lesson: Lesson, place: Path) -> None:
    place.parent.symlink_to("honest-1")


def _linked_file(lesson: Lesson, place: Path) -> None:
    place.mkdir(parents=True)
    (place / FILE).symlink_to(Path("..", "..", "honest-1", lesson.name, FILE))


def _linked_to_itself(lesson: Lesson, place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.symlink_to(place.name)


def _linked_timestamp(lesson: Lesson, place: Path) -> None:
    _file(_right)(lesson, place)
    (place / "timestamp.txt").symlink_to(Path("..", "..", "honest-1", lesson.name, "timestamp.txt"))


def _pipe(lesson: Lesson, place: Path) -> None:
    place.mkdir(parents=True)
    os.mkfifo(place / FILE)
    os.mkfifo(place / "timestamp.txt")


def _socket(lesson: Lesson, place: Path) -> None:
    place.mkdir(parents=True)
    before = os.getcwd()
    os.chdir(place)  # its path is longer than a socket's may be
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(FILE)
    os.chdir(before)


def _folder(lesson: Lesson, place: Path) -> None:
    (place / FILE / FILE).mkdir(parents=True)


def _folder_that_is_a_file(lesson: Lesson, place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.write_text(nbformat.writes(_right(lesson)))


def _hundreds(lesson: Lesson, place: Path) -> None:
    _file(_right, "000.ipynb")(lesson, place)
    for number in range(1, 300):
        (place / f"{number:03d}.ipynb").write_text("no notebook")
    (place / "._000.ipynb").write_text("what a file system leaves")


PILLS = (
    Pill(
        "a million objects in the metadata",
        _file(_metadata("[" + "{}," * 1_300_000 + "{}]")),
        "unreadable",
        flag="too_many_values",
    ),
    Pill(
        "ten million texts in the metadata",
        _file(_metadata("[" + '"Ā",' * 9_700_000 + '"\U0001f600"]')),
        "crashed",
        flag="grader_memory",
    ),
    Pill("20,000 cells in a worksheet", _file(_worksheet), "unreadable", flag="too_many_cells"),
    Pill("20,000 outputs", _file(_outputs), "graded", 10.0),
    Pill("a file name that is no text", _file(_right, "x\udcff.ipynb"), "graded", 10.0, "renamed"),
    Pill(
        "a file name that is a link in Markdown",
        _file(lambda lesson: "", "[x](javascript:alert(1)).ipynb"),
        "unreadable",
        flag="empty",
    ),
    Pill(
        "a file name that clears the screen", _file(_right, "\x1b[2J\u202e.ipynb"), "graded", 10.0, "renamed"
    ),
    Pill("a shape of huge numbers", _file(_evidence(HUGE_SHAPE)), "graded", left_without("adam_update")),
    Pill("a step that is infinite", _file(_evidence(INFINITE_STEP)), "graded", left_without("adam_update")),
    Pill("a student's name that is a broken formula", _file(_right), "graded", 10.0, student="eve$\\foo{$"),
    Pill("the lesson's folder is a link", _linked_lesson, "unreadable", flag="stands_in_link"),
    Pill("the student's folder is a link", _linked_student, "unreadable", flag="stands_in_link"),
    Pill("the notebook is a link", _linked_file, "unreadable", flag="link"),
    Pill("the lesson's folder is a link to itself", _linked_to_itself, "unreadable", flag="stands_in_link"),
    Pill("the timestamp is a link", _linked_timestamp, "graded", 10.0, "link"),
    Pill("the notebook is a pipe", _pipe, "unreadable", flag="not_a_file"),
    Pill("the notebook is a socket", _socket, "unreadable", flag="not_a_file"),
    Pill("the notebook is a folder", _folder, "unreadable", flag="not_a_file"),
    Pill("the lesson's folder is a file", _folder_that_is_a_file, "unreadable", flag="not_a_folder"),
    Pill("hundreds of notebooks", _hundreds, "graded", 10.0, "renamed"),
)

NAMES = (
    "\x1b]52;c;ZXZl\x07",
    "\u202eeve",
    "e\x9b2Jve",
    "=1+cmd|calc",
    "two\nlines",
    " ",
    "x\udcff",
    "a" * 200,
)
