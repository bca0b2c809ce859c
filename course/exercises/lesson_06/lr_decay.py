"""Lesson 06: five learning-rate schedules as functions of the epoch, and two schedulers.

Names and formulas are those of ``torch.optim.lr_scheduler``; the cosine is Loshchilov and Hutter's (2017).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property, Uses
from course.exercises.lesson_06 import planned_rates
from course.exercises.lesson_06.lambda_schedule import LAMBDA_SCHEDULE
from course.exercises.lesson_06.reduce_on_plateau import REDUCE_ON_PLATEAU
from course.families.earlier import called
from course.families.functions import WATCHED
from course.families.schedules import ARRAY_ID, RateFunction, torch_optimizer, torch_rates
from course.formulas import Settings
from course.readings import Reading

ONE_EPOCH = Property("one_epoch", "one epoch at a time, from the worked example on", telling=True)
ARRAY = Property(ARRAY_ID, "an array of epochs, in any order")
EDGES = Property("edges", "settings and epochs at their edge", telling=True)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

WORKED_LR = 0.8
WORKED_EPOCHS = 5


@dataclass(frozen=True)
class Decay(RateFunction):
    """A schedule: the initial rate, its settings and an epoch in, the rate out.

    The oracle is one of torch's schedulers, stepped to the epoch.

    Attributes:
        worked: the settings of the lesson's worked example.
    """

    worked: Mapping[str, Any] = field(default_factory=dict)

    @abstractmethod
    def scheduler(self, optimizer: torch.optim.Optimizer, *args: Any, **settings: Any) -> Any:
        """The scheduler of ``torch.optim.lr_scheduler`` that does the same to ``optimizer``."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        """Settings, ``lr0`` left out."""

    @abstractmethod
    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        """Four different epochs or more at which these settings are telling, the last the largest."""

    @abstractmethod
    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        """Settings at the edge of what is allowed, each with an epoch."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, lr0: float, settings: Mapping[str, Any], epoch: Any, watch: bool = False
        ) -> None:
            given = {"lr0": float(lr0), **settings, "epoch": epoch}
            cases.append(Case(judged.id, {"given": given, "watch": watch}, self.note(given)))

        for epoch in range(WORKED_EPOCHS):
            add(ONE_EPOCH, WORKED_LR, self.worked, epoch)
        if level == "graded":
            lr0, settings = rng.uniform(0.05, 1.0), self.draw(rng)
            for epoch in range(WORKED_EPOCHS):
                add(ONE_EPOCH, lr0, settings, epoch)
        for _ in range(1 if level == "public" else 3):
            for _ in range(2):
                lr0, settings = rng.uniform(0.05, 1.0), self.draw(rng)
                for epoch in self.epochs(rng, settings):
                    add(ONE_EPOCH, lr0, settings, epoch)
            lr0, settings = rng.uniform(0.05, 1.0), self.draw(rng)
            telling = self.epochs(rng, settings)
            add(ARRAY, lr0, settings, np.array([telling[-2]]))
            add(ARRAY, lr0, settings, np.array([0, *telling]))
            add(ARRAY, lr0, settings, rng.permutation([0, 1, *telling, telling[-1]]))
            for settings, epoch in self.edges(rng):
                lr0 = rng.uniform(0.05, 1.0)
                add(EDGES, lr0, settings, epoch)
                add(EDGES, lr0, settings, np.array([epoch, 0]))
            settings = self.draw(rng)
            add(INPUTS, rng.uniform(0.05, 1.0), settings, np.array(self.epochs(rng, settings)), watch=True)
        return cases

    def expected(self, lr0: float, epoch: Any, **settings: Any) -> tuple[np.ndarray]:
        scheduler = self.scheduler(torch_optimizer(lr0), **settings)
        return (np.asarray(torch_rates(scheduler, int(np.max(epoch)) + 1)[epoch]),)


class InverseTime(Decay):
    """``inverse_time_decay``: torch has no scheduler of that name, so LambdaLR gets the factor."""

    def scheduler(self, optimizer: torch.optim.Optimizer, decay_rate: float) -> Any:
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + decay_rate * epoch))

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        return {"decay_rate": float(rng.uniform(0.1, 2.0))}

    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        return [1, 2, int(rng.integers(3, 10)), int(rng.integers(20, 60))]

    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        return [({"decay_rate": 0.0}, 7), (self.draw(rng), 0), ({"decay_rate": 200.0}, 500)]


class StepDecay(Decay):
    """``step_decay``: StepLR."""

    def scheduler(self, optimizer: torch.optim.Optimizer, gamma: float, step_size: int) -> Any:
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        return {"gamma": float(rng.uniform(0.2, 0.8)), "step_size": int(rng.integers(3, 8))}

    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        size = settings["step_size"]
        return [size - 1, size, size + 1, 2 * size - 1, 2 * size, 3 * size + int(rng.integers(1, size))]

    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        gamma = float(rng.uniform(0.5, 0.9))
        return [
            ({"gamma": gamma, "step_size": 1}, 4),
            ({"gamma": 1.0, "step_size": 3}, 7),
            (self.draw(rng), 0),
            ({"gamma": gamma / 10, "step_size": 100}, 500),
        ]


class MultistepDecay(Decay):
    """``multistep_decay``: MultiStepLR."""

    def scheduler(self, optimizer: torch.optim.Optimizer, gamma: float, milestones: list[int]) -> Any:
        return torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma)

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        milestones = np.cumsum(rng.integers(2, 9, size=3)).tolist()
        return {"gamma": float(rng.uniform(0.2, 0.8)), "milestones": milestones}

    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        first, second, third = settings["milestones"]
        return [first - 1, first, first + 1, second, third - 1, third, third + int(rng.integers(1, 10))]

    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        gamma = float(rng.uniform(0.2, 0.8))
        return [
            ({"gamma": gamma, "milestones": []}, 5),
            ({"gamma": gamma, "milestones": [1]}, 1),
            ({"gamma": gamma, "milestones": [2, 3, 4, 400]}, 500),
            (self.draw(rng), 0),
        ]


class ExponentialDecay(Decay):
    """``exponential_decay``: ExponentialLR."""

    def scheduler(self, optimizer: torch.optim.Optimizer, gamma: float) -> Any:
        return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        return {"gamma": float(rng.uniform(0.7, 0.98))}

    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        return [1, 2, int(rng.integers(3, 8)), int(rng.integers(10, 30))]

    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        return [({"gamma": 1.0}, 6), (self.draw(rng), 0), ({"gamma": 0.97}, 500)]


class CosineDecay(Decay):
    """``cosine_decay``: CosineAnnealingLR up to its T_max."""

    def scheduler(self, optimizer: torch.optim.Optimizer, lr_min: float, t_max: int) -> Any:
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, t_max, eta_min=lr_min)

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        return {"lr_min": float(rng.uniform(0.005, 0.04)), "t_max": int(rng.integers(9, 30))}

    def epochs(self, rng: np.random.Generator, settings: Mapping[str, Any]) -> list[int]:
        t_max = settings["t_max"]
        return [1, int(rng.integers(2, t_max // 2)), t_max // 2, t_max - 1, t_max]

    def edges(self, rng: np.random.Generator) -> list[tuple[dict[str, Any], int]]:
        t_max = int(rng.integers(5, 20))
        return [
            ({"lr_min": 0.0, "t_max": t_max}, t_max),
            ({"lr_min": 0.01, "t_max": 1}, 1),
            (self.draw(rng), 0),
            ({"lr_min": 0.001, "t_max": 500}, 400),
        ]


def _decay(kind: type[Decay], id: str, settings: str, formula: str, **worked: Any) -> Decay:
    return kind(
        id=id,
        signature=f"(lr0, {settings}, epoch)",
        properties=(
            ONE_EPOCH.worth(0.125),
            ARRAY.worth(0.25),
            EDGES.worth(0.125),
            INPUTS.worth(0.25),
        ),
        look_at={"lr": formula},
        returns=("lr",),
        worked=worked,
    )


INVERSE_TIME = _decay(InverseTime, "inverse_time_decay", "decay_rate", "formula (2)", decay_rate=1.0)
STEP = _decay(StepDecay, "step_decay", "gamma, step_size", "formula (3)", gamma=0.5, step_size=2)
MULTISTEP = _decay(
    MultistepDecay, "multistep_decay", "gamma, milestones", "formula (4)", gamma=0.5, milestones=[1, 4]
)
EXPONENTIAL = _decay(ExponentialDecay, "exponential_decay", "gamma", "formula (5)", gamma=0.5)
COSINE = _decay(CosineDecay, "cosine_decay", "lr_min, t_max", "formula (6)", lr_min=0.0, t_max=4)


def _as_cosine(case: Case) -> Case:
    given = planned_rates.after_the_peak(case)
    return Case(ARRAY.id, {"given": given, "watch": False})


def _demands(judged: str, reading: Reading, settings: Settings) -> str:
    alone = {planned_rates.WARM_UP.id: 2, planned_rates.COSINE.id: 3, planned_rates.NO_WARM_UP.id: 4}
    return f"demand {alone[judged]}" if judged in alone else "demands 1 to 3"


PLANNED_RATES = planned_rates.PlannedRates(
    id="planned_rates",
    signature="(peak, lr_min, warmup_epochs, epochs, rows, batch_size)",
    properties=(
        planned_rates.COUNT.worth(0.625),
        planned_rates.WARM_UP.worth(0.5),
        planned_rates.COSINE.worth(0.5),
        planned_rates.NO_WARM_UP.worth(0.25),
        planned_rates.WHOLE_RUN.worth(0.125),
    ),
    look_at={"lr": _demands, "rate_count": "demand 1"},
    uses=(
        Uses(
            COSINE,
            as_case=_as_cosine,
            found_by=called,
            said="Your cosine_decay is not right yet, and it is used as you wrote it: mend it first.",
        ),
    ),
)

EXERCISES = (
    INVERSE_TIME,
    STEP,
    MULTISTEP,
    EXPONENTIAL,
    COSINE,
    REDUCE_ON_PLATEAU,
    LAMBDA_SCHEDULE,
    PLANNED_RATES,
)
