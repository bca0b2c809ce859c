"""Lesson 11, the challenge: every layer's output gets variance 1 (Mishkin and Matas 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, FunctionExercise
from course.readings import Reading

WORKED = Property("worked", "the worked example")
ONE_LAYER = Property("one_layer", "one layer gets variance 1", telling=True)
POOLED = Property("pooled", "one number for all units of a layer")
AROUND_THE_MEAN = Property("around_the_mean", "the variance is taken around the mean")
DEEPER = Property("deeper", "later layers see what the scaled ones hand on", telling=True)
ANY_SIZES = Property("any_sizes", "any number of layers, of any widths")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

# Two rows and two layers; see the lesson. The second layer's units see 0 and 1, or 0 and 2.
WORKED_X = np.array([[2.0], [-2.0]])
WORKED_WEIGHTS = (np.array([[3.0]]), np.array([[4.0]]))


class Lsuv(FunctionExercise):
    """``lsuv``. In the cases of a property other slips do no harm: means are 0, or all units vary alike."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, x: np.ndarray, weights: list[np.ndarray], note: str) -> None:
            given = {"x": x, "weights": weights}
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        def drawn(rows: int, *sizes: int) -> tuple[np.ndarray, list[np.ndarray]]:
            while True:
                x = rng.normal(size=(rows, sizes[0])) + rng.uniform(0.2, 1.0, size=sizes[0])
                weights = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes[:-1], strict=True)]
                if _all_vary(x, weights):
                    scales = 10.0 ** rng.uniform(-1.5, 1.5, size=len(weights))
                    return x, [scale * weight for scale, weight in zip(scales, weights, strict=True)]

        add(WORKED, WORKED_X, list(WORKED_WEIGHTS), "the numbers of the worked example")
        if level == "graded":
            spread, *sizes = rng.uniform(0.5, 5.0, size=3)
            other = [np.array([[size]]) for size in sizes]
            add(WORKED, np.array([[spread], [-spread]]), other, "the shapes of the worked example")
        for _ in range(1 if level == "public" else 3):
            for rows, inputs, outputs in ((4, 2, 1), (6, 3, 4)):
                x = _alike(rng, rows, inputs)
                rotated, _ = np.linalg.qr(rng.normal(size=(inputs, inputs)))
                weight = np.resize(rotated, (outputs, inputs)) * rng.uniform(0.2, 5.0)
                add(ONE_LAYER, x, [weight], f"{rows} rows whose columns vary alike around 0")
            x = _alike(rng, 6, 2)
            steep = np.array([[1.0], [5.0], [0.3]]) * rng.normal(size=(3, 2))
            add(POOLED, x, [steep], "units that vary by different amounts around 0")
            x = rng.normal(size=(5, 2)) + 4.0
            opposite = np.array([[1.0, 2.0], [-1.0, -2.0]]) * rng.uniform(0.3, 3.0)
            add(POOLED, x, [opposite], "units whose means are far from 0, and together 0")
            x = rng.normal(size=(5, 2)) + 4.0
            add(AROUND_THE_MEAN, x, [np.array([[1.0, 2.0]]) * rng.uniform(0.3, 3.0)], "a mean far from 0")
            for layers in (2, 4):
                x = _alike(rng, 6, 2)
                add(DEEPER, x, _balanced(rng, x, layers), f"{layers} layers whose outputs have mean 0")
            add(ANY_SIZES, *drawn(5, 3, 4, 2), "widths 3, 4 and 2")
            add(ANY_SIZES, *drawn(4, 2, 1, 3, 6, 2), "widths 2, 1, 3, 6 and 2")
            add(ANY_SIZES, *drawn(3, 4, 4), "one layer")
            x = _alike(rng, 6, 2)
            add(INPUTS, x, _balanced(rng, x, 2), "")
            # Its weights are right already: they are to be copies all the same.
            add(INPUTS, np.array([[1.0], [-1.0]]), [np.array([[1.0]])], "a layer of variance 1")
            nearly = np.array([[rng.uniform(1.01, 1.04)]])
            add(INPUTS, np.array([[1.0], [-1.0]]), [nearly], "a layer whose variance is next to 1")
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return _judged(case, super().observe(student_object, case))

    def oracle(self, case: Case) -> Evidence:
        return _judged(case, super().oracle(case))

    def expected(self, x: np.ndarray, weights: list[np.ndarray]) -> tuple[list[torch.Tensor]]:
        h, scaled = torch.tensor(x), []
        for weight in map(torch.tensor, weights):
            scaled.append(weight / F.linear(h, weight).std(correction=0))
            h = F.relu(F.linear(h, scaled[-1]))
        return (scaled,)


def _all_vary(x: np.ndarray, weights: list[np.ndarray]) -> bool:
    """Whether no layer's output is as good as constant: units may all be off behind a narrow layer."""
    h = x
    for weight in weights:
        y = h @ weight.T
        if y.std() < 0.1:
            return False
        h = np.maximum(0.0, y / np.abs(y).max())
    return True


def _judged(case: Case, evidence: Evidence) -> Evidence:
    """Without the first layer, where later ones are judged: it has a property of its own."""
    if case.property != DEEPER.id:
        return evidence
    later = {
        reading: array
        for reading, array in evidence.readings.items()
        if reading != Reading(0, "weights", (0,))
    }
    return Evidence(later, evidence.problem)


def _alike(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Columns of mean 0 and one length that are orthogonal to each other: any of them rotated vary alike."""
    centred = rng.normal(size=(rows, columns))
    basis, _ = np.linalg.qr(centred - centred.mean(axis=0))
    return np.asarray(basis * rng.uniform(0.5, 5.0))


def _balanced(rng: np.random.Generator, x: np.ndarray, layers: int) -> list[np.ndarray]:
    """Weights of shape (2, 2): the two units of every layer are opposite and have mean 0."""
    h, weights = x, []
    for layer in range(layers):
        mean = h.mean(axis=0) if layer else rng.normal(size=2)
        across = np.array([-mean[1], mean[0]]) / np.hypot(*mean)
        weights.append(np.stack([across, -across]) * 10.0 ** rng.uniform(-1.0, 1.0))
        h = np.maximum(h @ weights[-1].T, 0.0)
    return weights
