"""Behind figures of lesson 16: logs of a right step and of five with one mistake each, and a Transformer's four runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.answers import answers as answers_of
from autograder.catalogue.lesson import find
from course.data import digits
from course.figures import lesson_16_remedies as remedies
from course.figures.lesson_16_few import Pieces
from course.figures.lesson_16_networks import Transformer, seeded
from course.figures.lesson_16_runs import Grouped, Plan, accuracy, trained
from course.training import network

# In the order of the quiz: the ids of the mistakes.
BROKEN = ("sum_of_means", "not_zeroed", "never_clips", "zero_in_loop", "scheduler_first")
PIECES, MAX_NORM = (60, 60, 8), 0.2
# The plan: warm-up over four updates, and then the peak.
RATES = (0.1, 0.2, 0.3, 0.4, 0.4, 0.4)
# Of the Transformer: updates of warm-up, and the limit of the norm.
CHANGES = ((0, np.inf), (0, 1.0), (50, np.inf), (50, 1.0))
SEEDS, PEAK, TRAINED = 5, 0.02, 100


def measure(answers: SimpleNamespace) -> dict[str, np.ndarray]:
    """The arrays that the figures read.

    names: (runs,), "right" and then the mistakes.
    rates: (updates,), the plan.
    accuracy: (4, seeds), of a Transformer at one rate: as it is, clipped, warmed up, both.
    logs: (runs, updates, 4): loss, grad_norm and lr as the step returned them, and how far the parameters moved.
    And those of ``lesson_16_remedies.measure``.
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
        "accuracy": np.array(
            [[_transformer(answers, *each, seed) for seed in range(SEEDS)] for each in CHANGES]
        ),
        **remedies.measure(
            Pieces(
                answers.mixup,
                answers.label_smoothing_cross_entropy,
                answers.param_groups,
                answers.EarlyStopping,
            )
        ),
    }


def _transformer(answers: SimpleNamespace, warmup: int, max_norm: float, seed: int) -> float:
    """How many test digits it reads after training with AdamW of lesson 05."""
    model = seeded(lambda: Transformer(torch.nn.LayerNorm, width=16), seed)
    make = answers_of(find("05_adam"), {})["AdamW"]
    optimizer = Grouped(make, answers.param_groups(model, 0.01), PEAK)
    plan = Plan(optimizer, lambda update: PEAK * min(1.0, (update + 1) / warmup) if warmup else PEAK)
    trained(answers.training_step, model, optimizer, plan, TRAINED, max_norm, seed=seed)
    return accuracy(model)


def _log(training_step: Any) -> list[list[float]]:
    """A run of the digits network with plain gradient descent, of which each update is written down."""
    data, model = digits(), network(seed=0)
    rng = np.random.default_rng(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATES[0])
    scheduler = Plan(optimizer, lambda update: RATES[min(update, len(RATES) - 1)])
    log = []
    for _ in RATES:
        rows = np.split(rng.permutation(len(data.X_train))[: sum(PIECES)], np.cumsum(PIECES)[:-1])
        batches = [(torch.tensor(data.X_train[part]), torch.tensor(data.y_train[part])) for part in rows]
        before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        loss, norm, lr = training_step(model, F.cross_entropy, batches, optimizer, scheduler, MAX_NORM)
        after = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        log.append([loss, norm, lr, float(torch.linalg.vector_norm(after - before))])
    return log
