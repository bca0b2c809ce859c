"""Other programs are not run: an honest notebook that asks for them goes on, and a dishonest one has none."""

import psutil
import pytest
from corpus.programs import ATTACKS, HONEST

from autograder.catalogue.lesson import find
from autograder.judge.grader import Grader
from autograder.sandbox.confine import Limits
from autograder.sandbox.launch import warm_process
from course.sealed import COMMON

pytestmark = pytest.mark.slow

LESSON = find("05_adam")


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    grader = Grader(seed=7, limits=Limits(cell=10, notebook=30))

    def judged(entry):
        path = tmp_path_factory.mktemp("judged") / entry.file
        path.write_bytes(entry.content(LESSON))
        found, shown, _ = grader.judge(path, LESSON)
        return found, [output for cell in shown.cells for output in cell.get("outputs", ())]

    return judged


@pytest.mark.parametrize("entry", HONEST, ids=lambda entry: entry.name)
def test_who_asks_for_a_program_loses_nothing(judge, entry):
    found, outputs = judge(entry)
    assert [output for output in outputs if output.output_type == "error"] == []
    assert (found.state, found.score) == ("graded", entry.score)


@pytest.mark.parametrize("entry", ATTACKS, ids=lambda entry: entry.name)
def test_who_starts_a_program_gets_nothing_and_leaves_nothing(judge, entry):
    found, _ = judge(entry)
    assert (found.state, found.score) == ("graded", 0.0)
    assert psutil.Process(warm_process(COMMON).pid).children(recursive=True) == []
