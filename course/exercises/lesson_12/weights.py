"""Lesson 12, the class: spectral normalisation of weights by power iteration (Miyato and others 2018).

A case is a script of calls, each in one of the two modes. The student's class and PyTorch's
``parametrizations.spectral_norm`` go through the same script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NotRequired, cast

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from course.exercise import Case, Evidence, Level, Property
from course.exercises.lesson_12.affine import uneven
from course.families.classes import ClassExercise, Instance, Script, as_tries
from course.families.functions import watch
from course.formulas import Formulas
from course.readings import Reading

START = Property("start", "keeps copies of u and v")
VECTORS = Property("vectors", "training: u, then v, at every call", telling=True)
SIGMA = Property("sigma", "W divided by sigma of the u and v that there are", telling=True)
OUTPUT = frozenset({"y"})
TRAINING = Property("training", "training: W divided by sigma of the new u and v", looks_at=OUTPUT)
STILL = Property("still", "evaluation moves neither u nor v")
MODES = Property("modes", "train() and eval() switch as often as you like")
SEVERAL = Property("several", "n_iterations a call")
KERNEL = Property("kernel", "W with more than two axes", looks_at=OUTPUT)
BAD_COUNT = Property("bad_count", "refuses n_iterations below 1")
ALONE = Property("alone", "leaves W unchanged; two instances share nothing")

VECTOR_NAMES = ("u", "v")


class NormScript(Script):
    """The inputs of a case.

    u, v: where the iteration starts: unit vectors of shapes (out,) and (columns,).
    n_iterations: None for the default.
    modes: one letter a call: "t" in training, "e" in evaluation.
    second: the modes of the second of twins, where they are others.
    weights: one a call, each of shape (out, ...).
    watch: W should come out unchanged and share no memory with the result.
    """

    u: np.ndarray
    v: np.ndarray
    n_iterations: int | None
    modes: str
    second: NotRequired[str]
    weights: list[np.ndarray]
    watch: NotRequired[bool]


class SpectralNormClass(ClassExercise[NormScript]):
    """An exercise whose answer is the class; ``parametrizations.spectral_norm`` is the oracle."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property,
            modes: str,
            note: str,
            shape: tuple[int, ...] = (3, 2),
            count: int | None = None,
            **flags: Any,
        ) -> None:
            first = uneven(rng, shape)
            # Training moves weights a little from call to call.
            weights = [first + 0.3 * rng.normal(size=shape) for _ in modes]
            u, v = _start(rng, weights or [first])
            script: NormScript = {"u": u, "v": v, "n_iterations": count, "modes": modes, "weights": weights}
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(1 if level == "public" else 3):
            add(START, "", "no call yet; the arrays it was given are changed afterwards")
            add(VECTORS, "t", "one call in training")
            add(VECTORS, "tttt", "four calls in training, W changes each time", shape=(3, 3))
            add(SIGMA, "eee", "three calls in evaluation and none before")
            add(SIGMA, "eee", "three calls in evaluation and none before", shape=(2, 4))
            add(TRAINING, "t", "one call in training")
            add(TRAINING, "ttt", "three calls in training, W changes each time", shape=(2, 3))
            add(STILL, "tee", "one call in training, two in evaluation")
            add(MODES, "teteet", "training and evaluation in turns")
            add(MODES, "et", "evaluation first", shape=(2, 3))
            several = 3 if level == "public" else int(rng.integers(2, 6))
            add(SEVERAL, "tt", f"n_iterations = {several}", count=several)
            add(KERNEL, "tte", "W of shape (3, 2, 2, 2)", shape=(3, 2, 2, 2))
            add(KERNEL, "tte", "W of shape (2, 3, 1)", shape=(2, 3, 1))
            worst = 0 if level == "public" else -int(rng.integers(1, 100))
            tried = [{"n_iterations": 0}, {"n_iterations": -1}, {"n_iterations": worst}, {"n_iterations": 2}]
            cases.append(as_tries(BAD_COUNT, tried, rng, level))
            add(ALONE, "te", "a W that is looked at again after the call", watch=True)
            turns = "two instances that take turns, the second now and then in evaluation"
            add(ALONE, "tttt", turns, twins=True, second="teet")
        return cases

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (np.array([1.0, 0.0]), np.array([0.0, 1.0, 0.0])), dict(tried)

    def has_plainer(self, case: Case) -> bool:
        return case.property in (SEVERAL.id, KERNEL.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Several iterations as calls with one each; a W of more axes as a matrix."""
        inputs = cast(NormScript, case.inputs)
        weights, modes, count = inputs["weights"], inputs["modes"], 1
        if case.property == SEVERAL.id:
            count = inputs["n_iterations"] or 1
            modes = "".join(mode * count for mode in modes)
            weights = [weight for weight in weights for _ in range(count)]
        shape, columns = weights[0].shape, (len(weights[0]), -1)
        plainer = {
            **inputs,
            "modes": modes,
            "weights": [weight.reshape(columns) for weight in weights],
            "n_iterations": None,
        }
        readings = self.observe(student_object, replace(case, inputs=plainer)).readings
        found = {}
        for reading, array in readings.items():
            if reading.step % count == 0:
                whole = reading.id == "y" and array.size == np.prod(shape)
                found[reading._replace(step=reading.step // count)] = array.reshape(shape) if whole else array
        return found

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Each result is W over sigma of the u and v that the instance itself has then."""
        if case.property not in (TRAINING.id, STILL.id, MODES.id):
            return super().follow(case, observed, expected)
        inputs, readings = cast(NormScript, case.inputs), dict(expected.readings)
        for step, (mode, weight) in enumerate(zip(inputs["modes"], inputs["weights"], strict=True), start=1):
            # In evaluation they are those of the call before; in training it leaves what it has used.
            at = step - 1 if mode == "e" else step
            own = [observed.readings.get(Reading(at, name)) for name in VECTOR_NAMES]
            started = [inputs["u"], inputs["v"]] if at == 0 else own
            vectors = [array for array in started if array is not None]
            if [array.shape for array in vectors] != [inputs["u"].shape, inputs["v"].shape]:
                continue
            u, v = (torch.tensor(array.astype(np.float64)) for array in vectors)
            matrix = torch.tensor(weight)
            readings[Reading(step, "y")] = (matrix / torch.vdot(u, torch.mv(matrix, v))).numpy()
            if Reading(step, "u") in readings:
                readings |= {
                    Reading(step, name): array for name, array in zip(VECTOR_NAMES, vectors, strict=True)
                }
        return Evidence(readings)

    def torch_class(self) -> type[_TorchSpectralNorm]:
        return _TorchSpectralNorm

    def script(self, instance: Instance, inputs: NormScript, judged: str) -> Iterator[None]:
        """Switch the mode, call the instance, write down what came out and where u and v are."""
        given = [np.array(inputs["u"]), np.array(inputs["v"])]
        named = {} if inputs["n_iterations"] is None else {"n_iterations": inputs["n_iterations"]}
        instance.construct(*given, **named)
        if judged == START.id:
            for array in given:
                array += 1.0
        yield
        if judged == START.id:
            _read(instance, 0)
        modes = inputs.get("second", inputs["modes"]) if instance.number else inputs["modes"]
        mode = "t"
        for step, (wanted, each) in enumerate(zip(modes, inputs["weights"], strict=True), start=1):
            # A new instance is in training mode: nobody has to say so first.
            if wanted != mode:
                instance.call("train" if wanted == "t" else "eval")
            mode = wanted
            weight = np.array(each[::-1] if instance.number else each)
            if not callable(instance.made):
                instance.recorder.stop("no_method", name=self.id, method="__call__(W)")
            result = instance.recorder.call(instance.made, weight, called="the instance")
            if judged not in (VECTORS.id, SEVERAL.id):
                instance.record(step, "y", result)
            if judged in (VECTORS.id, TRAINING.id, STILL.id, MODES.id, SEVERAL.id):
                _read(instance, step)
            if inputs.get("watch"):
                watch(instance.recorder, step, {"W": weight}, (result,))
            yield


class _TorchSpectralNorm:
    """``parametrizations.spectral_norm`` under the names of the lesson, arrays in and out."""

    def __init__(self, u: np.ndarray, v: np.ndarray, n_iterations: int = 1):
        with torch.random.fork_rng():  # it starts from random vectors of its own
            layer = nn.Linear(len(v), len(u), bias=False).double()
            # A module's parametrisations are kept under the parameter's name.
            made: Any = spectral_norm(layer, n_power_iterations=n_iterations)
        self._norm = made.parametrizations.weight[0]
        self._norm._u.copy_(torch.from_numpy(u))
        self._norm._v.copy_(torch.from_numpy(v))

    @property
    def u(self) -> torch.Tensor:
        return cast(torch.Tensor, self._norm._u)

    @property
    def v(self) -> torch.Tensor:
        return cast(torch.Tensor, self._norm._v)

    def train(self) -> None:
        self._norm.train()

    def eval(self) -> None:
        self._norm.eval()

    @torch.no_grad()
    def __call__(self, W: np.ndarray) -> np.ndarray:
        return cast(np.ndarray, self._norm(torch.from_numpy(W)).numpy())


def _start(rng: np.random.Generator, weights: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors with which sigma of none of the weights is near 0."""
    while True:
        u, v = rng.normal(size=len(weights[0])), rng.normal(size=weights[0][0].size)
        u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
        matrices = [weight.reshape(len(u), -1) for weight in weights]
        if all(abs(u @ matrix @ v) > 0.2 * np.linalg.norm(matrix) for matrix in matrices):
            return u, v


def _read(instance: Instance, step: int) -> None:
    for name in VECTOR_NAMES:
        instance.record(step, name, instance.read(name))


SPECTRAL_NORM = SpectralNormClass(
    id="SpectralNorm",
    signature="(u, v, n_iterations=1)",
    properties=(
        START.worth(0.125),
        VECTORS.worth(0.75),
        SIGMA.worth(0.5),
        TRAINING.worth(0.25),
        STILL.worth(0.5),
        MODES.worth(0.25),
        SEVERAL.worth(0.25),
        KERNEL.worth(0.125),
        BAD_COUNT.worth(0.125),
        ALONE.worth(0.125),
    ),
    look_at={
        "u": Formulas(plain=(8,), properties={START.id: ()}),
        "v": Formulas(plain=(9,), properties={START.id: ()}),
        "y": "formula (10)",
    },
)
