"""Lesson 09, the challenge: a cosine that starts again (Loshchilov and Hutter 2017).

The oracle is ``CosineAnnealingWarmRestarts``, driven with ``step()`` alone: its ``step(epoch)`` finds the
cycle with a logarithm, which rounds the wrong way at some restarts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from torch.optim import lr_scheduler

from course.exercise import Case, Evidence, Property, Uses
from course.exercises.lesson_09 import warm_ups
from course.exercises.lesson_09.rates import ARRAY, INPUTS, StepRate, Trial, draw_rates
from course.families.earlier import called, standing_in
from course.families.schedules import torch_optimizer, torch_rates
from course.readings import Reading

FIRST_CYCLE = Property("first_cycle", "the first cycle", telling=True)
LATER_CYCLES = Property("later_cycles", "later cycles, each t_mult times as long", telling=True)
STARTS = Property("starts", "each cycle starts exactly at lr0, also far along")

WORKED = {"lr0": 0.8, "lr_min": 0.0, "t_0": 2, "t_mult": 2}
# Settings and a step at which a cycle starts, where the quotient of two logarithms falls short of it.
FAR = (
    ({"t_0": 1, "t_mult": 3}, 121),
    ({"t_0": 1, "t_mult": 10}, 111),
    ({"t_0": 2, "t_mult": 3}, 242),
    ({"t_0": 3, "t_mult": 10}, 333),
)


def stand_in_cosine(lr0: Any, lr_min: Any, warmup: Any, total: Any, step: Any) -> Any:
    """In the place of ``warmup_cosine`` while an answer that calls it is judged: another fall."""
    return lr_min + (lr0 - lr_min) / (1.0 + step / total) + warmup


class CosineRestarts(StepRate):
    """``cosine_restarts``."""

    def worked(self) -> list[Trial]:
        return [
            (FIRST_CYCLE, WORKED, [0, 1]),
            (LATER_CYCLES, WORKED, range(3, 6)),
            (STARTS, WORKED, [2, 6]),
        ]

    def trials(self, rng: np.random.Generator) -> list[Trial]:
        equal, growing = _draw(rng, 1), _draw(rng, int(rng.integers(2, 4)))
        t_0, t_mult = growing["t_0"], growing["t_mult"]
        second, third = t_0, t_0 + t_0 * t_mult  # where these cycles start
        ones = {**draw_rates(rng), "lr_min": 0.0, "t_0": 1, "t_mult": 1}
        return [
            (FIRST_CYCLE, growing, [0, 1, t_0 // 2, t_0 - 1]),
            (FIRST_CYCLE, equal, [1, equal["t_0"] - 1]),
            (LATER_CYCLES, growing, [second + 1, third - 1, third + 2, third + t_0 * t_mult**2 - 1]),
            (LATER_CYCLES, equal, [equal["t_0"] + 1, 3 * equal["t_0"] - 1]),
            # What a wrong lr_min does is the affair of the properties above.
            (STARTS, {**growing, "lr_min": 0.0}, [second, third]),
            (STARTS, {**equal, "lr_min": 0.0}, [equal["t_0"], 40 * equal["t_0"]]),
            (STARTS, ones, [0, 1, int(rng.integers(100, 300))]),
            *((STARTS, {**draw_rates(rng), "lr_min": 0.0, **each}, [step]) for each, step in FAR),
        ]

    def whole_run(self, rng: np.random.Generator) -> tuple[dict[str, Any], list[int]]:
        settings = _draw(rng, int(rng.integers(1, 4)))
        t_0, t_mult = settings["t_0"], settings["t_mult"]
        third = t_0 + t_0 * t_mult
        return settings, [0, 1, t_0 - 1, t_0, third - 1, third, third + 2]

    def torch_scheduler(self, lr0: float, lr_min: float, t_0: int, t_mult: int) -> Any:
        return lr_scheduler.CosineAnnealingWarmRestarts(torch_optimizer(lr0), t_0, t_mult, eta_min=lr_min)

    def oracle(self, case: Case) -> Evidence:
        evidence = super().oracle(case)
        if not case.inputs.get("apart"):
            return evidence
        given = case.inputs["given"]
        rates = np.asarray([_torch_apart(self, given, int(step)) for step in np.ravel(given["step"])])
        shaped = rates.reshape(np.shape(given["step"]))
        return replace(evidence, readings={**evidence.readings, Reading(0, "lr"): shaped})


def _torch_apart(exercise: CosineRestarts, given: Any, step: int) -> float:
    """The rate at a step with the stand-in: PyTorch says which step of which cycle it is."""
    settings = {name: value for name, value in given.items() if name != "step"}
    scheduler = exercise.torch_scheduler(**settings)
    torch_rates(scheduler, step)
    return float(stand_in_cosine(given["lr0"], given["lr_min"], 0, scheduler.T_i, scheduler.T_cur))


def _draw(rng: np.random.Generator, t_mult: int) -> dict[str, Any]:
    return {**draw_rates(rng), "t_0": int(rng.integers(4, 9)), "t_mult": t_mult}


def _as_cosine(case: Case) -> Case | None:
    """The first cycle is a cosine without a warm-up."""
    given = case.inputs["given"]
    if case.property != FIRST_CYCLE.id:
        return None
    cosine = {"lr0": given["lr0"], "lr_min": given["lr_min"], "warmup": 0, "total": given["t_0"]}
    return Case(warm_ups.NO_WARM_UP.id, {"given": {**cosine, "step": given["step"]}})


COSINE_RESTARTS = CosineRestarts(
    id="cosine_restarts",
    signature="(lr0, lr_min, t_0, t_mult, step)",
    properties=(
        FIRST_CYCLE.worth(0.625),
        LATER_CYCLES.worth(0.75),
        STARTS.worth(0.375),
        ARRAY.worth(0.125),
        INPUTS.worth(0.125),
    ),
    look_at={"lr": "demands 1 to 3"},
    returns=("lr",),
    uses=(
        Uses(
            warm_ups.WARMUP_COSINE,
            as_case=_as_cosine,
            found_by=called,
            said="Your warmup_cosine is not right yet, and it is used as you wrote it: mend it first.",
            without=lambda student: standing_in(student, {"warmup_cosine": stand_in_cosine}),
        ),
    ),
)
