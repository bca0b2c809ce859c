"""Averages of a model's weights: ``class ModelEMA(params, decay)`` with ``update(params)`` and ``shadow``.

A case is a script: the parameters at the start and before each update. The student's class and PyTorch's
``AveragedModel`` go through the same script; the evidence is every shadow after every update.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NotRequired, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, TensorScript, as_tries, handed, tensors
from course.families.draws import announced, parameters
from course.readings import Reading

# The properties of an average of weights. An exercise gives each of them points.
START = Property("start", "shadow starts as copies")
FIRST_UPDATE = Property("first_update", "the first update copies", telling=True)
FIVE_UPDATES = Property("five_updates", "five updates of changing parameters", telling=True)
ANY_SHAPE = Property("any_shape", "every parameter, of any shape")
HANDED = Property("handed", "averages what update() is handed")
ALONE = Property(
    "alone",
    "leaves the parameters alone and shares nothing with them",
    looks_at=frozenset({"model_params", "shadow_attached", "shadow_shared"}),
)
INSTANCES = Property("instances", "two instances share nothing")
BAD_DECAY = Property("bad_decay", "refuses a bad decay")

Shapes = Sequence[tuple[int, ...]]


class AverageScript(TensorScript):
    """The inputs of a case: the parameters, and where they move before each update.

    values: for each update, the parameters it finds, of the shapes of ``params``.
    decay: the constructor's.
    other: each update is handed new tensors in the place of those that the average was made with.
    watch: the parameters themselves should stay what they are and share no memory with a shadow.
    frozen: the first parameter asks for no gradient.
    move_on: with ``watch``: after each update the parameters change once more, before the shadows are read.
    """

    values: list[list[np.ndarray]]
    decay: float
    other: NotRequired[bool]
    watch: NotRequired[bool]
    frozen: NotRequired[bool]
    move_on: NotRequired[bool]


@dataclass(frozen=True)
class ModelAverage(ClassExercise[AverageScript]):
    """An exercise whose answer is a class that averages parameters; ``AveragedModel`` is the oracle."""

    float32: bool = True

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, updates = (1, 5) if level == "public" else (3, 9)
        cases: list[Case] = []

        def add(
            judged: Property,
            shapes: Shapes,
            note: str = "",
            updates: int = updates,
            still: bool = False,
            **flags: bool,
        ) -> None:
            start = [parameters(rng, shape) for shape in shapes]
            moves = [[parameters(rng, shape) for shape in shapes] for _ in range(updates)]
            if still:
                moves[0] = start
            decay = rng.choice([rng.uniform(0.3, 0.6), rng.uniform(0.9, 0.99)])
            script: AverageScript = {"params": start, "values": moves, "decay": float(decay)}
            note = announced(note, shapes) or f"decay = {decay:.3g}"
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(rounds):
            add(START, [(2,)], "no update yet", updates=0, watch=True)
            add(START, [(2, 3), (3,), ()], "no update yet, and three parameters", updates=0, watch=True)
            add(FIRST_UPDATE, [(2,)], updates=1)
            add(FIRST_UPDATE, [(3,)], updates=1)
            add(FIVE_UPDATES, [(2,)])
            add(FIVE_UPDATES, [(3,)], "parameters that the first update finds where they were", still=True)
            add(ANY_SHAPE, [()], "a 0-d parameter")
            add(ANY_SHAPE, [(2,), (3,)], "a parameter that asks for no gradient", frozen=True)
            add(ANY_SHAPE, [(2, 3), (), (1, 2, 2)], "parameters of shape (2, 3), () and (1, 2, 2)")
            add(HANDED, [(3,)], "the parameters handed in as a generator", generator=True)
            add(HANDED, [(2,)], "other tensors at each update than at the start", other=True)
            add(ALONE, [(2,)], watch=True)
            add(ALONE, [(3,), (2, 2)], "parameters that move on after each update", watch=True, move_on=True)
            add(INSTANCES, [(3,)], "two instances that take turns", twins=True)
        decays = [{"decay": decay} for decay in (-0.1, 1.0, 1.5, 0.0, 0.5)]
        cases.append(as_tries(BAD_DECAY, decays, rng, level))
        return cases

    def torch_class(self) -> type[_TorchAverage]:
        return _TorchAverage

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return ([torch.ones(2, dtype=torch.float64, requires_grad=True)], tried["decay"]), {}

    def has_plainer(self, case: Case) -> bool:
        return case.property in (ANY_SHAPE.id, HANDED.id, INSTANCES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Every parameter, and each of two instances, alone and in a list, as a row of numbers."""
        inputs = cast(AverageScript, case.inputs)
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            for index, array in enumerate(inputs["params"]):
                start = np.atleast_1d(tensors([array], number)[0].detach().numpy().ravel())
                values = [[np.ravel((1.0 + number) * row[index])] for row in inputs["values"]]
                alone: AverageScript = {"params": [start], "values": values, "decay": inputs["decay"]}
                readings = self._run(student_object, replace(case, inputs=alone), is_torch=False).readings
                found |= {
                    reading._replace(place=(index,), owner=owner): value.reshape(array.shape)
                    for reading, value in readings.items()
                    if reading.id == "shadow" and value.size == array.size
                }
        return found

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """From the second update on, the average of what the shadow was and the parameters."""
        if case.property != FIVE_UPDATES.id:
            return super().follow(case, observed, expected)
        inputs, readings = cast(AverageScript, case.inputs), dict(expected.readings)
        for reading in expected.readings:
            before = observed.readings.get(reading._replace(step=reading.step - 1))
            if reading.id != "shadow":
                continue
            if reading.step == 1:
                # What it copies is a property of its own.
                readings[reading] = observed.readings.get(reading, expected.readings[reading])
            elif reading.step and before is not None and before.shape == expected.readings[reading].shape:
                now = torch.tensor(inputs["values"][reading.step - 1][reading.place[0]])
                own = torch.lerp(now, torch.tensor(before, dtype=now.dtype), inputs["decay"])
                readings[reading] = own.numpy()
        return Evidence(readings)

    def script(self, instance: Instance, inputs: AverageScript, judged: str) -> Iterator[None]:
        """Move the parameters, update, write down every shadow; and what else the case watches."""
        params = tensors(inputs["params"], instance.number)
        params[0].requires_grad_(not inputs.get("frozen"))
        instance.construct(handed(params, inputs), inputs["decay"])
        yield
        for step, values in enumerate([inputs["params"], *inputs["values"]]):
            if step:
                if inputs.get("other"):
                    params = tensors(values)
                _set(params, [value * instance.scale for value in values])
                instance.call("update", handed(params, inputs), takes="params")
            if inputs.get("watch"):
                for index, param in enumerate(params):
                    instance.record(step, "model_params", param, (index,))
                if inputs.get("move_on"):
                    _set(params, [value + 1.0 for value in values])
            shadow = _shadow(instance)
            instance.record(step, "length", len(shadow), of="shadow")
            for index, entry in enumerate(shadow):
                instance.record(step, "shadow", entry, (index,))
            if inputs.get("watch"):
                attached = any(entry.requires_grad for entry in shadow)
                instance.record(step, "shadow_attached", attached)
                places = {param.data_ptr() for param in params}
                shared = any(entry.data_ptr() in places for entry in shadow)
                instance.record(step, "shadow_shared", shared)
            yield


class _TorchAverage:
    """PyTorch's own average of a model whose parameters are the given tensors."""

    def __init__(self, params: Iterable[torch.Tensor], decay: float):
        if decay == 1.0:
            # torch lets it pass; it is an average that never moves, and the course refuses it.
            raise ValueError("decay is 1")
        # Here and not above: torch.optim is out of reach where the student's code runs, and so is the oracle.
        from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

        self._average = AveragedModel(_model(params), multi_avg_fn=get_ema_multi_avg_fn(decay))

    def update(self, params: Iterable[torch.Tensor]) -> None:
        self._average.update_parameters(_model(params))

    @property
    def shadow(self) -> list[torch.Tensor]:
        return [param.detach() for param in self._average.parameters()]


def _model(params: Iterable[torch.Tensor]) -> nn.Module:
    return nn.ParameterList([nn.Parameter(param.detach()) for param in params])


def _set(params: list[torch.Tensor], values: Iterable[np.ndarray]) -> None:
    with torch.no_grad():
        for param, value in zip(params, values, strict=True):
            param.copy_(torch.as_tensor(np.asarray(value)))


def _shadow(instance: Instance) -> list[torch.Tensor]:
    shadow = instance.read("shadow")
    if not isinstance(shadow, (list, tuple)) or not all(isinstance(entry, torch.Tensor) for entry in shadow):
        instance.recorder.stop("not_tensors", quantity=Reading(0, "shadow"), type=type(shadow).__name__)
    return list(shadow)
