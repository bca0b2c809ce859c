"""Submissions that are broken, by accident or not; each ends in its state, and what can be judged is judged.

``INSIDE`` are cells or answers in a notebook whose other answers are right; ``FILES`` are files that are hardly
notebooks; ``EDITS`` are notebooks whose cells were lost, doubled or moved.

A state is what the grader saw. ``out_of_memory`` is a process that used more than it may and was stopped; one
that asks for more than there is gets an exception, as its flag says, uses none of it, and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from corpus.entry import WITHOUT_ADAM, Entry, cell_of, left_without, notebook

# Stands in the place of an answer to Adam: (code, state, score, flag).
ANSWERS = {
    "an endless loop": ("while True: pass", "timeout", WITHOUT_ADAM, "ran for more than"),
    "an endless loop that swallows KeyboardInterrupt": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timeout",
        WITHOUT_ADAM,
        "ran for more than",
    ),
    "sleep": ("import time\ntime.sleep(1000)", "timeout", WITHOUT_ADAM, "ran for more than"),
    "an endless loop in the constructor": (
        "class Adam:\n    def __init__(self, params, *a, **k):\n        while True: pass",
        "timeout",
        WITHOUT_ADAM,
        "Adam ran for more than",
    ),
    "os._exit": ("import os\nos._exit(0)", "crashed", WITHOUT_ADAM, "ended the Python process"),
    "SIGKILL of itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "crashed",
        WITHOUT_ADAM,
        "ended",
    ),
    "SIGSTOP of itself": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "timeout",
        WITHOUT_ADAM,
        "ran for",
    ),
    "a fault in C": (
        "import ctypes\nctypes.string_at(0)",
        "crashed",
        WITHOUT_ADAM,
        "ended the Python process",
    ),
    "a child that holds on when it dies": (
        "import os, time\nif os.fork() == 0: time.sleep(1000)\nos._exit(0)",
        "crashed",
        WITHOUT_ADAM,
        "ended the Python process",
    ),
    "memory until there is none": (
        "held = []\nwhile True: held.append(bytearray(b'x') * 10**7)",
        "out_of_memory",
        WITHOUT_ADAM,
        "",
    ),
    "one array that is far too large": (
        "import numpy as np\nnp.ones(10**12)",
        "graded",
        WITHOUT_ADAM,
        "MemoryError",
    ),
    "a tensor that is far too large": (
        "import torch\ntorch.ones(10**12)",
        "graded",
        WITHOUT_ADAM,
        "RuntimeError",
    ),
    "a syntax error": ("class Adam(:\n    pass", "graded", WITHOUT_ADAM, "SyntaxError"),
    "tabs and spaces mixed": ("class Adam:\n\tx = 1\n        y = 2", "graded", WITHOUT_ADAM, "TabError"),
    "endless recursion": ("def f(n): return f(n + 1)\nf(0)", "graded", WITHOUT_ADAM, "RecursionError"),
    "sys.exit": ("import sys\nsys.exit(3)", "graded", WITHOUT_ADAM, "SystemExit"),
    "a question": ("input('How are you? ')", "graded", WITHOUT_ADAM, "EOFError"),
    "a null byte": ("x = 1\0", "graded", WITHOUT_ADAM, ""),
    "nothing": ("", "graded", WITHOUT_ADAM, ""),
    "half of a character in its error": (
        "class Adam:\n    def __init__(self, *a, **k): raise ValueError('\\ud800')",
        "graded",
        WITHOUT_ADAM,
        "",
    ),
}

# Own cells before right answers: nothing of it is the answers' fault.
OWN_CELLS = {
    "a fork bomb": ("import os\ntry:\n    while True: os.fork()\nexcept OSError: pass", None, None),
    "a bomb of threads": (
        "import threading, time\ntry:\n    while True: threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "except RuntimeError: pass",
        "graded",
        10.0,
    ),
    "100 MB in one line": ("print('x' * 10**8)", "graded", 10.0),
    "a million lines": ("for i in range(10**6): print(i)", "graded", 10.0),
    "thousands of outputs": ("for i in range(5000): display(i)", "graded", 10.0),
    "printing without end": ("while True: print('x' * 1000)", "timeout", 10.0),
    "a file that fills the disk": (
        "with open('big', 'wb') as file:\n    try:\n        while True: file.write(b'x' * 10**6)\n"
        "    except OSError: pass",
        "graded",
        10.0,
    ),
    "a thousand files": ("for i in range(1000): open(f'file{i}', 'w').write('x')", "graded", 10.0),
    "exit()": ("exit()", "graded", 10.0),
    "quit()": ("quit()", "graded", 10.0),
    "a shell command": ("!ls / \n!pip install nothing", "graded", 10.0),
    "a shell cell": ("%%bash\necho hello", "graded", 10.0),
    "an unknown magic": ("%nothing at all", "graded", 10.0),
    "await": ("import asyncio\nawait asyncio.sleep(0)", "graded", 10.0),
    "an object that can't be shown": (
        "class Shy:\n    def __repr__(self): raise ValueError('no')\nShy()",
        "graded",
        10.0,
    ),
    "half of a character": ("print('\\ud800')\n'\\udfff'", "graded", 10.0),
    "an error with half of a character": ("raise ValueError('\\ud800')", "graded", 10.0),
    "an exception of its own kind": ("class Odd(BaseException): pass\nraise Odd", "graded", 10.0),
}


def _untouched(lesson: Lesson) -> NotebookNode:
    return lesson.student_notebook()


def _right(lesson: Lesson) -> NotebookNode:
    return notebook(lesson, lesson.solutions())


def _answer(code: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, {**lesson.solutions(), "Adam": code})


def _own_cell(code: str) -> Callable[[Lesson], NotebookNode]:
    return lambda lesson: notebook(lesson, lesson.solutions(), before=code)


def _edited(edit: Callable[[NotebookNode], None]) -> Callable[[Lesson], NotebookNode]:
    def make(lesson: Lesson) -> NotebookNode:
        made = _right(lesson)
        edit(made)
        return made

    return make


def _without(name: str) -> Callable[[NotebookNode], None]:
    def edit(made: NotebookNode) -> None:
        made.cells.remove(cell_of(made, name))

    return edit


def _doubled(name: str) -> Callable[[NotebookNode], None]:
    def edit(made: NotebookNode) -> None:
        copy = nbformat.from_dict(cell_of(made, name))
        copy.id = "a-copy"
        made.cells.append(copy)

    return edit


def _reversed(made: NotebookNode) -> None:
    made.cells.reverse()


def _checks_first(made: NotebookNode) -> None:
    made.cells.sort(key=lambda cell: not cell.metadata.get("nbgrader", {}).get("grade", False))


def _no_ids(lesson: Lesson) -> str:
    made = _right(lesson)
    for cell in made.cells:
        del cell["id"]
    return json.dumps(made)


def _same_ids(lesson: Lesson) -> str:
    made = _right(lesson)
    for cell in made.cells:
        cell["id"] = "same"
    return json.dumps(made)


def _no_metadata(made: NotebookNode) -> None:
    for cell in made.cells:
        cell.metadata = {}


def _pages_of_text(made: NotebookNode) -> None:
    made.cells.append(nbformat.v4.new_code_cell("# " + "long " * 200_000, id="long"))


def _cells(made: NotebookNode) -> None:
    made.cells += [nbformat.v4.new_code_cell("1", id=f"more-{number}") for number in range(1000)]


def _lines(made: NotebookNode) -> None:
    made.cells.append(nbformat.v4.new_code_cell("x = 1\n" * 400_000, id="long"))


def _brackets(made: NotebookNode) -> None:
    made.cells.append(nbformat.v4.new_markdown_cell("[" * 50_000, id="brackets"))


EDITS = {
    "a check is gone": (_without("check_Adam"), 10.0, "missing: put back"),
    "the answer is gone": (_without("adam_update"), left_without("adam_update"), "missing: put back"),
    "the first cell is gone": (_without("setup"), None, ""),
    "a check stands twice": (_doubled("check_Adam"), 10.0, "more than once"),
    "the answer stands twice": (_doubled("Adam"), 10.0, "more than once"),
    "all cells stand in reverse": (_reversed, None, ""),
    "all checks stand first": (_checks_first, None, ""),
    "a cell of a megabyte": (_pages_of_text, 10.0, ""),
    "a text that takes minutes to show": (_brackets, 10.0, "longer than a page shows"),
}

FILES: dict[str, tuple[Callable[[Lesson], NotebookNode | str | bytes], str, str]] = {
    "not JSON": (lambda lesson: "This was meant to be a notebook.", "unreadable", "not JSON"),
    "empty": (lambda lesson: "", "unreadable", "empty"),
    "blank": (lambda lesson: " \n\n ", "unreadable", "empty"),
    "binary": (lambda lesson: bytes(range(256)) * 40, "unreadable", "not text in UTF-8"),
    "half of a notebook": (lambda lesson: nbformat.writes(_right(lesson))[:5000], "unreadable", "not JSON"),
    "a list": (lambda lesson: "[1, 2, 3]", "unreadable", "not a notebook"),
    "a number": (lambda lesson: "10.0", "unreadable", "not a notebook"),
    "brackets without end": (lambda lesson: "[" * 100_000, "unreadable", "not JSON"),
    "no cells": (
        lambda lesson: '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        "unreadable",
        "not a notebook",
    ),
    "cells that are numbers": (
        lambda lesson: '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, 2]}',
        "unreadable",
        "not a notebook",
    ),
    "a format of the future": (
        lambda lesson: json.dumps({**_right(lesson), "nbformat": 99}),
        "unreadable",
        "not a notebook",
    ),
    "a notebook of nothing": (
        lambda lesson: nbformat.writes(nbformat.v4.new_notebook()),
        "unknown_lesson",
        "no cell",
    ),
    "a number of thousands of digits": (
        lambda lesson: nbformat.writes(_right(lesson)).replace(
            '"metadata": {', '"metadata": {"n": ' + "9" * 5000 + ", ", 1
        ),
        "unreadable",
        "not JSON",
    ),
    "thousands of cells": (_edited(_cells), "unreadable", "more than 1000 cells"),
    "megabytes of code": (_edited(_lines), "unreadable", "more than 2 MB of text"),
    "51 MB": (lambda lesson: " " * 51_000_000, "unreadable", "larger than 50 MB"),
    "all metadata lost": (_edited(_no_metadata), "unknown_lesson", "no cell"),
}

BROKEN = (
    *(Entry(name, _answer(code), state, score, flag) for name, (code, state, score, flag) in ANSWERS.items()),
    *(Entry(name, _own_cell(code), state, score) for name, (code, state, score) in OWN_CELLS.items()),
    *(Entry(name, _edited(edit), "graded", score, flag) for name, (edit, score, flag) in EDITS.items()),
    *(Entry(name, make, state, 0.0, flag) for name, (make, state, flag) in FILES.items()),
    Entry("cells have no ids", _no_ids, "graded", 10.0),
    Entry("cells have one id", _same_ids, "graded", 10.0),
    Entry("untouched", _untouched, "graded", 0.0),
    Entry("another name", _right, "graded", 10.0, "is named", file="Übung 5 (final) Kopie.ipynb"),
    Entry(
        "half of a character in the text",
        lambda lesson: nbformat.writes(_right(lesson)).replace("Adam keeps", "\\ud800 keeps", 1),
        "graded",
        10.0,
    ),
    Entry(
        "Windows line ends",
        lambda lesson: nbformat.writes(_right(lesson)).replace("\n", "\r\n"),
        "graded",
        10.0,
    ),
    Entry(
        "notebook format 3",
        lambda lesson: nbformat.v3.writes_json(nbformat.convert(_right(lesson), 3)),
        "graded",
        10.0,
    ),
)
