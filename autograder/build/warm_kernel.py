"""What is forked for a kernel: an ordinary IPython kernel; see ``autograder.machine.warm``."""

from __future__ import annotations

import os
from typing import Any

import torch
from ipykernel.kernelapp import IPKernelApp

from autograder.machine.loading import load_for_notebooks
from autograder.machine.warm import Become


def load(argument: str) -> Become:
    """Load the modules, and torch's optimisers with what their first step imports."""
    load_for_notebooks()
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.Adam([weight]).step()
    return _become


def _become(request: dict[str, Any], files: list[int]) -> None:
    """Take over the request's surroundings, and run a kernel that serves its connection file."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    IPKernelApp.launch_instance(["-f", request["connection_file"]])
