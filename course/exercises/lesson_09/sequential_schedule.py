"""Lesson 09, schedules one after the other: ``SequentialLR`` of ``LambdaLR`` is the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired

import numpy as np
import torch
from torch.optim import lr_scheduler

from course.exercise import Case, Level, Property
from course.families.classes import Instance, Tries
from course.families.handed import HandedOptimizer, torch_sgd
from course.families.schedules import (
    DRIVES,
    GROUPS,
    INSTANCES,
    LAST_LR,
    RATE_READINGS,
    DriveScript,
    DrivingSchedule,
)

AT_ONCE = Property("at_once", "the constructor applies factors[0](0)", telling=True)
# Whether anything was set at the start is the affair of the property above.
PHASES = Property(
    "phases",
    "each factor counts from its own milestone",
    telling=True,
    looks_at=frozenset({"group_lr"}),
)
ANY_FACTOR = Property(
    "any_factor", "factors that are 0, and rise again in the next phase", looks_at=frozenset({"group_lr"})
)
NUMBER = Property("number", "refuses milestones that are not one fewer than factors")

WORKED_FACTORS = ((0.25, 0.5, 0.75), (1.0, 0.5, 0.25, 0.125))


class SequentialScript(DriveScript):
    """The inputs of a case.

    factors: for each phase its factors at its own step 0, 1, 2, ...: shape (steps + 1,) or shorter.
    milestones: the step at which each phase but the first begins.
    second: another schedule, made with the same lists, has driven the optimiser before.
    """

    factors: list[np.ndarray]
    milestones: list[int]
    second: NotRequired[bool]


@dataclass(frozen=True)
class Sequential(DrivingSchedule[SequentialScript]):
    """``SequentialSchedule``. A case is a row of factors for each phase."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, longest = (1, 3) if level == "public" else (3, 5)
        cases = []

        def add(
            judged: Property,
            groups: int,
            phases: int,
            note: str,
            factors: list[np.ndarray] | None = None,
            **flags: bool,
        ) -> None:
            lengths = rng.integers(2, longest + 1, size=phases)
            milestones = np.cumsum(lengths)[:-1].tolist()
            whole = int(lengths.sum())
            steps = 0 if judged is AT_ONCE else whole
            script: SequentialScript = {
                "lrs": rng.uniform(0.1, 1.0, size=groups),
                "grads": rng.choice([-1.0, 1.0], size=(steps, groups, 3)),
                # Each as long as the whole run: what is counted wrongly meets other numbers.
                "factors": factors or [rng.uniform(0.2, 1.5, size=whole + 1) for _ in range(phases)],
                "milestones": milestones,
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        worked: SequentialScript = {
            "lrs": np.array([0.8]),
            "grads": np.ones((6, 1, 3)),
            "factors": [np.array(row) for row in WORKED_FACTORS],
            "milestones": [3],
        }
        cases.append(Case(PHASES.id, worked, "the numbers of the worked example"))
        for _ in range(rounds):
            for phases in (1, 2, 3):
                each = "one phase" if phases == 1 else f"{phases} phases"
                add(AT_ONCE, 1, phases, f"{each}, and what the constructor sets")
                add(PHASES, 1, phases, each)
            add(PHASES, 1, 4, "4 phases")
            add(GROUPS, 2, 2, "two groups, 2 phases")
            add(GROUPS, 3, 3, "three groups, 3 phases")
            add(LAST_LR, 1, 2, "one group", last=True)
            add(LAST_LR, 3, 2, "three groups", last=True)
            falls = np.array([1.0, *np.zeros(13)])
            later = [rng.uniform(0.3, 0.9, size=14) for _ in range(2)]
            add(ANY_FACTOR, 1, 2, "a first phase that falls to 0", [falls, later[0]])
            add(ANY_FACTOR, 1, 3, "a middle phase that falls to 0", [later[0], falls, later[1]])
            add(DRIVES, 1, 2, "one group with one tensor", params=True)
            add(INSTANCES, 1, 2, "two optimisers, each with a schedule", twins=True)
            add(INSTANCES, 1, 3, "a second schedule for an optimiser, made with the same lists", second=True)
        cases.append(Case(NUMBER.id, {**_tries(rng)}))
        return cases

    def torch_class(self) -> Callable[..., Any]:
        def make(optimizer: Any, factors: Any, milestones: list[int]) -> Any:
            if isinstance(optimizer, HandedOptimizer):  # where nothing but the refusal is asked for
                optimizer = torch_sgd(optimizer.param_groups)
            schedulers: list[Any] = [lr_scheduler.LambdaLR(optimizer, factor) for factor in factors]
            return lr_scheduler.SequentialLR(optimizer, schedulers, milestones=milestones)

        return make

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        groups = [{"params": [torch.zeros(3, dtype=torch.float64, requires_grad=True)], "lr": 0.1}]
        factors = [lambda step: 0.5**step] * tried["len(factors)"]
        return (HandedOptimizer(groups), factors, list(tried["milestones"])), {}

    def construct(self, instance: Instance, optimizer: Any, inputs: SequentialScript) -> None:
        def factor(row: np.ndarray) -> Callable[[int], float]:
            # Past its end the last one goes on, for a schedule that looks ahead.
            return lambda step: float(row[min(step, len(row) - 1)])

        lists = [factor(row) for row in inputs["factors"]], list(inputs["milestones"])
        if inputs.get("second"):
            _drive_before(instance, optimizer, inputs, lists)
        instance.construct(optimizer, *lists)

    def count(self, inputs: SequentialScript) -> int:
        return len(inputs["grads"]) + 1


def _drive_before(instance: Instance, optimizer: Any, inputs: SequentialScript, lists: Any) -> None:
    """Another schedule with the same lists takes all of its steps; then the rates are those of the start."""
    instance.construct(optimizer, *lists)
    for _ in inputs["grads"]:
        instance.call("step")
    for group, lr in zip(optimizer.param_groups, inputs["lrs"], strict=True):
        group["lr"] = float(lr)


def _tries(rng: np.random.Generator) -> Tries:
    def some(count: int) -> list[int]:
        return np.cumsum(rng.integers(1, 40, size=count)).tolist()

    pairs = ((2, 2), (2, 0), (3, 1), (1, 1), (1, 0), (2, 1), (4, 3))
    return {"tries": [{"len(factors)": factors, "milestones": some(count)} for factors, count in pairs]}


SEQUENTIAL_SCHEDULE = Sequential(
    id="SequentialSchedule",
    signature="(optimizer, factors, milestones)",
    properties=(
        AT_ONCE.worth(0.25),
        PHASES.worth(1.0),
        ANY_FACTOR.worth(0.375),
        GROUPS.worth(0.5),
        LAST_LR.worth(0.25),
        DRIVES.worth(0.125),
        INSTANCES.worth(0.125),
        NUMBER.worth(0.375),
    ),
    look_at=dict.fromkeys(RATE_READINGS, "formula (4)"),
)
