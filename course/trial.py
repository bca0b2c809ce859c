"""Trying a notebook: what is the same where a student does it and where it is graded, above all the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from course.exercise import Evidence
from course.printable import printable
from course.problems import Problem, exception_name

# What can become of a notebook.
State = Literal["graded", "timeout", "out_of_memory", "crashed", "unreadable", "unknown_lesson"]
# Bytes of the largest file that is read. A notebook with every output of the course has less
# than one million.
SIZE_LIMIT = 50_000_000
# How often a notebook is started anew without the cell that ended it.
RESTARTS = 8
# Characters of how a cell ended.
SENTENCE_LIMIT = 200
NOT_REACHED = "Not judged: the notebook was stopped before this check."
# What a cell, or code that was tried, did to its process; to follow its name.
ENDED = "ended the Python process it ran in"
# What kernels call the file that a cell is to Python; other than the line it tells nobody anything.
CELLS_FILE = re.compile(r"\((?:<ipython-input-[^>]*>|\d+\.py), (line \d+)\)$")


def too_long(seconds: float) -> str:
    """What a cell did that took longer than it may; to follow its name."""
    return f"ran for more than {seconds:g} s and was stopped"


def too_large(memory: int) -> str:
    """What a cell did that took more bytes than it may; to follow its name."""
    return f"used more than {memory // 1_000_000} MB of memory and was stopped"


def said_of(name: str, text: str) -> str:
    """An exception in a line: "NameError: name 'x' is not defined", "SyntaxError: invalid syntax (line 1)".

    Args:
        name: of its class; the student's own, as the text is.
        text: what it says.
    """
    line = CELLS_FILE.sub(r"(\1)", " ".join(text.split()))
    said = printable(f"{exception_name(name)}: {line}"[:SENTENCE_LIMIT])
    return said[:SENTENCE_LIMIT].rstrip(".: ")


def not_done(said: str) -> str:
    """What a cell did that an exception ended; to follow its name."""
    return f"ended with an error before it was done: {said}"


def tried(name: str, namespace: Mapping[str, Any], probe: Callable[[Any], Evidence]) -> Evidence:
    """What a notebook has under the exercise's name does on a case; whatever it raises is in the evidence.

    Args:
        probe: tries what stands under the name.
    """
    if name not in namespace:
        return Evidence({}, Problem("missing_name", {"name": name}))
    try:
        return probe(namespace[name])
    except BaseException as error:
        # What is no Exception is not the probe's to deal with: KeyboardInterrupt, or a kind of one's own.
        values = {"name": name, "exception": type(error).__name__}
        if text := " ".join(str(error).split()).rstrip("."):
            values["text"] = text
        return Evidence({}, Problem("raised", values))


def explained(evidence: Evidence, failed: str) -> Evidence:
    """The evidence; where the object is missing, how its cell ended that did not get to its end.

    Args:
        failed: what the cell did; empty where it got to its end.
    """
    missing = evidence.problem is not None and evidence.problem.kind == "missing"
    return Evidence({}, Problem("cell_failed", {"reason": failed})) if failed and missing else evidence
