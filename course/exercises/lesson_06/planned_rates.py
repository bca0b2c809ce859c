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
from torch.optim import lr_scheduler
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder
from course.families.schedules import torch_optimizer, torch_rates
from course.readings import Reading

COUNT = Property("count", "one rate for each update, short batches too")
WARM_UP = Property("warm_up", "the warm-up: equal steps, and the peak in its last update", telling=True)
COSINE = Property("cosine", "half a cosine from the peak to lr_min in the last update")
NO_WARM_UP = Property("no_warm_up", "without a warm-up: the peak in the first update")
WHOLE_RUN = Property("whole_run", "whole runs, with short batches or with a single one an epoch")

# What of the rates is compared: their number, the first, the warm-up, those from the peak on, or all.
Part = Literal["count", "first", "warm_up", "cosine", "all"]


class Plan(TypedDict):
    """The inputs of a case: the arguments of the call, and which part of the rates is compared."""

    given: dict[str, Any]
    part: Part


@dataclass(frozen=True)
class PlannedRates(Exercise):
    """``planned_rates``. A case is one planned run; the steps of its evidence are the run's updates."""

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
            add(NO_WARM_UP, "first", 2 * size, size, 2, 0)
            add(NO_WARM_UP, "first", 3 * size, size, int(rng.integers(2, 5)), 0, lr_min=0.0)
            add(WHOLE_RUN, "all", 2 * size + 1, size, 3, 1)
            add(WHOLE_RUN, "all", 5 * size - 1, size, int(rng.integers(3, 6)), 2)
            add(WHOLE_RUN, "all", size - 1, size, 6, 2)
            add(WHOLE_RUN, "all", size, size, 4, 1)
            add(WHOLE_RUN, "all", 2 * size, size, 2, 0)
            constant = float(rng.uniform(0.1, 0.5))
            add(WHOLE_RUN, "all", 2 * size + 2, size, 3, 1, lr_min=constant, peak=constant)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, plan = Recorder(self.id, self.signature), cast(Plan, case.inputs)
        with recorder.running():
            (returned,) = recorder.unpack(recorder.call(student_object, *plan["given"].values()), ("rates",))
            # A recorder of its own: its array is written down below, a rate for each update.
            rates = Recorder(self.id, self.signature).record(0, "rates", returned)
            if rates.ndim != 1:
                quantity = Reading(0, "rates")
                recorder.stop("not_one_row", quantity=quantity, shape=str(rates.shape).replace(" ", ""))
            recorder.record(0, "rate_count", len(rates))
            # More than twice as many as there should be tell no more.
            for number, rate in enumerate(rates[: 2 * _all(plan["given"])], start=1):
                recorder.record(number, "lr", rate)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        return _expected(cast(Plan, case.inputs))

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The plan for as many updates an epoch as the student counts, with the student's ``cosine_decay``.

        The count has a property of its own. After the peak come the rates of the earlier answer, where the
        plan calls it.
        """
        plan = cast(Plan, case.inputs)
        if case.property == COUNT.id:
            return expected
        count, epochs = observed.readings.get(Reading(0, "rate_count")), plan["given"]["epochs"]
        right = _all(plan["given"])
        if (
            count is not None
            and int(count) != right
            and int(count) % epochs == 0
            and 1 < int(count) <= 2 * right
        ):
            own = {**plan["given"], "rows": int(count) // epochs, "batch_size": 1}
            return _expected({"given": own, "part": plan["part"]})
        readings, peak = dict(expected.readings), _peak(plan["given"])
        for used in self.uses:
            own_rates = observed.readings.get(used.named(Reading(0, "lr")))
            if own_rates is None or own_rates.ndim != 1:
                continue
            for reading in expected.readings:
                after = reading.step - peak
                # At the peak itself the plan may go by the warm-up or by the cosine.
                at_peak = after == 0 and np.array_equal(observed.readings.get(reading, np.nan), own_rates[0])
                if reading.id == "lr" and (0 < after < len(own_rates) or at_peak):
                    readings[reading] = np.array(own_rates[after])
        return Evidence(readings)


def _expected(plan: Plan) -> Evidence:
    """What is compared of PyTorch's rates: each with the number of its update, from 1 on."""
    given, part = plan["given"], plan["part"]
    rates, peak = _torch_rates(**given), _peak(given)
    if part == "count":
        return Evidence({Reading(0, "rate_count"): np.array(len(rates))})
    ranges = {"first": (1, 1), "warm_up": (1, peak), "cosine": (peak, len(rates)), "all": (1, len(rates))}
    first, last = ranges[part]
    return Evidence({Reading(number, "lr"): np.array(rates[number - 1]) for number in range(first, last + 1)})


def after_the_peak(case: Case) -> dict[str, Any]:
    """The arguments of ``cosine_decay`` for the updates from the peak on."""
    given = case.inputs["given"]
    first, last = _peak(given), _all(given)
    settings = {"lr_min": given["lr_min"], "t_max": last - first}
    return {"lr0": given["peak"], **settings, "epoch": np.arange(last - first + 1)}


def _peak(given: Mapping[str, Any]) -> int:
    """The number of the update that runs at the peak."""
    return max(1, given["warmup_epochs"] * _updates(given["rows"], given["batch_size"]))


def _all(given: Mapping[str, Any]) -> int:
    """The number of the last update."""
    updates: int = given["epochs"] * _updates(given["rows"], given["batch_size"])
    return updates


def _updates(rows: int, batch_size: int) -> int:
    """How many updates an epoch has."""
    return len(BatchSampler(range(rows), batch_size, drop_last=False))


def _torch_rates(
    peak: float, lr_min: float, warmup_epochs: int, epochs: int, rows: int, batch_size: int
) -> np.ndarray:
    rising, updates = (number * _updates(rows, batch_size) for number in (warmup_epochs, epochs))
    optimizer = torch_optimizer(peak)
    cosine_updates = updates - max(1, rising)
    if rising > 1:
        warm_up = lr_scheduler.LinearLR(optimizer, start_factor=1 / rising, total_iters=rising - 1)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=cosine_updates, eta_min=lr_min)
        scheduler: Any = lr_scheduler.SequentialLR(optimizer, [warm_up, cosine], milestones=[rising - 1])
    else:
        scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=cosine_updates, eta_min=lr_min)
    return torch_rates(scheduler, updates)
