"""Every test runs with the numerics that the committed notebooks were made with."""

import os

from hypothesis import settings

from autograder.machine.numerics import PINNED

# Before the first test module imports torch, which reads these once.
os.environ.update(PINNED)

settings.register_profile("descent", derandomize=True, deadline=None, database=None)
settings.load_profile("descent")


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=3, help="how often grading a class is killed in mid-run")
