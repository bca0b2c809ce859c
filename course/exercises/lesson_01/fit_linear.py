"""Lesson 01, the last exercise: the loop around the student's earlier functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.earlier import Calls, spied
from course.families.functions import WATCHED, Call, watch
from course.families.recorder import Recorder
from course.readings import Reading

WHOLE_BATCH = Property("whole_batch", "updates with the whole batch, from zeros", telling=True)
NEW_ORDER = Property("new_order", "mini-batches, in a new order each epoch", telling=True)
LAST_USED = Property("last_used", "uses the short last batch", looks_at=frozenset({"w"}))
LOSSES = Property("losses", "one loss for each update, before it")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

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
    apart: the batches and gradients are those of the stand-ins below.
    """

    X: np.ndarray
    y: np.ndarray
    batch_size: int
    lr: float
    epochs: int
    seed: int
    losses: bool
    watch: NotRequired[bool]
    apart: NotRequired[bool]


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
            add(WHOLE_BATCH, 4, 2, 4, 1, "4 rows, one update")
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

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Where the student's own batches and gradients lead, as they were asked for and came back."""
        recorder, inputs = Recorder(self.id, self.signature), cast(Fit, case.inputs)
        with recorder.running():
            for epochs in _epochs(inputs):
                given = _arguments(inputs, epochs)
                with spied(student_object, [used.earlier.id for used in self.uses]) as calls:
                    recorder.call(student_object, *given.values())
                batches, gradients = (calls[used.earlier.id] for used in self.uses)
                if inputs["losses"]:
                    recorder.record(0, "loss_count", len(gradients))
                    for step, (at, _) in enumerate(gradients, start=1):
                        X, y, w, b = (torch.tensor(np.array(array)) for array in at[:4])
                        recorder.record(step, "loss", F.mse_loss(X @ w + b, y))
                elif _goes_through(inputs, epochs, batches, gradients, case.property == LAST_USED.id):
                    for number, name in enumerate(("w", "b")):
                        start = np.zeros(inputs["X"].shape[1] if name == "w" else ())
                        moved = sum((np.array(returned[number]) for _, returned in gradients), start)
                        recorder.record(epochs, name, -inputs["lr"] * moved)
        return recorder.readings

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """There may be another number of losses than PyTorch's."""
        own = {
            reading._replace(earlier=""): array
            for reading, array in observed.readings.items()
            if reading.earlier == self.id
        }
        return Evidence(own) if case.inputs["losses"] and own else super().follow(case, observed, expected)

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Fit, case.inputs)
        arguments = _arguments(inputs, inputs["epochs"])
        apart = inputs.get("apart", False)
        for epochs, results in enumerate(_torch_loop(**arguments, apart=apart), start=1):
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


def _goes_through(inputs: Fit, epochs: int, batches: Calls, gradients: Calls, any_order: bool) -> bool:
    """Whether the gradients were asked for on the rows of the batches, in turn, each where w then was."""
    rows = [rows for _, returned in batches for rows in returned]
    if not all(isinstance(rng, np.random.Generator) for (_, _, rng, *_), _ in batches):
        return False
    in_order = (
        len(batches) == epochs
        and len(rows) == len(gradients)
        and all(
            np.array_equal(inputs["X"][taken], at[0]) for taken, (at, _) in zip(rows, gradients, strict=True)
        )
    )
    if not in_order and not (
        any_order and sum(len(at[0]) for at, _ in gradients) == epochs * len(inputs["X"])
    ):
        return False
    w: Any = 0.0
    for at, (dw, _) in gradients:
        if not np.allclose(at[2], w, rtol=1e-9):
            return False
        w = w - inputs["lr"] * np.array(dw)
    return True


def stand_in_batches(
    n: int, batch_size: int, rng: np.random.Generator | None = None, drop_last: bool = False
) -> list[np.ndarray]:
    """In the place of ``minibatch_indices``: a few rows that rng draws, and then every other row."""
    drawn = np.arange(1) if rng is None else rng.integers(n, size=batch_size)
    return [drawn] if drop_last else [drawn, np.arange(0, n, 2)]


def stand_in_gradient(
    X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float, l2: float = 0.0
) -> tuple[np.ndarray, np.float64]:
    """In the place of ``mse_gradient``: something that depends on all that it is given."""
    return X.mean(axis=0) + b - (2.0 + l2) * w, np.float64(y.mean() + w.sum() - b)


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
    X: np.ndarray,
    y: np.ndarray,
    batch_size: int,
    lr: float,
    epochs: int,
    rng: np.random.Generator,
    apart: bool,
) -> Iterator[tuple[Any, ...]]:
    """The weight, the bias and all losses so far, after each epoch."""
    features, targets = torch.tensor(X), torch.tensor(y)
    weight = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer, losses = torch.optim.SGD([weight, bias], lr=lr), []
    for _ in range(epochs):
        if apart:
            batches = stand_in_batches(len(y), batch_size, rng)
        else:
            batches = [*BatchSampler(rng.permutation(len(y)).tolist(), batch_size, drop_last=False)]
        for rows in batches:
            optimizer.zero_grad()
            loss = F.mse_loss(features[rows] @ weight + bias, targets[rows])
            loss.backward()
            if apart:
                at = weight.detach().numpy(), bias.item()
                weight.grad, bias.grad = map(torch.as_tensor, stand_in_gradient(X[rows], y[rows], *at))
            optimizer.step()
            losses.append(loss.item())
        yield weight, bias, losses
