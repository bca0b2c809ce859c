"""Learning-rate schedules: functions of an epoch or a step, and classes that drive an optimiser.

The oracle of both is a scheduler of ``torch.optim.lr_scheduler``, stepped one by one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NotRequired, TypeVar, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Property
from course.families.classes import ClassExercise, Instance, Script
from course.families.functions import FunctionExercise
from course.families.handed import HandedOptimizer, torch_sgd
from course.readings import Reading

# Of functions: the id of what is judged of arrays.
ARRAY_ID = "array"
# Of classes
GROUPS = Property("groups", "every param group, from its own initial rate")
LAST_LR = Property("last_lr", "get_last_lr() gives a float for each group")
DRIVES = Property("drives", "the optimiser steps with the new rates")
INSTANCES = Property("instances", "two instances share nothing")


@dataclass(frozen=True)
class RateFunction(FunctionExercise):
    """A schedule as a function: its settings and an epoch, or a step, in; the rate out.

    Attributes:
        counted: the name of the last argument, an int or an array of ints.
    """

    counted: str = "epoch"

    def note(self, given: Mapping[str, Any]) -> str:
        """The arguments of a call as a case says them."""
        return ", ".join(f"{key} = {_short(value)}" for key, value in given.items())

    def has_plainer(self, case: Case) -> bool:
        return case.property == ARRAY_ID

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """One epoch after the other gives what all of them give in an array."""
        given, result = case.inputs["given"], Reading(0, self.returns[0])
        single = [
            replace(case, inputs={"given": {**given, self.counted: number}})
            for number in given[self.counted].tolist()
        ]
        found = [FunctionExercise.observe(self, student_object, one).readings for one in single]
        rates = [readings[result] for readings in found if result in readings]
        if len(rates) < len(single) or any(rate.size != 1 for rate in rates):
            return {}
        return {result: np.array([rate.item() for rate in rates])}


def _short(value: Any) -> str:
    if isinstance(value, (list, np.ndarray)):
        return f"[{', '.join(map(_short, value))}]"
    return f"{value:.4g}"


def torch_optimizer(lr: float) -> torch.optim.Optimizer:
    """An optimiser for a scheduler of torch's to hold its rate in."""
    return torch.optim.SGD([torch.zeros(1)], lr=lr)


def torch_rates(scheduler: Any, count: int) -> np.ndarray:
    """The rates that a scheduler sets, from its constructor's on: shape (count,)."""
    optimizer, rates = scheduler.optimizer, []
    optimizer.step()  # a scheduler asks for one before its first; more of them take most of the time
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return np.array(rates)


class DriveScript(Script):
    """What the inputs of a case have in every lesson.

    lrs: shape (groups,): the initial rate of each param group, which holds one tensor of shape (3,).
    grads: shape (steps, groups, 3), of 1 and -1: what the tensors' gradients are set to before each step.
    last: the rates are asked for with ``get_last_lr()`` and not read from the param groups.
    params: the tensors are written down as well.
    """

    lrs: np.ndarray
    grads: np.ndarray
    last: NotRequired[bool]
    params: NotRequired[bool]


Inputs = TypeVar("Inputs", bound=DriveScript)


@dataclass(frozen=True)
class DrivingSchedule(ClassExercise[Inputs]):
    """A schedule as a class that drives an optimiser; the evidence is every group's rate after each step."""

    @abstractmethod
    def construct(self, instance: Instance, optimizer: Any, inputs: Inputs) -> None:
        """Construct the instance with the optimiser."""

    @abstractmethod
    def count(self, inputs: Inputs) -> int:
        """How many rates there are, the constructor's among them."""

    def has_plainer(self, case: Case) -> bool:
        return case.property in (GROUPS.id, LAST_LR.id, INSTANCES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Each group and each of two instances alone; the groups' rates for those that it tells."""
        inputs = cast(Inputs, case.inputs)
        left_out = ("twins", "last", "params", "second")
        plain = {key: value for key, value in inputs.items() if key not in left_out}
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            for index in range(len(inputs["lrs"])):
                alone = {
                    **plain,
                    "lrs": inputs["lrs"][[index]] / (1.0 + number),
                    "grads": inputs["grads"][:, [index]],
                }
                readings = self._run(student_object, replace(case, inputs=alone), is_torch=False).readings
                for reading, array in readings.items():
                    id = reading.id.replace("group_lr", "last_lr") if inputs.get("last") else reading.id
                    found[reading._replace(id=id, place=(index,), owner=owner)] = array
        return found

    def script(self, instance: Instance, inputs: Inputs, judged: str) -> Iterator[None]:
        """Step the optimiser and the schedule in turns; write down the rates."""
        groups: list[dict[str, Any]] = [
            {"params": [torch.zeros(3, dtype=torch.float64, requires_grad=True)], "lr": float(lr)}
            # The second of twins starts from half the rates.
            for lr in inputs["lrs"] / instance.scale
        ]
        optimizer = torch_sgd(groups) if instance.is_torch else HandedOptimizer(groups)
        self.construct(instance, optimizer, inputs)
        yield
        for step in range(self.count(inputs)):
            if step:
                for group, grad in zip(optimizer.param_groups, inputs["grads"][step - 1], strict=True):
                    group["params"][0].grad = torch.tensor(grad)
                optimizer.step()
                instance.call("step")
            at = "" if step else "initial_"
            if inputs.get("last"):
                rates = _last_rates(instance)
                instance.record(step, f"{at}last_lr_length", len(rates))
                for index, rate in enumerate(rates):
                    instance.record(step, f"{at}last_lr", rate, (index,))
            else:
                for index, group in enumerate(optimizer.param_groups):
                    instance.record(step, f"{at}group_lr", group["lr"], (index,))
                    if inputs.get("params"):
                        instance.record(step, f"{at}group_tensor", group["params"][0], (index,))
            yield


# What is written down of the rates, for an exercise's ``look_at``.
RATE_READINGS = tuple(
    f"{at}{id}" for at in ("", "initial_") for id in ("group_lr", "group_tensor", "last_lr")
)


def _last_rates(instance: Instance) -> Sequence[Any]:
    rates = instance.call("get_last_lr")
    if not isinstance(rates, (list, tuple)):
        if rates is None:
            instance.recorder.stop("no_floats", name="get_last_lr()")
        instance.recorder.stop("not_floats", name="get_last_lr()", type=type(rates).__name__)
    return rates
