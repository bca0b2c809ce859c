"""One throw-away server for all tests of this folder; a gradebook folder on it and one on SQLite."""

import tempfile
from pathlib import Path

import pytest
from postgres import Server

from autograder.grade.folder import CourseFolder


@pytest.fixture(scope="session")
def server():
    # pytest's own folders are their owner's alone, and the server is another user's.
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as place:
        running = Server(Path(place))
        running.start()
        yield running
        running.stop()


def on_server(path, url):
    """A folder whose settings name a database."""
    path.mkdir(parents=True)
    (path / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n")
    return CourseFolder(path)


@pytest.fixture
def folder(server, tmp_path):
    """An empty folder with an empty database on the server."""
    return on_server(tmp_path / "gradebook", server.database())
