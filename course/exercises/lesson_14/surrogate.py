"""Lesson 14: a Gaussian process (Rasmussen, Williams 2006), expected improvement (Jones and others 1998)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from torch.distributions import Normal

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, Call, FunctionExercise
from course.formulas import Formulas
from course.readings import Reading

# Solving with K loses some digits, by whichever way.
SOLVED = 1e-8
# A variance of 0 comes out as some 1e-14 of either sign: its root is 1e-7.
ROOT_OF_ROUNDING = 1e-6

MEAN = Property("mean", "the mean", looks_at=frozenset({"mean"}), telling=True)
STD = Property("std", "the standard deviation", looks_at=frozenset({"std"}), telling=True)
LENGTH = Property("length", "other lengths", telling=True)
NOISE = Property("noise", "noise, and its default", telling=True)
AT_POINTS = Property("at_points", "at its own points without noise: the value, and no doubt")
FAR = Property("far", "far away: the prior")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

WORKED_X, WORKED_Y = np.array([[0.0], [1.0]]), np.array([1.0, -1.0])
WORKED_NEW = np.array([[0.5], [2.0]])

PLAIN = Property("plain", "the expected improvement", telling=True)
LEVEL = Property("level", "where the mean is the best so far", telling=True)
XI = Property("xi", "xi raises the bar")
APART = Property("apart", "where the mean lies many std from the best", telling=True)
SURE = Property("sure", "where there is no doubt", telling=True)
SHAPES = Property("shapes", "any shape")

EI = Reading(0, "ei")
NO_DOUBT = "std = 0"
NOTHING = "std = 0, and nothing to gain"
SOME_DOUBT = "std = 0 at some points alone"


class GPPosterior(FunctionExercise):
    """``gp_posterior``: by Cholesky's factor, with ``torch.linalg``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, n: int, d: int, m: int, note: str, **given: Any) -> None:
            X = _apart(rng, n, d)
            X_new = rng.uniform(-1.5, 1.5 + X.max(), size=(m, d))
            if judged == AT_POINTS:
                X_new = X[rng.permutation(n)]
            if judged == FAR:
                X_new = X_new + 1e3
            inputs = {"X": X, "y": rng.normal(size=n), "X_new": X_new, **given}
            cases.append(Case(judged.id, {"given": inputs, "watch": judged == INPUTS}, note))

        worked = {"X": WORKED_X, "y": WORKED_Y, "X_new": WORKED_NEW, "noise": 0.0}
        for judged in (MEAN, STD):
            cases.append(Case(judged.id, {"given": worked}, "the numbers of the worked example"))
        for _ in range(1 if level == "public" else 3):
            for judged in (MEAN, STD):
                add(judged, 1, 1, 2, "one point", noise=0.0)
                add(judged, 4, 1, 3, "4 points", noise=0.0)
                add(judged, 5, 3, 2, "5 points, d = 3", noise=0.0)
            length = float(rng.uniform(1.3, 2.0))
            add(LENGTH, 3, 1, 2, f"length = {length:.4g}", length=length, noise=0.0)
            add(LENGTH, 4, 2, 3, f"length = {length / 3:.4g}", length=length / 3, noise=0.0)
            noise = float(rng.uniform(0.1, 0.6))
            add(NOISE, 1, 1, 1, f"one point, noise = {noise:.4g}", noise=noise)
            add(NOISE, 4, 2, 3, f"noise = {noise / 5:.4g}", noise=noise / 5)
            add(NOISE, 3, 1, 2, "the default noise")
            add(AT_POINTS, 2, 1, 0, "X_new the points themselves, noise = 0", noise=0.0)
            add(AT_POINTS, 9, 2, 0, "9 points, X_new the points themselves, noise = 0", noise=0.0)
            add(AT_POINTS, 12, 3, 0, "12 points, X_new the points themselves, noise = 0", noise=0.0)
            add(FAR, 3, 2, 2, "X_new far from all points", noise=0.0)
            add(INPUTS, 3, 1, 2, "", length=length, noise=noise)
            add(INPUTS, 1, 2, 1, "", length=length, noise=noise)
        return cases

    def expected(
        self, X: np.ndarray, y: np.ndarray, X_new: np.ndarray, length: float = 1.0, noise: float = 1e-6
    ) -> tuple[torch.Tensor, torch.Tensor]:
        points, new = torch.tensor(X), torch.tensor(X_new)

        def kernel(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
            # Not by way of a matrix product, which loses half of the digits.
            apart = torch.cdist(one, other, compute_mode="donot_use_mm_for_euclid_dist")
            return torch.exp(-0.5 * (apart / length).square())

        factor = torch.linalg.cholesky(
            kernel(points, points) + noise * torch.eye(len(y), dtype=torch.float64)
        )
        across = torch.linalg.solve_triangular(factor, kernel(points, new), upper=False)
        weights = torch.linalg.solve_triangular(factor, torch.tensor(y)[:, None], upper=False)
        variance = 1.0 - across.square().sum(dim=0)
        return (across.mT @ weights)[:, 0], variance.clamp(min=0.0).sqrt()


class ExpectedImprovement(FunctionExercise):
    """``expected_improvement``: ``torch.distributions.Normal``, in the closed form."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, shape: tuple[int, ...], note: str = "", **given: Any) -> None:
            best = float(rng.normal())
            mean, std = best + rng.normal(size=shape), rng.uniform(0.3, 2.0, size=shape)
            if judged == LEVEL:
                mean = np.full(shape, best)
            if judged == INPUTS:
                # An improvement everywhere, or digits of a very small one would count as well.
                mean, std[0] = best - rng.uniform(0.2, 1.0, size=shape), 0.0
            if note == NOTHING:
                mean, std = np.array([best, best + 1.0]), np.zeros(2)
            elif judged in (SURE, APART):
                if judged == APART:
                    std = rng.uniform(0.01, 0.02, size=shape)
                else:
                    std = std * (np.arange(len(std)) % 2 if note == SOME_DOUBT else 0.0)
                mean = best + np.array([-0.7, 0.4, -0.5])[: len(mean)] * rng.uniform(1, 2, size=shape)
            inputs = {"mean": np.asarray(mean), "std": np.asarray(std), "best": best, **given}
            cases.append(Case(judged.id, {"given": inputs, "watch": judged == INPUTS}, note))

        for judged, mean, std in ((PLAIN, 0.4, 0.2), (SURE, 0.1, 0.0)):
            worked = {"mean": np.array([mean]), "std": np.array([std]), "best": 0.3}
            cases.append(Case(judged.id, {"given": worked}, "the numbers to compare with"))
        for _ in range(1 if level == "public" else 3):
            add(PLAIN, (3,))
            add(PLAIN, (5,))
            add(LEVEL, (2,), "mean equal to best")
            xi = float(rng.uniform(0.2, 1.0))
            add(XI, (3,), f"xi = {xi:.4g}", xi=xi)
            add(XI, (2,), f"xi = {xi / 10:.4g}", xi=xi / 10)
            add(APART, (2,), "mean and best many std apart")
            add(APART, (3,), "mean and best many std apart")
            add(SURE, (2,), NO_DOUBT)
            add(SURE, (3,), SOME_DOUBT)
            add(SURE, (2,), NOTHING)
            add(SHAPES, (), "arrays of shape ()")
            add(SHAPES, (2, 3), "arrays of shape (2, 3)")
            add(INPUTS, (3,), "std = 0 at one point")
        return cases

    def plainer(self, case: Case) -> Call | None:
        """With xi taken off the best; in one row; the points alone at which there is doubt."""
        given = dict(case.inputs["given"])
        doubt = given["std"] > 0
        if case.property == SURE.id and doubt.any():
            return {"given": {**given, "mean": given["mean"][doubt], "std": given["std"][doubt]}}
        if case.property == XI.id:
            given["best"] -= given.pop("xi")
            return {"given": given}
        if case.property == SHAPES.id:
            return {"given": {**given, "mean": given["mean"].ravel(), "std": given["std"].ravel()}}
        return None

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        own = observed.readings.get(self.own(EI))
        shape = case.inputs["given"]["mean"].shape
        if case.property == SURE.id and own is not None:
            doubt, value = case.inputs["given"]["std"] > 0, expected.readings[EI].copy()
            if own.shape == (doubt.sum(),):
                value[doubt] = own
            return replace(expected, readings={EI: value})
        if case.property == SHAPES.id and own is not None and own.size == np.prod(shape):
            return replace(expected, readings={EI: own.reshape(shape)})
        return super().follow(case, observed, expected)

    def expected(
        self, mean: np.ndarray, std: np.ndarray, best: float, xi: float = 0.0
    ) -> tuple[torch.Tensor, ...]:
        mu, sigma = torch.tensor(mean), torch.tensor(std)
        gain = torch.as_tensor(best - mu - xi)
        unit = Normal(torch.zeros(()).double(), torch.ones(()).double())
        z = gain / torch.where(sigma > 0, sigma, 1.0)
        hoped = gain * unit.cdf(z) + sigma * unit.log_prob(z).exp()
        return (torch.where(sigma > 0, hoped, gain.clamp(min=0.0)),)


def _apart(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Points about 1.5 apart in their first column: K is far from singular."""
    X = rng.uniform(0.0, 2.0, size=(n, d))
    X[:, 0] = rng.permutation(n) * 1.5 + rng.uniform(-0.3, 0.3, size=n)
    return cast(np.ndarray, X)


GP_POSTERIOR = GPPosterior(
    id="gp_posterior",
    signature="(X, y, X_new, length=1.0, noise=1e-6)",
    properties=(
        MEAN.worth(0.375, rtol=SOLVED, atol=SOLVED),
        STD.worth(0.375, rtol=SOLVED, atol=SOLVED),
        LENGTH.worth(0.125, rtol=SOLVED, atol=SOLVED),
        NOISE.worth(0.25, rtol=SOLVED, atol=SOLVED),
        AT_POINTS.worth(0.375, rtol=SOLVED, atol=ROOT_OF_ROUNDING),
        FAR.worth(0.25, rtol=SOLVED, atol=SOLVED),
        INPUTS.worth(0.25),
    ),
    look_at={
        "mean": Formulas(plain=(6, 7), properties={LENGTH.id: (6,), NOISE.id: (7,), AT_POINTS.id: (7,)}),
        "std": Formulas(
            plain=(6, 8), properties={LENGTH.id: (6,), NOISE.id: (8,), AT_POINTS.id: (8,), FAR.id: (8,)}
        ),
    },
    returns=("mean", "std"),
)

EXPECTED_IMPROVEMENT = ExpectedImprovement(
    id="expected_improvement",
    signature="(mean, std, best, xi=0.0)",
    properties=(
        PLAIN.worth(0.5),
        LEVEL.worth(0.375),
        XI.worth(0.25),
        APART.worth(0.125),
        SURE.worth(0.25),
        SHAPES.worth(0.25),
        # A zero should be one afterwards.
        INPUTS.worth(0.25, atol=0.0),
    ),
    look_at={"ei": Formulas(plain=(9,), properties={SHAPES.id: ()})},
    returns=("ei",),
)
