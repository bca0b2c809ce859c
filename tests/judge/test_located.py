"""``judge --explain``: the line that is wrong, found in the sandbox, and nothing that a process says besides."""

import json

import nbformat
import pytest

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits
from course.cells import CHECK, grade_id

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
RIGHT = LESSON.solutions()
WRONG = {
    "adam_update": RIGHT["adam_update"].replace("(1 - beta2) * grad**2", "(1 - beta2) * grad"),
    "amsgrad_update": RIGHT["amsgrad_update"].replace("np.sqrt(v_hat)", "v_hat"),
}


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=20, limits=Limits(cell=20, notebook=120), explain=True)


def judged(grader, folder, cells):
    path = folder / "05_adam.ipynb"
    path.write_text(nbformat.writes(answered(LESSON, cells)))
    return grader.judge(path)


def line_of(text, code):
    return next(place for place, line in enumerate(code.splitlines(), start=1) if text in line)


def test_the_line_is_in_the_judgement_and_on_the_page(grader, tmp_path):
    found = judged(grader, tmp_path, RIGHT | WRONG)
    lines = {entry.id: entry.line for entry in found.judgement.exercises}
    wrong = line_of("(1 - beta2) * grad ", WRONG["adam_update"])
    assert lines == {
        "adam_update": wrong,
        "amsgrad_update": line_of("(v_hat + eps)", WRONG["amsgrad_update"]),
        "Adam": None,
        "AdamW": None,
    }
    assert [
        entry["line"] for entry in json.loads(json.dumps(found.judgement.to_line()))["exercises"]
    ] == list(lines.values())
    (check,) = [cell for cell in found.notebook.cells if grade_id(cell) == f"{CHECK}adam_update"]
    page = check.outputs[0].data["text/html"]
    assert (
        f"Line {wrong} of your cell is where it goes wrong: <code>v = beta2 * v + (1 - beta2) * grad" in page
    )
    assert found.judgement.state == "graded"
    assert found.judgement.sentences == []


FORGED = """
import course.repair.search, autograder.sandbox.interpreter as interpreter
interpreter.find_line = lambda *arguments: {said}
"""


def test_what_is_no_line_of_the_cell_is_not_believed(grader, tmp_path):
    forged = {"adam_update": FORGED.format(said="10**9") + WRONG["adam_update"]}
    forged["amsgrad_update"] = WRONG["amsgrad_update"]
    found = judged(grader, tmp_path, RIGHT | forged).judgement
    assert [entry.line for entry in found.exercises if entry.score < entry.max_score] == [None, None]


def test_without_being_asked_for_nothing_is_searched(tmp_path):
    found = judged(Grader(seed=20), tmp_path, RIGHT | WRONG)
    assert {entry.line for entry in found.judgement.exercises} == {None}
    assert "is where it goes wrong" not in nbformat.writes(found.notebook)
