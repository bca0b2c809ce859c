"""Lesson 10: schedule-free SGD (Defazio and others 2024), which ``torch.optim`` does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, NotRequired, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families import optimizers
from course.families.classes import Instance, handed, tensors
from course.families.draws import announced
from course.families.optimizer_script import OptimizerScript
from course.families.optimizers import OptimizerClass, Shapes
from course.formulas import Formulas
from course.readings import Reading

DECAY = Property("decay", "weight decay is added to the gradient, at y", telling=True)
EVALUATION = Property(
    "evaluation", "eval() puts x into the tensors", looks_at=frozenset({"evaluated"}), telling=True
)
TRAINING = Property("training", "train() puts y back", looks_at=frozenset({"resumed"}))
TWICE = Property("twice", "eval() or train() twice is as once", looks_at=frozenset({"evaluated", "resumed"}))


# What is in place is judged by itself: what stands in the tensors is another property's affair.
IN_PLACE = replace(
    optimizers.IN_PLACE, looks_at=frozenset({"parameter_moved", "gradient_changed", "moved_by_mode"})
)


class ModeScript(OptimizerScript):
    """The inputs of a case.

    modes: before the first step and after each, what is called, a letter a call: "e" for eval(), "t" for
        train(). After each run of equal letters the parameters are written down.
    """

    modes: NotRequired[list[str]]


class ScheduleFree(OptimizerClass):
    """``ScheduleFreeSGD``, against ``EveryZ``. That eval() moves memory is about every case with modes."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        return _draw_rates(rng) | {"weight_decay": 0.0}

    def torch_class(self) -> Callable[..., Any]:
        return EveryZ

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = super().cases(rng, level)

        def add(judged: Property, shapes: Shapes, note: str, *modes: str, **changes: Any) -> None:
            inputs = self._draw(rng, shapes, steps=len(modes) - 1, **changes)
            cases.append(Case(judged.id, {**inputs, "modes": list(modes)}, announced(note, shapes)))

        for _ in range(1 if level == "public" else 2):
            add(EVALUATION, [(3,)], "eval() after the first step", "", "e")
            add(EVALUATION, [(2,), (2, 3)], "eval() after four steps", "", "", "", "", "e")
            add(EVALUATION, [(3,)], "eval() before the first step", "e")
            add(EVALUATION, [(2,), (3,)], "a parameter without a gradient", "", "", "e", absent={1: (0, 1)})
            add(TRAINING, [(3,)], "eval() and train() after each step", "et", "et", "et", "et")
            add(TRAINING, [(2, 3), ()], "eval() and train() after step 2", "", "", "et", "")
            add(TWICE, [(3,)], "eval() twice, then train() twice", "", "", "eett", "", "eet")
            add(TWICE, [(2,)], "train() without an eval() before it", "t", "t", "tt")
            add(IN_PLACE, [(3,)], "eval() and train() after each step", "", "et", "et")
            first = np.array([0.0, 0.1, 0.1])
            add(optimizers.LEARNING_RATE, [(2,)], "self.lr = 0 in step 1", "", "", "", "", lrs=first)
        return cases

    def script(self, instance: Instance, inputs: OptimizerScript, judged: str) -> Iterator[None]:
        if "modes" not in inputs:
            yield from super().script(instance, inputs, judged)
            return
        modes = cast(ModeScript, inputs)["modes"]
        params = tensors(inputs["params"], instance.number)
        places = [param.data_ptr() for param in params]
        instance.construct(handed(params, inputs), **inputs["hyper"])
        yield
        self._switch(instance, params, modes[0], 0)
        for step, grads in enumerate(inputs["grads"], start=1):
            for param, grad in zip(params, cast(list[Any], grads), strict=True):
                param.grad = None if grad is None else torch.tensor(np.asarray(grad * instance.scale))
            if inputs["lrs"] is not None:
                instance.set("lr", inputs["lrs"][step - 1], "self.lr")
            instance.call("step")
            for index, param in enumerate(params):
                instance.record(step, "params", param, (index,))
            self._switch(instance, params, modes[step], step)
            moved = any(param.data_ptr() != place for param, place in zip(params, places, strict=True))
            instance.record(step, "moved_by_mode", moved)
            yield

    def _switch(self, instance: Instance, params: list[torch.Tensor], modes: str, step: int) -> None:
        for mode, run in groupby(modes):
            for _ in run:
                instance.call("eval" if mode == "e" else "train")
            for index, param in enumerate(params):
                instance.record(step, "evaluated" if mode == "e" else "resumed", param, (index,))

    # From where the student's own class stands

    def has_plainer(self, case: Case) -> bool:
        # Two rates do not mix as one after the other: c depends on all of them.
        alone = case.property == optimizers.LEARNING_RATE.id or "modes" in case.inputs
        return not alone and super().has_plainer(case)

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """What eval() should show where y is known, and train() bring back."""
        if case.property not in (EVALUATION.id, TRAINING.id, TWICE.id):
            return super().follow(case, observed, expected)
        readings, inputs = dict(expected.readings), case.inputs
        hyper = {**self.defaults, **inputs["hyper"]}
        for reading in expected.readings:
            if reading.id not in ("evaluated", "resumed"):
                continue
            (index,), step = reading.place, reading.step
            start = inputs["params"][index]
            y = observed.readings.get(Reading(step, "params", (index,))) if step else start
            if y is None or y.shape != start.shape:
                continue
            if reading.id == "resumed":
                readings[reading] = y
            else:
                grads = [grads[index] for grads in inputs["grads"][:step]]
                z = start - hyper["lr"] * sum(grad for grad in grads if grad is not None)
                readings[reading] = (y - (1 - hyper["momentum"]) * z) / hyper["momentum"]
        return Evidence(readings)


class EveryZ:
    """The closed form: z is its start less the sum of all steps; x is the mean of every z, weighted by lr².

    Nothing is updated from one step to the next but the lists of steps, one a parameter.
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
    ):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("the contract refuses these")
        self.lr, self._momentum, self._decay = lr, momentum, weight_decay
        self._params = list(params)
        self._starts = [param.detach().clone() for param in self._params]
        self._rates: list[list[float]] = [[] for _ in self._params]
        self._steps: list[list[torch.Tensor]] = [[] for _ in self._params]

    def zero_grad(self) -> None:
        for param in self._params:
            param.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for index, param in enumerate(self._params):
            if param.grad is not None:
                self._rates[index].append(self.lr)
                self._steps[index].append(self.lr * (param.grad + self._decay * param))
        self.train()

    @torch.no_grad()
    def train(self) -> None:
        for index, param in enumerate(self._params):
            z, x = self._torch_points(index)
            param.copy_(torch.lerp(z, x, self._momentum))

    @torch.no_grad()
    def eval(self) -> None:
        for index, param in enumerate(self._params):
            param.copy_(self._torch_points(index)[1])

    def _torch_points(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """z and x of a parameter."""
        start, steps = self._starts[index], self._steps[index]
        if not steps:
            return start, start
        every_z = start - torch.cumsum(torch.stack(steps), dim=0)
        weights = torch.tensor(self._rates[index], dtype=start.dtype) ** 2
        if not weights.any():
            return every_z[-1], start
        return every_z[-1], torch.tensordot(weights / weights.sum(), every_z, dims=1)


def _draw_rates(rng: np.random.Generator) -> dict[str, Any]:
    return {"lr": rng.uniform(0.02, 0.2), "momentum": rng.uniform(0.6, 0.95)}


def _draw_decay(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"weight_decay": rng.uniform(0.5, 2.0)}


BAD_HYPER: tuple[Mapping[str, Any], ...] = (
    {"lr": -0.1},
    {"weight_decay": -0.01},
    {"momentum": 0.0},
    {"momentum": 1.0},
    {"momentum": -0.1},
    {"momentum": 1.5},
)

SCHEDULE_FREE = ScheduleFree(
    id="ScheduleFreeSGD",
    signature="(params, lr=1.0, momentum=0.9, weight_decay=0.0)",
    properties=(
        optimizers.FIRST_STEP.worth(0.25),
        optimizers.FIVE_STEPS.worth(0.625),
        optimizers.OTHER_HYPER.worth(0.25),
        optimizers.SHAPES.worth(0.25),
        DECAY.worth(0.375),
        optimizers.NONE_GRADIENT.worth(0.375),
        optimizers.LEARNING_RATE.worth(0.5),
        EVALUATION.worth(0.375),
        TRAINING.worth(0.25),
        TWICE.worth(0.125),
        IN_PLACE.worth(0.125),
        optimizers.INSTANCES.worth(0.125),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.125),
        optimizers.BAD_HYPER.worth(0.125),
    ),
    look_at={
        "params": Formulas(
            plain=(8, 9, 10, 11),
            options={"weight_decay": (8,)},
            properties={
                name: formulas
                for name, formulas in optimizers.NO_FORMULA.items()
                if name != optimizers.LEARNING_RATE.id
            }
            | {optimizers.LEARNING_RATE.id: (9, 10)},
        ),
        "evaluated": "formula (10)",
        "resumed": "formula (11)",
    },
    bad_hyper=BAD_HYPER,
    good_hyper=({"lr": 0.0}, {"weight_decay": 0.0}),
    choices={DECAY: _draw_decay},
    relations=("l2",),
)
