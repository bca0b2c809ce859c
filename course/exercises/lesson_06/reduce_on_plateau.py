"""Lesson 06, the class that lowers the rate when a metric stalls: ``ReduceLROnPlateau`` is its oracle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder

WORKED = Property("worked", "the worked example")
PATIENCE = Property("patience", "drops at bad epoch number patience + 1")
THRESHOLD = Property("threshold", "an improvement has to beat the threshold")
COOLDOWN = Property("cooldown", "cooldown waits before it counts again")
MIN_LR = Property("min_lr", "never goes below min_lr")
ANY_METRIC = Property("any_metric", "a metric that is 0, negative or NaN")
INSTANCES = Property("instances", "two instances share nothing")
BAD_HYPER = Property("bad_hyper", "refuses a bad factor or lr")

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Plateau(Exercise):
    """``ReduceOnPlateau``. A case is a row of metrics; the evidence is the rate after each of them."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, settings: Settings, metrics: Sequence[float], note: str, **flags: bool
        ) -> None:
            inputs = {"settings": dict(settings), "metrics": np.array(metrics, dtype=np.float64), **flags}
            cases.append(Case(judged.id, inputs, note))

        add(WORKED, WORKED_SETTINGS, WORKED_METRICS, "the numbers of the worked example")
        for _ in range(1 if level == "public" else 3):
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
        cases.append(Case(BAD_HYPER.id, {"tries": [dict(settings) for settings in (*BAD, *GOOD)]}))
        return cases

    def probe(self, student_object: Any, case: Case) -> Evidence:
        return self._run(student_object, case)

    def oracle(self, case: Case) -> Evidence:
        return self._run(_TorchPlateau, case)

    def _run(self, make: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            if "tries" in case.inputs:
                _try_settings(make, case.inputs["tries"], recorder)
            else:
                _follow(make, case, recorder)
        return recorder.evidence()


class _TorchPlateau:
    """torch's scheduler, with an optimiser of its own to hold the rate."""

    def __init__(self, lr: float, **settings: Any):
        self._optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        self._scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self._optimizer, **settings)

    @property
    def lr(self) -> float:
        return self._optimizer.param_groups[0]["lr"]

    def step(self, metric: float) -> float:
        self._scheduler.step(metric)
        return self.lr


def _follow(make: Any, case: Case, recorder: Recorder) -> None:
    """Hand over one metric after the other; write down what comes back, and the rate that is kept."""
    settings = case.inputs["settings"]
    # The second instance has another rate and gets the metrics in reverse.
    rates = [settings["lr"], 0.5 * settings["lr"]] if case.inputs.get("twins") else [settings["lr"]]
    metrics = case.inputs["metrics"]
    rows = [metrics, metrics[::-1]][: len(rates)]
    made = [recorder.call(make, **{**settings, "lr": lr}) for lr in rates]
    for step in range(1, len(metrics) + 1):
        for which, (plateau, row) in enumerate(zip(made, rows, strict=True)):
            owner = "" if len(made) == 1 else f" of instance {which + 1}"
            if not hasattr(plateau, "step"):
                recorder.stop("no_method", name=recorder.name, method="step(metric)")
            returned = recorder.call(plateau.step, float(row[step - 1]), called="step(metric)")
            if returned is None:
                recorder.stop("returned_none", name="step(metric)", wanted="lr")
            recorder.record(step, f"lr{owner}", returned)
            kept = recorder.call(getattr, plateau, "lr", None, called="reading self.lr")
            if kept is None:
                recorder.stop("no_attribute", name=recorder.name, attribute="lr")
            recorder.record(step, f"self.lr{owner}", kept)


def _try_settings(make: Any, tries: Iterable[Settings], recorder: Recorder) -> None:
    """Which constructor arguments raise ValueError; any other exception stops the case."""
    for settings in tries:
        refused = False
        try:
            make(**settings)
        except ValueError:
            refused = True
        except (Exception, SystemExit):
            recorder.call(make, **settings)
        words = ", ".join(f"{name} = {value:g}" for name, value in settings.items())
        recorder.record(0, f"{words} raises ValueError", refused)


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
        WORKED.worth(0.25),
        PATIENCE.worth(0.75),
        THRESHOLD.worth(0.5),
        COOLDOWN.worth(0.5),
        MIN_LR.worth(0.25),
        ANY_METRIC.worth(0.25),
        INSTANCES.worth(0.25),
        BAD_HYPER.worth(0.25),
    ),
    look_at={"lr": "formulas (7) and (8)", "self.lr": "formula (8)"},
)
