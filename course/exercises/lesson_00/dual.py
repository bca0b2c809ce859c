"""Lesson 00, the class: numbers that carry a derivative along (Wengert 1964).

A case is an expression, by its text, of x, y and a plain number c. The student's class and PyTorch's ``jvp``
go through the same lines. Values and tangents have properties of their own: a wrong derivative costs no
value.
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

VALUES = Property("values", "the values are those of plain numbers")
SUMS = Property("sums", "tangents of x + y, x - y and -x", telling=True)
PRODUCTS = Property("products", "tangents of x * y", telling=True)
QUOTIENTS = Property("quotients", "tangents of x / y", telling=True)
POWERS = Property("powers", "tangents of x ** n", telling=True)
FUNCTIONS = Property("functions", "tangents of exp, log and sin", telling=True)
RIGHT = Property("right", "a number on the right")
LEFT = Property("left", "a number on the left")
CONSTANTS = Property("constants", "a Dual that is given no tangent has the tangent 0")
CHAINS = Property("chains", "longer expressions")
OPERANDS = Property("operands", "leaves its operands as they are")

EXPRESSIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "x + y": lambda x, y, c: x + y,
    "x - y": lambda x, y, c: x - y,
    "-x": lambda x, y, c: -x,
    "x * y": lambda x, y, c: x * y,
    "x / y": lambda x, y, c: x / y,
    "x ** c": lambda x, y, c: x**c,
    "x.exp()": lambda x, y, c: x.exp(),
    "x.log()": lambda x, y, c: x.log(),
    "x.sin()": lambda x, y, c: x.sin(),
    "x + c": lambda x, y, c: x + c,
    "x - c": lambda x, y, c: x - c,
    "x * c": lambda x, y, c: x * c,
    "x / c": lambda x, y, c: x / c,
    "c + x": lambda x, y, c: c + x,
    "c - x": lambda x, y, c: c - x,
    "c * x": lambda x, y, c: c * x,
    "c / x": lambda x, y, c: c / x,
    "x * (x + 3) / 2": lambda x, y, c: x * (x + 3) / 2,
    "(x * x + y) / (x - c * y)": lambda x, y, c: (x * x + y) / (x - c * y),
    "(x * y).sin() * (c - x).exp()": lambda x, y, c: (x * y).sin() * (c - x).exp(),
    "(x.log() + y ** 2) ** 3 - y": lambda x, y, c: (x.log() + y**2) ** 3 - y,
}
OF_TWO = ("x + y", "x - y", "x * y", "x / y")
OF_ONE = ("x.exp()", "x.log()", "x.sin()")
ON_THE_RIGHT = ("x + c", "x - c", "x * c", "x / c")
ON_THE_LEFT = ("c + x", "c - x", "c * x", "c / x")
LONG = ("(x * x + y) / (x - c * y)", "(x * y).sin() * (c - x).exp()", "(x.log() + y ** 2) ** 3 - y")
WORKED = "x * (x + 3) / 2"


class Formula(TypedDict):
    """The inputs of a case.

    expression: a key of ``EXPRESSIONS``.
    x, y: value and tangent; of y the tangent may be left out.
    c: a plain number.
    """

    expression: str
    x: list[float]
    y: list[float]
    c: NotRequired[float]


@dataclass(frozen=True)
class DualNumber(Exercise):
    """``Dual``: the evidence is the tangent of the result, or its value, or what became of x and y."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def number() -> float:
            return float(rng.uniform(0.5, 3.0))

        def add(judged: Property, expression: str, **changes: Any) -> None:
            inputs: Formula = {
                "expression": expression,
                "x": [number(), float(rng.choice([-1.0, 1.0])) * number()],
                "y": [number(), float(rng.choice([-1.0, 1.0])) * number()],
                "c": number(),
            }
            inputs = cast(Formula, {**inputs, **changes})
            cases.append(Case(judged.id, inputs, _note(inputs)))

        add(CHAINS, WORKED, x=[2.0, 1.0] if level == "public" else [number(), 1.0])
        for _ in range(1 if level == "public" else 3):
            for expression in (*OF_TWO, *OF_ONE, "-x"):
                add(VALUES, expression)
            add(VALUES, "x ** c", c=3)
            for expression in ("x + y", "x - y", "-x"):
                add(SUMS, expression)
            for expression, judged in (("x * y", PRODUCTS), ("x / y", QUOTIENTS)):
                add(judged, expression)
                add(judged, expression, x=[-number(), number()], y=[-number(), number()])
            for c in (2, 3, -2, 0.5, number()):
                add(POWERS, "x ** c", c=c)
            add(POWERS, "x ** c", c=3, x=[-number(), number()])
            for c in (1, 2):
                add(POWERS, "x ** c", c=c, x=[0.0, number()])
            for expression in OF_ONE:
                add(FUNCTIONS, expression)
            for expression in ON_THE_RIGHT:
                add(RIGHT, expression)
            for expression in ON_THE_LEFT:
                add(LEFT, expression)
            for expression in ("x + y", "x * y"):
                add(CONSTANTS, expression, y=[number()])
            for expression in LONG:
                add(CHAINS, expression)
            for expression in (*OF_TWO, "-x", "x ** c", *OF_ONE, *ON_THE_RIGHT, *ON_THE_LEFT):
                add(OPERANDS, expression)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Formula, case.inputs)
        with recorder.running():
            x, y = (recorder.call(student_object, *inputs[name]) for name in ("x", "y"))
            if case.property == CONSTANTS.id:
                recorder.record(0, "constant_tangent", _part(recorder, y, "tangent", "Dual(value)"))
            result = _result(recorder, inputs["expression"], x, y, inputs.get("c"))
            if case.property == OPERANDS.id:
                for name, operand in (("x", x), ("y", y)):
                    for part in ("value", "tangent"):
                        found = _part(recorder, operand, part, name)
                        recorder.record(0, "argument", found, of=f"{name}.{part}")
            else:
                part = "value" if case.property == VALUES.id else "tangent"
                recorder.record(0, part, _part(recorder, result, part, inputs["expression"]))
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(Formula, case.inputs)
        x, y = (([*inputs[name], 0.0])[:2] for name in ("x", "y"))
        values, tangents = (tuple(map(_as_tensor, pair)) for pair in zip(x, y, strict=True))
        c, expression = inputs.get("c"), EXPRESSIONS[inputs["expression"]]
        if case.property == CONSTANTS.id:
            recorder.record(0, "constant_tangent", 0.0)
        if case.property == OPERANDS.id:
            for name, pair in (("x", x), ("y", y)):
                for part, number in zip(("value", "tangent"), pair, strict=True):
                    recorder.record(0, "argument", number, of=f"{name}.{part}")
            return recorder.evidence()
        found: Any = torch.autograd.functional.jvp(lambda one, two: expression(one, two, c), values, tangents)
        value, tangent = found
        if case.property == VALUES.id:
            recorder.record(0, "value", value)
        else:
            recorder.record(0, "tangent", tangent)
        return recorder.evidence()

    def has_plainer(self, case: Case) -> bool:
        return case.property in (RIGHT.id, LEFT.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """With a Dual whose tangent is 0 in the place of the number."""
        recorder, inputs = Recorder(self.id, self.signature), cast(Formula, case.inputs)
        with recorder.running():
            x, c = (recorder.call(student_object, *pair) for pair in (inputs["x"], [inputs.get("c"), 0.0]))
            result = _result(recorder, inputs["expression"], x, None, c)
            recorder.record(0, "tangent", _part(recorder, result, "tangent", inputs["expression"]))
        return recorder.readings


def _note(inputs: Formula) -> str:
    """The expression with what it is of: "x * y for x = Dual(2, 1) and y = Dual(3, -1)"."""
    expression = inputs["expression"]
    values = {"x": _shown(inputs["x"]), "y": _shown(inputs["y"]), "c": f"{inputs.get('c', 0.0):.4g}"}
    of = [f"{name} = {shown}" for name, shown in values.items() if name in expression]
    return f"{expression} for {' and '.join(filter(None, [', '.join(of[:-1]), of[-1]]))}"


def _shown(pair: list[float]) -> str:
    return f"Dual({', '.join(f'{number:.4g}' for number in pair)})"


def _as_tensor(number: float) -> torch.Tensor:
    return torch.tensor(number, dtype=torch.float64)


def _result(recorder: Recorder, expression: str, x: Any, y: Any, c: Any) -> Any:
    return recorder.call(EXPRESSIONS[expression], x, y, c, called=expression)


def _part(recorder: Recorder, dual: Any, part: str, shown: str) -> Any:
    """The value or the tangent of what should be a Dual."""
    if dual is None:
        recorder.stop("returned_none", name=shown, wanted="a Dual")
    found = recorder.call(getattr, dual, part, None, called=f"reading {part}")
    if found is None:
        recorder.stop("no_attribute", name=shown, attribute=part)
    return found
