"""Lesson 08, the class: batch statistics in training, running averages in evaluation.

A case is a script of calls, each in one of the two modes. The student's class and PyTorch's
``nn.BatchNorm1d`` go through the same script; the evidence is the output and both running averages after
every call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, Script
from course.families.draws import parameters
from course.families.functions import watch
from course.readings import Reading

START = Property("start", "starts with gamma = 1, beta = 0 and running averages 0 and 1")
TRAINING = Property("training", "normalises with the batch in training", telling=True)
RUNNING = Property("running", "five batches: running_mean and running_var", telling=True)
OUTPUT = frozenset({"y"})
EVALUATION = Property(
    "evaluation", "normalises with the running averages in evaluation", looks_at=OUTPUT, telling=True
)
MODES = Property("modes", "train() and eval() switch as often as you like", looks_at=OUTPUT)
AFFINE = Property("affine", "gamma and beta may be set anew", looks_at=OUTPUT)
ONE_ROW = Property("one_row", "a single row: refused in training, fine in evaluation")
ALONE = Property("alone", "leaves x unchanged; two instances share nothing")

ATTRIBUTES = ("gamma", "beta", "running_mean", "running_var")


class LayerScript(Script):
    """The inputs of a case.

    features: the number of columns.
    modes: one letter a call: "t" in training, "e" in evaluation.
    batches: one a call, each of shape (rows, features).
    hyper: the constructor's other arguments by name.
    affine: before each call, the gamma and beta to set, each of shape (features,).
    again: how often train() or eval() is called before each call, also where the mode stays.
    watch: x should come out unchanged and share no memory with y.
    """

    features: int
    modes: str
    batches: list[np.ndarray]
    hyper: dict[str, float]
    affine: NotRequired[list[list[np.ndarray]]]
    again: NotRequired[int]
    watch: NotRequired[bool]


class BatchNormLayer(ClassExercise[LayerScript]):
    """An exercise whose answer is the class; ``nn.BatchNorm1d`` is the oracle."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, many = (1, 5) if level == "public" else (3, 8)
        cases: list[Case] = []

        def add(
            judged: Property,
            modes: str,
            note: str,
            features: int = 2,
            hyper: Mapping[str, float] | None = None,
            rows: int | None = None,
            **flags: Any,
        ) -> None:
            drawn = {"eps": rng.uniform(0.01, 0.2), "momentum": rng.uniform(0.2, 0.7)}
            sizes = [rows or int(rng.integers(2, 6)) for _ in modes]
            batches = [batch(rng, size, features) for size in sizes]
            script: LayerScript = {
                "features": features,
                "modes": modes,
                "batches": batches,
                "hyper": drawn if hyper is None else dict(hyper),
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(rounds):
            several = 3 if level == "public" else int(rng.integers(3, 40))
            add(START, "", "no call yet", features=several, hyper={})
            add(START, "", "a single feature", features=1, hyper={})
            add(TRAINING, "t", "one batch", hyper={})
            add(TRAINING, "ttt", "three batches", features=3)
            add(RUNNING, "t", "one batch, the default momentum", hyper={})
            add(RUNNING, "t" * many, "batches of different sizes")
            add(RUNNING, "ttt", "momentum = 1", hyper={"momentum": 1.0})
            add(RUNNING, "ttt", "momentum = 0", hyper={"momentum": 0.0})
            add(EVALUATION, "te", "one batch in training, one in evaluation")
            add(EVALUATION, "tteee", "two batches in training, three in evaluation", features=3)
            add(EVALUATION, "ttee", "the default hyper-parameters", hyper={})
            add(MODES, "e", "an evaluation before any training")
            add(MODES, "teteet", "training and evaluation in turns")
            add(MODES, "te", "eval() and train() called twice each", again=2)
            affine = [[parameters(rng, (2,)) for _ in range(2)] for _ in range(4)]
            add(AFFINE, "ttee", "gamma and beta set anew before each call", affine=affine)
            add(ONE_ROW, "te", "one row", rows=1)
            add(ONE_ROW, "te", "one row and one feature", rows=1, features=1)
            add(ALONE, "te", "an x that is looked at again after the call", watch=True)
            add(ALONE, "ttet", "two instances that take turns", twins=True)
        return cases

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """In evaluation y is normalised with the layer's own running averages."""
        readings = dict(expected.readings)
        if case.property not in (EVALUATION.id, MODES.id, AFFINE.id):
            return Evidence(readings)
        inputs = cast(LayerScript, case.inputs)
        for step, (mode, x) in enumerate(zip(inputs["modes"], inputs["batches"], strict=True), start=1):
            names = [Reading(step, name) for name in ATTRIBUTES[2:]]
            own = [observed.readings.get(name) for name in names]
            if mode == "e" and all(array is not None and array.shape == x.shape[1:] for array in own):
                mean, var = (torch.tensor(np.array(array, dtype=np.float64)) for array in own)
                affine = inputs["affine"][step - 1] if "affine" in inputs else (None, None)
                gamma, beta = (None if array is None else torch.tensor(array) for array in affine)
                eps = inputs["hyper"].get("eps", 1e-5)
                y = nn.functional.batch_norm(torch.tensor(x), mean, var, gamma, beta, eps=eps)
                readings[Reading(step, "y")] = y.numpy()
        return Evidence(readings)

    def torch_class(self) -> type[_TorchLayer]:
        return _TorchLayer

    def script(self, instance: Instance, inputs: LayerScript, judged: str) -> Iterator[None]:
        """Switch the mode, call the layer, write down what came out and what it left behind."""
        instance.construct(inputs["features"], **inputs["hyper"])
        yield
        if judged in (START.id, ALONE.id):
            _read(instance, ATTRIBUTES, 0)
        yield
        mode = "t"
        for step, (wanted, x) in enumerate(zip(inputs["modes"], inputs["batches"], strict=True), start=1):
            # A new layer is in training mode: nobody has to say so first.
            if wanted != mode or inputs.get("again"):
                for _ in range(inputs.get("again", 1)):
                    instance.call("train" if wanted == "t" else "eval")
            mode = wanted
            if "affine" in inputs:
                for name, value in zip(("gamma", "beta"), inputs["affine"][step - 1], strict=True):
                    instance.set(name, _like(getattr(instance.made, name, None), value))
            _call(instance, instance.scale * x, step, judged, bool(inputs.get("watch")))
            yield


class _TorchLayer:
    """``nn.BatchNorm1d`` under the names of the lesson, arrays in and out."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1):
        self._norm = nn.BatchNorm1d(num_features, eps=eps, momentum=momentum).double()
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)

    def train(self) -> None:
        self._norm.train()

    def eval(self) -> None:
        self._norm.eval()

    @property
    def running_mean(self) -> torch.Tensor | None:
        return self._norm.running_mean

    @property
    def running_var(self) -> torch.Tensor | None:
        return self._norm.running_var

    @torch.no_grad()
    def __call__(self, x: np.ndarray) -> np.ndarray:
        self._norm.weight.copy_(torch.from_numpy(self.gamma))
        self._norm.bias.copy_(torch.from_numpy(self.beta))
        return self._norm(torch.from_numpy(x)).numpy()


def batch(rng: np.random.Generator, rows: int, features: int) -> np.ndarray:
    """Rows whose columns differ in mean and spread, so that no statistic can stand in for another."""
    mean, spread = 3.0 * parameters(rng, (features,)), rng.uniform(0.5, 3.0, size=features)
    return mean + spread * rng.normal(size=(rows, features))


def _call(instance: Instance, x: np.ndarray, step: int, judged: str, watched: bool) -> None:
    """One call, and what it left behind. A refusal is evidence only where a single row asks for one."""
    layer, recorder = instance.made, instance.recorder
    if not callable(layer):
        recorder.stop("no_method", name=recorder.name, method="__call__(x)")
    x = _like(getattr(layer, "gamma", None), x)
    if judged == ONE_ROW.id:
        refused, y = recorder.refuses(layer, x, called="the layer")
        instance.record(step, "row_refused", refused)
        if refused:
            return
    else:
        y = recorder.call(layer, x, called="the layer")
    if judged != RUNNING.id:
        instance.record(step, "y", y)
    if judged in (RUNNING.id, EVALUATION.id, MODES.id, AFFINE.id, ALONE.id):
        _read(instance, ATTRIBUTES[2:], step)
    if watched:
        watch(recorder, step, {"x": x}, (y,))


def _read(instance: Instance, names: Sequence[str], step: int) -> None:
    for name in names:
        instance.record(step, name, instance.read(name))


def _like(own: Any, array: np.ndarray) -> Any:
    """A copy of an array as the kind of thing that the layer keeps: a layer may be written with tensors."""
    if isinstance(own, nn.Parameter):
        return nn.Parameter(torch.tensor(array))
    return torch.tensor(array) if isinstance(own, torch.Tensor) else np.array(array)
