"""Lesson 12: what layer, RMS and group normalisation share, which end with gamma and, but for RMS, beta."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from course.exercise import Case, Evidence, Property
from course.families.draws import parameters
from course.families.functions import WATCHED, Call, FunctionExercise
from course.readings import Reading

WORKED = Property("worked", "the worked example")
EPS = Property("eps", "eps inside the root", telling=True)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

THE_WORKED = "the numbers of the worked example"
THE_WORKED_SHAPES = "the shapes of the worked example"
Y = Reading(0, "y")


def uneven(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers whose slices along each axis differ in mean and spread: none stands in for another."""
    x = rng.normal(size=shape)
    for axis, length in enumerate(shape):
        along = [1] * len(shape)
        along[axis] = length
        x = x * rng.uniform(0.5, 2.0, size=along) + parameters(rng, tuple(along))
    return np.asarray(x)


def alike(rng: np.random.Generator, axes: int, length: int = 3) -> np.ndarray:
    """Numbers that are the same in each line along each axis: whatever a statistic is taken over."""
    place = sum(np.indices((length,) * axes))
    return np.asarray(uneven(rng, (length,))[place % length])


class AffineExercise(FunctionExercise):
    """A normalisation whose last step, gamma and beta, is judged by what it does itself without them.

    Attributes:
        affine: the property that the last step is.
    """

    affine: ClassVar[Property]

    def beside(self, x: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """gamma or beta in a shape that lines up with x."""
        return vector

    def plainer(self, case: Case) -> Call | None:
        given = case.inputs["given"]
        if case.property != self.affine.id:
            return None
        plain = {"gamma": np.ones_like(given["gamma"])}
        if "beta" in given:
            plain["beta"] = np.zeros_like(given["beta"])
        return {"given": {**given, **plain}}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Its own result without gamma and beta, with which the last step goes on."""
        given, own = case.inputs["given"], observed.readings.get(self.own(Y))
        if case.property != self.affine.id or own is None or own.shape != given["x"].shape:
            return super().follow(case, observed, expected)
        beta = given.get("beta", np.zeros_like(given["gamma"]))
        terms = (self.beside(own, beta), self.beside(own, given["gamma"]), own.astype(np.float64))
        return Evidence({**expected.readings, Y: torch.addcmul(*map(torch.tensor, terms)).numpy()})
