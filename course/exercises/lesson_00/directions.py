"""Lesson 00: the slope in a direction, and the challenge, the direction in which it is largest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.draws import gradients
from course.families.functions import WATCHED, Call, FunctionExercise
from course.families.recorder import Recorder
from course.readings import Reading

UNIT = Property("unit", "a direction of length 1", telling=True)
LENGTH = Property("length", "a direction of any length")
SHAPES = Property("shapes", "any shape, also ()")
REFUSES = Property("refuses", "ValueError for a direction of length 0")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

EUCLIDEAN = Property("euclidean", "p = 2: the direction", telling=True)
LARGEST = Property("largest", "p = inf: the direction", telling=True)
SUM = Property("sum", "p = 1: the direction", telling=True)
RATE = Property("rate", "the rate is the slope in that direction", looks_at=frozenset({"rate"}))
ZERO = Property("zero", "a zero gradient gives zeros and 0.0")

# The worked example: the hill of the lesson, half-way between two axes and along the contour line.
WORKED_GRAD = np.array([30.0, 40.0])
WORKED_DIRECTIONS = (np.array([1.0, 1.0]), np.array([4.0, -3.0]))

DIRECTION, SLOPE = Reading(0, "direction"), Reading(0, "rate")
# The norm that says how large a slope is, by the norm that says how long a step is.
DUAL = {1.0: math.inf, 2.0: 2.0, math.inf: 1.0}


def _unit(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    direction = np.asarray(gradients(rng, 1, shape)[0])
    return np.asarray(direction / np.sqrt(np.sum(direction**2)))


class DirectionalDerivative(FunctionExercise):
    """``directional_derivative``: the derivative of the linear function with that gradient, by ``jvp``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, grad: np.ndarray, direction: np.ndarray, note: str) -> None:
            given = {"grad": grad, "direction": direction}
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        for direction in WORKED_DIRECTIONS:
            add(LENGTH, WORKED_GRAD, direction, "the numbers of the worked example")
        for _ in range(1 if level == "public" else 3):
            # Of length 1 too: who takes that of the gradient for that of the direction is right here.
            add(UNIT, _unit(rng, (2,)), _unit(rng, (2,)), "a gradient and a direction of length 1")
            add(UNIT, gradients(rng, 1, (3,))[0], np.eye(3)[1], "a direction along one axis")
            add(UNIT, gradients(rng, 1, (4,))[0], _unit(rng, (4,)), "a direction of length 1")
            for long in (2.0, float(rng.uniform(0.05, 0.5)), float(rng.uniform(5.0, 50.0))):
                add(LENGTH, gradients(rng, 1, (3,))[0], long * _unit(rng, (3,)), f"a length of {long:.3g}")
            shapes: list[tuple[int, ...]] = [(), (2, 2), (3, 1), (2, 1, 3)]
            for shape in shapes:
                grad = np.asarray(gradients(rng, 1, shape)[0])
                add(SHAPES, grad, _unit(rng, shape), f"arrays of shape {shape}")
            shapes = [(2,), (), (2, 3)]
            for shape in shapes:
                grad = np.asarray(gradients(rng, 1, shape)[0])
                add(REFUSES, grad, np.zeros(shape), f"a direction of zeros, of shape {shape}")
            opposite = rng.uniform(0.5, 2.0) * np.array([1.0, -1.0])
            add(REFUSES, np.zeros(2), opposite, "a gradient of zeros, and a direction that adds up to 0")
            add(REFUSES, gradients(rng, 1, (2,))[0], 1e-9 * _unit(rng, (2,)), "a length of 1e-9")
            add(INPUTS, gradients(rng, 1, (3,))[0], _unit(rng, (3,)), "")
            # The slope is 0 by a wrong formula too: only what becomes of the inputs tells.
            grad = gradients(rng, 1, (2,))[0]
            add(INPUTS, grad, grad[::-1] * [1.0, -1.0], "two arrays at a right angle")
        return cases

    def plainer(self, case: Case) -> Call | None:
        """A direction of length 1; arrays as rows of numbers."""
        given = case.inputs["given"]
        if case.property == LENGTH.id:
            direction = given["direction"]
            return {"given": {**given, "direction": direction / np.sqrt(np.sum(direction**2))}}
        if case.property == SHAPES.id:
            return {"given": {name: np.ravel(array) for name, array in given.items()}}
        return None

    def observe(self, student_object: Any, case: Case) -> Evidence:
        if case.property != REFUSES.id:
            return super().observe(student_object, case)
        return self._refusal(student_object, case)

    def oracle(self, case: Case) -> Evidence:
        if case.property != REFUSES.id:
            return super().oracle(case)
        return self._refusal(self.expected, case)

    def _refusal(self, function: Any, case: Case) -> Evidence:
        recorder, given = Recorder(self.id, self.signature), case.inputs["given"]
        with recorder.running():
            refused, _ = recorder.refuses(function, given["grad"].copy(), given["direction"].copy())
            recorder.record(0, "refused", refused, of=case.note)
        return recorder.evidence()

    def expected(self, grad: np.ndarray, direction: np.ndarray) -> tuple[Any, ...]:
        if not direction.any():
            raise ValueError("a direction of length 0")
        flat = torch.tensor(grad).ravel()
        unit = F.normalize(torch.tensor(direction).ravel(), dim=0)
        found: Any = torch.autograd.functional.jvp(lambda x: flat @ x, (torch.zeros_like(flat),), (unit,))
        return (found[1],)


class SteepestAscent(FunctionExercise):
    """``steepest_ascent``: the slope of the dual norm is the direction in which a linear function rises most.

    Where a direction is judged its rate is not written down: that has a property of its own.
    """

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property, grad: np.ndarray, note: str, p: float | None = None, alone: bool = False
        ) -> None:
            given = {"grad": np.asarray(grad)} if p is None else {"grad": np.asarray(grad), "p": p}
            inputs = {"given": given, "watch": judged == INPUTS, "inputs_alone": alone}
            cases.append(Case(judged.id, inputs, note))

        def drawn(*shape: int) -> np.ndarray:
            return np.asarray(gradients(rng, 1, shape)[0])

        for _ in range(1 if level == "public" else 3):
            add(
                EUCLIDEAN,
                np.array([3.0, -4.0]) * (1.0 if level == "public" else rng.uniform(0.5, 2)),
                "p = 2",
                2.0,
            )
            add(EUCLIDEAN, drawn(4), "p left at its default")
            for judged, p in ((LARGEST, math.inf), (SUM, 1.0)):
                add(judged, drawn(2), f"p = {p:g}", p)
                add(judged, drawn(5), f"p = {p:g}", p)
                add(judged, -np.abs(drawn(3)), f"p = {p:g}, and no slope above 0", p)
            add(LARGEST, drawn(4) * np.array([1.0, 0.0, 1.0, 0.0]), "p = inf, and two slopes of 0", math.inf)
            add(SUM, drawn(4) * np.array([0.0, 1.0, 0.0, 0.0]), "p = 1, and three slopes of 0", 1.0)
            for p in DUAL:
                add(RATE, drawn(3), f"p = {p:g}", p)
                # Its length alone can differ from seed to seed.
                add(ZERO, np.zeros(3 if level == "public" else int(rng.integers(2, 1000))), f"p = {p:g}", p)
                add(SHAPES, drawn(2, 3), f"p = {p:g}, and a gradient of shape (2, 3)", p)
                add(SHAPES, drawn(), f"p = {p:g}, and a gradient of shape ()", p)
                add(INPUTS, np.sign(drawn(2, 2)) * [[1.0, 0.0], [0.0, 0.0]], f"p = {p:g}", p)
            # What should come back has properties of its own.
            add(INPUTS, drawn(2, 2), "p = 2, and slopes of any size", 2.0, alone=True)
            add(INPUTS, np.zeros((2, 2)), "p = 2, and a gradient of zeros", 2.0, alone=True)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return _judged(case, super().observe(student_object, case))

    def oracle(self, case: Case) -> Evidence:
        return _judged(case, super().oracle(case))

    def plainer(self, case: Case) -> Call | None:
        """The gradient as a row of numbers."""
        given = case.inputs["given"]
        return {"given": {**given, "grad": np.ravel(given["grad"])}} if case.property == SHAPES.id else None

    def observe_plainer(self, student_object: Any, case: Case, observed: Evidence) -> Any:
        shape = case.inputs["given"]["grad"].shape
        return {
            reading: array.reshape(shape)
            if reading == DIRECTION and array.size == math.prod(shape)
            else array
            for reading, array in super().observe_plainer(student_object, case, observed).items()
        }

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The rate is the slope in the direction that came back."""
        direction = observed.readings.get(DIRECTION)
        if (
            case.property != RATE.id
            or direction is None
            or direction.shape != expected.readings[DIRECTION].shape
        ):
            return super().follow(case, observed, expected)
        slope = torch.tensor(case.inputs["given"]["grad"]) @ torch.tensor(direction, dtype=torch.float64)
        return Evidence({DIRECTION: direction, SLOPE: slope.numpy()})

    def expected(self, grad: np.ndarray, p: float = 2.0) -> tuple[Any, ...]:
        gradient = torch.tensor(grad, requires_grad=True)
        rate = torch.linalg.vector_norm(gradient, DUAL[p])
        rate.backward()
        return gradient.grad, rate


def _judged(case: Case, evidence: Evidence) -> Evidence:
    """Without the rate, where the direction is judged; without both, where the inputs alone are."""
    if case.inputs.get("inputs_alone"):
        watched = {reading: array for reading, array in evidence.readings.items() if reading.id in WATCHED}
        return Evidence(watched, evidence.problem)
    if case.property not in (EUCLIDEAN.id, LARGEST.id, SUM.id, SHAPES.id):
        return evidence
    kept = {reading: array for reading, array in evidence.readings.items() if reading != SLOPE}
    return Evidence(kept, evidence.problem)
