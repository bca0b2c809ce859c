"""The small class, graded once for all tests of this folder."""

import pytest
from small_class import graded_class


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A folder with a small class, graded, and the judgements by student; not to be changed."""
    return graded_class(tmp_path_factory.mktemp("course") / "gradebook")
