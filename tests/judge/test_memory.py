"""Memory that no process is charged with is counted by the grader, or can't be had."""

import pytest
from corpus.memory import MEMORY, TAKEN

from autograder.catalogue.lesson import find
from autograder.judge.grader import Grader
from autograder.sandbox.confine import MEGABYTE, Limits

pytestmark = pytest.mark.slow

LESSON = find("05_adam")


@pytest.fixture(scope="module")
def grader():
    # Little memory, so that it is soon too much.
    return Grader(seed=7, limits=Limits(cell=10, notebook=30, memory=64 * MEGABYTE))


@pytest.mark.parametrize("entry", MEMORY, ids=lambda entry: entry.name)
def test_memory_of_nobody_is_counted_or_can_not_be_had(grader, entry, tmp_path):
    path = tmp_path / entry.file
    path.write_bytes(entry.content(LESSON))
    found, shown, _ = grader.judge(path, LESSON)
    outputs = [output for cell in shown.cells if cell.cell_type == "code" for output in cell.outputs]
    assert found.state == entry.state
    assert found.score == entry.score
    assert TAKEN not in str(outputs)
