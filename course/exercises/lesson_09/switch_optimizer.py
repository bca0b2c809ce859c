"""Lesson 09, one optimiser after the other (Keskar and Socher 2017): two of torch's, stepped by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NotRequired, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, TensorScript, Tries, tensors
from course.families.draws import gradients, parameters
from course.families.handed import HandedOptimizer, torch_sgd
from course.readings import Reading

TURNS = Property("turns", "the first switch_at steps are first's, the others second's", telling=True)
GROUPS = Property("groups", "param_groups is that of the one whose turn is next")
ZERO_GRAD = Property("zero_grad", "zero_grad() clears every gradient and is no step")
AT_ONCE = Property("at_once", "switch_at = 0: second from the start")
INSTANCES = Property("instances", "two instances share nothing")
BAD_HYPER = Property("bad_hyper", "refuses a negative switch_at")


class SwitchScript(TensorScript):
    """The inputs of a case.

    grads: for each step a gradient for each parameter.
    rates: those of first and of second, which hold the same parameters.
    switch_at: how many steps are first's.
    groups: the rate of ``param_groups`` is written down, at the start and after each step.
    zero_grad: so many calls of ``zero_grad()`` before each step.
    """

    grads: list[list[np.ndarray]]
    rates: list[float]
    switch_at: int
    groups: NotRequired[bool]
    zero_grad: NotRequired[int]


@dataclass(frozen=True)
class Switch(ClassExercise[SwitchScript]):
    """``SwitchOptimizer``. The evidence is where the parameters go, and how often each optimiser stepped."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, after = (1, 2) if level == "public" else (3, 4)
        cases = []

        def add(judged: Property, switch_at: int, note: str, steps: int | None = None, **flags: Any) -> None:
            shapes = [(2,)] if judged is TURNS else [(2, 2), ()]
            count = switch_at + after if steps is None else steps
            drawn = [gradients(rng, count, shape) for shape in shapes]
            script: SwitchScript = {
                "params": [parameters(rng, shape) for shape in shapes],
                "grads": [[np.asarray(grads[step]) for grads in drawn] for step in range(count)],
                "rates": [float(rng.uniform(0.01, 0.05)), float(rng.uniform(0.1, 0.3))],
                "switch_at": switch_at,
            }
            cases.append(Case(judged.id, {**script, **flags}, f"switch_at = {switch_at}{note}"))

        for _ in range(rounds):
            add(TURNS, 1, "")
            add(TURNS, int(rng.integers(2, 4)), "")
            add(TURNS, int(rng.integers(4, 6)), "")
            add(TURNS, 6, ", and a run that ends before", steps=4)
            # With 1 it would be second's turn next almost from the start, whatever a class hands out.
            add(GROUPS, int(rng.integers(2, 5)), "", groups=True)
            add(ZERO_GRAD, int(rng.integers(2, 5)), " and zero_grad() before each step", zero_grad=1)
            add(ZERO_GRAD, 2, " and zero_grad() twice before each step", zero_grad=2)
            add(AT_ONCE, 0, "")
            add(AT_ONCE, 0, "", groups=True)
            add(INSTANCES, int(rng.integers(2, 4)), " in two instances that take turns", twins=True)
        bad, good = -rng.integers(1, 900, size=2), rng.integers(1, 900, size=2)
        numbers = [-1, *bad.tolist(), 0, *good.tolist()]
        tries: Tries = {"tries": [{"switch_at": int(number)} for number in numbers]}
        cases.append(Case(BAD_HYPER.id, {**tries}))
        return cases

    def has_plainer(self, case: Case) -> bool:
        return case.property in (GROUPS.id, ZERO_GRAD.id, INSTANCES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Without ``zero_grad()``; each of two instances alone; the rate of whoever makes the next step."""
        inputs = cast(SwitchScript, case.inputs)
        plain = {key: value for key, value in inputs.items() if key not in ("twins", "groups", "zero_grad")}
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            params = [param.detach().numpy() for param in tensors(inputs["params"], number)]
            grads = [[np.asarray((1.0 + number) * grad) for grad in row] for row in inputs["grads"]]
            alone = {**plain, "params": params, "grads": grads}
            readings = self._run(student_object, replace(case, inputs=alone), is_torch=False).readings
            found |= {reading._replace(owner=owner): array for reading, array in readings.items()}
        if inputs.get("groups"):
            found |= dict(_next_rates(inputs, found))
        return found

    def starts_from(self, case: Case, reading: Reading) -> np.ndarray | None:
        if reading.id != "params":
            return None
        inputs = cast(SwitchScript, case.inputs)
        return tensors(inputs["params"], max(0, reading.owner - 1))[reading.place[0]].detach().numpy()

    def torch_class(self) -> Callable[..., Any]:
        class ByHand:
            def __init__(self, first: Any, second: Any, switch_at: int):
                if switch_at < 0:
                    raise ValueError
                self.turns = [first] * switch_at
                self.first, self.second = first, second

            @property
            def param_groups(self) -> Any:
                return (self.turns or [self.second])[0].param_groups

            def step(self) -> None:
                (self.turns or [self.second])[0].step()
                del self.turns[:1]

            def zero_grad(self) -> None:
                self.first.zero_grad()

        return ByHand

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        params = tensors([np.ones(3)])
        optimizers = [HandedOptimizer([{"params": params, "lr": lr}]) for lr in (0.1, 0.2)]
        return (*optimizers, tried["switch_at"]), {}

    def script(self, instance: Instance, inputs: SwitchScript, judged: str) -> Iterator[None]:
        """Set gradients and step; write down the parameters and who has stepped, or whose turn is next."""
        params = tensors(inputs["params"], instance.number)
        make: Any = torch_sgd if instance.is_torch else HandedOptimizer
        first, second = (make([{"params": params, "lr": lr}]) for lr in inputs["rates"])
        instance.construct(first, second, inputs["switch_at"])
        yield
        for step in range(len(inputs["grads"]) + 1):
            if step:
                for _ in range(inputs.get("zero_grad", 0)):
                    instance.call("zero_grad")
                    for index, param in enumerate(params):
                        left = param.grad is not None and bool(param.grad.any())
                        instance.record(step, "gradient_left", left, (index,))
                for param, grad in zip(params, inputs["grads"][step - 1], strict=True):
                    param.grad = torch.tensor(instance.scale * grad)
                instance.call("step")
                for index, param in enumerate(params):
                    instance.record(step, "params", param, (index,))
            for name, optimizer in ((FIRST, first), (SECOND, second)):
                instance.record(step, "calls", len(optimizer.seen), of=name)
            if inputs.get("groups"):
                groups = instance.read("param_groups", "self.param_groups")
                group = _first_group(instance, groups)
                own = any(group is optimizer.param_groups[0] for optimizer in (first, second))
                instance.record(step, "group_count", len(groups))
                instance.record(step, "group_copied", not own)
                instance.record(step, "next_lr", group.get("lr"))
            yield


FIRST, SECOND = "first.step()", "second.step()"


def _next_rates(
    inputs: SwitchScript, found: Mapping[Reading, np.ndarray]
) -> Iterator[tuple[Reading, np.ndarray]]:
    """After each step the rate of whoever makes the next one, where that is one of the two alone."""
    for step in range(len(inputs["grads"])):
        moved = []
        for name in (FIRST, SECOND):
            before, after = (found.get(Reading(at, "calls", of=name)) for at in (step, step + 1))
            moved.append(before is not None and after is not None and bool(after > before))
        if sum(moved) == 1:
            yield Reading(step, "next_lr"), np.array(inputs["rates"][int(moved[1])])


def _first_group(instance: Instance, groups: Any) -> Mapping[str, Any]:
    """The first of the groups; what is no list of groups ends the case with a sentence."""
    if not isinstance(groups, (list, tuple)) or not groups or not isinstance(groups[0], Mapping):
        instance.recorder.stop("not_groups", name="self.param_groups", type=type(groups).__name__)
    return groups[0]


SWITCH_OPTIMIZER = Switch(
    id="SwitchOptimizer",
    signature="(first, second, switch_at)",
    properties=(
        TURNS.worth(0.75),
        GROUPS.worth(0.375),
        ZERO_GRAD.worth(0.25),
        AT_ONCE.worth(0.25),
        INSTANCES.worth(0.125),
        BAD_HYPER.worth(0.25),
    ),
)
