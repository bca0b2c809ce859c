"""Lesson 07, the last exercise: a training step with the clipping in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import parameters
from course.families.handed import HandedOptimizer, gradients_of, params_of, torch_sgd
from course.families.recorder import Recorder

LOSS = Property("loss", "returns the loss before the update")
NORM = Property("norm", "returns the global norm before clipping")
ABOVE = Property("above", "above the limit, optimizer.step() sees clipped gradients")
BELOW = Property("below", "below the limit, a plain step")
ZEROED = Property("zeroed", "clears old gradients first")
NO_GRADIENT = Property("no_gradient", "skips parameters without a gradient")
EVERY_PARAMETER = Property("every_parameter", "the norm is over model.parameters()")

# The parameters of the model below, and one that it may hold without using it.
SHAPES: tuple[tuple[int, ...], ...] = ((2, 3), (3,), (3,), ())
UNUSED = (2, 2)
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "mse": F.mse_loss,
    # Not symmetric in its arguments: that the prediction comes first shows.
    "poisson": F.poisson_nll_loss,
    # Gradients so small that the 1e-6 in formula (4) is seen.
    "tiny": lambda prediction, y: 1e-6 * F.mse_loss(prediction, y),
}
# A norm that no gradient here comes near.
FAR = 1e6


class Model(nn.Module):
    """``tanh(x W1 + b1) w2 + b2``, from arrays; a fifth array is a parameter that takes no part.

    Args:
        arrays: the initial parameters.
        frozen: positions of those that ask for no gradient.
    """

    def __init__(self, arrays: Sequence[np.ndarray], frozen: Sequence[int] = ()):
        super().__init__()
        self.held = nn.ParameterList(
            nn.Parameter(torch.tensor(array), requires_grad=index not in frozen)
            for index, array in enumerate(arrays)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        W1, b1, w2, b2 = self.held[:4]
        return torch.tanh(x @ W1 + b1) @ w2 + b2


class StepScript(TypedDict):
    """The inputs of a case: as many calls as there are batches, on one model or on a fresh one each.

    params: the initial parameters, of shapes ``SHAPES``; a fifth, of shape ``UNUSED``, takes no part.
    x, y: shapes (steps, rows, 2) and (steps, rows): one batch a step.
    loss: a key of ``LOSSES``.
    lrs: the rate of each param group.
    max_norm: the limit.
    fresh: every step starts from a new model.
    stale: before the first step every parameter has a gradient of 3 already.
    unused: a fifth parameter is there.
    frozen: positions of the parameters that ask for no gradient.
    held: positions of the parameters that the optimizer holds; without it, all.
    weight_decay: that of the optimizer, which moves a parameter whose gradient is zero, and none without one.
    """

    params: list[np.ndarray]
    x: np.ndarray
    y: np.ndarray
    loss: str
    lrs: list[float]
    max_norm: float
    fresh: NotRequired[bool]
    stale: NotRequired[bool]
    unused: NotRequired[bool]
    frozen: NotRequired[list[int]]
    held: NotRequired[list[int]]
    weight_decay: NotRequired[float]


@dataclass(frozen=True)
class ClippedStep(Exercise):
    """``clipped_training_step``: the evidence is what it returns, what ``step()`` sees, and every parameter.

    It is judged with the student's own earlier functions where it calls them.
    """

    float32: bool = True

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (3, 9)
        cases: list[Case] = []

        def add(judged: Property, note: str, max_norm: float, steps: int = steps, **changes: Any) -> None:
            shapes = (*SHAPES, UNUSED) if changes.get("unused") else SHAPES
            inputs: StepScript = {
                "params": [parameters(rng, shape) for shape in shapes],
                "x": rng.normal(size=(steps, 4, 2)),
                "y": rng.uniform(3.0, 6.0, size=(steps, 4)),
                "loss": "mse",
                "lrs": [float(rng.uniform(0.02, 0.1))],
                "max_norm": float(max_norm),
            }
            cases.append(Case(judged.id, {**inputs, **changes}, note))

        def low() -> float:
            return rng.uniform(0.2, 0.5)

        for _ in range(rounds):
            add(LOSS, "a fresh model for each batch", low(), fresh=True)
            add(LOSS, "another loss function", low(), fresh=True, loss="poisson")
            add(NORM, "a fresh model for each batch", low(), fresh=True)
            add(NORM, "a norm below max_norm, a fresh model for each batch", FAR, fresh=True)
            add(ABOVE, "one step", low(), steps=1)
            add(ABOVE, "the same model for every batch", low())
            add(ABOVE, "two groups of parameters with rates of their own", low(), lrs=[0.1, 0.01])
            add(ABOVE, "gradients of about 1e-6", 1e-6, loss="tiny", steps=1)
            add(BELOW, "one step", FAR, steps=1)
            add(BELOW, "the same model for every batch", FAR)
            add(ZEROED, "old gradients on every parameter", low(), steps=1, stale=True)
            add(
                ZEROED, "old gradients on every parameter and a norm below max_norm", FAR, steps=2, stale=True
            )
            add(
                NO_GRADIENT,
                "a parameter that takes no part in the loss, and an optimizer with weight decay",
                low(),
                steps=2,
                unused=True,
                weight_decay=0.1,
            )
            add(NO_GRADIENT, "a parameter that asks for no gradient", low(), steps=2, frozen=[1])
            add(
                EVERY_PARAMETER,
                "an optimizer that holds the last two parameters alone",
                low(),
                steps=1,
                held=[2, 3],
            )
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return self._follow(student_object, case, HandedOptimizer)

    def oracle(self, case: Case) -> Evidence:
        return self._follow(_torch_step, case, torch_sgd)

    def _follow(self, training_step: Any, case: Case, make_optimizer: Callable[..., Any]) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(StepScript, case.inputs)
        with recorder.running(), torch.enable_grad():
            for step, (x, y) in enumerate(zip(inputs["x"], inputs["y"], strict=True), start=1):
                if step == 1 or inputs.get("fresh"):
                    model = _model(inputs)
                    optimizer = make_optimizer(_groups(model, inputs))
                    if inputs.get("stale"):
                        for parameter in model.parameters():
                            parameter.grad = torch.full_like(parameter, 3.0)
                arguments = (torch.tensor(x), torch.tensor(y), optimizer, inputs["max_norm"])
                optimizer.seen.clear()
                returned = recorder.call(training_step, model, LOSSES[inputs["loss"]], *arguments)
                results = recorder.unpack(returned, ("loss", "grad_norm"))
                if case.property in (LOSS.id, NORM.id):
                    loss, grad_norm = results
                    name, result = ("loss", loss) if case.property == LOSS.id else ("grad_norm", grad_norm)
                    recorder.record(step, name, result)
                    recorder.record(step, f"{name}_is_tensor", isinstance(result, torch.Tensor))
                else:
                    _record_update(recorder, step, model, optimizer)
        return recorder.evidence()


def first_gradients(case: Case) -> list[np.ndarray]:
    """The gradients of the first step, one for each parameter that has any."""
    inputs = cast(StepScript, case.inputs)
    model = _model(inputs)
    with torch.enable_grad():
        x, y = torch.tensor(inputs["x"][0]), torch.tensor(inputs["y"][0])
        LOSSES[inputs["loss"]](model(x), y).backward()
    return [grad.numpy() for grad in gradients_of(model.parameters()) if grad is not None]


def _model(inputs: StepScript) -> Model:
    return Model(inputs["params"], inputs.get("frozen", ()))


def _groups(model: Model, inputs: StepScript) -> list[dict[str, Any]]:
    """The parameters that the optimizer holds, in as many groups as there are rates."""
    params = [model.held[index] for index in inputs.get("held", range(len(model.held)))]
    lrs, decay = inputs["lrs"], inputs.get("weight_decay", 0.0)
    return [
        {"params": params[first :: len(lrs)], "lr": lr, "weight_decay": decay} for first, lr in enumerate(lrs)
    ]


def _record_update(recorder: Recorder, step: int, model: Model, optimizer: Any) -> None:
    """What ``step()`` found, and what became of the parameters."""
    recorder.record(step, "step_calls", len(optimizer.seen))
    positions = {id(param): index for index, param in enumerate(model.held)}
    for grads in optimizer.seen[-1:]:
        for param, grad in zip(params_of(optimizer), grads, strict=True):
            if grad is not None:
                recorder.record(step, "grad_at_step", grad, (positions[id(param)],))
    for index, param in enumerate(model.held):
        recorder.record(step, "params", param, (index,))


def _torch_step(
    model: nn.Module, loss_fn: Any, x: torch.Tensor, y: torch.Tensor, optimizer: Any, max_norm: float
) -> tuple[float, float]:
    # Of the whole model: it may hold parameters that the optimizer does not.
    model.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return float(loss), float(norm)
