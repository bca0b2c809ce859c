"""A gradebook folder of lesson 05 to collect into, made once."""

import shutil

import pytest

from autograder.catalogue.lesson import find
from autograder.grade.folder import CourseFolder


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """A folder that nothing is handed in to; not to be changed."""
    folder = CourseFolder(tmp_path_factory.mktemp("course") / "gradebook")
    folder.setup([find("05_adam")])
    return folder


@pytest.fixture
def folder(empty, tmp_path):
    return CourseFolder(shutil.copytree(empty.path, tmp_path / "gradebook"))


@pytest.fixture
def given(tmp_path):
    """Writes a file beside the folder, and gives its path."""

    def write(name, data):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write
