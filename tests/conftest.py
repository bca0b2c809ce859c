"""Every test runs with the numerics that the committed notebooks were made with."""

import os
import random
import signal
import sys

import pytest
from hypothesis import settings

from autograder.machine.numerics import PINNED

# Before the first test module imports torch, which reads these once.
os.environ.update(PINNED)

settings.register_profile("descent", derandomize=True, deadline=None, database=None)
settings.load_profile("descent")


@pytest.fixture(autouse=True)
def drawn_alike():
    """Each test draws the same numbers, whatever ran before it in its process."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    """A test that draws closes what it opened: the next one may ask which figures are open."""
    before = _open_figures()
    yield
    assert _open_figures() == before, "a figure was left open"


def _open_figures():
    drawing = sys.modules.get("matplotlib.pyplot")
    return drawing.get_fignums() if drawing else []


@pytest.fixture
def command_line(monkeypatch, capsys):
    """Runs the console script in this process; gives its exit code and what it printed, also as errors."""
    from autograder import cli

    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.run()
        return ended.value.code, *capsys.readouterr()

    yield run
    signal.signal(signal.SIGTERM, before)


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=3, help="how often grading a class is killed in mid-run")
