"""Behind figures of lesson 16: the logs of five runs whose training step has one mistake each, and of a right one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.data import digits
from course.training import network

# In the order of the quiz: the ids of the mistakes.
BROKEN = ("sum_of_means", "not_zeroed", "never_clips", "zero_in_loop", "scheduler_first")
PIECES, MAX_NORM = (60, 60, 8), 0.2
# The plan: warm-up over four updates, and then the peak.
RATES = (0.1, 0.2, 0.3, 0.4, 0.4, 0.4)


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    names: (runs,), "right" and then the mistakes.
    rates: (updates,), the plan.
    logs: (runs, updates, 4): loss, grad_norm and lr as the step returned them, and how far the parameters moved.
    """
    lesson = find("16_recipes")
    solution = lesson.solutions()["training_step"]
    known = {each.misconception.id: each for each in misconceptions(lesson, "training_step")}
    steps = {"right": answers.training_step}
    steps |= {id: answer(lesson, "training_step", known[id].code(solution)) for id in BROKEN}
    return {
        "names": np.array(list(steps)),
        "rates": np.array(RATES),
        "logs": np.array([_log(step) for step in steps.values()]),
    }


class _Plan:
    """A schedule that says nothing when it is stepped too early, as PyTorch's do."""

    def __init__(self, optimizer: Any):
        self._optimizer = optimizer
        self._next = iter(RATES[1:])

    def step(self) -> None:
        self._optimizer.param_groups[0]["lr"] = next(self._next, RATES[-1])


def _log(training_step: Any) -> list[list[float]]:
    """A run of the digits network with plain gradient descent, of which each update is written down."""
    data, model = digits(), network(seed=0)
    rng = np.random.default_rng(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATES[0])
    scheduler = _Plan(optimizer)
    log = []
    for _ in RATES:
        rows = np.split(rng.permutation(len(data.X_train))[: sum(PIECES)], np.cumsum(PIECES)[:-1])
        batches = [(torch.tensor(data.X_train[part]), torch.tensor(data.y_train[part])) for part in rows]
        before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        loss, norm, lr = training_step(model, F.cross_entropy, batches, optimizer, scheduler, MAX_NORM)
        after = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        log.append([loss, norm, lr, float(torch.linalg.vector_norm(after - before))])
    return log
