"""Lesson 16: rows that are mixed with others of their batch (Zhang and others 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, FunctionExercise
from course.readings import Reading

ROWS = Property(
    "rows", "each row mixed with the one that is drawn", looks_at=frozenset({"X_mix"}), telling=True
)
TARGETS = Property(
    "targets", "the targets mixed as the rows are", looks_at=frozenset({"Y_mix"}), telling=True
)
SHAPES = Property("shapes", "rows of any shape, also (), and a batch of one")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

X_MIX, Y_MIX = Reading(0, "X_mix"), Reading(0, "Y_mix")


class Mixup(FunctionExercise):
    """``mixup``. The order of the draws is part of what is judged: the same seed, the same mixture."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, shape: tuple[int, ...], classes: int, alpha: float) -> None:
            given = {
                "X": rng.normal(size=shape),
                "labels": rng.integers(0, classes, size=shape[0]),
                "classes": classes,
                "alpha": alpha,
            }
            inputs = {"given": given, "seed": _seed(rng, shape[0], alpha), "watch": judged == INPUTS}
            cases.append(Case(judged.id, inputs, f"X of shape {shape}, alpha = {alpha:.3g}"))

        for _ in range(1 if level == "public" else 3):
            alpha = float(rng.uniform(0.5, 3.0))
            for judged in (ROWS, TARGETS):
                add(judged, (4, 2), 3, 1.0)
                add(judged, (6, 3), 4, alpha)
            add(SHAPES, (3, 1, 2, 2), 3, alpha)
            add(SHAPES, (4,), 3, 1.0)
            add(SHAPES, (1, 2), 3, alpha)
            add(INPUTS, (3, 2), 3, alpha)
        # Once more: what goes wrong for some weights alone is not put down to a shape.
        for judged in (ROWS, TARGETS):
            add(judged, (4, 2), 3, 1.0)
            add(judged, (6, 3), 4, float(rng.uniform(0.5, 3.0)))
        return cases

    def expected(
        self, X: np.ndarray, labels: np.ndarray, classes: int, alpha: float, rng: np.random.Generator
    ) -> tuple[Any, ...]:
        weight = float(rng.beta(alpha, alpha))
        order = torch.from_numpy(rng.permutation(len(X)))
        rows = torch.tensor(X)
        targets = F.one_hot(torch.tensor(labels), classes).to(rows.dtype)
        return tuple(torch.lerp(each[order], each, weight) for each in (rows, targets))

    def has_plainer(self, case: Case) -> bool:
        return case.property == SHAPES.id

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The same rows flattened, with the same seed."""
        given = case.inputs["given"]
        rows = given["X"]
        flat = {**case.inputs, "given": {**given, "X": rows.reshape(len(rows), -1)}}
        readings = dict(self.observe(student_object, replace(case, inputs=flat)).readings)
        if X_MIX in readings and readings[X_MIX].size == rows.size:
            readings[X_MIX] = readings[X_MIX].reshape(rows.shape)
        return readings


def _seed(rng: np.random.Generator, m: int, alpha: float) -> int:
    """A seed with which every row gets another one, and a share of it that shows."""
    while True:
        seed = int(rng.integers(2**31))
        drawn = np.random.default_rng(seed)
        weight, order = drawn.beta(alpha, alpha), drawn.permutation(m)
        if (
            abs(weight - 0.5) < 0.45
            and abs(weight - 0.5) > 0.05
            and (m == 1 or (order != np.arange(m)).all())
        ):
            return seed


MIXUP = Mixup(
    id="mixup",
    signature="(X, labels, classes, alpha, rng)",
    properties=(ROWS.worth(0.3), TARGETS.worth(0.3), SHAPES.worth(0.2), INPUTS.worth(0.2)),
    look_at={"X_mix": "formula (5)", "Y_mix": "formula (6)"},
    returns=("X_mix", "Y_mix"),
)
