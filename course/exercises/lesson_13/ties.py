"""Lesson 13, the challenge: models merged without their quarrels, TIES (Yadav and others 2023)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn.utils import prune

from course.exercise import Case, Evidence, Level, Property
from course.families.draws import gradients
from course.families.functions import WATCHED, Call, FunctionExercise
from course.readings import Reading

WORKED = Property("worked", "the worked example")
TRIM = Property("trim", "a single model: its k largest changes are kept", telling=True)
ELECT = Property("elect", "nothing trimmed: the mean of those with the weightier sign", telling=True)
TOGETHER = Property("together", "several models, trimmed")
NOTHING = Property("nothing", "where nothing is left, or the sum is 0, the base stays")
SCALE = Property("scale", "scale multiplies what is added")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

MERGED = Reading(0, "merged")
WORKED_BASE = np.array([1.0, 1.0, 1.0, 1.0])
WORKED_MODELS = np.array([[5.0, 0.0, 3.0, 1.5], [-1.0, -2.0, 2.0, 2.5], [0.0, 1.25, 5.0, -1.0]])


class TiesMerge(FunctionExercise):
    """``ties_merge``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"base": WORKED_BASE, "models": WORKED_MODELS, "k": 2}
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(judged: Property, models: int, size: int, k: int, note: str = "", **options: float) -> None:
            base = gradients(rng, 1, (size,))[0]
            given = {"base": base, "models": base + gradients(rng, models, (size,)), "k": k, **options}
            note = note or ", ".join(
                [f"{models} models" if models > 1 else "one model", f"k = {k} of {size}"]
            )
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        def add_exact(changes: list[list[float]], k: int) -> None:
            """Numbers that binary fractions hold, so that sums of 0 are 0."""
            base = rng.integers(-4, 5, size=len(changes[0])) + 0.5
            given = {"base": base, "models": base + np.array(changes), "k": k}
            cases.append(Case(NOTHING.id, {"given": given}, "changes that cancel, or that are all trimmed"))

        if level == "graded":
            add(WORKED, 3, 4, 2)
        for _ in range(1 if level == "public" else 3):
            add(TRIM, 1, 5, 2)
            add(TRIM, 1, 6, 1)
            add(TRIM, 1, 3, 3)
            add(ELECT, 3, 4, 4)
            add(ELECT, 5, 6, 6)
            add(ELECT, 2, 3, 3)
            add(TOGETHER, 3, 5, 3)
            add(TOGETHER, 4, 8, 3)
            sign = float(rng.choice([-1.0, 1.0]))
            add_exact([[2.0 * sign, 1.0], [-2.0 * sign, 3.0]], 2)
            add_exact([[4.0 * sign, 0.5, 0.25], [3.0 * sign, -0.25, 0.5]], 1)
            add(SCALE, 1, 4, 2, "scale = 0.3", scale=0.3)
            add(SCALE, 3, 4, 4, f"scale = {(scale := float(rng.uniform(1.5, 2.5))):.3g}", scale=scale)
            add(INPUTS, 1, 4, 2)
            add(INPUTS, 2, 3, 3, "2 models, nothing trimmed")
        return cases

    def plainer(self, case: Case) -> Call | None:
        """With a scale of 1."""
        given = case.inputs["given"]
        if case.property != SCALE.id:
            return None
        return {"given": {name: value for name, value in given.items() if name != "scale"}}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """What it adds to the base with a scale of 1, times the scale."""
        given, own = case.inputs["given"], observed.readings.get(self.own(MERGED))
        if self.plainer(case) is None or own is None or own.shape != given["base"].shape:
            return super().follow(case, observed, expected)
        return Evidence({MERGED: given["base"] + given["scale"] * (own - given["base"])})

    def expected(self, base: np.ndarray, models: np.ndarray, k: int, scale: float = 1.0) -> tuple[Any]:
        start = torch.tensor(base)
        changes = torch.tensor(models) - start
        trim = prune.L1Unstructured(amount=len(base) - k)
        kept = torch.stack([row * trim.compute_mask(row, torch.ones_like(row)) for row in changes])
        elected = kept.sum(dim=0).sign()
        agree = torch.where((kept.sign() == elected) & (elected != 0), kept, torch.nan)
        return (start + scale * agree.nanmean(dim=0).nan_to_num(0.0),)


TIES_MERGE = TiesMerge(
    id="ties_merge",
    signature="(base, models, k, scale=1.0)",
    properties=(
        WORKED.worth(0.125),
        TRIM.worth(0.5),
        ELECT.worth(0.5),
        TOGETHER.worth(0.25),
        NOTHING.worth(0.125),
        SCALE.worth(0.25),
        INPUTS.worth(0.25),
    ),
    look_at={"merged": "the three steps of the challenge"},
    returns=("merged",),
)
