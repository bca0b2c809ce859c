"""Nothing that PyTorch, pandas or the course has of an answer earns a point by a way of Python's."""

from pathlib import Path

import pytest
from corpus.points import FORGED, HONEST, POINTS

from autograder.catalogue.lesson import find
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=7, limits=Limits(cell=10, notebook=30))


def judged(grader, entry, folder):
    path = folder / entry.file
    lesson = find(Path(entry.file).stem)
    path.write_bytes(entry.content(lesson))
    return grader.judge(path, lesson).judgement


@pytest.mark.parametrize("entry", POINTS, ids=lambda entry: f"{entry.file}: {entry.name}")
def test_what_others_have_of_an_answer_earns_nothing(grader, entry, tmp_path):
    found = judged(grader, entry, tmp_path)
    # Some load PyTorch's compiler first, which takes its time on a busy machine.
    assert found.state in ("graded", "timeout")
    assert found.score == 0.0


@pytest.mark.parametrize("entry", FORGED, ids=lambda entry: entry.name)
def test_a_forger_gains_what_carries_over_from_a_right_formula_and_no_formula(grader, entry, tmp_path):
    found = judged(grader, entry, tmp_path)
    assert found.state == "graded"
    assert found.score == entry.score


@pytest.mark.parametrize("entry", HONEST, ids=lambda entry: entry.name)
def test_the_base_class_of_optimisers_may_be_inherited_from(grader, entry, tmp_path):
    found = judged(grader, entry, tmp_path)
    assert (found.state, found.score) == (entry.state, entry.score)
