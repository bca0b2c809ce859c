"""Lesson 16, the challenge: one update of a recipe, with its parts in their order.

The last of its properties trains: from a start that nobody has seen, within a budget of updates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.exercises.lesson_07.clipped_step import LOSSES, SHAPES, Model
from course.families.draws import parameters
from course.families.handed import HandedOptimizer, torch_sgd
from course.families.recorder import Recorder
from course.readings import Reading

OF_STEP = frozenset({"grad_at_step", "params"})
PLAIN = Property("plain", "one micro-batch, below the limit", looks_at=OF_STEP, telling=True)
JOINED = Property("joined", "micro-batches of any sizes count as one batch", looks_at=OF_STEP, telling=True)
# With or without the 1e-6 that PyTorch adds to the norm: the text leaves it open.
EITHER_WAY = 1e-5
CLIPPED = Property(
    "clipped", "the whole gradient is clipped, once", rtol=EITHER_WAY, looks_at=OF_STEP, telling=True
)
RATE = Property(
    "rate",
    "the scheduler comes last; lr is what the update used",
    looks_at=frozenset({"lr", "params"}),
    telling=True,
)
RETURNED = Property(
    "returned",
    "loss and norm of the whole batch",
    looks_at=frozenset({"loss", "loss_is_tensor", "grad_norm", "grad_norm_is_tensor"}),
    telling=True,
)
ZEROED = Property("zeroed", "clears old gradients once", telling=True)
# Over forty updates such a difference grows a hundredfold.
BUDGET = Property("budget", "reaches its target within a budget of updates", rtol=100 * EITHER_WAY)

# What a property is about, in the words of the text.
LOOK = {
    JOINED.id: "what a micro-batch counts for in the mean",
    RETURNED.id: "what a micro-batch counts for in the mean",
    CLIPPED.id: "which gradient max_norm is for",
    ZEROED.id: "when old gradients go",
    BUDGET.id: "the properties above, which it takes together",
}
# A norm that no gradient here comes near.
FAR = 1e6
# Of the recipe that is trained: updates, the rows of its micro-batches, and what counts as the target.
UPDATES, PIECES, TARGET = 40, (5, 2, 1), 0.5
MISSED = Reading(UPDATES, "missed_target")


class StepScript(TypedDict):
    """The inputs of a case: one model, and a call for each update.

    params: the initial parameters, of shapes ``SHAPES``.
    batches: for each call the micro-batches, a pair of x (rows, 2) and y (rows,) each.
    lrs: the rates that the scheduler sets, one after the other; the last one stays.
    loss: a key of ``LOSSES``.
    max_norm: the limit.
    stale: before the first call every parameter has a gradient of 3 already.
    """

    params: list[np.ndarray]
    batches: list[list[list[np.ndarray]]]
    lrs: list[float]
    loss: str
    max_norm: float
    stale: NotRequired[bool]


class HandedScheduler:
    """What the student's code is handed: ``step()`` sets the next rate of group 0; the last one stays."""

    def __init__(self, optimizer: Any, lrs: Sequence[float]):
        self._optimizer = optimizer
        self._next = iter(lrs[1:])
        self._last = lrs[-1]

    def step(self) -> None:
        self._optimizer.param_groups[0]["lr"] = next(self._next, self._last)


@dataclass(frozen=True)
class TrainingStep(Exercise):
    """``training_step``: the evidence is what ``optimizer.step()`` sees, every parameter, what it returns."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, note: str, *lengths: Sequence[int], **changes: Any) -> None:
            inputs: StepScript = {
                "params": [parameters(rng, shape) for shape in SHAPES],
                "batches": [
                    [[rng.normal(size=(rows, 2)), rng.uniform(3.0, 6.0, size=rows)] for rows in pieces]
                    for pieces in lengths
                ],
                # Where the rates are not what is asked about, it does not matter when they change; where they
                # are, there is one more for each micro-batch.
                "lrs": rng.uniform(0.02, 0.1, size=sum(map(len, lengths)) if judged == RATE else 1).tolist(),
                "loss": "mse",
                "max_norm": FAR,
            }
            cases.append(Case(judged.id, {**inputs, **changes}, note))

        for _ in range(1 if level == "public" else 3):
            low = float(rng.uniform(0.2, 0.5))
            many = int(rng.integers(4, 8))
            add(PLAIN, "one micro-batch of 3 rows", [3])
            add(PLAIN, "one micro-batch of one row and another loss function", [1], loss="poisson")
            add(JOINED, "micro-batches of 2 and 2 rows", [2, 2])
            add(JOINED, f"micro-batches of {many}, 1 and 2 rows", [many, 1, 2])
            add(JOINED, "micro-batches of 1 and 4 rows and another loss function", [1, 4], loss="poisson")
            add(CLIPPED, "one micro-batch and a norm above max_norm", [3], max_norm=low)
            add(CLIPPED, "micro-batches of 3 and 3 rows and a norm above max_norm", [3, 3], max_norm=low)
            add(RATE, "two updates of one row each, each with its rate", [1], [1])
            add(RATE, "four updates of one row each, each with its rate", [1], [1], [1], [1])
            add(RATE, "two updates of two micro-batches each", [2, 2], [2, 2])
            add(RETURNED, "one micro-batch", [3])
            add(
                RETURNED,
                f"micro-batches of {many} and 1 rows and a norm above max_norm",
                [many, 1],
                max_norm=low,
            )
            add(ZEROED, "one row, and old gradients on every parameter", [1], stale=True)
            add(ZEROED, "three updates of one row each", [1], [1], [1])
            cases.append(Case(BUDGET.id, {**_recipe(rng)}, f"{UPDATES} updates with warm-up and clipping"))
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return self._follow(student_object, case, HandedOptimizer)

    def oracle(self, case: Case) -> Evidence:
        return self._follow(_torch_step, case, torch_sgd)

    def _follow(self, update: Any, case: Case, make_optimizer: Callable[..., Any]) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(StepScript, case.inputs)
        with recorder.running(), torch.enable_grad():
            model, loss_fn = Model(inputs["params"]), LOSSES[inputs["loss"]]
            optimizer = make_optimizer([{"params": list(model.parameters()), "lr": inputs["lrs"][0]}])
            scheduler = HandedScheduler(optimizer, inputs["lrs"])
            if inputs.get("stale"):
                for parameter in model.parameters():
                    parameter.grad = torch.full_like(parameter, 3.0)
            before = self._loss(model, inputs) if case.property == BUDGET.id else 0.0
            for step, batch in enumerate(inputs["batches"], start=1):
                pieces = [(torch.tensor(x), torch.tensor(y)) for x, y in batch]
                optimizer.seen.clear()
                if case.property == RATE.id:
                    model.zero_grad()  # what is left of the update before is another property's affair
                arguments = (model, loss_fn, pieces, optimizer, scheduler, inputs["max_norm"])
                returned = recorder.call(update, *arguments)
                loss, grad_norm, lr = recorder.unpack(returned, ("loss", "grad_norm", "lr"))
                if case.property == RETURNED.id:
                    recorder.record(step, "loss", loss)
                    recorder.record(step, "loss_is_tensor", isinstance(loss, torch.Tensor))
                    recorder.record(step, "grad_norm", grad_norm)
                    recorder.record(step, "grad_norm_is_tensor", isinstance(grad_norm, torch.Tensor))
                if case.property == BUDGET.id:
                    recorder.record(step, "loss", loss)
                if case.property == RATE.id:
                    recorder.record(step, "lr", lr)
                if case.property not in (RETURNED.id, BUDGET.id):
                    _record_update(recorder, step, model, optimizer)
            if case.property == BUDGET.id:
                missed = not self._loss(model, inputs) < TARGET * before
                recorder.record(UPDATES, MISSED.id, missed)
        return recorder.evidence()

    @torch.no_grad()
    def _loss(self, model: Model, inputs: StepScript) -> float:
        """Of the first batch, all its rows together."""
        x, y = (torch.tensor(np.concatenate(parts)) for parts in zip(*inputs["batches"][0], strict=True))
        return float(LOSSES[inputs["loss"]](model(x), y))

    def has_plainer(self, case: Case) -> bool:
        return False

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Whatever way leads to the target is right; the way itself says where one that misses it parted.

        Which rate an update used shows in how far it goes along its own gradient, whatever that is.
        """
        if case.property == RATE.id:
            return Evidence({**expected.readings, **_along(cast(StepScript, case.inputs), observed)})
        if case.property != BUDGET.id or observed.problem or observed.readings.get(MISSED, True):
            return expected
        return Evidence({key: observed.readings.get(key, array) for key, array in expected.readings.items()})


def _recipe(rng: np.random.Generator) -> StepScript:
    """A small model on one batch, over and over: half of the updates warm up, then the rate falls to 0.

    At the highest rate the loss explodes without clipping. The last row, a micro-batch of its own, is unlike
    the others: whoever follows it alone leaves them.
    """
    rows = sum(PIECES)
    x = rng.normal(size=(rows, 2))
    y = rng.uniform(6.0, 9.0, size=rows)
    y[-1] -= 6.0
    ends = np.cumsum(PIECES)[:-1]
    pieces = [list(pair) for pair in zip(np.split(x, ends), np.split(y, ends), strict=True)]
    rates = [4.0 * min(step + 1, UPDATES - step) / (UPDATES / 2) for step in range(UPDATES)]
    return {
        "params": [parameters(rng, shape) for shape in SHAPES],
        "batches": [pieces] * UPDATES,
        "lrs": rates,
        "loss": "mse",
        "max_norm": 0.12,
    }


def _record_update(recorder: Recorder, step: int, model: Model, optimizer: Any) -> None:
    """What ``step()`` found, and what became of the parameters."""
    recorder.record(step, "step_calls", len(optimizer.seen))
    for grads in optimizer.seen[-1:]:
        for index, grad in enumerate(grads):
            if grad is not None:
                recorder.record(step, "grad_at_step", grad, (index,))
    for index, param in enumerate(model.held):
        recorder.record(step, "params", param, (index,))


def _along(inputs: StepScript, observed: Evidence) -> dict[Reading, np.ndarray]:
    """The parameters after each update along the gradients that it found; nothing where one is not there."""
    params, readings = [np.asarray(array) for array in inputs["params"]], {}
    for step, rate in enumerate(inputs["lrs"][: len(inputs["batches"])], start=1):
        for index, param in enumerate(params):
            grad = observed.readings.get(Reading(step, "grad_at_step", (index,)))
            if grad is None or grad.shape != param.shape:
                return {}
            params[index] = np.asarray(param - rate * grad)
            readings[Reading(step, "params", (index,))] = params[index]
    return readings


def _torch_step(
    model: Model, loss_fn: Any, batches: Any, optimizer: Any, scheduler: Any, max_norm: float
) -> tuple[float, float, float]:
    """The micro-batches joined into one, and PyTorch's own clipping."""
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm)
    optimizer.step()
    rate = float(optimizer.param_groups[0]["lr"])
    scheduler.step()
    return float(loss), float(norm), rate


TRAINING_STEP = TrainingStep(
    id="training_step",
    signature="(model, loss_fn, batches, optimizer, scheduler, max_norm)",
    properties=(
        PLAIN.worth(0.25),
        JOINED.worth(0.375),
        CLIPPED.worth(0.25),
        RATE.worth(0.375),
        RETURNED.worth(0.25),
        ZEROED.worth(0.25),
        BUDGET.worth(0.25),
    ),
    look_at={
        "params": "the order of the parts",
        "grad_at_step": lambda judged, *_: LOOK.get(judged, ""),
        "loss": lambda judged, *_: LOOK.get(judged, ""),
        "lr": "the order of the parts",
    },
)
