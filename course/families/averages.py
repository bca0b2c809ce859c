"""Averages of a model's weights: ``class ModelEMA(params, decay)`` with ``update(params)`` and ``shadow``.

A case is a script: the parameters at the start and before each update. The student's class and PyTorch's
``AveragedModel`` go through the same script; the evidence is every shadow after every update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import parameters
from course.families.recorder import Recorder

# The properties of an average of weights. An exercise gives each of them points.
START = Property("start", "shadow starts as copies")
FIRST_UPDATE = Property("first_update", "the first update copies")
FIVE_UPDATES = Property("five_updates", "five updates of changing parameters")
ANY_SHAPE = Property("any_shape", "every parameter, of any shape")
HANDED = Property("handed", "averages what update() is handed")
ALONE = Property("alone", "leaves the parameters alone and shares nothing with them")
INSTANCES = Property("instances", "two instances share nothing")
BAD_DECAY = Property("bad_decay", "refuses a bad decay")

Shapes = Sequence[tuple[int, ...]]


@dataclass(frozen=True)
class ModelAverage(Exercise):
    """An exercise whose answer is a class that averages parameters; ``AveragedModel`` is the oracle."""

    float32: bool = True

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, updates = (1, 5) if level == "public" else (3, 9)
        cases = []

        def add(
            judged: Property, shapes: Shapes, note: str = "", updates: int = updates, **flags: bool
        ) -> None:
            start = [parameters(rng, shape) for shape in shapes]
            moves = [[parameters(rng, shape) for shape in shapes] for _ in range(updates)]
            decay = rng.choice([rng.uniform(0.3, 0.6), rng.uniform(0.9, 0.99)])
            script = {"params": start, "values": moves, "decay": float(decay), **flags}
            cases.append(Case(judged.id, script, note or f"decay = {decay:.3g}"))

        for _ in range(rounds):
            add(START, [(2,)], "no update yet", updates=0, watch=True)
            add(START, [(2, 3), (3,), ()], "three parameters and no update yet", updates=0, watch=True)
            add(FIRST_UPDATE, [(2,)], updates=1)
            add(FIRST_UPDATE, [(2, 3), (3,)], updates=1)
            add(FIVE_UPDATES, [(2,)])
            add(FIVE_UPDATES, [(3,), (2,)])
            add(ANY_SHAPE, [()], "a 0-d parameter")
            add(ANY_SHAPE, [(2, 3), (), (1, 2, 2)], "parameters of shape (2, 3), () and (1, 2, 2)")
            add(HANDED, [(2,), ()], "the parameters handed in as a generator", generator=True)
            add(HANDED, [(2,)], "other tensors at each update than at the start", other=True)
            add(ALONE, [(2,)], watch=True)
            add(ALONE, [(3,), (2, 2)], "parameters that move on after each update", watch=True, move_on=True)
            add(INSTANCES, [(2,), (3,)], "two instances that take turns", twins=True)
        cases.append(Case(BAD_DECAY.id, {"tries": [-0.1, 1.0, 1.5, 0.0, 0.5]}))
        return cases

    def probe(self, student_object: Any, case: Case) -> Evidence:
        return self._run(student_object, case)

    def oracle(self, case: Case) -> Evidence:
        return self._run(_TorchAverage, case)

    def _run(self, make: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running(), torch.enable_grad():
            if "tries" in case.inputs:
                _try_decays(make, case.inputs["tries"], recorder)
            else:
                _follow(make, case, recorder)
        return recorder.evidence()


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


def _follow(make: Any, case: Case, recorder: Recorder) -> None:
    """Move the parameters, update, write down every shadow; and what else the case watches."""
    inputs = case.inputs
    groups = [_tensors(inputs["params"])]
    if inputs.get("twins"):
        groups.append(_tensors([-0.5 * array for array in inputs["params"]]))
    averages = [recorder.call(make, _handed(params, inputs), inputs["decay"]) for params in groups]
    steps = [inputs["params"], *inputs["values"]]
    for step, values in enumerate(steps):
        for which, (params, average) in enumerate(zip(groups, averages, strict=True)):
            owner = "" if len(groups) == 1 else f" of instance {which + 1}"
            if step:
                if inputs.get("other"):
                    params = _tensors(values)
                _set(params, [value * (1.0 + which) for value in values])
                _update(average, _handed(params, inputs), recorder)
            if inputs.get("watch"):
                for index, param in enumerate(params):
                    recorder.record(step, f"the model's params[{index}]", param)
                if inputs.get("move_on"):
                    _set(params, [value + 1.0 for value in values])
            shadow = _shadow(average, recorder)
            recorder.record(step, f"the length of shadow{owner}", len(shadow))
            for index, entry in enumerate(shadow):
                recorder.record(step, f"shadow[{index}]{owner}", entry)
            if inputs.get("watch"):
                attached = any(entry.requires_grad for entry in shadow)
                recorder.record(step, "a shadow requires a gradient", attached)
                places = {param.data_ptr() for param in params}
                shared = any(entry.data_ptr() in places for entry in shadow)
                recorder.record(step, "a shadow shares memory with a parameter", shared)


def _tensors(arrays: Iterable[np.ndarray]) -> list[torch.Tensor]:
    # Of the arrays' own precision. A 0-d array times a number is a plain number: an array again.
    return [torch.tensor(np.asarray(array), requires_grad=True) for array in arrays]


def _handed(params: list[torch.Tensor], inputs: Mapping[str, Any]) -> Iterable[torch.Tensor]:
    return (param for param in params) if inputs.get("generator") else list(params)


def _set(params: list[torch.Tensor], values: Iterable[np.ndarray]) -> None:
    with torch.no_grad():
        for param, value in zip(params, values, strict=True):
            param.copy_(torch.as_tensor(np.asarray(value)))


def _update(average: Any, params: Iterable[torch.Tensor], recorder: Recorder) -> None:
    if not hasattr(average, "update"):
        recorder.stop("no_method", name=recorder.name, method="update(params)")
    recorder.call(average.update, params, called="update(params)")


def _shadow(average: Any, recorder: Recorder) -> list[torch.Tensor]:
    shadow = recorder.call(getattr, average, "shadow", None, called="reading shadow")
    if shadow is None:
        recorder.stop("no_attribute", name=recorder.name, attribute="shadow")
    if not isinstance(shadow, (list, tuple)) or not all(isinstance(entry, torch.Tensor) for entry in shadow):
        recorder.stop("not_tensors", quantity="shadow", type=type(shadow).__name__)
    return list(shadow)


def _try_decays(make: Any, tries: Iterable[float], recorder: Recorder) -> None:
    """Which values of decay raise ValueError; any other exception stops the case."""
    for decay in tries:
        params, refused = [torch.ones(2, dtype=torch.float64, requires_grad=True)], False
        try:
            make(params, decay)
        except ValueError:
            refused = True
        except (Exception, SystemExit):
            recorder.call(make, params, decay)
        recorder.record(0, f"decay = {decay:g} raises ValueError", refused)
