"""Pinned numerics: one thread and the plainest instructions, so that every machine prints the same digits.

Importing ``course`` pins them in whatever runs a lesson: JupyterLab, VS Code, nbval, a plain script. Several
threads add up in another order, and processors with wider instructions round differently; both also make the
small arrays of the lessons slower, not faster, where several notebooks run at a time.
"""

from __future__ import annotations

import os

import threadpoolctl
import torch


def pin() -> None:
    """Pin the numerics of this process and of those that it starts, before PyTorch's first operation."""
    # Read by PyTorch at its first operation, and not when it is imported.
    os.environ["ATEN_CPU_CAPABILITY"] = "default"
    torch.set_num_threads(1)
    # The BLAS of NumPy, and what else has threads of its own.
    threadpoolctl.threadpool_limits(1)
