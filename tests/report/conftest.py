"""The small class, graded once for all tests of this folder, and a real browser."""

import pytest
from in_browser import chromium
from small_class import graded_class


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A folder with a small class, graded, and the judgements by student; not to be changed."""
    return graded_class(tmp_path_factory.mktemp("course") / "gradebook")


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened
