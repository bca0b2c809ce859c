"""Lesson 02, the challenge: a corrected average of a series with missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property
from course.exercises.lesson_02.ema import INPUTS, SeriesAverage, call, weights
from course.families.draws import gradients

WHOLE = Property("whole", "nothing is missing: the corrected average", telling=True)
GAPS = Property("gaps", "days that are missing age the others and weigh nothing", telling=True)
BEFORE = Property("before", "nan until something has been measured")
OWN_GAPS = Property("own_gaps", "each element has gaps of its own")


class AverageWithGaps(SeriesAverage):
    """``ema_with_gaps``: nan stands for a missing value."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, x: np.ndarray, missing: Any, note: str, watch: bool = False) -> None:
            x, beta = np.asarray(x), rng.uniform(0.3, 0.95)
            x[missing] = np.nan
            cases.append(call(judged, x, beta, f"{note}, beta = {beta:.3g}", watch))

        for _ in range(1 if level == "public" else 3):
            add(WHOLE, gradients(rng, 6, ()), [], "nothing missing")
            add(WHOLE, gradients(rng, 5, (2,)), [], "nothing missing")
            add(GAPS, gradients(rng, 6, ()), [2], "day 3 missing")
            add(GAPS, gradients(rng, 9, ()), [1, 4, 5, 6], "days 2 and 5 to 7 missing")
            add(BEFORE, gradients(rng, 6, ()), [0, 1], "days 1 and 2 missing")
            add(BEFORE, gradients(rng, 3, ()), [0, 1, 2], "every day missing")
            add(OWN_GAPS, gradients(rng, 7, (2,)), ([1, 2, 4], [0, 0, 1]), "x of shape (7, 2)")
            add(OWN_GAPS, gradients(rng, 5, (2, 3)), rng.random((5, 2, 3)) < 0.3, "x of shape (5, 2, 3)")
            add(INPUTS, gradients(rng, 4, (2,)), [2], "day 3 missing", watch=True)
        return cases

    def expected(self, x: np.ndarray, beta: float) -> tuple[torch.Tensor]:
        series, of_age = torch.tensor(x), weights(beta, len(x))
        known = ~torch.isnan(series)
        value = torch.tensordot(of_age, torch.where(known, series, 0.0), dims=1)
        return (value / torch.tensordot(of_age, known.double(), dims=1),)


EMA_WITH_GAPS = AverageWithGaps(
    id="ema_with_gaps",
    signature="(x, beta)",
    properties=(
        WHOLE.worth(0.25),
        GAPS.worth(0.5),
        BEFORE.worth(0.25),
        OWN_GAPS.worth(0.25),
        INPUTS.worth(0.25),
    ),
    look_at={"v_hat": "formulas (2) to (4), and what the weights of the measured days add up to"},
    returns=("v_hat",),
)
