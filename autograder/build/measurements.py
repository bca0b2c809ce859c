"""Computes what ``course.measured`` holds: once, and again when something that it depends on has changed.

``solutions/measurements/NN_name.py`` has one function, ``measure(answers)``: it gets the lesson's reference
solutions, ``answers.adam_update``, and returns arrays by name. Besides these it may use ``course.training``,
``course.characters`` and ``course.data``.
"""

from __future__ import annotations

import hashlib
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from autograder.catalogue import inputs
from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import Lesson
from course.measured import DIGEST


def up_to_date(lesson: Lesson) -> bool:
    """Whether what is stored comes from the inputs as they are; true where a lesson measures nothing."""
    if not lesson.measurements_path.is_file():
        return not lesson.measured_path.exists()
    if not lesson.measured_path.is_file():
        return False
    with np.load(lesson.measured_path, allow_pickle=False) as stored:
        return DIGEST in stored.files and str(stored[DIGEST]) == _digest(lesson)


def refresh(lesson: Lesson) -> Path | None:
    """Bring a lesson's numbers up to date; the file where it was written anew."""
    if up_to_date(lesson):
        return None
    path = lesson.measured_path
    if not lesson.measurements_path.is_file():
        path.unlink()
        return path
    solutions = lesson.solutions()
    answers = SimpleNamespace(**{name: answer(lesson, name, code) for name, code in solutions.items()})
    arrays = runpy.run_path(str(lesson.measurements_path))["measure"](answers)
    np.savez_compressed(path, allow_pickle=False, **arrays, **{DIGEST: np.array(_digest(lesson))})
    return path


def _digest(lesson: Lesson) -> str:
    """Of what the numbers depend on: the measurement and what it imports, the answers, the data, PyTorch."""
    path = lesson.measurements_path
    digest = hashlib.sha256()
    for text in (*lesson.solutions().values(), torch.__version__.partition("+")[0]):
        digest.update(text.encode() + b"\0")
    modules = inputs.closure(inputs.imported(path))
    data = sorted((inputs.PACKAGES["course"] / "data").iterdir())
    for file in (path, *(modules[name] for name in sorted(modules)), *data):
        if file.is_file():
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()
