"""``check("adam_update", adam_update)``: judge here and now, and show the report."""

from __future__ import annotations

import contextlib
from difflib import get_close_matches
from functools import partial
from typing import Any

import torch
from IPython import get_ipython

from course.cases import probed, public_cases
from course.exercises import EXERCISES
from course.judging.judge import judge
from course.known import known
from course.progress import note_check
from course.repair.here import offer, where
from course.report.card import show, show_sentence
from course.sealed import COMMON
from course.sealing import refused
from course.waiting import has_reader, watch_for_stubs


def check(exercise_id: str, student_object: Any, explain: bool = False) -> float:
    """Judge your function or class on the public cases, show the report, and return the points.

    Args:
        exercise_id: the exercise's name, as in the cell that you filled in.
        student_object: your function or class, not a call of it and not an instance.
        explain: look for a line of your cell that is wrong: some seconds.

    Returns:
        The points earned, between 0 and the points of the exercise.
    """
    if exercise_id not in EXERCISES:
        near = get_close_matches(str(exercise_id), EXERCISES, n=1)
        advice = f' Did you mean "{near[0]}"?' if near else f" The exercises are: {', '.join(EXERCISES)}."
        return show_sentence(f'There is no exercise "{exercise_id}".{advice}')
    exercise = EXERCISES[exercise_id]
    cases, expected = public_cases(exercise_id)
    observed = probed(exercise, student_object, cases, expected)
    stored = known(exercise_id)
    slips = partial(stored.slips.naming, exercise, cases, observed, expected)
    verdict = judge(exercise, cases, observed, expected, stored.mistakes, stored.pairs.explaining, slips)
    note_check(exercise_id, verdict.score, verdict.max_score)
    is_wrong = verdict.attempted and verdict.score < verdict.max_score
    points = show(verdict, where(exercise_id) if explain and is_wrong else "")
    if is_wrong and not explain and has_reader(get_ipython()):
        offer(exercise_id)
    return points


def _load() -> None:
    """Do what takes long the first time: here it is part of the import, and not of a student's first check.

    The first step with an optimiser of PyTorch's loads a second's worth of modules. Where submissions are
    graded there are no optimisers, and nothing is loaded.
    """
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.zeros(1)
    with contextlib.suppress(RuntimeError):
        torch.optim.SGD([parameter], lr=0.1).step()
    with refused(COMMON):
        pass
    watch_for_stubs()


_load()
