"""Lesson 09, two ways to warm up: into a cosine (Loshchilov and Hutter 2017), and Vaswani and others' (2017).

The oracle of the first is ``SequentialLR`` of ``LinearLR`` and ``CosineAnnealingLR``. Of the second it is
``LinearLR`` up to the peak, and ``LambdaLR`` with the share of the peak that is left after it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from torch.optim import lr_scheduler

from course.exercise import Property
from course.exercises.lesson_09.rates import ARRAY, INPUTS, StepRate, Trial, draw_rates
from course.families.schedules import torch_optimizer
from course.formulas import Formulas

WARM_UP = Property("warm_up", "the warm-up, step by step", telling=True)
COSINE = Property("cosine", "the cosine, from lr0 at step warmup to lr_min at step total", telling=True)
AFTER = Property("after", "lr_min from step total on")
NO_WARM_UP = Property("no_warm_up", "without a warm-up")
RISE = Property("rise", "up to the peak", telling=True)
FALL = Property("fall", "past the peak", telling=True)

WORKED_WARM_UP = {"lr0": 0.8, "lr_min": 0.0, "warmup": 3, "total": 7}
WORKED_NOAM = {"d_model": 4, "warmup": 4}


class WarmupCosine(StepRate):
    """``warmup_cosine``."""

    def worked(self) -> list[Trial]:
        return [
            (WARM_UP, WORKED_WARM_UP, range(3)),
            (COSINE, WORKED_WARM_UP, range(3, 8)),
            (AFTER, WORKED_WARM_UP, [8, 9]),
        ]

    def trials(self, rng: np.random.Generator) -> list[Trial]:
        drawn = _draw(rng)
        warmup, total = drawn["warmup"], drawn["total"]
        one = {**draw_rates(rng), "warmup": 1, "total": 2}
        none = {**_draw(rng), "warmup": 0}
        short = {**draw_rates(rng), "warmup": 0, "total": 1}
        level = {**_draw(rng), "lr_min": 0.0}
        return [
            (WARM_UP, drawn, [0, 1, warmup - 1]),
            (WARM_UP, one, [0]),
            (COSINE, drawn, [warmup, warmup + 1, (warmup + total) // 2, total - 1, total]),
            (COSINE, one, [1, 2]),
            (COSINE, level, [level["warmup"] + 2, level["total"]]),
            (AFTER, drawn, [total + 1, total + int(rng.integers(2, 9)), 3 * total]),
            (AFTER, none, [none["total"] + 1, 2 * none["total"]]),
            (NO_WARM_UP, none, [0, 1, none["total"] // 2, none["total"]]),
            (NO_WARM_UP, short, [0, 1]),
        ]

    def whole_run(self, rng: np.random.Generator) -> tuple[dict[str, Any], list[int]]:
        settings = _draw(rng)
        warmup, total = settings["warmup"], settings["total"]
        return settings, [0, 1, warmup - 1, warmup, warmup + 3, total - 1, total, total + 4]

    def torch_step(self, step: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
        return np.minimum(step, settings["total"])  # past its end torch's cosine rises again

    def torch_scheduler(self, lr0: float, lr_min: float, warmup: int, total: int) -> Any:
        optimizer = torch_optimizer(lr0)
        if not warmup:
            return lr_scheduler.CosineAnnealingLR(optimizer, total, eta_min=lr_min)
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, eta_min=lr_min)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warmup])


class Noam(StepRate):
    """``noam``, whose steps count from 1."""

    def worked(self) -> list[Trial]:
        return [(RISE, WORKED_NOAM, [1, 2, 4]), (FALL, WORKED_NOAM, [9, 16])]

    def trials(self, rng: np.random.Generator) -> list[Trial]:
        drawn = _draw_noam(rng)
        warmup = drawn["warmup"]
        single = {**_draw_noam(rng), "d_model": 1}
        at_once = {**_draw_noam(rng), "warmup": 1}
        return [
            (RISE, drawn, [1, 2, warmup - 1, warmup]),
            (RISE, single, [1, 3]),
            (RISE, at_once, [1]),
            (FALL, drawn, [warmup + 1, 2 * warmup, int(rng.integers(80, 120))]),
            (FALL, single, [3 * single["warmup"]]),
            (FALL, at_once, [2, 7]),
        ]

    def whole_run(self, rng: np.random.Generator) -> tuple[dict[str, Any], list[int]]:
        settings = _draw_noam(rng)
        warmup = settings["warmup"]
        return settings, [1, 2, warmup, warmup + 1, 5 * warmup]

    def torch_scheduler(self, d_model: int, warmup: int) -> Any:
        optimizer = torch_optimizer(1 / math.sqrt(d_model * warmup))
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=max(1, warmup - 1))
        fall = lr_scheduler.LambdaLR(optimizer, lambda later: math.sqrt(warmup / (warmup + later)))
        if warmup == 1:
            return lr_scheduler.SequentialLR(optimizer, [fall], milestones=[])
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warmup - 1])


def _draw(rng: np.random.Generator) -> dict[str, Any]:
    warmup = int(rng.integers(4, 10))
    return {**draw_rates(rng), "warmup": warmup, "total": warmup + int(rng.integers(8, 20))}


def _draw_noam(rng: np.random.Generator) -> dict[str, Any]:
    return {"d_model": int(rng.integers(2, 600)), "warmup": int(rng.integers(4, 30))}


WARMUP_COSINE = WarmupCosine(
    id="warmup_cosine",
    signature="(lr0, lr_min, warmup, total, step)",
    properties=(
        WARM_UP.worth(0.5),
        COSINE.worth(0.5),
        AFTER.worth(0.375),
        NO_WARM_UP.worth(0.125),
        ARRAY.worth(0.25),
        INPUTS.worth(0.25),
    ),
    look_at={
        "lr": Formulas(
            plain=(1, 2), properties={WARM_UP.id: (1,), COSINE.id: (2,), AFTER.id: (2,), NO_WARM_UP.id: (2,)}
        )
    },
    returns=("lr",),
)

NOAM = Noam(
    id="noam",
    signature="(d_model, warmup, step)",
    properties=(RISE.worth(0.25), FALL.worth(0.25), ARRAY.worth(0.25), INPUTS.worth(0.25)),
    look_at={"lr": "formula (3)"},
    returns=("lr",),
    first=1,
)
