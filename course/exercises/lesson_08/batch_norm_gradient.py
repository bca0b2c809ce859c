"""Lesson 08, the gradient: judged with the cache that the student's own forward has kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Level, Property
from course.exercises.lesson_08.batch_norm_layer import batch
from course.families.backward import Backward
from course.families.draws import parameters
from course.families.functions import WATCHED

WORKED = Property("worked", "the worked example")
AFFINE = Property("affine", "gamma scales and beta shifts, one number a column")
FOR_AFFINE = Property("for_affine", "dbeta and dgamma, one number a column", telling=True)
FOR_X = Property("for_x", "dx, through all three paths")
FOR_X_EPS = Property("for_x_eps", "dx where eps matters")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

WORKED_X = np.array([[2.0], [4.0], [4.0], [10.0]])
WORKED_DY = np.array([[3.0], [0.0], [0.0], [3.0]])
# eps is so large that the root comes out even: 9 + 7 = 16.
WORKED_GAMMA, WORKED_BETA, WORKED_EPS = np.array([4.0]), np.array([1.0]), 7.0
THE_WORKED = "the numbers of the worked example"

# Which gradients a property is about, where it is not all three.
ONLY = {FOR_AFFINE.id: ("dbeta", "dgamma"), FOR_X.id: ("dx",), FOR_X_EPS.id: ("dx",)}


def torch_norm(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float) -> torch.Tensor:
    """PyTorch's batch normalisation with the batch's own statistics, x of shape (N, C) or (N, C, H, W)."""
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


class BatchNormBackward(Backward):
    """``batch_norm_backward``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, rows: int, columns: int, note: str, eps: float = 1e-5, **changes: Any
        ) -> None:
            drawn: dict[str, Any] = {
                "x": batch(rng, rows, columns),
                "gamma": parameters(rng, (columns,)),
                "beta": parameters(rng, (columns,)),
                "eps": float(eps),
                "dy": batch(rng, rows, columns),
                **changes,
            }
            cache = _right_cache(drawn["x"], drawn["gamma"], drawn["eps"])
            cases.append(Case(judged.id, {**drawn, "cache": cache}, note))

        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "dy": WORKED_DY}
        add(WORKED, 4, 1, THE_WORKED, eps=WORKED_EPS, **worked)
        if level == "graded":
            add(WORKED, 4, 1, "the shapes of the worked example", eps=rng.uniform(1.0, 10.0))
        for _ in range(1 if level == "public" else 3):
            add(FOR_AFFINE, 3, 2, "3 rows and 2 columns")
            add(FOR_AFFINE, 4, 4, "as many rows as columns")
            add(FOR_X, 3, 2, "3 rows and 2 columns")
            add(FOR_X, 5, 3, "5 rows and 3 columns")
            add(FOR_X, 4, 1, "a dy that is 1 for each row", dy=np.ones((4, 1)))
            add(FOR_X, 3, 3, "a dy of zeros", dy=np.zeros((3, 3)))
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(FOR_X_EPS, 3, 2, f"eps = {eps:.3g}", eps)
            add(FOR_X_EPS, 2, 2, "two rows", rng.uniform(0.05, 0.2))
            still = np.hstack([batch(rng, 4, 1), np.full((4, 1), 3.0)])
            add(FOR_X_EPS, 4, 2, "a second column of equal numbers", rng.uniform(0.05, 0.2), x=still)
            add(INPUTS, 3, 2, "backward called twice with one cache", watch=True)
        return cases

    def torch_forward(
        self, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float
    ) -> torch.Tensor:
        return torch_norm(x, gamma, beta, eps)


def _right_cache(x: np.ndarray, gamma: np.ndarray, eps: float) -> list[np.ndarray]:
    """What the lesson proposes to keep, (x_hat, gamma, std), from PyTorch."""
    features = torch.tensor(x)
    x_hat, _, inverse = torch.native_batch_norm(features, None, None, None, None, True, 0.0, eps)
    return [x_hat.numpy(), np.array(gamma), inverse.reciprocal().numpy()]


def forward_call(case: Case) -> Case:
    """The call of ``batch_norm_forward`` that this case of backward starts with."""
    given = {name: case.inputs[name] for name in ("x", "gamma", "beta", "eps")}
    return Case(AFFINE.id, {"given": given, "watch": True})
