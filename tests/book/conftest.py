"""A real browser."""

import pytest
from in_browser import chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened
