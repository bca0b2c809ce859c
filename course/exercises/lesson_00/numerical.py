"""Lesson 00, the first exercise: a gradient by central differences.

A case is a function of an array, by its name, and the points at which it is differentiated. Functions are
polynomials, so that NumPy's arrays and PyTorch's tensors go through the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder
from course.readings import Reading

WORKED = Property("worked", "the worked example")
LINE = Property("line", "the slope of a straight line", telling=True)
CENTRAL = Property("central", "central differences of a curve", telling=True)
COORDINATES = Property("coordinates", "one coordinate at a time")
SHAPES = Property("shapes", "any shape, also ()")
SHAPE_OF_X = Property("shape_of_x", "f gets arrays of x's shape")
UNCHANGED = Property("unchanged", "x stays as it is, to the last bit")

# Of the coordinates of x and as many coefficients, both as rows of numbers.
FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "worked": lambda x, c: x[0] ** 2 * x[1],
    "line": lambda x, c: 1.5 * (c * x).sum() + 2.0,
    "curve": lambda x, c: (c * x**3 - x**4 / 2).sum(),
    # Each partial derivative depends on all coordinates.
    "mixed": lambda x, c: (c * x).sum() ** 3 / 4 + (c * x**2).sum(),
}
# The worked example: f = x_0^2 x_1 at (2, 1).
WORKED_X, WORKED_H = np.array([2.0, 1.0]), 0.5
DEFAULT_H = 1e-5


class Slopes(TypedDict):
    """The inputs of a case.

    f: a key of ``FUNCTIONS``.
    c: its coefficients, in the shape of the points.
    points: where it is differentiated, one call each.
    h: left out where it is left at its default.
    """

    f: str
    c: np.ndarray
    points: list[np.ndarray]
    h: NotRequired[float]


class Handed:
    """What the student's code is handed as f; it notes whether it is ever given another shape than x's."""

    def __init__(self, name: str, c: np.ndarray):
        self.name, self.c = name, c
        self.other_shape = False

    def __call__(self, x: Any) -> float:
        array = np.asarray(x, dtype=np.float64)
        if array.size != self.c.size:
            raise ValueError(f"f takes an array of shape {self.c.shape}, and was given one of {array.shape}")
        self.other_shape |= array.shape != self.c.shape
        return float(FUNCTIONS[self.name](array.ravel(), self.c.ravel()))

    def along(self, x: np.ndarray, place: int) -> Callable[[Any], float]:
        """The function of one coordinate of x alone, as an array of shape (1,)."""

        def function(coordinate: Any) -> float:
            at = np.array(x)
            at.flat[place] = np.ravel(coordinate)[0]
            return self(at)

        return function


@dataclass(frozen=True)
class NumericalGradient(Exercise):
    """``numerical_gradient``: the evidence is the gradient at each point, or what became of x, or of f."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property, f: str, note: str, *shape: int, points: int = 1, h: float | None = None
        ) -> None:
            inputs: Slopes = {
                "f": f,
                "c": np.asarray(rng.uniform(0.5, 1.5, size=shape)),
                "points": [np.asarray(rng.normal(size=shape)) for _ in range(points)],
            }
            if h is not None:
                inputs["h"] = float(h)
                note += f" and h = {h:.3g}"
            cases.append(Case(judged.id, inputs, note))

        worked: Slopes = {"f": "worked", "c": np.ones(2), "points": [WORKED_X], "h": WORKED_H}
        cases.append(Case(WORKED.id, worked, "the numbers of the worked example"))
        if level == "graded":
            add(WORKED, "worked", "the function of the worked example", 2, h=rng.uniform(0.2, 0.5))
        for _ in range(1 if level == "public" else 3):
            add(LINE, "line", "a straight line at three points", 1, points=3, h=rng.uniform(0.05, 0.5))
            add(LINE, "line", "a straight line at three points, h left at its default", 1, points=3)
            for h in (0.5, float(rng.uniform(0.05, 0.3))):
                add(CENTRAL, "curve", "a function of one number at three points", 1, points=3, h=h)
            add(COORDINATES, "mixed", "a function of two numbers", 2, h=rng.uniform(0.05, 0.3))
            add(COORDINATES, "mixed", "a function of four numbers", 4, h=rng.uniform(0.05, 0.3))
            for shape in ((), (2, 3), (1, 2, 2), (1,)):
                add(SHAPES, "line", f"x of shape {shape}", *shape, h=rng.uniform(0.05, 0.3))
            add(SHAPE_OF_X, "line", "x of shape (2, 3)", 2, 3, h=0.1)
            add(SHAPE_OF_X, "line", "x of shape ()", h=0.1)
            add(UNCHANGED, "mixed", "x of shape (3,)", 3)
            add(UNCHANGED, "line", "x of shape (4, 4)", 4, 4, h=rng.uniform(0.01, 0.1))
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Slopes, case.inputs)
        with recorder.running():
            several = len(inputs["points"]) > 1
            for step, point in enumerate(inputs["points"], start=1):
                x, f = np.array(point), Handed(inputs["f"], inputs["c"])
                returned = recorder.call(student_object, f, x, **_named(inputs))
                (grad,) = recorder.unpack(returned, ("grad",))
                if case.property == UNCHANGED.id:
                    recorder.record(0, "argument", x, of="x")
                    shared = isinstance(grad, np.ndarray) and np.shares_memory(x, grad)
                    recorder.record(0, "result_shared", shared)
                elif case.property == SHAPE_OF_X.id:
                    recorder.record(0, "f_other_shape", f.other_shape)
                else:
                    recorder.record(step if several else 0, "grad", grad)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Slopes, case.inputs)
        several = len(inputs["points"]) > 1
        for step, point in enumerate(inputs["points"], start=1):
            if case.property == UNCHANGED.id:
                recorder.record(0, "argument", point, of="x")
                recorder.record(0, "result_shared", False)
            elif case.property == SHAPE_OF_X.id:
                recorder.record(0, "f_other_shape", False)
            else:
                grad = _torch_differences(inputs["f"], inputs["c"], point, inputs.get("h", DEFAULT_H))
                recorder.record(step if several else 0, "grad", grad)
        return recorder.evidence()

    def has_plainer(self, case: Case) -> bool:
        return case.property in (COORDINATES.id, SHAPES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The slope along each coordinate, as that of a function of one number."""
        recorder, inputs = Recorder(self.id, self.signature), cast(Slopes, case.inputs)
        (x,), f, slopes = inputs["points"], Handed(inputs["f"], inputs["c"]), []
        found: dict[Reading, np.ndarray] = {}
        with recorder.running():
            for place, coordinate in enumerate(np.ravel(x)):
                function = f.along(x, place)
                slope = recorder.call(student_object, function, np.array([coordinate]), **_named(inputs))
                slopes.append(np.asarray(slope, dtype=np.float64).reshape(()))
            found[Reading(0, "grad")] = np.array(slopes).reshape(x.shape)
        return found


def _named(inputs: Slopes) -> dict[str, Any]:
    return {"h": inputs["h"]} if "h" in inputs else {}


def _torch_differences(name: str, c: np.ndarray, x: np.ndarray, h: float) -> np.ndarray:
    """The central differences of a function at x, each coordinate by itself."""
    at, coefficients = torch.tensor(x).ravel(), torch.tensor(c).ravel()
    steps = h * torch.eye(at.numel(), dtype=torch.float64)
    function = FUNCTIONS[name]
    slopes = [(function(at + e, coefficients) - function(at - e, coefficients)) / (2 * h) for e in steps]
    return torch.stack(slopes).reshape(x.shape).numpy()
