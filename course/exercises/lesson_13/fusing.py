"""Lesson 13: averages of models, given as dicts of arrays (McMahan and others 2017), and their weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property, Uses
from course.families.draws import parameters
from course.families.earlier import called, standing_in
from course.families.functions import WATCHED, Call, FunctionExercise
from course.formulas import Formulas
from course.readings import Reading

State = dict[str, np.ndarray]

WORKED = Property("worked", "the worked example")
EQUAL = Property("equal", "without weights: the plain mean", telling=True)
WEIGHTED = Property("weighted", "one weight for each model", telling=True)
BY_LAYER = Property("by_layer", "weights of its own for each layer")
ORDER = Property("order", "layers go by name, in whatever order")
SHAPES = Property("shapes", "layers of any shape, a single model")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

COSINES = Property("cosines", "softmax of the cosines, at temperature 1", telling=True)
EACH_LAYER = Property("each_layer", "each layer by itself, of any shape, by its name")
TEMPERATURE = Property("temperature", "divided by the temperature")
COLD = Property("cold", "a temperature near 0")
ZERO = Property("zero", "the cosine with zeros is 0")

THE_WORKED = "the numbers of the worked example"
WORKED_STATES: list[State] = [
    {"weight": np.array([[2.0, 0.0]]), "bias": np.array([1.0])},
    {"weight": np.array([[6.0, 4.0]]), "bias": np.array([5.0])},
]
WORKED_WEIGHTS = [3, 1]
SIMILAR_STATES: list[State] = [
    {"weight": np.array([3.0, 4.0])},
    {"weight": np.array([3.0, 4.0])},
    {"weight": np.array([-3.0, 4.0])},
]
TWO_LAYERS = {"conv1.weight": (2, 3), "conv1.bias": (2,)}
ALIKE = {"first.bias": (3,), "second.bias": (3,)}
ANY = {"scale": (), "conv1.weight": (2, 1, 3), "head.bias": (1,)}


def drawn(rng: np.random.Generator, count: int, shapes: Mapping[str, tuple[int, ...]]) -> list[State]:
    """So many models of the same layers."""
    return [{name: parameters(rng, shape) for name, shape in shapes.items()} for _ in range(count)]


def reordered(state: Mapping[str, Any]) -> dict[str, Any]:
    """The same, listed from the last name to the first."""
    return dict(reversed(list(state.items())))


class StateFunction(FunctionExercise):
    """A function of models; what is special about their layers is judged by what it does with each alone."""

    def one_layer(self, given: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The arguments with no layer but this one, a row of numbers."""
        states = [{name: np.atleast_1d(state[name].ravel())} for state in given["states"]]
        return {**given, "states": states}

    def by_layer(self, student_object: Any, case: Case) -> dict[Reading, np.ndarray]:
        """What it returns for each layer by itself."""
        given, found = case.inputs["given"], {}
        for name in given["states"][0]:
            call: Call = {"given": self.one_layer(given, name)}
            readings = self.observe(student_object, replace(case, inputs=call)).readings
            reading = Reading(0, self.returns[0], of=name)
            if reading in readings:
                found[reading] = readings[reading]
        return found


class Fuse(StateFunction):
    """``fuse``; a weight stands for how often ``AveragedModel`` gets to see a model."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"states": WORKED_STATES, "weights": WORKED_WEIGHTS}
        cases = [Case(WORKED.id, {"given": worked}, THE_WORKED)]

        def add(judged: Property, states: list[State], note: str, weights: Any = None) -> None:
            given = {"states": states} if weights is None else {"states": states, "weights": weights}
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        def counts(models: int) -> list[int]:
            """Different ones: which model gets which shows."""
            return [int(count) for count in rng.choice(np.arange(1, 10), size=models, replace=False)]

        if level == "graded":
            add(WORKED, drawn(rng, 2, {"weight": (1, 2), "bias": (1,)}), "other numbers", counts(2))
        for _ in range(1 if level == "public" else 3):
            add(EQUAL, drawn(rng, 2, {"bias": (3,)}), "2 models")
            add(EQUAL, drawn(rng, 3, TWO_LAYERS), "3 models and 2 layers")
            step = int(rng.integers(1, 8))
            t = (8 - step) / 8, step / 8
            add(WEIGHTED, drawn(rng, 2, {"bias": (3,)}), f"weights = [{t[0]}, {t[1]}]", list(t))
            for weights in (counts(3), [100 * count for count in counts(3)], [0, *counts(2)]):
                add(WEIGHTED, drawn(rng, 3, {"bias": (2,)}), f"weights = {weights}", weights)
            array = np.array(counts(4)) / 16
            add(WEIGHTED, drawn(rng, 4, TWO_LAYERS), "weights in an array", array)
            by_name = {name: counts(3) for name in TWO_LAYERS}
            add(BY_LAYER, drawn(rng, 3, TWO_LAYERS), "weights for each layer", by_name)
            by_name = {name: [4 * count for count in counts(2)] for name in ALIKE}
            add(BY_LAYER, drawn(rng, 2, ALIKE), "weights for each layer", by_name)
            first, second, third = drawn(rng, 3, ALIKE)
            add(ORDER, [first, reordered(second)], "names in another order in model 1")
            mixed = [reordered(first), second, reordered(third)]
            add(ORDER, mixed, "names in another order in model 1", {name: counts(3) for name in ALIKE})
            add(SHAPES, drawn(rng, 2, ANY), "layers of shape (), (2, 1, 3) and (1,)", counts(2))
            add(SHAPES, drawn(rng, 1, TWO_LAYERS), "a single model")
            add(INPUTS, drawn(rng, 2, TWO_LAYERS), "2 models", counts(2))
            add(INPUTS, drawn(rng, 1, TWO_LAYERS), "a single model")
            add(INPUTS, drawn(rng, 2, ALIKE), "weights = [1, 0]", [1, 0])
            # What each layer's weights do is judged elsewhere: these are equal.
            evenly = {name: np.ones(2) for name in ALIKE}
            add(INPUTS, drawn(rng, 2, ALIKE), "an array of weights for each layer", evenly)
            add(INPUTS, drawn(rng, 2, ALIKE), "weights in an array", np.array(counts(2)) / 4)
        return cases

    def one_layer(self, given: Mapping[str, Any], name: str) -> dict[str, Any]:
        plain = super().one_layer(given, name)
        if isinstance(given.get("weights"), Mapping):
            plain["weights"] = given["weights"][name]
        return plain

    def has_plainer(self, case: Case) -> bool:
        return case.property in (BY_LAYER.id, ORDER.id, SHAPES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        first = case.inputs["given"]["states"][0]
        return {
            reading: array.reshape(first[reading.of].shape)
            for reading, array in self.by_layer(student_object, case).items()
            if array.size == first[reading.of].size
        }

    def expected(self, states: list[State], weights: Any = None) -> tuple[dict[str, torch.Tensor]]:
        # Here and not above: torch.optim is out of reach where the student's code runs.
        from torch.optim.swa_utils import AveragedModel

        fused = {}
        for name in states[0]:
            models = [nn.ParameterList([nn.Parameter(torch.tensor(state[name]))]) for state in states]
            average = AveragedModel(models[0])
            each = weights[name] if isinstance(weights, Mapping) else weights
            for model, count in zip(models, _counts(each, len(states)), strict=True):
                for _ in range(count):
                    average.update_parameters(model)
            fused[name] = next(average.parameters()).detach()
        return (fused,)


def _counts(weights: Sequence[float] | np.ndarray | None, models: int) -> list[int]:
    """The smallest whole numbers in the proportion of the weights."""
    exact = [Fraction(1)] * models if weights is None else [Fraction(float(weight)) for weight in weights]
    whole = [int(weight * math.lcm(*(each.denominator for each in exact))) for weight in exact]
    return [count // math.gcd(*whole) for count in whole]


class SimilarityWeights(StateFunction):
    """``similarity_weights``. Where it calls the student's ``fuse`` it is judged with that, or a stand-in."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = [Case(WORKED.id, {"given": {"states": SIMILAR_STATES}}, THE_WORKED)]

        def add(judged: Property, states: list[State], note: str, temperature: float | None = None) -> None:
            given: dict[str, Any] = {"states": states}
            if temperature is not None:
                given["temperature"] = temperature
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        for _ in range(1 if level == "public" else 3):
            if level == "graded":
                add(WORKED, drawn(rng, 3, {"weight": (2,)}), "other numbers")
            # So long that what leaves out a length, or both, is right here: may_follow asks for that.
            units = rng.normal(size=(3, 4)) + 1.0
            units /= np.linalg.norm(units, axis=1, keepdims=True)
            even = units / np.sqrt(np.linalg.norm(units.mean(axis=0)))
            add(COSINES, [{"bias": row} for row in even], "3 models of equal length")
            uneven = rng.normal(size=(3, 4)) + 1.0
            uneven /= np.linalg.norm(uneven.mean(axis=0))
            add(COSINES, [{"bias": row} for row in uneven], "a mean of length 1")
            add(COSINES, [{"bias": row} for row in units], "3 models of length 1")
            add(COSINES, drawn(rng, 3, {"bias": (4,)}), "3 models")
            add(COSINES, drawn(rng, 2, {"bias": (3,)}), "2 models")
            first, second, third = drawn(rng, 3, ALIKE)
            add(EACH_LAYER, drawn(rng, 3, TWO_LAYERS), "2 layers")
            add(EACH_LAYER, [first, reordered(second), third], "names in another order in model 1")
            add(EACH_LAYER, drawn(rng, 3, ANY), "layers of shape (), (2, 1, 3) and (1,)")
            for temperature in (rng.uniform(0.1, 0.5), rng.uniform(2.0, 4.0)):
                note = f"temperature = {temperature:.3g}"
                add(TEMPERATURE, drawn(rng, 3, {"bias": (3,)}), note, float(temperature))
            # Nearly alike: cosines of nearly 1, whose thousandfold no exponential can hold.
            near = parameters(rng, (3,)) + 0.1 * rng.normal(size=(3, 3))
            add(COLD, [{"bias": row} for row in near], "temperature = 0.001", 1e-3)
            zeros = drawn(rng, 3, {"bias": (3,)})
            zeros[1]["bias"] = np.zeros(3)
            add(ZERO, zeros, "a layer of zeros in model 1")
            one = drawn(rng, 1, {"bias": (2,)})[0]
            add(ZERO, [one, {"bias": -one["bias"]}], "a mean of zeros")
            add(INPUTS, drawn(rng, 2, {"conv1.weight": (2, 3)}), "2 models")
            add(INPUTS, drawn(rng, 3, {"conv1.bias": (2,)}), "3 models")
        return cases

    def has_plainer(self, case: Case) -> bool:
        return case.property in (EACH_LAYER.id, TEMPERATURE.id, COLD.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        if case.property == EACH_LAYER.id:
            return self.by_layer(student_object, case)
        plain: Call = {"given": {"states": case.inputs["given"]["states"]}}
        return self.observe(student_object, replace(case, inputs=plain)).readings

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """At another temperature: its own weights at 1, to the power of one over the temperature."""
        if case.property not in (TEMPERATURE.id, COLD.id):
            return super().follow(case, observed, expected)
        temperature = case.inputs["given"]["temperature"]
        readings = dict(expected.readings)
        for reading, array in expected.readings.items():
            own = observed.readings.get(self.own(reading))
            if own is not None and own.shape == array.shape and (own > 0).all():
                logits = torch.log(torch.tensor(own, dtype=torch.float64)) / temperature
                readings[reading] = torch.softmax(logits, dim=0).numpy()
        return Evidence(readings)

    def oracle(self, case: Case) -> Evidence:
        if not case.inputs.get("apart"):
            return super().oracle(case)
        inputs = cast(Call, case.inputs)
        mean = stand_in_fuse(inputs["given"]["states"])
        with_mean: Call = {**inputs, "given": {**inputs["given"], "mean": mean}}
        evidence = super().oracle(replace(case, inputs=with_mean))
        return Evidence(
            {key: array for key, array in evidence.readings.items() if not key.of.startswith("mean")}
        )

    def expected(
        self, states: list[State], temperature: float = 1.0, mean: State | None = None
    ) -> tuple[dict[str, torch.Tensor]]:
        weights = {}
        for name in states[0]:
            rows = torch.stack([torch.tensor(state[name]).reshape(-1) for state in states])
            middle = rows.mean(dim=0) if mean is None else torch.tensor(mean[name]).reshape(-1)
            weights[name] = torch.softmax(F.cosine_similarity(rows, middle[None], dim=1) / temperature, dim=0)
        return (weights,)


def stand_in_fuse(states: list[State], weights: Any = None) -> State:
    """In the place of ``fuse``: another mixture of the models."""
    return {name: np.asarray(3.0 * states[0][name] - states[-1][name]) for name in states[0]}


FUSE = Fuse(
    id="fuse",
    signature="(states, weights=None)",
    properties=(
        WORKED.worth(0.125),
        EQUAL.worth(0.375),
        WEIGHTED.worth(0.5),
        BY_LAYER.worth(0.375),
        ORDER.worth(0.25),
        SHAPES.worth(0.125),
        INPUTS.worth(0.25),
    ),
    look_at={"fused": "formula (1)"},
    returns=("fused",),
    dicts=frozenset({"fused"}),
)

SIMILARITY_WEIGHTS = SimilarityWeights(
    id="similarity_weights",
    signature="(states, temperature=1.0)",
    properties=(
        WORKED.worth(0.125),
        COSINES.worth(0.25),
        EACH_LAYER.worth(0.125),
        TEMPERATURE.worth(0.125),
        COLD.worth(0.125),
        ZERO.worth(0.125),
        INPUTS.worth(0.125),
    ),
    look_at={
        "similarity": Formulas(
            plain=(2, 3), properties={TEMPERATURE.id: (3,), COLD.id: (3,), ZERO.id: (2,), EACH_LAYER.id: (2,)}
        )
    },
    uses=(
        Uses(
            FUSE,
            as_case=lambda case: Case(EQUAL.id, {"given": {"states": case.inputs["given"]["states"]}}),
            found_by=called,
            said="On these models your fuse is not right yet, and it is used as you wrote it: mend it first.",
            without=partial(standing_in, stand_ins={"fuse": stand_in_fuse}),
        ),
    ),
    returns=("similarity",),
    dicts=frozenset({"similarity"}),
)
