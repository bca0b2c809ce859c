"""Lesson 13: elastic weight consolidation (Kirkpatrick and others 2017).

The losses are those of a linear model whose weights are all of the parameters, with a squared error. The
student's class gets them one a sample, and PyTorch's ``vmap`` of ``grad`` the function that they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, TensorScript, as_tries, handed, tensors
from course.families.draws import announced, parameters
from course.formulas import Formulas
from course.readings import Reading

START = Property("start", "before the first consolidate: no Fisher information, no penalty")
FISHER = Property("fisher", "the mean of the squared gradients", telling=True)
PENALTY = Property("penalty", "the penalty once the parameters have moved", telling=True)
GRADIENT = Property("gradient", "the penalty pulls each parameter back", telling=True)
AGAIN = Property("again", "a second consolidate adds, and moves the anchor")
UNUSED = Property("unused", "parameters of any shape, also not used by a loss")
HANDED = Property("handed", "parameters and losses from generators, losses of one graph")
ALONE = Property(
    "alone",
    "leaves parameters and gradients alone; anchors are copies",
    looks_at=frozenset({"model_params", "consolidate_changed_grad", "anchor_attached", "anchor_shared"}),
)
INSTANCES = Property("instances", "two instances share nothing")
REFUSED = Property("refused", "refuses a negative strength")

Shapes = Sequence[tuple[int, ...]]


class Task(TypedDict):
    """What ``consolidate`` is handed: losses (prediction - y)²/2, the prediction linear in the parameters.

    x: for each parameter, (samples, *shape); None for one that no loss uses.
    y: (samples,).
    move: for each parameter, what is added to it afterwards, before the penalty is read.
    """

    x: list[np.ndarray | None]
    y: np.ndarray
    move: list[np.ndarray]


class FisherScript(TensorScript):
    """The inputs of a case.

    strength: the constructor's.
    tasks: one after the other.
    lazy: the losses come from a generator.
    one_graph: the losses are the entries of one tensor.
    left_out: where the x of a sample is zero, its loss does not use the parameter at all.
    watch: every parameter has a gradient, which should stay; anchors should be copies.
    """

    strength: float
    tasks: list[Task]
    lazy: NotRequired[bool]
    one_graph: NotRequired[bool]
    left_out: NotRequired[bool]
    watch: NotRequired[bool]


class FisherPenalty(ClassExercise[FisherScript]):
    """``EWC``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property,
            shapes: Shapes,
            samples: int,
            note: str = "",
            tasks: int = 1,
            unused: int | None = None,
            **flags: bool,
        ) -> None:
            def task() -> Task:
                return {
                    "x": [
                        None if index == unused else parameters(rng, (samples, *shape))
                        for index, shape in enumerate(shapes)
                    ],
                    "y": 2.0 * parameters(rng, (samples,)),
                    "move": [parameters(rng, shape) for shape in shapes],
                }

            script: FisherScript = {
                "params": [parameters(rng, shape) for shape in shapes],
                "strength": float(rng.uniform(0.5, 3.0)),
                "tasks": [task() for _ in range(tasks)],
            }
            note = announced(note or f"{samples} losses", shapes)
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(1 if level == "public" else 3):
            add(START, [(2,)], 1, "no consolidate yet", tasks=0, watch=True)
            add(START, [(2, 3), ()], 1, "no consolidate yet, and two parameters", tasks=0, watch=True)
            add(FISHER, [(2,)], 1, "a single loss")
            add(FISHER, [(2,)], 3)
            add(FISHER, [(2,), (3,)], 5)
            add(PENALTY, [(2,)], 1, "a single loss")
            add(PENALTY, [(3,), (2,)], 1, "a single loss")
            add(GRADIENT, [(2,)], 1, "a single loss")
            add(GRADIENT, [(3,), (2,)], 1, "a single loss")
            add(AGAIN, [(2,)], 1, "two tasks of one loss each", tasks=2)
            add(AGAIN, [(2,), (3,)], 1, "three tasks of one loss each", tasks=3)
            add(UNUSED, [(2, 3), (), (1, 2, 2)], 1, "a single loss, and parameters of three shapes")
            add(UNUSED, [(2,), (3,)], 1, "a single loss, which does not use params[1]", unused=1)
            add(UNUSED, [(2,), (3,)], 2, "two losses, of which one does not use params[1]", left_out=True)
            cases[-1].inputs["tasks"][0]["x"][1][0] = 0.0
            add(HANDED, [(2,), (3,)], 1, "the parameters handed in as a generator", generator=True)
            add(HANDED, [(2,)], 2, "losses that come from a generator", lazy=True)
            add(HANDED, [(2,)], 3, "losses that are entries of one tensor", one_graph=True)
            add(ALONE, [(2,), (3,)], 2, "parameters that have a gradient", watch=True)
            add(INSTANCES, [(2,)], 1, "two instances that take turns", twins=True)
        strengths = [{"strength": strength} for strength in (-1.0, -0.01, 0.0, 2.0)]
        cases.append(as_tries(REFUSED, strengths, rng, level))
        return cases

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return ([torch.ones(2, dtype=torch.float64, requires_grad=True)], tried["strength"]), {}

    def torch_class(self) -> Callable[..., Any]:
        return _TorchPenalty

    def script(self, instance: Instance, inputs: FisherScript, judged: str) -> Iterator[None]:
        """Construct; then, task by task, consolidate, move the parameters and read the penalty."""
        params = tensors(inputs["params"], instance.number)
        if inputs.get("watch"):
            for param in params:
                param.grad = torch.full_like(param, 0.5)
        instance.construct(handed(params, inputs), inputs["strength"])
        yield
        if not inputs["tasks"]:
            self._write(instance, params, 0)
            self._read(instance, params, 0)
            self._watch(instance, params, 0)
        for step, task in enumerate(inputs["tasks"], start=1):
            losses = Losses(params, task, instance.scale)
            given = losses if instance.is_torch else losses.handed(inputs)
            instance.call("consolidate", given, takes="losses")
            self._write(instance, params, step)
            if inputs.get("watch"):
                self._watch(instance, params, step)
            if judged in (PENALTY.id, GRADIENT.id, AGAIN.id, INSTANCES.id):
                with torch.no_grad():
                    for param, move in zip(params, task["move"], strict=True):
                        param += torch.tensor(np.asarray(move * instance.scale))
                self._read(instance, params, step, gradient=judged == GRADIENT.id)
            yield

    def _write(self, instance: Instance, params: Sequence[torch.Tensor], step: int) -> None:
        for name in ("fisher", "anchor"):
            each = _list_of_tensors(instance, name)
            instance.record(step, "length", len(each), of=name)
            for index, entry in enumerate(each):
                instance.record(step, name, entry, (index,))

    def _read(
        self, instance: Instance, params: Sequence[torch.Tensor], step: int, gradient: bool = False
    ) -> None:
        penalty = instance.call("penalty", returns="a 0-d tensor")
        if not gradient:
            instance.record(step, "penalty", penalty)
            return
        detached = not (isinstance(penalty, torch.Tensor) and penalty.requires_grad)
        instance.record(step, "penalty_detached", detached)
        if not detached:
            found = torch.autograd.grad(penalty.sum(), params, allow_unused=True)
            for index, (param, grad) in enumerate(zip(params, found, strict=True)):
                grad = torch.zeros_like(param) if grad is None else grad
                instance.record(step, "penalty_gradient", grad, (index,))

    def _watch(self, instance: Instance, params: Sequence[torch.Tensor], step: int) -> None:
        for index, param in enumerate(params):
            instance.record(step, "model_params", param, (index,))
        changed = any(param.grad is None or bool((param.grad != 0.5).any()) for param in params)
        instance.record(step, "consolidate_changed_grad", changed)
        anchors = _list_of_tensors(instance, "anchor")
        instance.record(step, "anchor_attached", any(entry.requires_grad for entry in anchors))
        places = {param.data_ptr() for param in params}
        instance.record(step, "anchor_shared", any(entry.data_ptr() in places for entry in anchors))

    def has_plainer(self, case: Case) -> bool:
        return bool(case.inputs.get("left_out"))

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Losses that use every parameter, of which some have a gradient of 0."""
        used = replace(case, inputs={**case.inputs, "left_out": False})
        return self.observe(student_object, used).readings

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The penalty of the Fisher information and the anchors that it shows itself."""
        if case.property not in (PENALTY.id, GRADIENT.id):
            return super().follow(case, observed, expected)
        inputs = cast(FisherScript, case.inputs)
        readings, total = dict(expected.readings), 0.0
        for index, start in enumerate(inputs["params"]):
            shown = [Reading(1, name, (index,)) for name in ("fisher", "anchor")]
            own = [observed.readings.get(reading, expected.readings[reading]) for reading in shown]
            if any(array.shape != start.shape for array in own):
                return expected
            fisher, anchor = map(torch.tensor, own)
            away = torch.tensor(start + inputs["tasks"][0]["move"][index]) - anchor
            total += 0.5 * inputs["strength"] * float(torch.sum(fisher * away**2))
            gradient = inputs["strength"] * fisher * away
            readings |= dict(zip(shown, own, strict=True))
            pull = Reading(1, "penalty_gradient", (index,))
            if pull in readings:
                readings[pull] = gradient.numpy()
        if Reading(1, "penalty") in readings:
            readings[Reading(1, "penalty")] = np.array(total)
        return Evidence(readings, expected.problem)


class Losses:
    """The losses of a task at the parameters as they are."""

    def __init__(self, params: Sequence[torch.Tensor], task: Task, scale: float):
        self.params = list(params)
        self.x = [None if each is None else torch.tensor(np.asarray(each)) for each in task["x"]]
        self.y = torch.tensor(task["y"] * scale)

    def handed(self, inputs: FisherScript) -> Iterable[torch.Tensor]:
        """One a sample, as ``consolidate`` gets them."""
        if inputs.get("one_graph"):
            return list(self._of(slice(None)).unbind())
        left_out = inputs.get("left_out", False)
        each = (self._of(slice(row, row + 1), left_out)[0] for row in range(len(self.y)))
        return each if inputs.get("lazy") else list(each)

    def _of(self, rows: slice, left_out: bool = False) -> torch.Tensor:
        """Those of some samples: (rows,). With left_out a parameter whose x is zero takes no part."""
        predicted = sum(
            (x[rows] * param).flatten(1).sum(dim=1) if param.ndim else x[rows] * param
            for x, param in zip(self.x, self.params, strict=True)
            if x is not None and (not left_out or x[rows].any())
        )
        return 0.5 * (predicted - self.y[rows]) ** 2


class _TorchPenalty:
    """The squared gradients of all samples at once."""

    def __init__(self, params: Iterable[torch.Tensor], strength: float):
        if strength < 0:
            raise ValueError("the contract refuses it")
        self._params, self._strength = list(params), strength
        self.fisher = [torch.zeros_like(param) for param in self._params]
        self.anchor = [param.detach().clone() for param in self._params]

    def consolidate(self, losses: Losses) -> None:
        params = [param.detach().clone() for param in self._params]
        squares = _torch_fisher(params, losses)
        self.fisher = [old + new for old, new in zip(self.fisher, squares, strict=True)]
        self.anchor = params

    def penalty(self) -> torch.Tensor:
        return 0.5 * self._strength * _torch_distance(self.fisher, self._params, self.anchor)


def _torch_fisher(params: Sequence[torch.Tensor], losses: Losses) -> list[torch.Tensor]:
    """The mean of the squared gradients of the losses, of each parameter's shape."""
    x = tuple(
        torch.zeros((len(losses.y), *param.shape), dtype=param.dtype) if each is None else each
        for each, param in zip(losses.x, params, strict=True)
    )
    by_sample = torch.func.vmap(torch.func.grad(_loss), in_dims=(None, 0, 0))
    return [grads.square().mean(dim=0) for grads in by_sample(tuple(params), x, losses.y)]


def _torch_distance(
    fisher: Sequence[torch.Tensor], params: Sequence[torch.Tensor], anchor: Sequence[torch.Tensor]
) -> torch.Tensor:
    """The squared distances of the parameters from the anchors, weighted and added up."""
    each = zip(fisher, params, anchor, strict=True)
    weighted = [torch.nn.functional.mse_loss(p, a, reduction="none") * f for f, p, a in each]
    return torch.stack([entry.sum() for entry in weighted]).sum()


def _loss(params: Sequence[torch.Tensor], x: Sequence[torch.Tensor], y: torch.Tensor) -> torch.Tensor:
    """That of one sample."""
    predicted = torch.stack([torch.sum(each * param) for each, param in zip(x, params, strict=True)]).sum()
    return 0.5 * (predicted - y) ** 2


def _list_of_tensors(instance: Instance, name: str) -> list[torch.Tensor]:
    found = instance.read(name)
    if not isinstance(found, (list, tuple)) or not all(isinstance(entry, torch.Tensor) for entry in found):
        instance.recorder.stop("not_tensors", quantity=Reading(0, name), type=type(found).__name__)
    return list(found)


EWC = FisherPenalty(
    id="EWC",
    signature="(params, strength)",
    properties=(
        START.worth(0.25),
        FISHER.worth(0.625),
        PENALTY.worth(0.5),
        GRADIENT.worth(0.375),
        AGAIN.worth(0.375),
        UNUSED.worth(0.25),
        HANDED.worth(0.25),
        ALONE.worth(0.125),
        INSTANCES.worth(0.125),
        REFUSED.worth(0.125),
    ),
    look_at={
        "fisher": Formulas(plain=(8,), properties={AGAIN.id: (), START.id: (), INSTANCES.id: ()}),
        "penalty": Formulas(plain=(9,), properties={START.id: ()}),
        "penalty_gradient": "formula (9)",
    },
)
