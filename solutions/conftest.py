"""What nbval leaves out when it runs a lesson again: the numbers that its figures draw.

nbval compares text and skips pictures, whose bytes differ between processors. The numbers stand beside each
picture (see ``course.figure_summary``), and are compared here, in the same run of the cell.
"""

import nbformat
import pytest

from autograder.build import runs
from autograder.build.compare import different_figures
from autograder.catalogue.lesson import find

# Run every time: the lesson that is run soonest.
ALWAYS = "02_ema"


def pytest_addoption(parser):
    parser.addoption(
        "--changed",
        action="store_true",
        help=f"of the lessons, run {ALWAYS} and those where something has changed since they were built",
    )


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--changed"):
        return
    names = {name for item in items if (name := lesson_run(item)) and name != ALWAYS}
    stand = {
        name for name in names if runs.stands(lesson := find(name), nbformat.read(lesson.notebook_path, 4))
    }
    config.hook.pytest_deselected(items=[item for item in items if lesson_run(item) in stand])
    items[:] = [item for item in items if lesson_run(item) not in stand]


def lesson_run(item):
    """The lesson that an item runs: a cell of its notebook, or a test that is marked; None for any other."""
    if item.path.suffix == ".ipynb":
        return item.path.stem
    return item.callspec.params["name"] if item.get_closest_marker("runs_lesson") else None


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    passed = yield
    differences = list(different_figures(item.cell.outputs, item.test_outputs))
    assert not differences, "\n".join(differences)
    return passed
