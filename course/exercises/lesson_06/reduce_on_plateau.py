"""Lesson 06, the class that lowers the rate when a metric stalls: ``ReduceLROnPlateau`` is its oracle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, Script, as_tries
from course.formulas import Formulas
from course.readings import Reading

WORKED = Property("worked", "the worked example", telling=True)
PATIENCE = Property("patience", "drops at bad epoch number patience + 1", telling=True)
THRESHOLD = Property("threshold", "an improvement has to beat the threshold")
COOLDOWN = Property("cooldown", "cooldown waits before it counts again")
MIN_LR = Property("min_lr", "never goes below min_lr")
ANY_METRIC = Property("any_metric", "a metric that is 0, negative or NaN")
INSTANCES = Property("instances", "two instances share nothing")
BAD_HYPER = Property("bad_hyper", "refuses a bad factor or lr")

Settings = Mapping[str, Any]


class PlateauScript(Script):
    """The inputs of a case.

    settings: the constructor's arguments by name.
    metrics: shape (epochs,): one for each call of ``step()``.
    """

    settings: dict[str, Any]
    metrics: np.ndarray


@dataclass(frozen=True)
class Plateau(ClassExercise[PlateauScript]):
    """``ReduceOnPlateau``. A case is a row of metrics; the evidence is the rate after each of them."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property,
            settings: Settings,
            metrics: Sequence[float] | np.ndarray,
            note: str,
            **flags: bool,
        ) -> None:
            row = np.array(metrics, dtype=np.float64)
            script: PlateauScript = {"settings": dict(settings), "metrics": row}
            cases.append(Case(judged.id, {**script, **flags}, note))

        add(WORKED, WORKED_SETTINGS, WORKED_METRICS, "the numbers of the worked example")
        if level == "graded":
            settings = {**WORKED_SETTINGS, "lr": rng.uniform(0.1, 1.0), "factor": rng.uniform(0.3, 0.7)}
            metrics = rng.uniform(0.5, 2.0) * np.array(WORKED_METRICS)
            add(WORKED, settings, metrics, "the settings of the worked example but for lr and factor")
        for _ in range(1 if level == "public" else 3):
            patience = int(rng.integers(1, 4))
            once = _stalling(rng, patience + 4)
            add(PATIENCE, _draw(rng, patience=patience), once, f"patience = {patience} and one drop")
            for patience in (0, 1, int(rng.integers(2, 5))):
                settings = _draw(rng, patience=patience)
                add(PATIENCE, settings, _stalling(rng, 2 * patience + 4), f"patience = {patience}")
            # A good epoch between the bad ones: they have to come in a row.
            row = [3.0, 3.5, 3.4, 2.0, 2.5, 2.4, 2.3, 1.0, 1.5, 1.4, 1.3]
            metrics = rng.uniform(0.5, 2.0) * np.array(row)
            add(PATIENCE, _draw(rng, patience=2), metrics, "patience = 2, and good epochs between bad ones")
            add(PATIENCE, {"lr": rng.uniform(0.1, 1.0)}, _stalling(rng, 26), "the default settings")
            threshold = float(rng.uniform(0.05, 0.2))
            add(
                THRESHOLD,
                _draw(rng, patience=1, threshold=threshold),
                _small_gains(rng, threshold),
                f"threshold = {threshold:.3g}, and gains on either side of it",
            )
            tiny = rng.uniform(1.0, 5.0) * (1.0 - 3e-5) ** np.arange(9.0)
            add(
                THRESHOLD,
                _draw(rng, patience=1, threshold=None),
                tiny,
                "the default threshold and tiny gains",
            )
            add(
                THRESHOLD,
                _draw(rng, patience=1, threshold=0.0),
                [2.0, 2.0, 1.9, 1.9, 1.9, 1.8],
                "threshold = 0, and equal metrics",
            )
            cooldown = int(rng.integers(2, 5))
            waits = _draw(rng, patience=1, cooldown=cooldown, factor=float(rng.uniform(0.4, 0.8)))
            add(COOLDOWN, waits, _stalling(rng, 14), f"patience = 1 and cooldown = {cooldown}")
            add(
                COOLDOWN,
                {**waits, "cooldown": 2, "patience": 0},
                rng.uniform(0.5, 2.0) * np.array([5.0, 6.0, 3.0, 4.0, 3.5, 2.0, 2.5, 2.4, 2.3, 2.2]),
                "patience = 0, cooldown = 2 and an improvement while it cools down",
            )
            floor = {
                **_draw(rng, patience=0),
                "lr": 0.1,
                "factor": 0.3,
                "min_lr": float(rng.uniform(0.01, 0.02)),
            }
            add(MIN_LR, floor, _stalling(rng, 6), f"factor = 0.3 and min_lr = {floor['min_lr']:.4g}")
            add(MIN_LR, {**floor, "min_lr": 0.1}, _stalling(rng, 3), "min_lr = lr")
            tiny_rate: Settings = {"lr": 2e-6, "factor": 0.997, "patience": 0}
            add(MIN_LR, tiny_rate, _stalling(rng, 5), "lr = 2e-06 and factor = 0.997, without a min_lr")
            # Below 0 the threshold asks for less than the best: an equal metric counts as better there.
            negative = -rng.uniform(0.5, 2.0) * np.array([1.0, 2.0, 1.9, 1.5, 2.0, 1.8, 1.7, 3.0])
            add(ANY_METRIC, _draw(rng, patience=0), [1.0, 0.0, 0.0, -1.0, 0.0, -0.5], "metrics of 0")
            add(ANY_METRIC, _draw(rng, patience=1), negative, "negative metrics")
            nan = [np.nan, 2.0, 1.0, np.nan, np.nan, 0.5, 0.6, np.nan]
            add(ANY_METRIC, _draw(rng, patience=1), nan, "NaN, also as the first metric")
            between = [2.0, np.nan, 2.5, 2.6, 1.0, np.nan, 1.5, 1.6]
            add(ANY_METRIC, _draw(rng, patience=1), between, "NaN among bad epochs")
            add(
                INSTANCES,
                _draw(rng, patience=1),
                _stalling(rng, 6),
                "two instances that take turns",
                twins=True,
            )
        cases.append(as_tries(BAD_HYPER, (*BAD, *GOOD), rng, level))
        return cases

    def has_plainer(self, case: Case) -> bool:
        return case.property in (MIN_LR.id, INSTANCES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The rates without a min_lr, none below it; each of two instances alone."""
        inputs = cast(PlateauScript, case.inputs)
        found: dict[Reading, np.ndarray] = {}
        for number, owner in enumerate((1, 2) if inputs.get("twins") else (0,)):
            settings, metrics = _of_twin(inputs, number)
            alone: PlateauScript = {"settings": {**settings, "min_lr": 0.0}, "metrics": metrics}
            readings = self._run(student_object, replace(case, inputs=alone), is_torch=False).readings
            found |= {
                reading._replace(owner=owner): np.maximum(array, settings.get("min_lr", 0.0))
                for reading, array in readings.items()
            }
        return found

    def torch_class(self) -> type[_TorchPlateau]:
        return _TorchPlateau

    def script(self, instance: Instance, inputs: PlateauScript, judged: str) -> Iterator[None]:
        """Hand over one metric after the other; write down what comes back, and the rate that is kept."""
        settings, metrics = _of_twin(inputs, instance.number)
        instance.construct(**settings)
        yield
        for step, metric in enumerate(metrics, start=1):
            instance.record(step, "lr", instance.call("step", float(metric), takes="metric", returns="lr"))
            instance.record(step, "self.lr", instance.read("lr", "self.lr"))
            yield


class _TorchPlateau:
    """torch's scheduler, with an optimiser of its own to hold the rate."""

    def __init__(self, lr: float, **settings: Any):
        self._optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        # torch leaves a rate alone that would fall by less than eps; the lesson's class has no such limit.
        self._scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self._optimizer, eps=0.0, **settings)

    @property
    def lr(self) -> float:
        return self._optimizer.param_groups[0]["lr"]

    def step(self, metric: float) -> float:
        self._scheduler.step(metric)
        return self.lr


def _of_twin(inputs: PlateauScript, number: int) -> tuple[Settings, np.ndarray]:
    """Settings and metrics: the second of twins has another rate and gets the metrics in reverse."""
    settings, metrics = inputs["settings"], inputs["metrics"]
    if number == 0:
        return settings, metrics
    return {**settings, "lr": 0.5 * settings["lr"]}, metrics[::-1]


def _draw(rng: np.random.Generator, patience: int, **changes: Any) -> dict[str, Any]:
    """Settings that are not the defaults; ``None`` leaves one out."""
    settings = {
        "lr": rng.uniform(0.1, 1.0),
        "factor": rng.uniform(0.3, 0.7),
        "patience": patience,
        "threshold": rng.uniform(0.005, 0.02),
        **changes,
    }
    return {
        name: value if isinstance(value, int) else float(value)
        for name, value in settings.items()
        if value is not None
    }


def _stalling(rng: np.random.Generator, epochs: int) -> np.ndarray:
    """Two good epochs, and none that is better after them."""
    best = rng.uniform(0.5, 2.0)
    return np.concatenate([[2.0 * best, best], best * rng.uniform(1.0, 1.5, size=epochs - 2)])


def _small_gains(rng: np.random.Generator, threshold: float) -> np.ndarray:
    """Each metric beats the last by less than the threshold, and the best by more every third time."""
    return rng.uniform(0.5, 2.0) * np.cumprod([1.0, *[1.0 - 0.45 * threshold] * 9, 1.05, 1.05])


WORKED_SETTINGS = {"lr": 0.8, "factor": 0.5, "patience": 1, "threshold": 0.1}
WORKED_METRICS = (1.0, 0.8, 0.79, 0.78, 0.6, 0.62, 0.61)
BAD: tuple[Settings, ...] = ({"lr": 0.1, "factor": 1.0}, {"lr": 0.1, "factor": 1.5}, {"lr": -0.1})
GOOD: tuple[Settings, ...] = ({"lr": 0.0}, {"lr": 0.1, "factor": 0.99}, {"lr": 0.1, "patience": 0})

REDUCE_ON_PLATEAU = Plateau(
    id="ReduceOnPlateau",
    signature="(lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0)",
    properties=(
        WORKED.worth(0.125),
        PATIENCE.worth(0.5),
        THRESHOLD.worth(0.375),
        COOLDOWN.worth(0.25),
        MIN_LR.worth(0.375),
        ANY_METRIC.worth(0.25),
        INSTANCES.worth(0.25),
        BAD_HYPER.worth(0.375),
    ),
    look_at={
        "lr": Formulas(
            plain=(7, 8),
            properties={THRESHOLD.id: (7,), ANY_METRIC.id: (7,), MIN_LR.id: (8,), INSTANCES.id: ()},
        ),
        "self.lr": "formula (8)",
    },
)
