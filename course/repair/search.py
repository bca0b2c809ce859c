"""Tries every small change of an answer on the public cases, until one makes all of them pass.

Where none does, more than one thing is wrong: a change that makes right what was wrong first is one of them.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np

from course.definitions import definitions_alone
from course.edits import Edit, edits
from course.exercise import Exercise
from course.repair.further import TERM, further, never_read
from course.repair.trial import Mended, Trial
from course.repair.tries import Try
from course.repair.watchdog import Watchdog

# Seconds of the processor's that the search may take, after the answer itself was tried.
SECONDS = 2.0
# What is tried before all others, and after; changes that add a step come after those that do not. Of those
# that join two quantities there are more than of all others.
RANKS = {
    **dict.fromkeys(("arguments_in_order", "default_as_asked"), -1),
    **dict.fromkeys(("axis_kept", "brackets_set", "brackets_taken", "number_exchanged", "sign_exchanged"), 1),
    **dict.fromkeys(("neighbours_exchanged", "targets_exchanged", "any_name_exchanged"), 1),
    **dict.fromkeys(("term_added", "factor_added", "divisor_added", "rest_added", "difference_added"), 2),
    **dict.fromkeys(("index_added", "matrix_added", "raised_added", "name_added"), 2),
    TERM: 3,
}
# What comes back from compiled code only when there is no memory left.
ENDLESS_LIST = re.compile(r"\b(?:list|sum|max|min)\((?:itertools\.)?(?:count|cycle|repeat)\(")
# Characters of a cell that are looked through: the longest of a lesson's has 5,000.
SIZE_LIMIT = 30_000


class Place(NamedTuple):
    """Where an answer goes wrong.

    Attributes:
        line: of its cell, from 1.
        alone: whether a change of that line alone makes everything right.
    """

    line: int
    alone: bool


def find_line(
    exercise: Exercise,
    source: str,
    namespace: Mapping[str, Any],
    cases: Sequence[Try],
    seconds: float = SECONDS,
) -> Place | None:
    """The line of the first change that makes every case pass, or one that mends a part of what is wrong.

    The simplest changes come first.

    What the lesson seals has to be sealed already: here nothing is refused.

    Args:
        source: the text of the answer's cell; only what it defines is run.
        namespace: what it finds there of the notebook; stays as it is.

    Returns:
        None where no change is found in time, or the answer is right as it is.
    """
    if len(source) > SIZE_LIMIT:
        return None
    source = definitions_alone(source)
    with _quiet(), Watchdog() as watchdog:
        trial = Trial(exercise, namespace, cases, watchdog)
        if not trial.begin(source):
            return None
        ends = watchdog.now + seconds
        ordered = _ordered(exercise, source, trial)
        in_part: Edit | None = None
        for edit in ordered:
            if watchdog.now > ends:
                break
            mended = trial.mended_by(edit.text, ends)
            if mended is Mended.ALL:
                return Place(edit.line, alone=True)
            in_part = in_part or (edit if mended is Mended.PART else None)
        else:
            in_time = takewhile(lambda _: watchdog.now <= ends, ordered)
            halves = (edit for edit in in_time if trial.mends_half(edit.text, ends))
            in_part = in_part or next(halves, None)
    return Place(in_part.line, alone=False) if in_part else None


def _ordered(exercise: Exercise, source: str, trial: Trial) -> list[Edit]:
    """Every change, the likeliest first: what adds something comes last, and so does what is right so far.

    What is read nowhere is likely to be what is missing.
    """
    parameters = inspect.signature(eval(f"lambda {exercise.signature[1:-1]}: ...")).parameters
    own = further(source, exercise.id, exercise.defaults, list(parameters))
    unlike = {edit.text: edit for edit in (*own, *edits(source)) if not ENDLESS_LIST.search(edit.text)}
    counts = {name: source.count(name) for name in never_read(source)}

    def distance(edit: Edit) -> tuple[int, int]:
        kind = RANKS.get(edit.rule, int(edit.rule.endswith("_added")))
        place = 0 if edit.target == trial.wrong else 2 if edit.target in trial.right else 1
        reads = any(edit.text.count(name) > count for name, count in counts.items())
        return (min(kind, 0) if reads else kind), place

    return sorted(unlike.values(), key=distance)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What is tried neither prints nor warns."""
    silence = io.StringIO()
    with (
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
