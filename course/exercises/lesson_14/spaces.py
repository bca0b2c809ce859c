"""Lesson 14: the points of a grid, and points that are drawn (Bergstra and Bengio 2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.distributions import ExpTransform, TransformedDistribution, Uniform

from course.exercise import Case, Level, Property
from course.exercises.lesson_14.points import EDGES_ID, OWN, PointsExercise, Search
from course.families.recorder import Recorder
from course.formulas import Formulas

ONE_NAME = Property("one_name", "one name, its values as they stand", telling=True)
COMBINATIONS = Property("combinations", "each combination once, in any order", telling=True)
ORDER = Property("order", "the last name varies fastest", telling=True)
GRID_EDGES = Property(EDGES_ID, "no names, or no values")

UNIFORM = Property("uniform", "uniform values", telling=True)
LOG = Property("log", "log-uniform values", telling=True)
INT = Property("int", "integers, both ends included")
CHOICE = Property("choice", "one of several values")
DRAWS = Property("draws", "one draw a value, point by point", telling=True)
DRAWN_EDGES = Property(EDGES_ID, "no points, no names, or a single value")

# In no alphabetical order: a space keeps its own.
NAMES = ("width", "lr", "momentum", "batch", "decay")
KINDS = ["relu", "tanh", "gelu", "sigmoid", "silu"]

Space = dict[str, list[Any]]


class Grid(PointsExercise):
    """``grid``: rows of ``torch.cartesian_prod``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, *lengths: int, counted: bool = False) -> None:
            names = _names(rng, len(lengths))
            space = {name: _values(rng, length) for name, length in zip(names, lengths, strict=True)}
            inputs: Search = {"space": space, "counted": counted}
            cases.append(Case(judged.id, inputs, _words(space)))

        for number in range(1 if level == "public" else 3):
            several, more = (int(count) for count in rng.integers(2, 4, size=2))
            add(ONE_NAME, several + 2)
            add(COMBINATIONS, several, 2, counted=True)
            add(COMBINATIONS, 2, 1, more, counted=True)
            add(ORDER, 2, several)
            add(ORDER, several, more, 2)
            add(ORDER, 2, 2, 2, number + 1)
            add(GRID_EDGES)
            add(GRID_EDGES, 0)
            add(GRID_EDGES, several, 0)
            add(OWN, 2, more)
        return cases

    def choices(self, domain: Sequence[Any]) -> Sequence[Any]:
        return domain

    def handed(self, domain: Sequence[Any]) -> list[Any]:
        return list(domain)

    def expected(self, inputs: Search, rng: np.random.Generator | None) -> list[dict[str, Any]]:
        names = list(inputs["space"])
        if not names:
            return [{}]  # PyTorch's needs one tensor or more
        lengths = [torch.arange(len(values)) for values in inputs["space"].values()]
        rows = torch.cartesian_prod(*lengths).reshape(-1, len(names))
        return [dict(zip(names, map(float, row), strict=True)) for row in rows]


class RandomPoints(PointsExercise):
    """``random_points``: the inverse distribution functions of ``torch.distributions``, at the same draws."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(judged: Property, n: int, *domains: list[Any], next_draw: bool = False) -> None:
            space = dict(zip(_names(rng, len(domains)), domains, strict=True))
            inputs: Search = {"space": space, "n": n, "seed": int(rng.integers(2**31))}
            cases.append(Case(judged.id, {**inputs, "next_draw": next_draw}, f"n = {n}, {_words(space)}"))

        n = 3 if level == "public" else 6
        for _ in range(1 if level == "public" else 3):
            # One value each: what is made of a draw, and not which draw it is.
            for _ in range(2 * n):
                for judged, domain in ((UNIFORM, _uniform), (LOG, _log), (INT, _int), (CHOICE, _choice)):
                    add(judged, 1, domain(rng))
            add(DRAWS, 1, _uniform(rng), next_draw=True)
            # A value of which there is no doubt takes its draw, too.
            add(DRAWS, 2, ["uniform", 0.5, 0.5], _uniform(rng), next_draw=True)
            add(DRAWS, n, _uniform(rng), _uniform(rng), next_draw=True)
            add(DRAWS, n, _uniform(rng), _uniform(rng), _uniform(rng), next_draw=True)
            add(DRAWN_EDGES, 0, _uniform(rng))
            add(DRAWN_EDGES, n)
            add(DRAWN_EDGES, 2, ["uniform", 0.5, 0.5], ["int", 4, 4], ["choice", ["adam"]])
            add(OWN, n, _uniform(rng), _log(rng))
        return cases

    def choices(self, domain: Sequence[Any]) -> Sequence[Any] | None:
        return domain[1] if domain[0] == "choice" else None

    def handed(self, domain: Sequence[Any]) -> tuple[Any, ...]:
        kind, *rest = domain
        return (kind, *(list(each) if isinstance(each, list) else each for each in rest))

    def expected(self, inputs: Search, rng: np.random.Generator | None) -> list[dict[str, Any]]:
        assert rng is not None
        return [
            {
                name: _torch_drawn(domain, torch.tensor(rng.random(), dtype=torch.float64))
                for name, domain in inputs["space"].items()
            }
            for _ in range(inputs["n"])
        ]

    def record_kind(
        self, recorder: Recorder, domain: Sequence[Any], name: str, place: int, array: np.ndarray
    ) -> None:
        if domain[0] == "int":
            recorder.record(0, "float_for_int", array.dtype.kind == "f", (place,), of=name)


def _torch_drawn(domain: Sequence[Any], u: torch.Tensor) -> Any:
    """The value at u of a distribution, u as float64."""
    kind, low, high = domain if domain[0] != "choice" else ("choice", 0, len(domain[1]) - 1)
    if low == high:
        return low if kind != "choice" else 0.0
    ends = torch.tensor([low, high + (kind in ("int", "choice"))], dtype=torch.float64)
    if kind == "log":
        return TransformedDistribution(Uniform(*ends.log()), [ExpTransform()]).icdf(u)
    drawn = Uniform(*ends).icdf(u)
    return drawn if kind == "uniform" else int(drawn.floor())


def _names(rng: np.random.Generator, count: int) -> list[str]:
    """Names in an order of their own, never the alphabet's."""
    while True:
        names = [NAMES[place] for place in rng.permutation(len(NAMES))[:count]]
        if count < 2 or names != sorted(names):
            return names


def _values(rng: np.random.Generator, length: int) -> list[Any]:
    """Values that do not ascend: numbers or texts."""
    if rng.random() < 0.3:
        return [KINDS[place] for place in np.roll(np.arange(5), rng.integers(1, 4))[:length]]
    values = [round(float(value), 3) for value in rng.uniform(0.01, 1.0, size=length)]
    return values if values != sorted(values) else values[::-1]


def _uniform(rng: np.random.Generator) -> list[Any]:
    low, width = round(float(rng.uniform(-3, 3)), 2), round(float(rng.uniform(0.5, 5)), 2)
    return ["uniform", low, round(low + width, 2)]


def _log(rng: np.random.Generator) -> list[Any]:
    low, decades = float(f"{10.0 ** rng.uniform(-5, -1):.2g}"), rng.uniform(1, 4)
    return ["log", low, float(f"{low * 10.0**decades:.2g}")]


def _int(rng: np.random.Generator) -> list[Any]:
    """From a negative number, at which cutting off and rounding down part."""
    low = -int(rng.integers(2, 5))
    return ["int", low, low + int(rng.integers(3, 6))]


def _choice(rng: np.random.Generator) -> list[Any]:
    return ["choice", KINDS[: int(rng.integers(3, 6))]]


def _words(space: Space) -> str:
    return f"space = {space}" if space else "space = {}"


GRID = Grid(
    id="grid",
    signature="(space)",
    properties=(
        ONE_NAME.worth(0.125),
        COMBINATIONS.worth(0.25),
        ORDER.worth(0.25),
        GRID_EDGES.worth(0.25),
        OWN.worth(0.125),
    ),
    look_at={"combinations": "formula (1)", "point": "the order that the docstring asks for"},
)

RANDOM_POINTS = RandomPoints(
    id="random_points",
    signature="(space, n, rng)",
    properties=(
        UNIFORM.worth(0.25),
        LOG.worth(0.375),
        INT.worth(0.375),
        CHOICE.worth(0.375),
        DRAWS.worth(0.375),
        DRAWN_EDGES.worth(0.125),
        OWN.worth(0.125),
    ),
    look_at={
        "point": Formulas(
            plain=(),
            properties={UNIFORM.id: (2,), LOG.id: (3,), INT.id: (4,), CHOICE.id: (5,), DRAWS.id: ()},
        ),
    },
)
