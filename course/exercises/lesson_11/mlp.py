"""Lesson 11, the class: a network whose start is handed to it, with its gradients by hand.

A case is a script of calls. Where the start is not judged, weights and biases are set once they are there;
where the sizes are not, every layer is as wide as the one before it and its weight is symmetric: which of its
sides is which is a property of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NotRequired

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Level, Property
from course.families.classes import ClassExercise, Instance, Script
from course.families.functions import watch

START = Property("start", "one weight a layer from init, in turn, and zero biases")
LINEAR = Property("linear", "forward: a single layer", telling=True)
RELU = Property("relu", "forward: a ReLU after every layer but the last", telling=True)
LAST = Property("last", "backward: a single layer", telling=True)
EARLIER = Property("earlier", "backward: every layer of a deeper network", telling=True)
AT_ZERO = Property("at_zero", "the slope of the ReLU at 0 is 0")
LATEST = Property("latest", "backward as often as asked, for the latest forward")
CHANGED = Property("changed", "weights and biases may change before a forward")
ANY_SIZES = Property("any_sizes", "any number of layers, of any widths")
ALONE = Property("alone", "leaves x and dy unchanged; two instances share nothing")

FORWARD = frozenset({LINEAR.id, RELU.id, CHANGED.id, ANY_SIZES.id})
BACKWARD = frozenset({LAST.id, EARLIER.id, LATEST.id, ANY_SIZES.id})
# Of the biases alone, whose gradients have one axis.
BIASES = frozenset({AT_ZERO.id, ALONE.id})

Init = Callable[[tuple[int, int], np.random.Generator], np.ndarray]


class NetScript(Script):
    """The inputs of a case.

    sizes: the widths, from the input's to the output's.
    seed: of ``rng``.
    calls: one letter each: "f" forward, "b" backward, "p" weights and biases change in place, "r" they are
        replaced in their lists.
    batches: one a forward, of shape (rows, sizes[0]).
    grads: one a backward, of shape (rows, sizes[-1]).
    weights, biases: what is set after the constructor, one a layer; a weight of another shape is left as it
        is.
    watch: x and dy should come out unchanged.
    """

    sizes: list[int]
    seed: int
    calls: str
    batches: list[np.ndarray]
    grads: list[np.ndarray]
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    watch: NotRequired[bool]


class Net(ClassExercise[NetScript]):
    """An exercise whose answer is the class; ``nn.Linear``, ``nn.ReLU`` and autograd are the oracle."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property, sizes: Sequence[int], calls: str, note: str, rows: int = 4, **flags: Any
        ) -> None:
            shapes = zip(sizes[1:], sizes[:-1], strict=True)
            # Without biases where other gradients are judged than theirs.
            size = 0.0 if judged in (EARLIER, LATEST, AT_ZERO) else 0.5
            script: NetScript = {
                "sizes": list(sizes),
                "seed": int(rng.integers(2**31)),
                "calls": calls,
                "batches": [rng.normal(size=(rows, sizes[0])) for _ in range(calls.count("f"))],
                "grads": [rng.normal(size=(rows, sizes[-1])) for _ in range(calls.count("b"))],
                "weights": [_symmetric(rng.normal(size=shape)) for shape in shapes],
                "biases": [size * rng.normal(size=outputs) for outputs in sizes[1:]],
            }
            cases.append(Case(judged.id, {**script, **flags}, note))

        for _ in range(1 if level == "public" else 3):
            n = int(rng.integers(2, 5))
            add(START, (3, 2), "", "sizes = [3, 2]")
            add(START, (2, n + 2, n, 3), "", f"sizes = [2, {n + 2}, {n}, 3]")
            add(LINEAR, (2, 2), "f", "sizes = [2, 2]")
            add(LINEAR, (n + 1, n + 1), "f", f"sizes = [{n + 1}, {n + 1}]", rows=2)
            add(RELU, (2, 2, 2), "f", "sizes = [2, 2, 2]")
            add(RELU, (3, 3, 3, 3, 3), "f", "four layers of width 3")
            add(LAST, (2, 2), "fb", "sizes = [2, 2]")
            add(LAST, (n + 1, n + 1), "fb", f"sizes = [{n + 1}, {n + 1}]", rows=2)
            add(EARLIER, (2, 2, 2), "fb", "sizes = [2, 2, 2]")
            add(EARLIER, (4, 4, 4, 4), "fb", "three layers of width 4")
            add(AT_ZERO, (2, 2, 2), "fb", "an x and biases of zeros", 1, batches=[np.zeros((1, 2))])
            add(LATEST, (3, 3, 3), "fbb", "backward twice after one forward")
            add(LATEST, (3, 3, 3), "ffb", "a backward after two forwards")
            add(CHANGED, (3, 3, 3), "fpf", "weights and biases changed in place")
            add(CHANGED, (3, 3, 3), "frf", "weights and biases replaced in their lists")
            add(ANY_SIZES, (3, 5, 2), "fb", "sizes = [3, 5, 2]")
            add(ANY_SIZES, (2, 1, 4, 1, 3), "fb", "sizes = [2, 1, 4, 1, 3]")
            add(ANY_SIZES, (4, 3, 1), "fb", "one row", rows=1)
            add(ALONE, (3, 3, 3), "fb", "an x and a dy that are looked at again", 1, watch=True)
            add(ALONE, (6, 6, 6), "fb", "two instances that take turns", 1, twins=True)
        return cases

    def torch_class(self) -> type[_TorchNet]:
        return _TorchNet

    def script(self, instance: Instance, inputs: NetScript, judged: str) -> Iterator[None]:
        """Construct the network, set its biases, and call it."""
        rng = np.random.default_rng(inputs["seed"] + instance.number)
        instance.construct(list(inputs["sizes"]), _drawn, rng)
        yield
        if judged == START.id:
            _record_start(instance, rng)
            return
        for name, values in (("weights", inputs["weights"]), ("biases", inputs["biases"])):
            _change(instance, values, name)
        batches, grads = iter(inputs["batches"]), iter(inputs["grads"])
        given: dict[str, np.ndarray] = {}
        for step, call in enumerate(inputs["calls"], start=1):
            if call == "f":
                # Of the other sign for the second of twins: other units are off.
                given["x"] = np.asarray((-1) ** instance.number * next(batches))
                y = instance.call("forward", given["x"], takes="x", returns="y")
                if judged in FORWARD:
                    instance.record(step, "y", y)
            elif call == "b":
                given["dy"] = np.array(next(grads))
                pairs = _pairs(instance, instance.call("backward", given["dy"], takes="dy"))
                if inputs.get("watch"):
                    watch(instance.recorder, step, given, [array for pair in pairs for array in pair])
                elif judged in BACKWARD | BIASES:
                    _record_pairs(instance, step, pairs, weights=judged in BACKWARD)
            else:
                for name in ("weights", "biases"):
                    other = [np.asarray(0.5 - 2.0 * array) for array in _arrays(instance, name)]
                    _change(instance, other, name, in_place=call == "p")
            yield


def _drawn(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=shape)


def _symmetric(weight: np.ndarray) -> np.ndarray:
    """Where it is a square, one that is its own transpose."""
    return weight + weight.T if len(weight) == weight.shape[1] else weight


def _arrays(instance: Instance, name: str) -> list[Any]:
    """The list of weights or biases, as it is."""
    found = instance.read(name)
    if not isinstance(found, list):
        instance.recorder.stop("not_a_list", name=name, type=type(found).__name__)
    return found


def _change(instance: Instance, values: Sequence[np.ndarray], name: str, in_place: bool = True) -> None:
    """Give the arrays of the list other values."""
    own = _arrays(instance, name)
    for place, value in enumerate(values):
        if place >= len(own) or np.shape(own[place]) != value.shape:
            continue  # which is judged where the network starts
        if in_place:
            own[place][...] = value
        else:
            own[place] = np.array(value)


def _record_start(instance: Instance, rng: np.random.Generator) -> None:
    for name in ("weights", "biases"):
        arrays = _arrays(instance, name)
        instance.record(0, "length", len(arrays), of=name)
        for place, array in enumerate(arrays):
            instance.record(0, name, array, (place,))
    instance.record(0, "next_draw", rng.random())


def _pairs(instance: Instance, returned: Any) -> list[tuple[Any, Any]]:
    """What backward returned: (dW, db) for each layer."""
    called, wanted, recorder = "backward(dy)", "[(dW, db), ...]", instance.recorder
    if returned is None:
        recorder.stop("returned_none", name=called, wanted=wanted)
    if not isinstance(returned, (list, tuple)):
        recorder.stop("returned_one", name=called, wanted=wanted, type=type(returned).__name__)
    for pair in returned:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            recorder.stop("not_pairs", name=called, wanted=wanted)
    return list(returned)


def _record_pairs(instance: Instance, step: int, pairs: list[tuple[Any, Any]], weights: bool) -> None:
    instance.record(step, "length", len(pairs), of="backward(dy)")
    for place, (dweight, dbias) in reversed(list(enumerate(pairs))):
        if weights:
            instance.record(step, "dW", dweight, (place,))
        instance.record(step, "db", dbias, (place,))


class _TorchNet:
    """``nn.Linear`` and ``nn.ReLU`` under the names of the lesson, arrays in and out."""

    def __init__(self, sizes: list[int], init: Init, rng: np.random.Generator):
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        self.weights = [init(shape, rng) for shape in shapes]
        self.biases = [np.zeros(outputs) for outputs, _ in shapes]
        self.layers: list[nn.Linear] = []
        self.y = torch.empty(0)

    def forward(self, x: np.ndarray) -> np.ndarray:
        return _torch_forward(self, x)

    def backward(self, dy: np.ndarray) -> list[tuple[Any, Any]]:
        return _torch_backward(self, dy)


def _torch_forward(net: _TorchNet, x: np.ndarray) -> np.ndarray:
    net.layers = []
    for weight, bias in zip(net.weights, net.biases, strict=True):
        layer = nn.Linear(weight.shape[1], len(bias), dtype=torch.float64)
        layer.weight, layer.bias = nn.Parameter(torch.tensor(weight)), nn.Parameter(torch.tensor(bias))
        net.layers.append(layer)
    stages = [stage for layer in net.layers for stage in (layer, nn.ReLU())]
    net.y = nn.Sequential(*stages[:-1])(torch.tensor(x))
    return net.y.detach().numpy()


def _torch_backward(net: _TorchNet, dy: np.ndarray) -> list[tuple[Any, Any]]:
    parameters = [parameter for layer in net.layers for parameter in (layer.weight, layer.bias)]
    grads = torch.autograd.grad(net.y, parameters, torch.tensor(dy), retain_graph=True)
    return list(zip(grads[::2], grads[1::2], strict=True))
