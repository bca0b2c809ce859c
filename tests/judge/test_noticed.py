"""Whatever reaches for more than answers do is flagged with its cell, and changes no score."""

import nbformat
import pytest
from corpus.attacks import WRONG
from corpus.entry import notebook
from corpus.reaching import HONEST, KERNELS, WAYS

from autograder.catalogue.lesson import find
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow

LESSON = find("05_adam")


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=7, limits=Limits(cell=20, notebook=60))


@pytest.fixture
def judged(grader, tmp_path):
    def judge(made, lesson=LESSON):
        path = tmp_path / f"{lesson.name}.ipynb"
        nbformat.write(made, path)
        return grader.judge(path, lesson, hand_in="everybody's").judgement

    return judge


@pytest.mark.parametrize("way", WAYS)
def test_a_way_round_is_flagged_with_its_cell(judged, way):
    code, names, kind = WAYS[way]
    answers = LESSON.solutions()
    if code.startswith(("%%", ">>>")):
        found = judged(notebook(LESSON, answers, before=code))
        ids, place = ("own_cell_uses", kind), "a cell of the student's own"
    else:
        # After the answer: where the system refuses it, the cell ends there.
        found = judged(notebook(LESSON, {**answers, "adam_update": f"{answers['adam_update']}\n{code}"}))
        ids, place = ("solution_uses" if names else "", kind), "adam_update"
    assert (found.state, found.score) == ("graded", 10.0)
    assert {flag.id for flag in found.flags} >= set(filter(None, ids))
    assert all(place in flag.sentence for flag in found.flags)
    assert names in " ".join(found.sentences)


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_called_below_python_are_flagged(judged, name):
    lesson, exercise, code = KERNELS[name]
    found = judged(notebook(find(lesson), {exercise: code}), find(lesson))
    assert {flag.id for flag in found.flags} == {"solution_uses", "went_below_python"}
    assert all(exercise in sentence for sentence in found.sentences)
    assert "torch.ctypes" in found.sentences[0]


def test_an_honest_notebook_has_no_flag(judged):
    made = notebook(LESSON, LESSON.solutions())
    made.cells += [nbformat.v4.new_code_cell(code) for code in HONEST.values()]
    found = judged(made)
    assert (found.state, found.score, found.sentences) == ("graded", 10.0, [])


def test_frames_nobody_asked_for_are_flagged_and_answer_nothing(judged):
    code = (
        "import sys, struct\nconnection = sys.modules['autograder.sandbox.interpreter'].OUTPUTS.connection\n"
        "send = lambda kind, data=b'': connection.sendall(struct.pack('!cI', kind, len(data)) + data)\n"
        "for _ in range(40): send(b'E', b'[{\"readings\": [], \"problem\": null}]')\n"
        "send(b'D'); send(b'D'); send(b'S'); send(b'Z', b'x')"
    )
    plain = judged(notebook(LESSON, {"adam_update": WRONG}))
    found = judged(notebook(LESSON, {"adam_update": WRONG}, before=code))
    assert (found.state, found.exercises) == (plain.state, plain.exercises)
    assert [flag.id for flag in found.flags] == ["own_cell_uses", "sent_unasked"]


def test_a_process_that_lies_about_itself_gets_no_more_than_a_few_short_flags(judged):
    code = (
        "import os\nfor number in range(3, 64):\n    for kind in ('used_network', 'made_code', 'graded', 'score'):\n"
        "        for n in range(50):\n            try: os.write(number, f'{kind} \\x1b[2J{n} {\"x\" * 100}\\n'.encode())\n            except OSError: pass"
    )
    made = notebook(LESSON, {"adam_update": WRONG})
    made.cells += [nbformat.v4.new_code_cell(f"{code}\n# {number}") for number in range(20)]
    found = judged(made)
    assert len(found.flags) < 10
    assert all(len(sentence) < 1000 and "\x1b" not in sentence for sentence in found.sentences)
