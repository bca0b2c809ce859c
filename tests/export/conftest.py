"""A class with points, and the files that platforms export of it."""

import shutil
import warnings

import pytest
from entered_class import entered_class
from sqlalchemy.exc import SAWarning

from autograder.grade.folder import CourseFolder


@pytest.fixture(scope="session")
def entered(tmp_path_factory):
    """A folder with the class of ``entered_class``; not to be changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, about the order of what it adds
        return entered_class(tmp_path_factory.mktemp("entered") / "gradebook")


@pytest.fixture
def folder(entered, tmp_path):
    """The same class, to change."""
    return CourseFolder(shutil.copytree(entered.path, tmp_path / "gradebook"))
