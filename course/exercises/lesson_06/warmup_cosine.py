"""Lesson 06, the challenge: a run's rates, update by update, from how the run is planned.

The oracle counts with torch's ``BatchSampler`` and takes the rates from ``SequentialLR``: ``LinearLR``, then
``CosineAnnealingLR``. The schedule is that of Goyal and others (2017) with the cosine of Loshchilov and
Hutter (2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, cast

import numpy as np
import torch
from torch.optim import lr_scheduler
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder
from course.readings import Reading

COUNT = Property("count", "one rate for each update, short batches too")
WARM_UP = Property("warm_up", "the warm-up: equal steps, and the peak in its last update", telling=True)
COSINE = Property("cosine", "half a cosine from the peak to lr_min in the last update", telling=True)
NO_WARM_UP = Property("no_warm_up", "without a warm-up: the peak in the first update")
WHOLE_RUN = Property("whole_run", "whole runs, with short batches or with a single one an epoch")

# What is written down of the rates: how many there are, those of the warm-up, those from the peak on, or all.
Part = Literal["count", "warm_up", "cosine", "all"]


class Plan(TypedDict):
    """The inputs of a case: the arguments of the call, and which part of the rates is looked at."""

    given: dict[str, Any]
    part: Part


@dataclass(frozen=True)
class WarmupCosine(Exercise):
    """``warmup_cosine``. A case is one planned run; the steps of its evidence are the run's updates."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property,
            part: Part,
            rows: int,
            batch_size: int,
            epochs: int,
            warmup_epochs: int,
            lr_min: float | None = None,
            peak: float | None = None,
        ) -> None:
            given = {
                "peak": float(rng.uniform(0.1, 1.0)) if peak is None else peak,
                "lr_min": float(rng.uniform(0.005, 0.05)) if lr_min is None else lr_min,
                "warmup_epochs": warmup_epochs,
                "epochs": epochs,
                "rows": rows,
                "batch_size": batch_size,
            }
            note = ", ".join(f"{name} = {value:.4g}" for name, value in given.items())
            plan: Plan = {"given": given, "part": part}
            cases.append(Case(judged.id, {**plan}, note))

        for _ in range(1 if level == "public" else 3):
            size = int(rng.integers(3, 8))
            add(COUNT, "count", 3 * size, size, 2, 1)
            add(COUNT, "count", 3 * size + 1, size, 3, 1)
            add(COUNT, "count", size - 1, size, 4, 2)
            add(WARM_UP, "warm_up", 4 * size, size, 3, 1)
            add(WARM_UP, "warm_up", 2 * size, size, 5, int(rng.integers(2, 5)))
            add(COSINE, "cosine", 4 * size, size, 3, 1)
            add(COSINE, "cosine", 3 * size, size, int(rng.integers(4, 7)), 2, lr_min=0.0)
            add(COSINE, "cosine", 2 * size, size, 4, 3)
            add(COSINE, "cosine", size, size, 3, 2)
            add(NO_WARM_UP, "all", 2 * size, size, 2, 0)
            add(NO_WARM_UP, "all", 3 * size, size, int(rng.integers(2, 5)), 0, lr_min=0.0)
            add(WHOLE_RUN, "all", 2 * size + 1, size, 3, 1)
            add(WHOLE_RUN, "all", 5 * size - 1, size, int(rng.integers(3, 6)), 2)
            add(WHOLE_RUN, "all", size - 1, size, 6, 2)
            add(WHOLE_RUN, "all", size, size, 4, 1)
            constant = float(rng.uniform(0.1, 0.5))
            add(WHOLE_RUN, "all", 2 * size + 2, size, 3, 1, lr_min=constant, peak=constant)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, plan = Recorder(self.id, self.signature), cast(Plan, case.inputs)
        with recorder.running():
            (returned,) = recorder.unpack(recorder.call(student_object, *plan["given"].values()), ("rates",))
            # A recorder of its own: what it reads is written down below, the part that the case looks at.
            rates = Recorder(self.id, self.signature).record(0, "rates", returned)
            if rates.ndim != 1:
                quantity = Reading(0, "rates")
                recorder.stop("not_one_row", quantity=quantity, shape=str(rates.shape).replace(" ", ""))
            _record(recorder, plan, rates)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, plan = Recorder(self.id, self.signature), cast(Plan, case.inputs)
        _record(recorder, plan, _torch_rates(**plan["given"]))
        return recorder.evidence()

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """After the peak the rates of the student's own ``cosine_decay``, where the plan calls it."""
        readings = dict(expected.readings)
        peak = _peak(case.inputs["given"])
        for used in self.uses:
            own = observed.readings.get(used.named(Reading(0, "lr")))
            if own is None or own.ndim != 1:
                continue
            for reading in expected.readings:
                after = reading.step - peak
                # At the peak itself the plan may go by the warm-up or by the cosine.
                at_peak = after == 0 and np.array_equal(observed.readings.get(reading, np.nan), own[0])
                if reading.id == "lr" and (0 < after < len(own) or at_peak):
                    readings[reading] = own[after]
        return Evidence(readings)


def _record(recorder: Recorder, plan: Plan, rates: np.ndarray) -> None:
    """Write down a part of the rates, each with the number of its update, from 1 on."""
    if plan["part"] == "count":
        recorder.record(0, "rate_count", len(rates))
        return
    peak = _peak(plan["given"])
    first, last = {"warm_up": (1, peak), "cosine": (peak, len(rates)), "all": (1, len(rates))}[plan["part"]]
    for number, rate in enumerate(rates[first - 1 : last], start=first):
        recorder.record(number, "lr", rate)


def after_the_peak(case: Case) -> dict[str, Any]:
    """The arguments of ``cosine_decay`` for the updates from the peak on."""
    given = case.inputs["given"]
    first, last = _peak(given), given["epochs"] * _updates(given["rows"], given["batch_size"])
    settings = {"lr_min": given["lr_min"], "t_max": last - first}
    return {"lr0": given["peak"], **settings, "epoch": np.arange(last - first + 1)}


def _peak(given: Mapping[str, Any]) -> int:
    """The number of the update that runs at the peak."""
    return max(1, given["warmup_epochs"] * _updates(given["rows"], given["batch_size"]))


def _updates(rows: int, batch_size: int) -> int:
    """How many updates an epoch has."""
    return len(BatchSampler(range(rows), batch_size, drop_last=False))


def _torch_rates(
    peak: float, lr_min: float, warmup_epochs: int, epochs: int, rows: int, batch_size: int
) -> np.ndarray:
    rising, updates = (number * _updates(rows, batch_size) for number in (warmup_epochs, epochs))
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=peak)
    cosine_updates = updates - max(1, rising)
    if rising > 1:
        warm_up = lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=cosine_updates, eta_min=lr_min)
        scheduler: Any = lr_scheduler.SequentialLR(optimizer, [warm_up, cosine], milestones=[rising - 1])
    else:
        scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=cosine_updates, eta_min=lr_min)
    rates = []
    optimizer.step()  # a scheduler asks for one before its first
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return np.array(rates)
