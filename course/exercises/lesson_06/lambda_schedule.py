"""Lesson 06, the class that drives an optimiser: ``LambdaLR`` is its oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder

AT_ONCE = Property("at_once", "the constructor applies lr_lambda(0)")
EPOCHS = Property("epochs", "epoch by epoch")
GROUPS = Property("groups", "every param group, from its own initial rate")
LAST_LR = Property("last_lr", "get_last_lr() gives a float for each group")
ANY_FACTOR = Property("any_factor", "factors that are 0 and rise again")
DRIVES = Property("drives", "the optimiser steps with the new rates")
INSTANCES = Property("instances", "two instances share nothing")


WORKED_LRS = np.array([0.8, 0.2])


class _SignDescent:
    """An optimiser with torch's ``param_groups``, ``zero_grad()`` and ``step()``.

    ``torch.optim`` is out of reach where the student's code runs. Each step goes by lr against the sign of
    the gradient; with gradients of 1 and -1 that is where ``torch.optim.SGD`` goes.
    """

    def __init__(self, groups: list[dict[str, Any]]):
        self.param_groups = groups

    def zero_grad(self) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                param.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                param.add_(torch.sign(param.grad), alpha=-group["lr"])


@dataclass(frozen=True)
class Schedule(Exercise):
    """``LambdaSchedule``. A case is a row of factors; the evidence is every group's rate after each epoch."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, epochs = (1, 5) if level == "public" else (3, 9)
        cases = []

        def add(judged: Property, groups: int, factors: Iterable[float], note: str, **flags: bool) -> None:
            inputs = {
                "lrs": rng.uniform(0.1, 1.0, size=groups),
                "grads": rng.choice([-1.0, 1.0], size=(epochs, groups, 3)),
                "factors": np.array(list(factors), dtype=np.float64),
                **flags,
            }
            cases.append(Case(judged.id, inputs, note))

        def falling(start: float = 1.0) -> np.ndarray:
            return start * np.cumprod([1.0, *rng.uniform(0.5, 0.9, size=epochs)])

        worked = {"lrs": WORKED_LRS, "factors": 0.5 ** np.arange(3), "grads": np.ones((2, 2, 3))}
        cases.append(Case(GROUPS.id, worked, "the numbers of the worked example"))
        for _ in range(rounds):
            add(AT_ONCE, 1, rng.uniform(0.1, 0.5, size=1), "one group, and no step yet")
            add(AT_ONCE, 2, rng.uniform(0.1, 0.5, size=1), "two groups, and no step yet")
            add(EPOCHS, 1, falling(), "one group, and lr_lambda(0) = 1")
            add(EPOCHS, 1, falling(0.5), "one group, and lr_lambda(0) = 0.5")
            add(GROUPS, 2, falling(), "two groups")
            add(GROUPS, 3, falling(), "three groups")
            add(LAST_LR, 1, falling(), "one group", last=True)
            add(LAST_LR, 3, falling(0.5), "three groups", last=True)
            rising = np.arange(epochs + 1) / epochs
            add(ANY_FACTOR, 1, rising, "a warm-up from 0")
            factors = np.where(np.arange(epochs + 1) % 3 == 2, 0.0, falling())
            add(ANY_FACTOR, 2, factors, "two groups, and a factor of 0 in epoch 2")
            add(DRIVES, 2, falling(), "two groups, each with one tensor", params=True)
            add(INSTANCES, 2, falling(), "two optimisers, each with a schedule", twins=True)
        return cases

    def probe(self, student_object: Any, case: Case) -> Evidence:
        return self._run(student_object, _SignDescent, case)

    def oracle(self, case: Case) -> Evidence:
        return self._run(
            torch.optim.lr_scheduler.LambdaLR, lambda groups: torch.optim.SGD(groups, lr=0.1), case
        )

    def _run(self, make: Any, optimizer: Callable[[list[dict[str, Any]]], Any], case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            scales = (1.0, 0.5) if case.inputs.get("twins") else (1.0,)
            # Both are there before the first step: what they share then shows.
            pairs = [_pair(make, optimizer, case, scale, recorder) for scale in scales]
            for epoch in range(len(case.inputs["factors"])):
                for which, (driven, schedule) in enumerate(pairs):
                    owner = "" if len(pairs) == 1 else f" of optimiser {which + 1}"
                    if epoch:
                        _one_epoch(driven, schedule, case.inputs["grads"][epoch - 1], recorder)
                    _write_down(driven, schedule, epoch, owner, case, recorder)
        return recorder.evidence()


def _pair(make: Any, optimizer: Any, case: Case, scale: float, recorder: Recorder) -> tuple[Any, Any]:
    """An optimiser with a group for each initial rate, and the schedule that drives it."""
    factors = case.inputs["factors"]
    driven = optimizer(
        [
            {"params": [torch.zeros(3, dtype=torch.float64, requires_grad=True)], "lr": float(scale * lr)}
            for lr in case.inputs["lrs"]
        ]
    )
    # Past its end the last factor goes on, for a schedule that looks ahead.
    return driven, recorder.call(make, driven, lambda epoch: float(factors[min(epoch, len(factors) - 1)]))


def _one_epoch(driven: Any, schedule: Any, grads: np.ndarray, recorder: Recorder) -> None:
    for group, grad in zip(driven.param_groups, grads, strict=True):
        group["params"][0].grad = torch.tensor(grad)
    driven.step()
    if not hasattr(schedule, "step"):
        recorder.stop("no_method", name=recorder.name, method="step()")
    recorder.call(schedule.step, called="step()")


def _write_down(driven: Any, schedule: Any, epoch: int, owner: str, case: Case, recorder: Recorder) -> None:
    when = "" if epoch else " after the constructor"
    if case.inputs.get("last"):
        if not hasattr(schedule, "get_last_lr"):
            recorder.stop("no_method", name=recorder.name, method="get_last_lr()")
        rates = recorder.call(schedule.get_last_lr, called="get_last_lr()")
        if not isinstance(rates, (list, tuple)):
            if rates is None:
                recorder.stop("no_floats", name="get_last_lr()")
            recorder.stop("not_floats", name="get_last_lr()", type=type(rates).__name__)
        recorder.record(epoch, f"the length of get_last_lr(){when}", len(rates))
        for index, rate in enumerate(rates):
            recorder.record(epoch, f"get_last_lr()[{index}]{when}", rate)
        return
    for index, group in enumerate(driven.param_groups):
        recorder.record(epoch, f"lr of param group {index}{owner}{when}", group["lr"])
        if case.inputs.get("params"):
            recorder.record(epoch, f"the tensor of param group {index}{owner}{when}", group["params"][0])


LAMBDA_SCHEDULE = Schedule(
    id="LambdaSchedule",
    signature="(optimizer, lr_lambda)",
    properties=(
        AT_ONCE.worth(0.25),
        EPOCHS.worth(0.5),
        GROUPS.worth(0.5),
        LAST_LR.worth(0.25),
        ANY_FACTOR.worth(0.25),
        DRIVES.worth(0.125),
        INSTANCES.worth(0.125),
    ),
    look_at={"lr of": "formula (9)", "get_last_lr": "formula (9)", "the tensor": "formula (9)"},
)
