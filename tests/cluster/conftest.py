"""A class that is handed in, and graded as this machine does it; a cluster that tests fill with workers."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from cluster_class import LESSON, Cluster, finished, grade
from small_class import copy_of

from autograder.catalogue.sample import sample_class
from autograder.grade.folder import CourseFolder

# How large the class is: as large as one likes for a longer search, with the number of faults.
STUDENTS = int(os.environ.get("STUDENTS", "16"))


@pytest.fixture
def cluster():
    """No scheduler and no worker yet: the test starts them."""
    folder = Path(tempfile.mkdtemp(prefix="d"))  # short: a socket's path has 108 characters
    made = Cluster(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory):
    """The class, with nothing graded; to be copied."""
    folder = CourseFolder(tmp_path_factory.mktemp("class") / "gradebook")
    folder.setup([LESSON])
    made = list(sample_class(LESSON, min(STUDENTS, 16)))
    for number in range(STUDENTS):
        again, which = divmod(number, len(made))
        student, file, text = made[which]
        folder.submit(f"{student}{again or ''}", LESSON, text, file)
    folder.seed()
    return folder


@pytest.fixture(scope="session")
def here(handed_in, tmp_path_factory):
    """The class as this machine grades it."""
    folder = copy_of(handed_in, tmp_path_factory.mktemp("here"))
    finished(grade(folder))
    return folder


@pytest.fixture
def ungraded(handed_in, tmp_path):
    return copy_of(handed_in, tmp_path)
