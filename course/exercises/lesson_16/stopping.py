"""Lesson 16: early stopping, which keeps the best model (Prechelt 1998).

A case is a script of metrics. Before each call the model is moved, so that what was kept of it shows.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Level, Property
from course.families.classes import ClassExercise, Instance, Script, as_tries
from course.families.draws import parameters

START = Property("start", "best is infinite at first, and nothing is kept")
STOPS = Property(
    "stops",
    "True after `patience` calls running that were no better",
    looks_at=frozenset({"stop"}),
    telling=True,
)
BEST = Property("best", "best is the best metric", looks_at=frozenset({"best"}), telling=True)
# When it stops is another property's affair, and so is what was kept.
MIN_DELTA = Property("min_delta", "better by more than min_delta", looks_at=frozenset({"best"}))
NAN = Property("nan", "NaN is never better", looks_at=frozenset({"best"}))
RESTORED = Property(
    "restored", "restore brings back the best model", looks_at=frozenset({"restored"}), telling=True
)
BUFFERS = Property("buffers", "buffers are kept with the weights")
ALONE = Property(
    "alone",
    "step leaves the model alone; restore changes it in place",
    looks_at=frozenset({"step_changed_model", "restore_moved"}),
)
INSTANCES = Property("instances", "two instances share nothing", looks_at=frozenset({"best"}))
REFUSED = Property("refused", "refuses patience below 1 and a negative min_delta")


class StoppingScript(Script):
    """The inputs of a case.

    weight, average: the model's initial parameter and its buffer.
    metrics: one for each call of ``step``.
    hyper: the constructor's arguments.
    """

    weight: np.ndarray
    average: np.ndarray
    metrics: np.ndarray
    hyper: dict[str, Any]
    restores: NotRequired[bool]


class Model(nn.Module):
    """One parameter and two buffers, an average and a count, as batch normalisation has them."""

    def __init__(self, weight: np.ndarray, average: np.ndarray, scale: float):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(np.asarray(scale * weight)))
        self.register_buffer("average", torch.tensor(np.asarray(scale * average)))
        self.register_buffer("count", torch.tensor(0))

    @torch.no_grad()
    def move(self) -> None:
        """A step of training, in place: each call leaves other values."""
        self.weight.mul_(0.75).add_(1.0)
        cast(torch.Tensor, self.average).mul_(0.5).sub_(1.0)
        cast(torch.Tensor, self.count).add_(1)


class Stopping(ClassExercise[StoppingScript]):
    """``EarlyStopping``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, note: str, metrics: Sequence[float], patience: int, **changes: Any) -> None:
            # A power of two leaves every border where it is, to the last bit.
            factor = 1.0 if level == "public" else 2.0 ** int(rng.integers(-3, 4))
            script: StoppingScript = {
                "weight": parameters(rng, (2, 3)),
                "average": parameters(rng, (3,)),
                "metrics": factor * np.array(metrics, dtype=np.float64),
                "hyper": {"patience": patience},
            }
            if "min_delta" in changes:
                script["hyper"]["min_delta"] = factor * changes.pop("min_delta")
            cases.append(Case(judged.id, {**script, **changes}, f"patience = {patience} and {note}"))

        rounds = 1 if level == "public" else 3
        for _ in range(rounds):
            drop = float(rng.integers(1, 8)) / 8
            wait = int(rng.integers(2, 5))
            add(START, "no call of step yet", [], wait)
            add(STOPS, "a metric that rises", [1.0, 1.0 + drop, 2.0, 2.5, 3.0][: wait + 1], wait)
            add(STOPS, "a metric that falls once more", [2.0, 2.5, 2.0 - drop, 3.0, 3.0], 2)
            add(STOPS, "a metric that rises at once", [1.0, 1.5], 1)
            add(BEST, "a metric that goes up and down", [2.0, 3.0, 2.0 - drop, 1.5], 4)
            add(BEST, "negative metrics", [0.0, -1.0 - drop, -0.5], 4)
            add(MIN_DELTA, "a metric at the border", [2.0, 1.5, 1.25, 0.5], 4, min_delta=0.5)
            add(MIN_DELTA, "small gains", [2.0, 1.875, 1.75, 1.5], 3, min_delta=0.5)
            add(MIN_DELTA, "a metric that stays", [1.0, 1.0], 3)
            add(NAN, "NaN first", [np.nan, 1.0, 2.0], 3)
            add(NAN, "NaN after a number", [1.0, np.nan, 0.5, np.nan], 3)
            add(NAN, "nothing but NaN", [np.nan, np.nan], 2)
            add(NAN, "nothing but NaN, then restore", [np.nan], 2, restores=True)
            add(RESTORED, "the best metric in the middle", [2.0, 2.0 - drop, 3.0], 4, restores=True)
            add(RESTORED, "the best metric first", [1.0, 1.0 + drop, 3.0], 4, restores=True)
            add(RESTORED, "a metric that makes it stop", [1.0, 1.0 + drop, 3.0], 2, restores=True)
            add(BUFFERS, "a model with buffers", [1.0, 1.0 + drop], 4, restores=True)
            add(BUFFERS, "the best metric in the middle", [2.0, 2.0 - drop, 3.0], 4, restores=True)
            add(ALONE, "a model that is looked at again", [1.0, 2.0], 4, restores=True)
            add(ALONE, "a metric that makes it stop", [1.0, 2.0], 1, restores=True)
            add(ALONE, "restore before anything is kept", [], 2, restores=True)
            add(INSTANCES, "two instances that take turns", [2.0, 1.0, 3.0], 4, restores=True, twins=True)
        tries: list[dict[str, Any]] = [{"patience": 0}, {"patience": -int(rng.integers(1, 50))}]
        tries += [{"patience": 3, "min_delta": -0.1}, {"patience": 1}, {"patience": 5, "min_delta": 0.5}]
        cases.append(as_tries(REFUSED, tries, rng, level))
        return cases

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        rest = {name: value for name, value in tried.items() if name != "patience"}
        return (tried["patience"],), rest

    def torch_class(self) -> type[_TorchStopping]:
        return _TorchStopping

    def script(self, instance: Instance, inputs: StoppingScript, judged: str) -> Iterator[None]:
        """Call by call: move the model, hand its metric in; at the end restore."""
        model = Model(inputs["weight"], inputs["average"], instance.scale)
        places = [tensor.data_ptr() for tensor in (*model.parameters(), *model.buffers())]
        positional, named = self.arguments(inputs["hyper"])
        instance.construct(*positional, **named)
        if judged == START.id:
            instance.record(0, "best", instance.read("best"))
        yield
        for step, metric in enumerate(inputs["metrics"], start=1):
            model.move()
            before = copy.deepcopy(model.state_dict())
            stop = instance.call("step", instance.scale * float(metric), model, takes="metric, model")
            if stop is None:
                instance.recorder.stop("returned_none", name="step(metric, model)", wanted="True or False")
            if judged in (STOPS.id, MIN_DELTA.id, NAN.id, INSTANCES.id):
                instance.record(step, "stop", bool(stop))
            if judged in (BEST.id, MIN_DELTA.id, NAN.id, INSTANCES.id):
                instance.record(step, "best", instance.read("best"))
            if judged == ALONE.id:
                same = all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
                instance.record(step, "step_changed_model", not same)
            yield
        if inputs.get("restores"):
            model.move()
            instance.call("restore", model, takes="model")
            after = len(inputs["metrics"]) + 1
            if judged == BUFFERS.id:
                for name, buffer in model.named_buffers():
                    instance.record(after, "restored_buffer", buffer, of=name)
            else:
                instance.record(after, "restored", model.weight)
            if judged == ALONE.id:
                now = [tensor.data_ptr() for tensor in (*model.parameters(), *model.buffers())]
                instance.record(after, "restore_moved", places != now)
                # What was kept stays kept while the restored model goes on.
                model.move()
                instance.call("restore", model, takes="model")
                instance.record(after + 1, "restored", model.weight)

    def has_plainer(self, case: Case) -> bool:
        return False


class _TorchStopping:
    """``ReduceLROnPlateau``, which waits one call longer: when it lowers the rate, it is time to stop."""

    def __init__(self, patience: int, min_delta: float = 0.0):
        if patience < 1 or min_delta < 0:
            raise ValueError("the contract refuses it")
        self._rate = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self._rate, factor=0.5, patience=patience - 1, threshold=min_delta, threshold_mode="abs"
        )
        self._kept: dict[str, torch.Tensor] | None = None

    @property
    def best(self) -> float:
        return float(self._plateau.best)

    def step(self, metric: float, model: nn.Module) -> bool:
        before, rate = self._plateau.best, self._rate.param_groups[0]["lr"]
        self._plateau.step(metric)
        if self._plateau.best != before:
            self._kept = copy.deepcopy(model.state_dict())
        return bool(self._rate.param_groups[0]["lr"] < rate)

    def restore(self, model: nn.Module) -> None:
        if self._kept is not None:
            model.load_state_dict(self._kept)


EARLY_STOPPING = Stopping(
    id="EarlyStopping",
    signature="(patience, min_delta=0.0)",
    properties=(
        START.worth(0.125),
        STOPS.worth(0.5),
        BEST.worth(0.375),
        MIN_DELTA.worth(0.375),
        NAN.worth(0.25),
        RESTORED.worth(0.5),
        BUFFERS.worth(0.25),
        ALONE.worth(0.25),
        INSTANCES.worth(0.125),
        REFUSED.worth(0.25),
    ),
    look_at={"stop": "formula (7)", "best": "formula (7)", "restored": "the docstring of restore"},
)
