"""Lesson 12: what layer, RMS and group normalisation share, which end with gamma and, but for RMS, beta."""

from __future__ import annotations

from abc import abstractmethod
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
ANY_AXES_ID = "any_axes"
# So small that it can't be seen wherever it stands.
PLAIN_EPS = 1e-13
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


def alike_above(rng: np.random.Generator, axes: int, length: int = 3) -> np.ndarray:
    """Numbers whose lines along the last axis differ, and along each other axis are the same, in any order.

    A statistic over the last axis is no other one's; one over all axes before it is that of each of them.
    """
    place = sum(np.indices((length,) * (axes - 1)))
    return np.asarray(uneven(rng, (length, length))[place % length])


class AffineExercise(FunctionExercise):
    """A normalisation whose last step, gamma and beta, is judged by what it does itself without them.

    Attributes:
        affine: the property that the last step is.
    """

    affine: ClassVar[Property]

    def beside(self, x: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """gamma or beta in a shape that lines up with x."""
        return vector

    @abstractmethod
    def as_plain_axes(self, x: np.ndarray) -> np.ndarray:
        """The same numbers with the axes that the lesson starts from, where x has more or fewer."""

    def plainer(self, case: Case) -> Call | None:
        given = case.inputs["given"]
        if case.property == ANY_AXES_ID:
            return {"given": {**given, "x": self.as_plain_axes(given["x"])}}
        if case.property != self.affine.id:
            return None
        plain = {"gamma": np.ones_like(given["gamma"])}
        if "beta" in given:
            plain["beta"] = np.zeros_like(given["beta"])
        return {"given": {**given, **plain}}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Its own result in the plainer situation, from which gamma and beta, or the axes, go on."""
        given, own = case.inputs["given"], observed.readings.get(self.own(Y))
        if not self.has_plainer(case) or own is None or own.size != given["x"].size:
            return super().follow(case, observed, expected)
        result = own.reshape(given["x"].shape).astype(np.float64)
        if case.property == self.affine.id:
            beta = given.get("beta", np.zeros_like(given["gamma"]))
            terms = (self.beside(result, beta), self.beside(result, given["gamma"]), result)
            result = torch.addcmul(*map(torch.tensor, terms)).numpy()
        return Evidence({**expected.readings, Y: result})
