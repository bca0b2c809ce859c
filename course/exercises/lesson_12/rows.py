"""Lesson 12, row by row: layer norm (Ba and others 2016), RMS norm (Zhang and Sennrich 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property, Uses
from course.exercises.lesson_12.affine import (
    ANY_AXES_ID,
    EPS,
    INPUTS,
    PLAIN_EPS,
    THE_WORKED,
    THE_WORKED_SHAPES,
    WORKED,
    AffineExercise,
    Y,
    alike,
    alike_above,
    uneven,
)
from course.families.backward import Backward
from course.families.draws import parameters
from course.families.earlier import in_notebook
from course.families.functions import watch
from course.families.recorder import Recorder
from course.formulas import Formulas

NORMALISED = Property("normalised", "each row gets mean 0 and variance 1", telling=True)
SQUARES = Property("squares", "the mean square of each row becomes 1", telling=True)
AFFINE = Property("affine", "gamma scales and beta shifts, one number a column")
GAMMA = Property("gamma", "gamma scales, one number a column")
ANY_AXES = Property(ANY_AXES_ID, "x with one axis, or with several")

FOR_AFFINE = Property("for_affine", "dbeta and dgamma, one number a column", telling=True)
FOR_X = Property("for_x", "dx, each row by itself", telling=True)
FOR_X_EPS = Property("for_x_eps", "dx where eps matters")
FOR_ANY_AXES = Property("for_any_axes", "all three for x with one axis, or with several")

WORKED_X = np.array([[1.0, 2.0, 3.0, 6.0]])
WORKED_DY = np.array([[4.0, 0.0, 2.0, 1.0]])
WORKED_GAMMA, WORKED_BETA = np.array([1.0, 2.0, 2.0, 4.0]), np.array([0.0, 1.0, 0.0, -1.0])
# So large that the roots come out even: 3.5 + 0.5 = 4, and 12.5 + 3.5 = 16.
WORKED_EPS, WORKED_RMS_EPS = 0.5, 3.5


class RowNorm(AffineExercise):
    """The cases of both.

    Attributes:
        rows: what a row is to be without gamma and beta.
        worked: the arguments of the worked example.
    """

    rows: ClassVar[Property]
    worked: ClassVar[Mapping[str, Any]]

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        names = [name for name in ("gamma", "beta") if name in self.worked]
        cases = [Case(WORKED.id, {"given": dict(self.worked)}, THE_WORKED)]

        def add(judged: Property, x: np.ndarray, note: str, plain: bool = True, **changes: Any) -> None:
            length = x.shape[-1]
            drawn = {name: parameters(rng, (length,)) for name in names}
            if plain:
                drawn = {"gamma": np.ones(length), "beta": np.zeros(length)}
            given: dict[str, Any] = {"x": x, **{name: drawn[name] for name in names}, **changes}
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        if level == "graded":
            add(WORKED, uneven(rng, (1, 4)), THE_WORKED_SHAPES, plain=False, eps=float(rng.uniform(1, 5)))
        for _ in range(1 if level == "public" else 3):
            add(self.rows, uneven(rng, (3, 2)), "3 rows and 2 columns", eps=PLAIN_EPS)
            add(self.rows, uneven(rng, (4, 4)), "as many rows as columns", eps=PLAIN_EPS)
            add(self.rows, uneven(rng, (1, 3)), "a single row", eps=PLAIN_EPS)
            add(self.affine, uneven(rng, (2, 3)), "2 rows and 3 columns", plain=False)
            add(self.affine, uneven(rng, (3, 3)), "as many rows as columns", plain=False)
            # The lines along every axis are alike, of mean 0: whatever a mean is taken over, or subtracted.
            even = alike(rng, 2)
            even -= even.mean()
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, even, f"eps = {eps:.3g}", eps=float(eps))
            add(EPS, np.zeros((2, 3)), "an x of zeros, the default eps")
            add(EPS, 1e-3 * even, "numbers near 0.001, the default eps")
            add(ANY_AXES, uneven(rng, (5,)), "x of shape (5,)", eps=PLAIN_EPS)
            add(ANY_AXES, alike_above(rng, 3), "x of shape (3, 3, 3)", eps=PLAIN_EPS)
            if level == "graded":
                add(ANY_AXES, alike_above(rng, 4), "x of shape (3, 3, 3, 3)", eps=PLAIN_EPS)
            add(INPUTS, uneven(rng, (3, 2)), "", plain=False)
            add(
                INPUTS, np.array([[1.0, -1.0], [-1.0, 1.0]]), "an x that is normalised already", eps=PLAIN_EPS
            )
        return cases

    def as_plain_axes(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(-1, x.shape[-1])


class LayerNormForward(RowNorm):
    """``layer_norm_forward``: of (y, cache) only y is judged; the cache is the student's own affair."""

    affine = AFFINE
    rows = NORMALISED
    worked: ClassVar[Mapping[str, Any]] = {
        "x": WORKED_X,
        "gamma": WORKED_GAMMA,
        "beta": WORKED_BETA,
        "eps": WORKED_EPS,
    }

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            given = {name: _copy(value) for name, value in case.inputs["given"].items()}
            arguments = [given.pop(name) for name in ("x", "gamma", "beta")]
            returned = recorder.call(student_object, *arguments, **given)
            y, _ = recorder.unpack(returned, ("y", "cache"))
            recorder.record(Y.step, Y.id, y)
            if case.inputs.get("watch"):
                watch(recorder, 0, dict(zip(("x", "gamma", "beta"), arguments, strict=True)), (y,))
        return recorder.evidence()

    def expected(
        self, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
    ) -> tuple[torch.Tensor]:
        return (torch_norm(torch.tensor(x), torch.tensor(gamma), torch.tensor(beta), eps),)


class RmsNorm(RowNorm):
    """``rms_norm``."""

    affine = GAMMA
    rows = SQUARES
    worked: ClassVar[Mapping[str, Any]] = {"x": WORKED_X, "gamma": WORKED_GAMMA, "eps": WORKED_RMS_EPS}

    def expected(self, x: np.ndarray, gamma: np.ndarray, eps: float = 1e-6) -> tuple[torch.Tensor]:
        return (F.rms_norm(torch.tensor(x), gamma.shape, torch.tensor(gamma), eps),)


def torch_norm(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float) -> torch.Tensor:
    """PyTorch's layer normalisation over the last axis."""
    return F.layer_norm(x, gamma.shape, gamma, beta, eps)


class LayerNormBackward(Backward):
    """``layer_norm_backward``, the challenge."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, shape: tuple[int, ...], note: str, eps: float = 1e-5, **changes: Any
        ) -> None:
            drawn: dict[str, Any] = {
                "x": uneven(rng, shape),
                "gamma": parameters(rng, shape[-1:]),
                "beta": parameters(rng, shape[-1:]),
                "eps": float(eps),
                "dy": uneven(rng, shape),
                "watch": judged == INPUTS,
                **changes,
            }
            cache = _right_cache(drawn["x"], drawn["gamma"], drawn["eps"])
            cases.append(Case(judged.id, {**drawn, "cache": cache}, note))

        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "dy": WORKED_DY}
        add(WORKED, (1, 4), THE_WORKED, eps=WORKED_EPS, **worked)
        if level == "graded":
            add(WORKED, (1, 4), THE_WORKED_SHAPES, eps=rng.uniform(1.0, 10.0))
        for _ in range(1 if level == "public" else 3):
            add(FOR_AFFINE, (3, 2), "3 rows and 2 columns")
            add(FOR_AFFINE, (4, 4), "as many rows as columns")
            add(FOR_X, (2, 3), "2 rows and 3 columns")
            add(FOR_X, (4, 4), "as many rows as columns")
            add(FOR_X, (3, 3), "a dy of zeros", dy=np.zeros((3, 3)))
            add(FOR_X_EPS, (3, 2), "a large eps", rng.uniform(0.05, 0.2))
            add(
                FOR_X_EPS,
                (2, 3),
                "a row of equal numbers",
                0.3,
                x=np.array([[2.0, 2.0, 2.0], [1.0, 0.0, 3.0]]),
            )
            add(FOR_ANY_AXES, (4,), "x of shape (4,)")
            add(FOR_ANY_AXES, (2, 3, 4), "x of shape (2, 3, 4)")
            add(FOR_ANY_AXES, (3, 3, 3), "x of shape (3, 3, 3)")
            add(INPUTS, (3, 2), "backward called twice with one cache")
        return cases

    def torch_forward(
        self, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float
    ) -> torch.Tensor:
        return torch_norm(x, gamma, beta, eps)


def _right_cache(x: np.ndarray, gamma: np.ndarray, eps: float) -> list[np.ndarray]:
    """What the lesson proposes to keep, (x_hat, gamma, std), from PyTorch."""
    x_hat, _, inverse = torch.native_layer_norm(torch.tensor(x), gamma.shape, None, None, eps)
    return [x_hat.numpy(), np.array(gamma), inverse.reciprocal().numpy()]


def _copy(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value


def _forward_call(case: Case) -> Case:
    """The call of ``layer_norm_forward`` that this case of backward starts with."""
    given = {name: case.inputs[name] for name in ("x", "gamma", "beta", "eps")}
    return Case(AFFINE.id, {"given": given, "watch": True})


FORWARD = LayerNormForward(
    id="layer_norm_forward",
    signature="(x, gamma, beta, eps=1e-5)",
    properties=(
        WORKED.worth(0.125),
        NORMALISED.worth(0.75),
        AFFINE.worth(0.5),
        EPS.worth(0.25),
        ANY_AXES.worth(0.25),
        INPUTS.worth(0.125),
    ),
    look_at={
        "y": Formulas(
            plain=(1, 2, 3, 4), properties={NORMALISED.id: (1, 2, 3), AFFINE.id: (4,), EPS.id: (3,)}
        )
    },
    returns=("y",),
)

RMS_NORM = RmsNorm(
    id="rms_norm",
    signature="(x, gamma, eps=1e-6)",
    properties=(
        WORKED.worth(0.1),
        SQUARES.worth(0.3),
        GAMMA.worth(0.2),
        EPS.worth(0.15),
        ANY_AXES.worth(0.15),
        INPUTS.worth(0.1),
    ),
    look_at={"y": "formula (5)"},
    returns=("y",),
)

BACKWARD = LayerNormBackward(
    id="layer_norm_backward",
    signature="(dy, cache)",
    properties=(
        WORKED.worth(0.125),
        FOR_AFFINE.worth(0.75),
        FOR_X.worth(0.5),
        FOR_X_EPS.worth(0.125),
        FOR_ANY_AXES.worth(0.25),
        INPUTS.worth(0.25),
    ),
    uses=(
        Uses(
            FORWARD,
            as_case=_forward_call,
            found_by=in_notebook,
            said=f"Your {FORWARD.id} is not right yet, and its cache is used as it is: "
            f"mend {FORWARD.id} first.",
        ),
    ),
    look_at={"dbeta": "formula (6)", "dgamma": "formula (6)", "dx": "the three hints of the challenge"},
    only={FOR_AFFINE.id: ("dbeta", "dgamma"), FOR_X.id: ("dx",), FOR_X_EPS.id: ("dx",)},
)
