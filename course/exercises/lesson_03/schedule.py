"""Lesson 03, the challenge: Polyak's form under a schedule, in PyTorch's (Polyak 1964; Goyal et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property
from course.families.functions import WATCHED, FunctionExercise

CONSTANT = Property("constant", "a constant rate: nothing to translate")
RATES = Property("rates", "the rate changes", telling=True)
BOTH = Property("both", "rate and momentum change at every step", telling=True)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)


class PolyakToTorch(FunctionExercise):
    """``polyak_to_torch``: the settings with which ``torch.optim.SGD`` goes where Polyak's form goes."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, lrs: Any, mus: Any, note: str) -> None:
            given = {"lrs": np.array(lrs, dtype=float), "mus": np.array(mus, dtype=float)}
            cases.append(Case(judged.id, {"given": given, "watch": judged is INPUTS}, note))

        for _ in range(1 if level == "public" else 3):
            lr, mu = rng.uniform(0.05, 0.5), rng.uniform(0.5, 0.95)
            add(CONSTANT, [lr], [mu], "T = 1")
            add(CONSTANT, [lr] * 4, [mu] * 4, "T = 4")
            add(RATES, [lr] * 3 + [lr / 10] * 3, [mu] * 6, "the rate divided by 10 at t = 4")
            add(RATES, lr * np.arange(1, 6) / 5, [mu] * 5, "a rate that rises from t = 1 to 5")
            add(CONSTANT, [lr] * 5, rng.uniform(0.3, 0.95, 5), "a constant rate")
            add(CONSTANT, [lr] * 4, [mu, 0.0, mu, 0.5 * mu], "a momentum of 0 at t = 2")
            for steps in (3, 6):
                add(BOTH, rng.uniform(0.05, 0.5, steps), rng.uniform(0.3, 0.95, steps), f"T = {steps}")
            add(INPUTS, [lr] * 3, [mu] * 3, "constant settings")
            add(INPUTS, rng.uniform(0.05, 0.5, 4), rng.uniform(0.3, 0.95, 4), "T = 4")
        return cases

    def expected(self, lrs: np.ndarray, mus: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        # That torch.optim.SGD then goes where Polyak's form goes is what tests/lessons sees to.
        rates, momenta = torch.tensor(lrs), torch.tensor(mus)
        momenta[1:] *= rates[:-1] / rates[1:]
        return rates, momenta


POLYAK_TO_TORCH = PolyakToTorch(
    id="polyak_to_torch",
    signature="(lrs, mus)",
    properties=(
        CONSTANT.worth(0.25),
        RATES.worth(0.5),
        BOTH.worth(0.5),
        INPUTS.worth(0.25),
    ),
    look_at={
        "torch_lrs": "formulas (3), (4) and (9), and how far the newest gradient moves theta in each",
        "torch_mus": "formulas (3), (4) and (9), and how much of the step before is left in each",
    },
    returns=("torch_lrs", "torch_mus"),
)
