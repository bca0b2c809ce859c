"""Lesson 01, the last exercise: the loop around the student's earlier functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.functions import Call, watch
from course.families.recorder import Recorder
from course.readings import Reading

WHOLE_BATCH = Property("whole_batch", "updates with the whole batch, from zeros")
NEW_ORDER = Property("new_order", "mini-batches, in a new order each epoch")
LAST_USED = Property("last_used", "uses the short last batch")
LOSSES = Property("losses", "one loss for each update, before it")
INPUTS = Property("inputs", "leaves its inputs unchanged")

# The worked example: three rows on the line y = 2 x + 1, in two batches.
WORKED_X, WORKED_Y = np.array([[1.0], [2.0], [3.0]]), np.array([3.0, 5.0, 7.0])
WORKED_LR = 0.05
# default_rng(1).permutation(3) is 0, 1, 2: the order that is worked by hand.
WORKED_SEED = 1


class Fit(TypedDict):
    """The inputs of a case.

    X, y: shapes (rows, features) and (rows,).
    batch_size, lr, epochs: arguments of ``fit_linear``.
    seed: of ``rng``.
    losses: the losses of all epochs are written down, and not w and b after 1, 2, ... epochs.
    watch: X and y should come out unchanged and share no memory with w and b.
    """

    X: np.ndarray
    y: np.ndarray
    batch_size: int
    lr: float
    epochs: int
    seed: int
    losses: bool
    watch: NotRequired[bool]


@dataclass(frozen=True)
class FitLinear(Exercise):
    """``fit_linear``: the evidence is w and b after 1, 2, ... epochs, or the loss before every update.

    It is judged with the student's own ``minibatch_indices`` and ``mse_gradient``, whatever they do.
    """

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        epochs = 3 if level == "public" else 5
        cases: list[Case] = []

        def add(
            judged: Property, m: int, d: int, batch_size: int, epochs: int, note: str, **flags: bool
        ) -> None:
            X = rng.normal(size=(m, d))
            y = X @ rng.uniform(1.0, 3.0, size=d) + 2.0 + 0.3 * rng.normal(size=m)
            lr, seed = float(rng.uniform(0.02, 0.06)), int(rng.integers(2**31))
            inputs: Fit = {
                "X": X,
                "y": y,
                "batch_size": batch_size,
                "lr": lr,
                "epochs": epochs,
                "seed": seed,
                "losses": judged == LOSSES,
            }
            cases.append(Case(judged.id, {**inputs, **flags}, note))

        for judged in (LAST_USED, LOSSES):
            worked: Fit = {
                "X": WORKED_X,
                "y": WORKED_Y,
                "batch_size": 2,
                "lr": WORKED_LR,
                "epochs": 1,
                "seed": WORKED_SEED,
                "losses": judged == LOSSES,
            }
            cases.append(Case(judged.id, worked, "the numbers of the worked example"))
        for _ in range(1 if level == "public" else 3):
            add(WHOLE_BATCH, 4, 1, 4, 1, "4 rows, one update")
            add(WHOLE_BATCH, 6, 2, 6, epochs, "the whole batch in every update, one step for each epoch")
            add(NEW_ORDER, 8, 1, 2, epochs, "batches of 2 from 8 rows, one step for each epoch")
            add(NEW_ORDER, 12, 3, 4, epochs, "batches of 4 from 12 rows, one step for each epoch")
            add(LAST_USED, 7, 2, 3, epochs, "batches of 3 from 7 rows, one step for each epoch")
            add(LAST_USED, 5, 1, 9, epochs, "batch_size = 9 and only 5 rows, one step for each epoch")
            add(LOSSES, 6, 2, 6, epochs, "the whole batch in every update")
            add(LOSSES, 7, 2, 3, epochs, "batches of 3 from 7 rows")
            add(INPUTS, 4, 2, 2, 1, "", watch=True)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Fit, case.inputs)
        with recorder.running():
            for epochs in _epochs(inputs):
                given = _arguments(inputs, epochs)
                returned = recorder.call(student_object, *given.values())
                results = recorder.unpack(returned, ("w", "b", "losses"))
                _record(recorder, inputs, epochs, *results)
                if inputs.get("watch"):
                    watch(recorder, 0, given, results[:2])
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Fit, case.inputs)
        arguments = _arguments(inputs, inputs["epochs"])
        for epochs, results in enumerate(_torch_loop(**arguments), start=1):
            if epochs not in _epochs(inputs):
                continue
            _record(recorder, inputs, epochs, *results)
            if inputs.get("watch"):
                watch(recorder, 0, _arguments(inputs, epochs), ())
        return recorder.evidence()


def _record(recorder: Recorder, inputs: Fit, epochs: int, w: Any, b: Any, losses: Any) -> None:
    if not inputs["losses"]:
        recorder.record(epochs, "w", w)
        recorder.record(epochs, "b", b)
        return
    if not isinstance(losses, (list, tuple, np.ndarray)):
        recorder.stop("not_losses", quantity=Reading(0, "losses"), type=type(losses).__name__)
    recorder.record(0, "loss_count", len(losses))
    for step, loss in enumerate(losses, start=1):
        recorder.record(step, "loss", loss)


def as_batches(case: Case) -> dict[str, Any]:
    """The inputs of ``minibatch_indices`` on the same rows."""
    inputs = cast(Fit, case.inputs)
    order = {"n": len(inputs["X"]), "batch_size": inputs["batch_size"]}
    return order | {"drop_last": False, "seed": inputs["seed"]}


def as_gradient(case: Case) -> Call:
    """The inputs of ``mse_gradient`` on the same rows."""
    inputs = cast(Fit, case.inputs)
    w = np.linspace(1.0, 2.0, inputs["X"].shape[1])
    return {"given": {"X": inputs["X"], "y": inputs["y"], "w": w, "b": 1.0}, "watch": True}


def _epochs(inputs: Fit) -> range:
    """The numbers of epochs to run for: w and b are read after every epoch, the losses all at once."""
    last = inputs["epochs"]
    return range(last if inputs["losses"] else 1, last + 1)


def _arguments(inputs: Fit, epochs: int) -> dict[str, Any]:
    """Fresh arguments of one call of ``fit_linear``, in the order of its signature."""
    data = {"X": inputs["X"].copy(), "y": inputs["y"].copy(), "batch_size": inputs["batch_size"]}
    return data | {"lr": inputs["lr"], "epochs": epochs, "rng": np.random.default_rng(inputs["seed"])}


def _torch_loop(
    X: np.ndarray, y: np.ndarray, batch_size: int, lr: float, epochs: int, rng: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    """The weight, the bias and all losses so far, after each epoch."""
    features, targets = torch.tensor(X), torch.tensor(y)
    weight = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer, losses = torch.optim.SGD([weight, bias], lr=lr), []
    for _ in range(epochs):
        for rows in BatchSampler(rng.permutation(len(y)).tolist(), batch_size, drop_last=False):
            optimizer.zero_grad()
            loss = F.mse_loss(features[rows] @ weight + bias, targets[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        yield weight, bias, losses
