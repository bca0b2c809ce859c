"""Student code does not reach the gradebook's database, by its socket or by its port."""

import json
import subprocess
import sys

import nbformat
import pytest

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.grade.grade_class import grade_class

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
FIRST = LESSON.exercises[0].id
ATTACK = """
import socket

reached = []
for kind, address in [(socket.AF_UNIX, {path!r}), (socket.AF_INET, ("127.0.0.1", {port}))]:
    try:
        with socket.socket(kind) as way:
            way.settimeout(5)
            way.connect(address)
        reached.append(kind.name)
    except OSError:
        pass
"""
GIVE_UP = "if not reached:\n    raise RuntimeError('nothing is there')\n"


def test_student_code_does_not_reach_the_database(folder, server):
    attack = ATTACK.format(path=str(server.socket), port=server.port)
    outside = [sys.executable, "-c", f"{attack}\nprint(*reached)"]
    assert subprocess.run(outside, capture_output=True, text=True, check=True).stdout == "AF_UNIX AF_INET\n"
    folder.setup([LESSON])
    cell = f"{attack}\n{GIVE_UP}\n{LESSON.solutions()[FIRST]}"
    folder.submit("mallory", LESSON, nbformat.writes(answered(LESSON, {FIRST: cell})))
    (done,) = grade_class(folder, [LESSON], seed=3)
    (graded,) = done.graded
    exercise = next(entry for entry in graded.judgement.exercises if entry.id == FIRST)
    assert (graded.judgement.state, exercise.score) == ("graded", 0.0)
    assert "nothing is there" in json.dumps(graded.judgement.to_line())
