"""Lesson 02: exponential moving averages, of a series and of weights (Kingma and Ba 2015, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property, Uses
from course.families import averages
from course.families.averages import ModelAverage
from course.families.draws import gradients, other_numbers
from course.families.earlier import called, standing_in
from course.families.functions import WATCHED, FunctionExercise
from course.formulas import Formulas
from course.problems import Problem
from course.readings import Reading

WORKED = Property("worked", "the worked example")
SERIES = Property("series", "a changing series, step by step", telling=True)
CONSTANT = Property("constant", "a constant series stays constant")
AXIS = Property("axis", "axis 0 is time, whatever the other axes")
EDGES = Property("edges", "beta from 0 to nearly 1, one step or many", telling=True)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

WORKED_SERIES = np.array([10.0, 12.0, 11.0])
WORKED_BETA = 0.9
# Many steps: with a small beta, beta**-t is far beyond float64 by then.
MANY = 500
# A series up to this long is compared step by step; a longer one as a whole, which is quicker.
SHORT = 20


class SeriesAverage(FunctionExercise):
    """``ema``, and ``ema_corrected`` below: a series in, its average after each step out."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = [call(WORKED, WORKED_SERIES, WORKED_BETA, "the numbers of the worked example")]

        def add(judged: Property, x: np.ndarray, beta: float, note: str = "", **watch: bool) -> None:
            if self.judges(judged):
                cases.append(call(judged, x, beta, note or f"beta = {beta:.3g}", **watch))

        if level == "graded":
            add(WORKED, other_numbers(rng, WORKED_SERIES), rng.uniform(0.8, 0.95))
        for _ in range(1 if level == "public" else 3):
            for low, high in ((0.3, 0.6), (0.85, 0.97)):
                add(SERIES, gradients(rng, 6, ()), rng.uniform(low, high))
            for beta in (0.5, rng.uniform(0.9, 0.99)):
                add(CONSTANT, np.full(6, rng.uniform(1.0, 30.0)), beta)
            for shape in ((3,), (6, 2), (2, 1, 3)):
                beta = rng.uniform(0.5, 0.95)
                add(AXIS, gradients(rng, 6, shape), beta, f"x of shape {(6, *shape)}, beta = {beta:.3g}")
            add(EDGES, gradients(rng, 5, ()), 0.0)
            add(EDGES, gradients(rng, 1, (2,)), rng.uniform(0.5, 0.9), "a single step")
            add(EDGES, gradients(rng, MANY, ()), rng.uniform(0.05, 0.2), f"{MANY} steps and a small beta")
            add(EDGES, gradients(rng, MANY, ()), 0.999, f"{MANY} steps, beta = 0.999")
            add(INPUTS, gradients(rng, 4, (2,)), rng.uniform(0.5, 0.9), watch=True)
            add(INPUTS, gradients(rng, 4, ()), 0.0, watch=True)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        evidence = super().observe(student_object, case)
        (name,), shape = self.returns, case.inputs["given"]["x"].shape
        found = evidence.readings.get(Reading(0, name))
        if found is not None and found.shape != shape:
            shapes = {"shape": str(shape), "found": str(found.shape)}
            return Evidence({}, Problem("wrong_shape", {"quantity": Reading(0, name), **shapes}))
        return _by_step(evidence, name)

    def has_plainer(self, case: Case) -> bool:
        return case.property == AXIS.id

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """A series of arrays is as many series of numbers."""
        x, beta = case.inputs["given"]["x"], case.inputs["given"]["beta"]
        columns = [
            FunctionExercise.observe(self, student_object, call(SERIES, column, beta, "")).readings
            for column in x.reshape(len(x), -1).T
        ]
        result = Reading(0, self.returns[0])
        rows = [readings[result] for readings in columns if result in readings]
        if len(rows) < len(columns) or any(row.shape != (len(x),) for row in rows):
            return {}
        return _by_step(
            Evidence({result: np.stack(rows, axis=-1).reshape(x.shape)}), self.returns[0]
        ).readings

    def oracle(self, case: Case) -> Evidence:
        return _by_step(super().oracle(case), self.returns[0])

    def expected(self, x: np.ndarray, beta: float) -> tuple[torch.Tensor]:
        return (torch.tensordot(weights(beta, len(x)), torch.tensor(x), dims=1),)


class CorrectedAverage(SeriesAverage):
    """``ema_corrected``. Where it calls the student's ``ema`` it is judged with that, or with a stand-in."""

    def oracle(self, case: Case) -> Evidence:
        if not case.inputs.get("apart"):
            return super().oracle(case)
        x, beta = case.inputs["given"]["x"], case.inputs["given"]["beta"]
        total = weights(beta, len(x)).sum(dim=1).reshape(-1, *[1] * (x.ndim - 1))
        result = {Reading(0, self.returns[0]): (torch.tensor(stand_in_average(x, beta)) / total).numpy()}
        # Without the steps, of what a watch saw.
        return _by_step(Evidence({**FunctionExercise.oracle(self, case).readings, **result}), self.returns[0])

    def expected(self, x: np.ndarray, beta: float) -> tuple[torch.Tensor]:
        of_age = weights(beta, len(x))
        return (torch.tensordot(of_age / of_age.sum(dim=1, keepdim=True), torch.tensor(x), dims=1),)


def stand_in_average(x: np.ndarray, beta: float) -> np.ndarray:
    """In the place of ``ema``: the sum of the values so far."""
    return np.cumsum(x, axis=0) * (1.0 + beta)


def weights(beta: float, steps: int) -> torch.Tensor:
    """The weights in closed form, (steps, steps), a row for each average: no recursion to share a mistake."""
    t = torch.arange(1, steps + 1, dtype=torch.float64)
    age = t[:, None] - t
    # Ages below 0 lie in the future and weigh nothing.
    return torch.where(age >= 0, (1.0 - beta) * torch.pow(beta, age.clamp(min=0)), 0.0)


def call(judged: Property, x: np.ndarray, beta: float, note: str, watch: bool = False) -> Case:
    return Case(judged.id, {"given": {"x": np.asarray(x), "beta": float(beta)}, "watch": watch}, note)


def _by_step(evidence: Evidence, name: str) -> Evidence:
    """The evidence with a short series cut into its steps, so that the first wrong step is named."""
    readings: dict[Reading, np.ndarray] = {}
    for reading, array in evidence.readings.items():
        if reading == Reading(0, name) and len(array) <= SHORT:
            readings |= {Reading(t, name): np.array(entry) for t, entry in enumerate(array, start=1)}
        else:
            readings[reading] = array
    return Evidence(readings, evidence.problem)


ORDER = Property("order", "the newest weight last")
TOTAL = Property("total", "the weights add up to 1 - beta**t")


class Weights(FunctionExercise):
    """``ema_weights``. The oracle averages unit vectors: what comes out is each entry's weight."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        def case(judged: Property, beta: float, t: int, note: str = "") -> Case:
            given = {"beta": float(beta), "t": t}
            return Case(judged.id, {"given": given}, note or f"beta = {beta:.3g} and t = {t}")

        cases = [case(WORKED, WORKED_BETA, len(WORKED_SERIES), "the numbers of the worked example")]
        if level == "graded":
            cases.append(case(WORKED, rng.uniform(0.8, 0.95), len(WORKED_SERIES)))
        for _ in range(1 if level == "public" else 3):
            cases += [
                case(ORDER, rng.uniform(0.3, 0.6), 4),
                case(ORDER, rng.uniform(0.8, 0.97), 7),
                case(TOTAL, rng.uniform(0.3, 0.6), 3),
                case(TOTAL, rng.uniform(0.8, 0.97), int(rng.integers(5, 12))),
                case(EDGES, rng.uniform(0.2, 0.9), 1),
                case(EDGES, 0.0, 4),
                case(EDGES, rng.uniform(0.05, 0.2), MANY),
                case(EDGES, 0.999, MANY),
            ]
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return _total(super().observe(student_object, case), case)

    def oracle(self, case: Case) -> Evidence:
        return _total(super().oracle(case), case)

    def expected(self, beta: float, t: int) -> tuple[torch.Tensor]:
        v = torch.zeros(t, dtype=torch.float64)
        for unit in torch.eye(t, dtype=torch.float64):
            v = beta * v + (1.0 - beta) * unit
        return (v,)


def _total(evidence: Evidence, case: Case) -> Evidence:
    """The evidence of a property that is about the sum of the weights alone, or about their order."""
    weights = evidence.readings.get(Reading(0, "w"))
    if weights is None or weights.ndim != 1:
        return evidence
    if case.property == ORDER.id and len(weights) == case.inputs["given"]["t"]:
        with np.errstate(all="ignore"):
            return Evidence({Reading(0, "relative_weights"): weights / weights[-1]}, evidence.problem)
    if case.property != TOTAL.id:
        return evidence
    return Evidence({Reading(0, "sum_of_weights"): np.array(weights.sum())}, evidence.problem)


EMA = SeriesAverage(
    id="ema",
    signature="(x, beta)",
    float32=True,
    properties=(
        WORKED.worth(0.125),
        SERIES.worth(0.375),
        AXIS.worth(0.5),
        EDGES.worth(0.25),
        INPUTS.worth(0.25),
    ),
    look_at={"v": "formula (1)"},
    returns=("v",),
)

EMA_WEIGHTS = Weights(
    id="ema_weights",
    signature="(beta, t)",
    properties=(
        WORKED.worth(0.125),
        ORDER.worth(0.625),
        TOTAL.worth(0.625),
        EDGES.worth(0.125),
    ),
    look_at={"w": "formula (2)", "relative_weights": "formula (2)", "sum_of_weights": "formula (3)"},
    returns=("w",),
)

EMA_CORRECTED = CorrectedAverage(
    id="ema_corrected",
    signature="(x, beta)",
    float32=True,
    properties=(
        WORKED.worth(0.125),
        CONSTANT.worth(0.375),
        SERIES.worth(0.625),
        AXIS.worth(0.75),
        EDGES.worth(0.25),
        INPUTS.worth(0.375),
    ),
    look_at={"v_hat": "formula (4)"},
    uses=(
        Uses(
            EMA,
            as_case=lambda case: replace(case, property=SERIES.id, inputs={**case.inputs, "watch": True}),
            found_by=called,
            said="On this series your ema is not right yet, and it is used as you wrote it: mend ema first.",
            without=partial(standing_in, stand_ins={EMA.id: stand_in_average}),
        ),
    ),
    returns=("v_hat",),
)

MODEL_EMA = ModelAverage(
    id="ModelEMA",
    signature="(params, decay)",
    properties=(
        averages.START.worth(0.25),
        averages.FIRST_UPDATE.worth(0.5),
        averages.FIVE_UPDATES.worth(0.75),
        averages.ANY_SHAPE.worth(0.25),
        averages.HANDED.worth(0.5),
        averages.ALONE.worth(0.25),
        averages.INSTANCES.worth(0.25),
        averages.BAD_DECAY.worth(0.25),
    ),
    look_at={"shadow": Formulas(plain=(5,), properties={averages.ALONE.id: (), averages.INSTANCES.id: ()})},
)
