"""What nbval leaves out when it runs a lesson again: the numbers that its figures draw.

nbval compares text and skips pictures, whose bytes differ between processors. The numbers stand beside each
picture (see ``course.figure_summary``), and are compared here, in the same run of the cell.
"""

import pytest

from autograder.build.compare import different_figures


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    passed = yield
    differences = list(different_figures(item.cell.outputs, item.test_outputs))
    assert not differences, "\n".join(differences)
    return passed
