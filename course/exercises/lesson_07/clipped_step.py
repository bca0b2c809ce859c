"""Lesson 07, the last exercise: a training step with the clipping in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import parameters
from course.families.earlier import answer_called_by, is_wrong, witness
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


class HandedOptimizer:
    """What the student's function is handed: ``param_groups``, ``zero_grad()`` and ``step()``; it watches.

    Not one of ``torch.optim``, which is out of reach while a submission is graded. Its step is that of
    ``torch.optim.SGD``.

    Attributes:
        seen: for each call of ``step()``, the gradients that it found.
    """

    def __init__(self, param_groups: list[dict[str, Any]]):
        self.param_groups = param_groups
        self.seen: list[list[torch.Tensor | None]] = []

    def zero_grad(self, set_to_none: bool = True) -> None:
        for param in _params(self.param_groups):
            if set_to_none or param.grad is None:
                param.grad = None
            else:
                param.grad = torch.zeros_like(param.grad)

    @torch.no_grad()
    def step(self) -> None:
        self.seen.append(_gradients(_params(self.param_groups)))
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.add_(param.grad, alpha=-group["lr"])


def _params(param_groups: list[dict[str, Any]]) -> list[torch.Tensor]:
    return [param for group in param_groups for param in group["params"]]


def _gradients(params: Iterable[torch.Tensor]) -> list[torch.Tensor | None]:
    return [None if param.grad is None else param.grad.clone() for param in params]


@dataclass(frozen=True)
class ClippedStep(Exercise):
    """``clipped_training_step``: the evidence is what it returns, what ``step()`` sees, and every parameter.

    It is judged with the student's own earlier functions where it calls them; ``remark`` says so when one of
    them is wrong on the same gradients.

    Attributes:
        earlier: the exercises of those functions, the one that clips first.
    """

    earlier: tuple[Exercise, ...] = ()
    float32: bool = True

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (3, 9)
        cases = []

        def add(judged: Property, note: str, max_norm: float, steps: int = steps, **changes: Any) -> None:
            shapes = (*SHAPES, UNUSED) if changes.get("unused") else SHAPES
            inputs = {
                "params": [parameters(rng, shape) for shape in shapes],
                "x": rng.normal(size=(steps, 4, 2)),
                "y": rng.uniform(3.0, 6.0, size=(steps, 4)),
                "loss": "mse",
                "lrs": [float(rng.uniform(0.02, 0.1))],
                "max_norm": float(max_norm),
            }
            cases.append(Case(judged.id, inputs | changes, note))

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
            add(NO_GRADIENT, "a parameter that takes no part in the loss", low(), steps=2, unused=True)
            add(NO_GRADIENT, "a parameter that asks for no gradient", low(), steps=2, frozen=[1])
            add(
                EVERY_PARAMETER,
                "an optimizer that holds the last two parameters alone",
                low(),
                steps=1,
                held=[2, 3],
            )
        return cases

    def probe(self, student_object: Any, case: Case) -> Evidence:
        evidence = self._follow(student_object, case, HandedOptimizer)
        readings = dict(evidence.readings)
        for earlier, smaller in self._earlier_cases(case):
            answer = answer_called_by(student_object, earlier.id)
            if answer is not None:
                readings |= witness(earlier, answer, smaller)
        return replace(evidence, readings=readings)

    def oracle(self, case: Case) -> Evidence:
        return self._follow(_torch_step, case, _torch_sgd)

    def _follow(self, training_step: Any, case: Case, make_optimizer: Callable[..., Any]) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), case.inputs
        with recorder.running(), torch.enable_grad():
            for step, (x, y) in enumerate(zip(inputs["x"], inputs["y"], strict=True), start=1):
                if step == 1 or inputs.get("fresh"):
                    model = _model(case)
                    optimizer = make_optimizer(_groups(model, case))
                    if inputs.get("stale"):
                        for param in model.parameters():
                            param.grad = torch.full_like(param, 3.0)
                arguments = (torch.tensor(x), torch.tensor(y), optimizer, inputs["max_norm"])
                optimizer.seen.clear()
                returned = recorder.call(training_step, model, LOSSES[inputs["loss"]], *arguments)
                results = recorder.unpack(returned, ("loss", "grad_norm"))
                if case.property in (LOSS.id, NORM.id):
                    name = "loss" if case.property == LOSS.id else "grad_norm"
                    result = results[name == "grad_norm"]
                    recorder.record(step, name, result)
                    recorder.record(step, f"{name} is a tensor", isinstance(result, torch.Tensor))
                else:
                    _record_update(recorder, step, model, optimizer)
        return recorder.evidence()

    def remark(self, case: Case, observed: Evidence) -> str:
        unwritten = observed.problem.values.get("stub") if observed.problem else None
        for earlier, smaller in self._earlier_cases(case):
            if unwritten == earlier.id:
                return ""
            if is_wrong(earlier, smaller, observed):
                return (
                    f"On these gradients your {earlier.id} is not right yet, and it is used as you wrote it: "
                    f"mend {earlier.id} first."
                )
        return ""

    def _earlier_cases(self, case: Case) -> list[tuple[Exercise, Case]]:
        """The earlier exercises, each with a case of the gradients of the first step."""
        model, inputs = _model(case), case.inputs
        with torch.enable_grad():
            LOSSES[inputs["loss"]](
                model(torch.tensor(inputs["x"][0])), torch.tensor(inputs["y"][0])
            ).backward()
        grads = [grad.numpy() for grad in _gradients(model.parameters()) if grad is not None]
        clip, norm = self.earlier
        limit = {"grads": grads, "max_norm": inputs["max_norm"]}
        return [
            (norm, Case(norm.properties[0].id, {"given": {"grads": grads}})),
            (clip, Case(clip.properties[0].id, {"given": limit})),
        ]


def _model(case: Case) -> Model:
    return Model(case.inputs["params"], case.inputs.get("frozen", ()))


def _groups(model: Model, case: Case) -> list[dict[str, Any]]:
    """The parameters that the optimizer holds, in as many groups as there are rates."""
    params = [model.held[index] for index in case.inputs.get("held", range(len(model.held)))]
    lrs = case.inputs["lrs"]
    return [{"params": params[first :: len(lrs)], "lr": lr} for first, lr in enumerate(lrs)]


def _record_update(recorder: Recorder, step: int, model: Model, optimizer: Any) -> None:
    """What ``step()`` found, and what became of the parameters."""
    recorder.record(step, "The number of calls of optimizer.step()", len(optimizer.seen))
    positions = {id(param): index for index, param in enumerate(model.held)}
    for grads in optimizer.seen[-1:]:
        for param, grad in zip(_params(optimizer.param_groups), grads, strict=True):
            if grad is not None:
                recorder.record(step, f"grad[{positions[id(param)]}] at optimizer.step()", grad)
    for index, param in enumerate(model.held):
        recorder.record(step, f"params[{index}]", param)


def _torch_sgd(param_groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    optimizer = torch.optim.SGD(param_groups)
    optimizer.seen = []
    optimizer.register_step_pre_hook(
        lambda *_: optimizer.seen.append(_gradients(_params(optimizer.param_groups)))
    )
    return optimizer


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
