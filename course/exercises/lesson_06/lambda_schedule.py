"""Lesson 06, the class that drives an optimiser: ``LambdaLR`` is its oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NotRequired, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, Script
from course.families.handed import HandedOptimizer, torch_sgd
from course.readings import Reading

AT_ONCE = Property("at_once", "the constructor applies lr_lambda(0)", telling=True)
EPOCHS = Property("epochs", "epoch by epoch", telling=True)
GROUPS = Property("groups", "every param group, from its own initial rate")
LAST_LR = Property("last_lr", "get_last_lr() gives a float for each group")
ANY_FACTOR = Property("any_factor", "factors that are 0 and rise again")
DRIVES = Property("drives", "the optimiser steps with the new rates")
INSTANCES = Property("instances", "two instances share nothing")


WORKED_LRS = np.array([0.8, 0.2])


class ScheduleScript(Script):
    """The inputs of a case.

    lrs: shape (groups,): the initial rate of each param group, which holds one tensor of shape (3,).
    grads: shape (epochs, groups, 3), of 1 and -1: what the tensors' gradients are set to in each epoch.
    factors: shape (epochs + 1,) or shorter: lr_lambda at epoch 0, 1, 2, ...
    last: the rates are asked for with ``get_last_lr()`` and not read from the param groups.
    params: the tensors are written down as well.
    """

    lrs: np.ndarray
    grads: np.ndarray
    factors: np.ndarray
    last: NotRequired[bool]
    params: NotRequired[bool]


@dataclass(frozen=True)
class Schedule(ClassExercise[ScheduleScript]):
    """``LambdaSchedule``. A case is a row of factors; the evidence is every group's rate after each epoch."""

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
            rising = np.arange(epochs + 1) / epochs
            add(ANY_FACTOR, 1, rising, "a warm-up from 0")
            factors = np.where(np.arange(epochs + 1) % 3 == 2, 0.0, falling())
            add(ANY_FACTOR, 1, factors, "a factor of 0 in epoch 2")
            add(DRIVES, 1, falling(), "one group with one tensor", params=True)
            add(INSTANCES, 1, falling(), "two optimisers, each with a schedule", twins=True)
        return cases

    def has_plainer(self, case: Case) -> bool:
        return case.property in (GROUPS.id, LAST_LR.id, INSTANCES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Each group and each of two instances alone; the groups' rates for those that it tells."""
        inputs = cast(ScheduleScript, case.inputs)
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            for index in range(len(inputs["lrs"])):
                alone: ScheduleScript = {
                    "lrs": inputs["lrs"][[index]] / (1.0 + number),
                    "grads": inputs["grads"][:, [index]],
                    "factors": inputs["factors"],
                }
                readings = self._run(student_object, replace(case, inputs=alone), is_torch=False).readings
                for reading, array in readings.items():
                    id = reading.id.replace("group_lr", "last_lr") if inputs.get("last") else reading.id
                    found[reading._replace(id=id, place=(index,), owner=owner)] = array
        return found

    def torch_class(self) -> Callable[..., Any]:
        return torch.optim.lr_scheduler.LambdaLR

    def script(self, instance: Instance, inputs: ScheduleScript, judged: str) -> Iterator[None]:
        """Step the optimiser and the schedule in turns; write down the rates."""
        factors = inputs["factors"]
        groups: list[dict[str, Any]] = [
            {"params": [torch.zeros(3, dtype=torch.float64, requires_grad=True)], "lr": float(lr)}
            # The second of twins starts from half the rates.
            for lr in inputs["lrs"] / instance.scale
        ]
        optimizer = torch_sgd(groups) if instance.is_torch else HandedOptimizer(groups)
        # Past its end the last factor goes on, for a schedule that looks ahead.
        instance.construct(optimizer, lambda epoch: float(factors[min(epoch, len(factors) - 1)]))
        yield
        for epoch in range(len(factors)):
            if epoch:
                for group, grad in zip(optimizer.param_groups, inputs["grads"][epoch - 1], strict=True):
                    group["params"][0].grad = torch.tensor(grad)
                optimizer.step()
                instance.call("step")
            at = "" if epoch else "initial_"
            if inputs.get("last"):
                rates = _last_rates(instance)
                instance.record(epoch, f"{at}last_lr_length", len(rates))
                for index, rate in enumerate(rates):
                    instance.record(epoch, f"{at}last_lr", rate, (index,))
            else:
                for index, group in enumerate(optimizer.param_groups):
                    instance.record(epoch, f"{at}group_lr", group["lr"], (index,))
                    if inputs.get("params"):
                        instance.record(epoch, f"{at}group_tensor", group["params"][0], (index,))
            yield


def _last_rates(instance: Instance) -> Sequence[Any]:
    rates = instance.call("get_last_lr")
    if not isinstance(rates, (list, tuple)):
        if rates is None:
            instance.recorder.stop("no_floats", name="get_last_lr()")
        instance.recorder.stop("not_floats", name="get_last_lr()", type=type(rates).__name__)
    return rates


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
    look_at={
        f"{at}{id}": "formula (9)"
        for at in ("", "initial_")
        for id in ("group_lr", "group_tensor", "last_lr")
    },
)
