"""The book, made once as `make site` makes it, and a browser to read it in."""

import pytest
from in_browser import chromium

from autograder.book.make import make
from autograder.catalogue.lesson import lessons, project


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of all pages."""
    pages = tmp_path_factory.mktemp("book") / "site"
    make(pages, project(), lessons())
    return pages


@pytest.fixture(scope="module")
def browser():
    """Closed with the module: a process may run one at a time."""
    with chromium() as opened:
        yield opened
