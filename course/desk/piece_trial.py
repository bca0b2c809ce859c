"""A process of its own in which answers of earlier lessons are tried; ``course.desk.pieces`` starts it.

It writes a line of JSON to a file for each thing that is done: whoever waits knows what ended it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.cases import probed, public_cases
from course.desk.definitions import defined_in
from course.exercises import EXERCISES
from course.judging.judge import judge


def main(note: str, asked: str) -> None:
    """Try each of the answers.

    Args:
        note: the file to write to.
        asked: pairs of an exercise's id and a notebook's path, as JSON.
    """
    pairs: Sequence[tuple[str, str]] = json.loads(asked)
    for exercise_id, _ in pairs:
        public_cases(exercise_id)  # before the clock of the student's code runs
    _write(note, "ready")
    defined: dict[str, dict[str, Any]] = {}
    for exercise_id, path in pairs:
        if path not in defined:
            defined[path] = defined_in(Path(path))
            _write(note, "defined", path)
        _write(note, "tried", exercise_id, *_tried(exercise_id, defined[path]))


def _tried(exercise_id: str, namespace: dict[str, Any]) -> tuple[str, float]:
    """The state of an answer and its points; see ``course.desk.pieces``."""
    if exercise_id not in namespace:
        return "not_there", 0.0
    exercise, (cases, expected) = EXERCISES[exercise_id], public_cases(exercise_id)
    verdict = judge(exercise, cases, probed(exercise, namespace[exercise_id], cases, expected), expected)
    if not verdict.attempted:
        return "not_written", 0.0
    return "own" if verdict.score >= verdict.max_score else "not_right", verdict.score


def _write(note: str, *done: str | float) -> None:
    with Path(note).open("a", encoding="utf-8") as file:
        file.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
