"""Lesson 06, the class that drives an optimiser: ``LambdaLR`` is its oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property
from course.families.classes import Instance
from course.families.schedules import (
    DRIVES,
    GROUPS,
    INSTANCES,
    LAST_LR,
    RATE_READINGS,
    DriveScript,
    DrivingSchedule,
)

AT_ONCE = Property("at_once", "the constructor applies lr_lambda(0)", telling=True)
EPOCHS = Property("epochs", "epoch by epoch", telling=True)
ANY_FACTOR = Property("any_factor", "factors that are 0 and rise again")


WORKED_LRS = np.array([0.8, 0.2])


class ScheduleScript(DriveScript):
    """The inputs of a case.

    factors: shape (epochs + 1,) or shorter: lr_lambda at epoch 0, 1, 2, ...
    """

    factors: np.ndarray


@dataclass(frozen=True)
class Schedule(DrivingSchedule[ScheduleScript]):
    """``LambdaSchedule``. A case is a row of factors."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, epochs = (1, 5) if level == "public" else (3, 9)
        cases = []

        def add(judged: Property, groups: int, factors: np.ndarray, note: str, **flags: bool) -> None:
            script: ScheduleScript = {
                "lrs": rng.uniform(0.1, 1.0, size=groups),
                "grads": rng.choice([-1.0, 1.0], size=(epochs, groups, 3)),
                "factors": np.array(factors, dtype=np.float64),
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        def falling(start: float = 1.0) -> np.ndarray:
            return start * np.cumprod([1.0, *rng.uniform(0.5, 0.9, size=epochs)])

        worked: ScheduleScript = {
            "lrs": WORKED_LRS,
            "factors": 0.5 ** np.arange(3),
            "grads": np.ones((2, 2, 3)),
        }
        cases.append(Case(GROUPS.id, worked, "the numbers of the worked example"))
        for _ in range(rounds):
            add(AT_ONCE, 1, rng.uniform(0.1, 0.5, size=1), "one group, and no step yet")
            add(AT_ONCE, 1, rng.uniform(0.6, 0.9, size=1), "one group, and no step yet")
            add(EPOCHS, 1, falling(), "one group, and lr_lambda(0) = 1")
            add(EPOCHS, 1, falling(0.5), "one group, and lr_lambda(0) = 0.5")
            add(GROUPS, 2, falling(), "two groups")
            add(GROUPS, 3, falling(), "three groups")
            add(LAST_LR, 1, falling(), "one group", last=True)
            add(LAST_LR, 3, falling(0.5), "three groups", last=True)
            rising = 1.5 * np.arange(epochs + 1) / epochs
            add(ANY_FACTOR, 1, rising, "a warm-up from 0 to 1.5")
            factors = np.where(np.arange(epochs + 1) % 3 == 2, 0.0, falling())
            add(ANY_FACTOR, 1, factors, "a factor of 0 in epoch 2")
            add(DRIVES, 1, falling(), "one group with one tensor", params=True)
            add(INSTANCES, 1, falling(), "two optimisers, each with a schedule", twins=True)
        return cases

    def torch_class(self) -> Callable[..., Any]:
        return torch.optim.lr_scheduler.LambdaLR

    def construct(self, instance: Instance, optimizer: Any, inputs: ScheduleScript) -> None:
        factors = inputs["factors"]
        # Past its end the last factor goes on, for a schedule that looks ahead.
        instance.construct(optimizer, lambda epoch: float(factors[min(epoch, len(factors) - 1)]))

    def count(self, inputs: ScheduleScript) -> int:
        return len(inputs["factors"])


LAMBDA_SCHEDULE = Schedule(
    id="LambdaSchedule",
    signature="(optimizer, lr_lambda)",
    properties=(
        AT_ONCE.worth(0.25),
        EPOCHS.worth(0.375),
        GROUPS.worth(0.375),
        LAST_LR.worth(0.25),
        ANY_FACTOR.worth(0.25),
        DRIVES.worth(0.125),
        INSTANCES.worth(0.125),
    ),
    look_at=dict.fromkeys(RATE_READINGS, "formula (9)"),
)
