"""Lesson 10, the challenge: a matrix made nearly orthogonal, as in Muon (Jordan and others 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, Call, FunctionExercise
from course.readings import Reading

WORKED = Property("worked", "the worked example")
START = Property("start", "steps = 0: divided by the Frobenius norm", telling=True)
ONE_STEP = Property("one_step", "one step", telling=True)
MORE_STEPS = Property("more_steps", "as many steps as asked for", telling=True)
COEFFICIENTS = Property("coefficients", "other coefficients", telling=True)
SHAPES = Property("shapes", "any matrix: wide, tall, of low rank, zero", telling=True)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

MUON = (3.4445, -4.7750, 2.0315)
SMALLEST_NORM = 1e-7


class NewtonSchulz(FunctionExercise):
    """``newton_schulz``: the oracle never multiplies matrices; it takes the singular values by themselves."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"G": np.diag([3.0, 4.0]), "steps": 1, "coefficients": (2.0, -1.0, 0.5)}
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(judged: Property, G: np.ndarray, steps: int, note: str = "", **changes: Any) -> None:
            watched = changes.pop("watch", False)
            given = {"G": np.asarray(G, dtype=np.float64), "steps": steps, **changes}
            cases.append(Case(judged.id, {"given": given, "watch": watched}, note or f"steps = {steps}"))

        def drawn(*shape: int) -> np.ndarray:
            return rng.uniform(0.5, 5.0) * rng.normal(size=shape)

        if level == "graded":
            add(WORKED, np.diag(rng.uniform(1.0, 5.0, size=2)), 1, coefficients=(2.0, -1.0, 0.5))
        for _ in range(1 if level == "public" else 3):
            add(START, drawn(2, 3), 0)
            add(START, drawn(3, 3), 0)
            add(START, np.zeros((2, 3)), 0, "a matrix of zeros")
            add(START, 1e-9 * drawn(2, 2), 0, "a norm below 1e-7")
            add(ONE_STEP, drawn(2, 2), 1)
            add(ONE_STEP, drawn(3, 4), 1)
            add(MORE_STEPS, drawn(3, 3), 2)
            given = Case(MORE_STEPS.id, {"given": {"G": drawn(3, 4)}}, "steps left at its default")
            cases.append(given)
            add(MORE_STEPS, drawn(4, 3), int(rng.integers(6, 9)))
            a, b = rng.uniform(1.5, 3.0), rng.uniform(-3.0, -1.0)
            add(COEFFICIENTS, drawn(2, 3), 5, coefficients=(float(a), float(b), float(1.0 - a - b)))
            add(COEFFICIENTS, drawn(3, 3), 5, "a cubic", coefficients=(1.5, -0.5, 0.0))
            for shape in ((1, 4), (5, 2), (1, 1)):
                add(SHAPES, drawn(*shape), 5, f"G of shape {shape}")
            # No more steps: each multiplies what rounding left of the other values.
            add(SHAPES, drawn(4, 2) @ drawn(2, 3), 5, "a matrix of rank 2")
            add(INPUTS, drawn(2, 3), 2, watch=True)
            G = drawn(2, 2)
            add(INPUTS, G / np.linalg.norm(G), 0, "steps = 0 and a norm of 1", watch=True)
        return cases

    def plainer(self, case: Case) -> Call | None:
        """Without a step: what it goes on from."""
        given = case.inputs["given"]
        return None if case.property in (START.id, INPUTS.id) else {"given": {**given, "steps": 0}}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The steps from its own start, with a norm that it got wrong; no more than that."""
        X, given = Reading(0, "X"), {**self.defaults, **case.inputs["given"]}
        start = observed.readings.get(self.own(X))
        if self.plainer(case) is None or start is None or start.shape != given["G"].shape:
            return super().follow(case, observed, expected)
        if not _is_multiple(start, given["G"]):
            return expected
        return Evidence({X: _torch_polynomial(start, given["steps"], given["coefficients"]).numpy()})

    def expected(
        self, G: np.ndarray, steps: int = 5, coefficients: Sequence[float] = MUON
    ) -> tuple[torch.Tensor]:
        norm = torch.linalg.matrix_norm(torch.tensor(G)).clamp(min=SMALLEST_NORM)
        return (_torch_polynomial(G / norm.item(), steps, coefficients),)


def _torch_polynomial(X: np.ndarray, steps: int, coefficients: Sequence[float]) -> torch.Tensor:
    """The matrix with the same singular vectors, and the polynomial of each singular value."""
    U, values, V = torch.linalg.svd(torch.tensor(X, dtype=torch.float64), full_matrices=False)
    a, b, c = coefficients
    for _ in range(steps):
        values = a * values + b * values**3 + c * values**5
    return U @ torch.diag(values) @ V


def _is_multiple(found: np.ndarray, wanted: np.ndarray) -> bool:
    if not np.isfinite(found).all() or not wanted.any():
        return False
    factor = float(np.vdot(found, wanted) / np.vdot(wanted, wanted))
    return factor > 0 and np.allclose(found, factor * wanted, rtol=1e-9, atol=0.0)


NEWTON_SCHULZ = NewtonSchulz(
    id="newton_schulz",
    signature="(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315))",
    properties=(
        WORKED.worth(0.125),
        START.worth(0.5),
        ONE_STEP.worth(0.375),
        MORE_STEPS.worth(0.375),
        COEFFICIENTS.worth(0.125),
        SHAPES.worth(0.125),
        INPUTS.worth(0.375),
    ),
    look_at={"X": "formulas (12) and (13)"},
    returns=("X",),
)
