"""Trying a notebook before it is handed in: the same states and the same right answers as grading."""

import itertools
import os
import re
import tempfile

import nbformat
import pytest
from editor import warm_kernels
from nbclient import NotebookClient

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find, lessons
from autograder.catalogue.sample import answered, faults, right_answers, wrong_answers
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits as GradingLimits
from course.cells import grade_id
from course.definitions import last_definitions
from course.desk import DeskError, fresh_kernel
from course.desk.played import Limits, Step
from course.desk.ready import PUBLIC, ready, say, steps
from course.exercises import SEALED
from course.sealed import REFUSAL

ADAM = find("05_adam")
# One lesson for each part that lessons seal: what is not there while one is tried differs.
EVERY_KIND = {SEALED[lesson.name]: lesson.name for lesson in lessons()}.values()
# What a message begins with, or holds, in which no number of a case stands.
WITHOUT_NUMBERS = ("Not attempted", "The cell ", "There is no ", " ended the Python process")


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=14)


@pytest.fixture
def warm(monkeypatch):
    """Kernels that are forked from one that has loaded everything: a second instead of ten."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(fresh_kernel, "OwnKernelManager", warm_kernels(folder))
        yield


def written(folder, notebook, name="05_adam.ipynb"):
    path = folder / name
    path.write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook), encoding="utf-8")
    return path


def right(answers):
    return [entry.exercise for entry in answers if entry.score == entry.max_score]


def compared(path, grader):
    """What trying it says, after it was seen that grading says the same."""
    before = path.read_bytes()
    found, judged = ready(path), grader.judge(path).judgement
    assert path.read_bytes() == before
    assert (found.state, found.lesson) == (judged.state, judged.lesson)
    assert right(found.answers) == [entry.id for entry in judged.exercises if entry.score == entry.max_score]
    assert list(found.untouched) == [entry.id for entry in judged.exercises if not entry.attempted]
    assert [entry.max_score for entry in found.answers] == [entry.max_score for entry in judged.exercises]
    assert found.size == path.stat().st_size
    for entry, graded in zip(found.answers, judged.exercises, strict=True):
        assert (entry.exercise, entry.score) == (graded.id, graded.score)
        failed = next((one.message for one in graded.properties if not one.passed), "")
        if any(words in failed for words in WITHOUT_NUMBERS):
            # Which case is met first is the cases' own.
            assert entry.message.partition(" This case has")[0] == failed.partition(" This case has")[0]
        assert bool(entry.message) == bool(failed)
    return found, judged


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_lesson_that_is_half_done(name, grader, warm, tmp_path):
    lesson = find(name)
    first, second, *others = (entry.id for entry in lesson.exercises)
    (mistake, *_) = misconceptions(lesson, second)
    answers = {first: lesson.solutions()[first], second: mistake.code(lesson.solutions()[second])}
    notebook = lesson.student_notebook()
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
    found, _ = compared(written(tmp_path, notebook, f"{name}.ipynb"), grader)
    assert right(found.answers) == [first]
    assert found.untouched == tuple(others)
    assert not found.failing
    assert "It is ready." not in say(found)
    assert PUBLIC in say(found)


@pytest.mark.slow
def test_some_of_a_class(grader, warm, tmp_path):
    answers = [next(right_answers(ADAM)), *itertools.islice(wrong_answers(ADAM), 2)]
    said = [say(compared(written(tmp_path, answered(ADAM, cells)), grader)[0]) for cells in answers]
    assert [("It is ready." in text) for text in said] == [True, False, False]
    for number, (file, text) in enumerate(faults(ADAM)):
        folder = tmp_path / str(number)
        folder.mkdir()
        compared(written(folder, text, file), grader)


@pytest.mark.slow
def test_what_is_sealed_is_refused_in_the_words_of_grading(grader, warm, tmp_path):
    code = (
        "import torch\n"
        "class Adam(torch.optim.Adam):\n    pass\n"
        "torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)\n"
    )
    found, judged = compared(written(tmp_path, answered(ADAM, {"Adam": code})), grader)
    (cell,) = found.failing
    assert REFUSAL in cell.sentence
    answer = next(entry for entry in found.answers if entry.exercise == "Adam")
    graded = next(entry for entry in judged.exercises if entry.id == "Adam")
    assert answer.message == graded.properties[0].message
    assert REFUSAL in answer.message


@pytest.mark.slow
def test_answers_that_end_the_process_are_left_out_as_in_grading(grader, warm, tmp_path):
    given = ADAM.solutions()["amsgrad_update"]
    answers = {
        "Adam": "import os\nos._exit(3)",
        # In the last case: what was tried before it counts.
        "amsgrad_update": given.replace(
            "    m = ", "    if t >= 2000: __import__('os')._exit(3)\n    m = ", 1
        ),
    }
    found, _ = compared(written(tmp_path, answered(ADAM, answers)), grader)
    assert found.state == "crashed"
    assert right(found.answers) == ["adam_update"]
    last = found.answers[-1]
    assert 0 < last.score < last.max_score


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "state", "limits"),
    [
        ("import time; time.sleep(100)", "timeout", Limits(cell=3)),
        ("import numpy; held = numpy.ones(200_000_000)", "out_of_memory", Limits()),
    ],
)
def test_a_cell_that_takes_too_much_is_left_out(code, state, limits, warm, tmp_path):
    notebook = answered(ADAM, {})
    notebook.cells.insert(3, nbformat.v4.new_code_cell(code))
    path = written(tmp_path, notebook)
    found = ready(path, limits)
    assert (found.state, found.score) == (state, 10)
    (cell,) = found.failing
    assert (cell.place, cell.line) == (4, code[:60])
    assert cell.sentence == limits.sentence(state)
    assert "It is ready." not in say(found)


@pytest.mark.slow
def test_in_a_kernel_of_its_own_without_the_course_installed(tmp_path, monkeypatch):
    """As students have it: nothing warm, and another folder; the notebook may not start another of its kind."""
    monkeypatch.chdir(tmp_path)
    notebook = answered(ADAM, {})
    own = 'from course import ready\nready("05_adam")\nopen("left", "w").close()'
    notebook.cells.append(nbformat.v4.new_code_cell(own))
    found = ready(written(tmp_path, notebook, "mine.ipynb"))
    assert (found.state, found.score, found.failing) == ("graded", 10, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.ipynb"]
    assert "Name it 05_adam.ipynb before you hand it in." in say(found)


SAVED = {grade_id(cell): cell.source for cell in find("02_ema").student_notebook().cells}
IN_ITS_OWN_NOTEBOOK = (
    "from course import ready",
    "def ema(x, beta):\n    return x",
    SAVED["ema_weights"],
    'ready("02_ema")',
    '%env JPY_SESSION_NAME elsewhere.ipynb\nready("02_ema")',
    'ready("02_ema", "elsewhere.ipynb")',
)


@pytest.mark.slow
def test_a_notebook_tries_itself_and_says_that_it_is_not_saved(warm, tmp_path):
    notebook = find("02_ema").student_notebook()
    path = written(tmp_path, notebook, "02_ema.ipynb")
    running = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in IN_ITS_OWN_NOTEBOOK]
    )
    client = NotebookClient(running, kernel_name="python3", timeout=300)
    client.execute(env={**os.environ, "JPY_SESSION_NAME": str(path)}, cwd=str(tmp_path))
    told, asked, missing = (running.cells[place].outputs[0].text for place in (3, 4, 5))
    *same, more = told.splitlines()
    assert same == say(ready(path)).splitlines()
    assert more.startswith("The file does not hold the ema that you last ran here.")
    assert asked.splitlines()[1:] == [
        "This editor does not tell which file the notebook is saved in. Save it, and run in a new cell, with "
        'the name of your file: ready("02_ema", "02_ema.ipynb")'
    ]
    assert missing == "There is no file elsewhere.ipynb.\n"


def test_it_may_use_what_grading_allows():
    grading = GradingLimits()
    assert Limits() == Limits(grading.cell, grading.notebook, grading.memory)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "05_adam.ipynb is empty. It can't be graded."),
        ("mine", "05_adam.ipynb is not a notebook. It can't be graded."),
        ("{}", "05_adam.ipynb is not a notebook. It can't be graded."),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}', "05_adam.ipynb is not a notebook. It can't be graded."),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_said_in_a_sentence(text, sentence, tmp_path):
    found = ready(written(tmp_path, text))
    assert (found.state, say(found)) == ("unreadable", sentence)


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(DeskError, match=re.escape(f"There is no file {tmp_path / 'x.ipynb'}.")):
        ready(tmp_path / "x.ipynb")


def test_cells_are_taken_as_grading_takes_them():
    notebook = ADAM.student_notebook()
    names = [entry.id for entry in ADAM.exercises]
    cells = {grade_id(cell): cell for cell in notebook.cells}
    plain = steps(notebook.cells, names)
    assert [step.exercise for step in plain if not step.place] == names
    assert not any("figures.race" in step.source for step in plain)
    # A check that is missing is made after its answer; a copy counts for nothing; experiments of one's own run.
    own = nbformat.v4.new_code_cell("1", metadata={"tags": ["experiment"]})
    moved = [cells["check_Adam"], cells["adam_update"], own, cells["Adam"], cells["check_Adam"]]
    assert [(step.exercise, bool(step.place)) for step in steps(moved, names)] == [
        ("Adam", False), ("adam_update", True), ("adam_update", False), ("", True), ("Adam", True),
    ]  # fmt: skip
    # An answer cannot be taken out by a tag, nor by another kind of cell.
    cells["Adam"].metadata.tags, cells["Adam"].cell_type = ["experiment"], "markdown"
    assert Step(1, cells["Adam"].source, "Adam") in steps([cells["Adam"]], names)


def test_the_last_definition_that_ran_is_found():
    ran = ["def f(): return 1", "x = (", "class g: pass", "def f(): return 2", "%time f()", "f = 3"]
    assert last_definitions(ran, ["f", "g", "h"]) == {"f": "def f(): return 2", "g": "class g: pass"}
