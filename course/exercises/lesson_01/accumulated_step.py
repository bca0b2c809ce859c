"""Lesson 01's challenge: one update of a batch that comes in pieces (gradient accumulation)."""

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
from course.families.handed import HandedOptimizer, torch_sgd
from course.families.recorder import Recorder

EQUAL = Property("equal_pieces", "pieces of one length: the update of the whole batch")
UNEVEN = Property("uneven_pieces", "pieces of different lengths: the update of the whole batch")
LOSS = Property("loss", "returns the loss of the whole batch before the update")
ZEROED = Property("zeroed", "clears old gradients")
PIECEWISE = Property("piecewise", "one piece at a time, and one step for all")

SHAPES: tuple[tuple[int, ...], ...] = ((2, 3), (3,), (3,), ())
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "mse": F.mse_loss,
    # Not symmetric in its arguments: that the prediction comes first shows.
    "poisson": F.poisson_nll_loss,
}


class Model(nn.Module):
    """``tanh(X W1 + b1) w2 + b2``, from arrays; ``most`` is the largest number of rows it got in one call."""

    def __init__(self, arrays: Sequence[np.ndarray]):
        super().__init__()
        self.held = nn.ParameterList(nn.Parameter(torch.tensor(array)) for array in arrays)
        self.most = 0

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        self.most = max(self.most, len(X))
        W1, b1, w2, b2 = self.held
        return torch.tanh(X @ W1 + b1) @ w2 + b2


class Pieces(TypedDict):
    """The inputs of a case: one model, and a call for each batch.

    params: the initial parameters, of shapes ``SHAPES``.
    batches: for each call the pieces of its batch, a pair of X (rows, 2) and y (rows,) each.
    loss: a key of ``LOSSES``.
    lr: the rate of the optimizer.
    stale: before the first call every parameter has a gradient of 3 already.
    """

    params: list[np.ndarray]
    batches: list[list[list[np.ndarray]]]
    loss: str
    lr: float
    stale: NotRequired[bool]


@dataclass(frozen=True)
class AccumulatedStep(Exercise):
    """``accumulated_step``: the evidence is every parameter, or what it returns, or how it went about it."""

    float32: bool = True

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, note: str, *lengths: Sequence[int], **changes: Any) -> None:
            inputs: Pieces = {
                "params": [parameters(rng, shape) for shape in SHAPES],
                "batches": [
                    [[rng.normal(size=(rows, 2)), rng.uniform(3.0, 6.0, size=rows)] for rows in batch]
                    for batch in lengths
                ],
                "loss": "mse",
                "lr": float(rng.uniform(0.02, 0.1)),
            }
            cases.append(Case(judged.id, {**inputs, **changes}, note))

        for _ in range(1 if level == "public" else 3):
            many = int(rng.integers(4, 8))
            add(EQUAL, "two pieces of 2 rows", [2, 2])
            add(EQUAL, "four pieces of 3 rows and another loss function", [3] * 4, loss="poisson")
            add(UNEVEN, "pieces of 2 and 1 rows", [2, 1])
            add(UNEVEN, f"pieces of {many}, {many} and 1 rows", [many, many, 1])
            add(UNEVEN, "pieces of 1, 2 and 5 rows and another loss function", [1, 2, 5], loss="poisson")
            add(LOSS, "pieces of 3 and 1 rows", [3, 1])
            add(
                LOSS,
                f"pieces of 2, {many} and 1 rows and another loss function",
                [2, many, 1],
                loss="poisson",
            )
            # Of one piece with one row: what else goes wrong does not show here.
            add(ZEROED, "one row, and old gradients on every parameter", [1], stale=True)
            add(ZEROED, "three batches of one row each, one after the other", [1], [1], [1])
            add(PIECEWISE, "three pieces of 2 rows", [2, 2, 2])
            add(PIECEWISE, "pieces of 4, 4 and 1 rows", [4, 4, 1])
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return self._follow(student_object, case, HandedOptimizer)

    def oracle(self, case: Case) -> Evidence:
        return self._follow(_torch_step, case, torch_sgd)

    def _follow(self, update: Any, case: Case, make_optimizer: Callable[..., Any]) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Pieces, case.inputs)
        with recorder.running(), torch.enable_grad():
            model = Model(inputs["params"])
            optimizer = make_optimizer([{"params": list(model.parameters()), "lr": inputs["lr"]}])
            if inputs.get("stale"):
                for parameter in model.parameters():
                    parameter.grad = torch.full_like(parameter, 3.0)
            for step, batch in enumerate(inputs["batches"], start=1):
                pieces = [(torch.tensor(X), torch.tensor(y)) for X, y in batch]
                loss = recorder.call(update, model, LOSSES[inputs["loss"]], pieces, optimizer)
                if case.property == LOSS.id:
                    recorder.unpack(loss, ("loss",))
                    recorder.record(step, "loss", loss)
                    recorder.record(step, "loss_is_tensor", isinstance(loss, torch.Tensor))
                elif case.property == PIECEWISE.id:
                    recorder.record(step, "step_calls", len(optimizer.seen))
                    longest = max(len(y) for _, y in pieces)
                    recorder.record(step, "pieces_joined", model.most > longest)
                else:
                    for index, param in enumerate(model.held):
                        recorder.record(step, "params", param, (index,))
        return recorder.evidence()


def _torch_step(
    model: Model, loss_fn: Any, pieces: Sequence[tuple[torch.Tensor, torch.Tensor]], optimizer: Any
) -> float:
    """The whole batch at once, which is what the pieces have to come to."""
    X, y = (torch.cat(parts) for parts in zip(*pieces, strict=True))
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    model.most = 0
    loss.backward()
    optimizer.step()
    return float(loss)
