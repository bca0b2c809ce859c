"""Lesson 15: noise on what the discriminator sees, which fades (Sønderby and others 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.draws import announced, parameters
from course.families.functions import WATCHED, FunctionExercise
from course.readings import Reading

NOISE = Property("noise", "at the start, sigma times one normal draw for each entry", telling=True)
FADES = Property("fades", "the noise fades in a straight line")
ENDED = Property("ended", "from `total` on, x itself in a new array")
INPUTS = Property("inputs", "leaves x unchanged", looks_at=WATCHED)

Y = Reading(0, "y")


class InstanceNoise(FunctionExercise):
    """``instance_noise``. The order of the draws is part of what is judged: the same seed, the same noise."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, shape: tuple[int, ...], step: int, total: int) -> None:
            given = {
                "x": parameters(rng, shape),
                "step": step,
                "total": total,
                "sigma": float(rng.uniform(0.2, 1.5)),
            }
            inputs = {"given": given, "seed": int(rng.integers(2**31)), "watch": judged in (ENDED, INPUTS)}
            cases.append(Case(judged.id, inputs, announced(f"step = {step} of {total}", [shape])))

        for _ in range(1 if level == "public" else 3):
            for shape in ((3,), (2, 3), (2, 2, 2), ()):
                add(NOISE, shape, 0, int(rng.integers(5, 50)))
            total = int(rng.integers(10, 50))
            for shape in ((3,), (2, 2)):
                add(FADES, shape, int(rng.integers(1, total // 2)), total)
                add(FADES, shape, total - 1, total)
            add(ENDED, (3,), total, total)
            add(ENDED, (2, 2), total + int(rng.integers(1, 100)), total)
            add(INPUTS, (2, 2), 0, total)
        return cases

    def expected(
        self, x: np.ndarray, step: int, total: int, sigma: float, rng: np.random.Generator
    ) -> tuple[Any, ...]:
        drawn = torch.from_numpy(np.asarray(rng.standard_normal(x.shape)))
        return (torch.from_numpy(x) + sigma * max(0.0, 1.0 - step / total) * drawn,)

    def has_plainer(self, case: Case) -> bool:
        return case.property == FADES.id

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The noise of step 0 with the same seed, at the length that is left of it."""
        given = case.inputs["given"]
        start = replace(case, inputs={**case.inputs, "given": {**given, "step": 0}})
        readings = self.observe(student_object, start).readings
        if Y not in readings or readings[Y].shape != given["x"].shape:
            return {}
        left = 1.0 - given["step"] / given["total"]
        return {Y: given["x"] + left * (readings[Y] - given["x"])}


INSTANCE_NOISE = InstanceNoise(
    id="instance_noise",
    signature="(x, step, total, sigma, rng)",
    properties=(NOISE.worth(0.3), FADES.worth(0.2), ENDED.worth(0.4), INPUTS.worth(0.1)),
    look_at={"y": "formula (7)"},
    returns=("y",),
)
