"""Lesson 01, the last exercise: the loop around the student's earlier functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.earlier import is_wrong, witness
from course.families.functions import watch
from course.families.recorder import Recorder

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


@dataclass(frozen=True)
class FitLinear(Exercise):
    """``fit_linear``: the evidence is w and b after 1, 2, ... epochs, or the loss before every update.

    It is judged with the student's own ``minibatch_indices`` and ``mse_gradient``, whatever they do; the
    evidence holds what those two do on the same rows, and ``remark`` says so when one of them is wrong.

    Attributes:
        earlier: the exercises of those two, in that order.
    """

    earlier: tuple[Exercise, ...] = ()

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        epochs = 3 if level == "public" else 5
        cases = []

        def add(
            judged: Property, m: int, d: int, batch_size: int, epochs: int, note: str, **flags: bool
        ) -> None:
            X = rng.normal(size=(m, d))
            y = X @ rng.uniform(1.0, 3.0, size=d) + 2.0 + 0.3 * rng.normal(size=m)
            lr, seed = float(rng.uniform(0.02, 0.06)), int(rng.integers(2**31))
            inputs = {"X": X, "y": y, "batch_size": batch_size, "lr": lr, "epochs": epochs, "seed": seed}
            cases.append(Case(judged.id, inputs | {"losses": judged == LOSSES} | flags, note))

        worked = {
            "X": WORKED_X,
            "y": WORKED_Y,
            "lr": WORKED_LR,
            "epochs": 1,
            "seed": WORKED_SEED,
            "batch_size": 2,
        }
        for judged in (LAST_USED, LOSSES):
            cases.append(
                Case(judged.id, worked | {"losses": judged == LOSSES}, "the numbers of the worked example")
            )
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

    def probe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            for epochs in _epochs(case):
                given = _arguments(case, epochs)
                results = recorder.unpack(
                    recorder.call(student_object, *given.values()), ("w", "b", "losses")
                )
                self._record(recorder, case, epochs, *results)
                if case.inputs.get("watch"):
                    watch(recorder, 0, given, results[:2])
        evidence = recorder.evidence()
        namespace = student_object.__globals__ if isinstance(student_object, FunctionType) else {}
        readings = dict(evidence.readings)
        for earlier, smaller in self._earlier_cases(case):
            if earlier.id in namespace:
                readings |= witness(earlier, namespace[earlier.id], smaller)
        return replace(evidence, readings=readings)

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        for epochs in _epochs(case):
            self._record(recorder, case, epochs, *_torch_loop(**_arguments(case, epochs)))
            if case.inputs.get("watch"):
                watch(recorder, 0, _arguments(case, epochs), ())
        return recorder.evidence()

    def _record(self, recorder: Recorder, case: Case, epochs: int, w: Any, b: Any, losses: Any) -> None:
        if not case.inputs["losses"]:
            recorder.record(epochs, "w", w)
            recorder.record(epochs, "b", b)
            return
        if not isinstance(losses, (list, tuple, np.ndarray)):
            recorder.stop("not_losses", quantity="losses", type=type(losses).__name__)
        recorder.record(0, "The number of losses", len(losses))
        for step, loss in enumerate(losses, start=1):
            recorder.record(step, "loss", loss)

    def remark(self, case: Case, observed: Evidence) -> str:
        unwritten = observed.problem.values.get("stub") if observed.problem else None
        for earlier, smaller in self._earlier_cases(case):
            if unwritten == earlier.id:
                return ""
            if is_wrong(earlier, smaller, observed):
                return (
                    f"On these rows your {earlier.id} is not right yet, and {self.id} is judged with it "
                    f"as it is: mend {earlier.id} first."
                )
        return ""

    def _earlier_cases(self, case: Case) -> list[tuple[Exercise, Case]]:
        """The earlier exercises, each with a case on the same rows."""
        inputs = case.inputs
        n, d = inputs["X"].shape
        draw = {"n": n, "batch_size": inputs["batch_size"], "drop_last": False, "seed": inputs["seed"]}
        given = {"X": inputs["X"], "y": inputs["y"], "w": np.linspace(1.0, 2.0, d), "b": 1.0}
        return [
            (earlier, Case(earlier.properties[0].id, smaller))
            for earlier, smaller in zip(self.earlier, (draw, {"given": given}), strict=True)
        ]


def _epochs(case: Case) -> range:
    """The numbers of epochs to run for: w and b are read after every epoch, the losses all at once."""
    last = case.inputs["epochs"]
    return range(last if case.inputs["losses"] else 1, last + 1)


def _arguments(case: Case, epochs: int) -> dict[str, Any]:
    """Fresh arguments of one call of ``fit_linear``, in the order of its signature."""
    inputs = case.inputs
    data = {"X": inputs["X"].copy(), "y": inputs["y"].copy(), "batch_size": inputs["batch_size"]}
    return data | {"lr": inputs["lr"], "epochs": epochs, "rng": np.random.default_rng(inputs["seed"])}


def _torch_loop(
    X: np.ndarray, y: np.ndarray, batch_size: int, lr: float, epochs: int, rng: np.random.Generator
) -> tuple[Any, ...]:
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
    return weight, bias, losses
