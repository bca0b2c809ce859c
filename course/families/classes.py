"""Classes that are driven by a script: construct, call, read, write down, and again.

A case is the script's inputs, or constructor arguments of which some must be refused. The student's class
and PyTorch's, under the lesson's names, go through the same script. An exercise is its cases, ``script`` and
``torch_class``.
"""

from __future__ import annotations

import contextlib
import copy
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Generic, NotRequired, TypedDict, TypeVar, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.recorder import Recorder


class Script(TypedDict):
    """The inputs that every script understands.

    twins: two instances go through the script and take turns.
    """

    twins: NotRequired[bool]


class Tries(TypedDict):
    """The inputs of a case that constructs and does nothing else.

    tries: constructor arguments by name, one dict a construction; which of them raise ValueError is judged.
    """

    tries: list[dict[str, Any]]


class TensorScript(Script):
    """The inputs of a script whose class is made with parameters, a list of tensors.

    params: their initial values; the second of twins gets others of the same shapes.
    generator: the class is handed a generator in the place of the list.
    """

    params: list[np.ndarray]
    generator: NotRequired[bool]


Inputs = TypeVar("Inputs", bound=Script)

# In what a class keeps what its instances share.
KEPT = (list, dict, set)


class Instance:
    """One instance of the class under test; its faults become sentences that end the case.

    Attributes:
        recorder: takes what is written down of no instance.
        number: 0, and 1 for the second of twins, which is to get other numbers.
        owner: what a reading says of the instance: 0 for one alone, 1 and 2 for twins.
        is_torch: whether the class is PyTorch's, which may be handed an optimiser of ``torch.optim``.
        made: the object, once it is constructed.
    """

    def __init__(self, make: Any, recorder: Recorder, number: int, owner: int, is_torch: bool):
        self._make = make
        self.recorder = recorder
        self.number = number
        self.owner = owner
        self.is_torch = is_torch
        self.made: Any = None

    @property
    def scale(self) -> float:
        """What the numbers of a script are multiplied by for this instance: twins get different ones."""
        return 1.0 + self.number

    def construct(self, *arguments: Any, **keywords: Any) -> None:
        self.made = self.recorder.call(self._make, *arguments, **keywords)

    def call(self, method: str, *arguments: Any, takes: str = "", returns: str = "") -> Any:
        """Call a method.

        Args:
            takes: how its arguments are written: "metric" for "step(metric)".
            returns: what it should return, where None is not an answer: "lr".
        """
        shown = f"{method}({takes})"
        if not hasattr(self.made, method):
            self.recorder.stop("no_method", name=self.recorder.name, method=shown)
        found = getattr(self.made, method)
        if not callable(found):
            values = {"attribute": method, "type": type(found).__name__, "method": shown}
            self.recorder.stop("hidden_method", **values)
        returned = self.recorder.call(found, *arguments, called=shown)
        if returns and returned is None:
            self.recorder.stop("returned_none", name=shown, wanted=returns)
        return returned

    def read(self, attribute: str, shown: str = "") -> Any:
        """The value of an attribute; ``shown`` is how a sentence names it: "self.lr"."""
        called = f"reading {shown or attribute}"
        value = self.recorder.call(getattr, self.made, attribute, None, called=called)
        if value is None:
            self.recorder.stop("no_attribute", name=self.recorder.name, attribute=attribute)
        return value

    def set(self, attribute: str, value: Any, shown: str = "") -> None:
        """Set an attribute, named as by ``read``."""
        self.recorder.call(setattr, self.made, attribute, value, called=f"setting {shown or attribute}")

    def record(self, step: int, id: str, value: Any, place: tuple[int, ...] = (), *, of: str = "") -> None:
        """Write down a quantity of this instance."""
        self.recorder.record(step, id, value, place, of=of, owner=self.owner)


@dataclass(frozen=True)
class ClassExercise(Exercise, Generic[Inputs]):
    """An exercise whose answer is a class."""

    @abstractmethod
    def script(self, instance: Instance, inputs: Inputs, judged: str) -> Iterator[None]:
        """Construct the instance, drive it, write down what it does.

        Written for one instance alone. Twins take turns: each ``yield`` gives the turn to the other.

        Args:
            judged: the id of the property that the case belongs to.
        """

    @abstractmethod
    def torch_class(self) -> Callable[..., Any]:
        """PyTorch's class under the lesson's names.

        Asked for by the oracle alone: ``torch.optim`` is out of reach where the student's code runs.
        """

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """By position and by name, the constructor's arguments where one of ``Tries`` is tried."""
        return (), dict(tried)

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return self._run(student_object, case, is_torch=False)

    def oracle(self, case: Case) -> Evidence:
        return self._run(self.torch_class(), case, is_torch=True)

    def _run(self, make: Any, case: Case, is_torch: bool) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running(), torch.enable_grad(), _left_as_it_was(make):
            if type(make).__name__ == self.id:
                recorder.stop("is_instance", name=self.id)
            if "tries" in case.inputs:
                for tried in cast(Tries, case.inputs)["tries"]:
                    positional, named = self.arguments(tried)
                    refused, _ = recorder.refuses(make, *positional, **named)
                    recorder.record(0, "refused", refused, of=words(tried))
            else:
                inputs = cast(Inputs, case.inputs)
                owners = [1, 2] if inputs.get("twins") else [0]
                instances = [
                    Instance(make, recorder, number, owner, is_torch) for number, owner in enumerate(owners)
                ]
                turns = [self.script(instance, inputs, case.property) for instance in instances]
                for _ in zip_longest(*turns):
                    pass
        return recorder.evidence()


@contextlib.contextmanager
def _left_as_it_was(make: Any) -> Iterator[None]:
    """Around a case: what a class keeps for all of its instances is not handed on to the next case."""
    kinds = [kind for kind in getattr(make, "__mro__", ()) if kind.__module__ != "builtins"]
    before = [
        (kind, name, copy.copy(value))
        for kind in kinds
        for name, value in vars(kind).items()
        if isinstance(value, KEPT) and not name.startswith("__")
    ]
    try:
        yield
    finally:
        for kind, name, value in before:
            setattr(kind, name, value)


def as_tries(
    judged: Property, arguments: Sequence[Mapping[str, Any]], rng: np.random.Generator, level: Level
) -> Case:
    """A case of ``Tries``. Graded, it tries other numbers wherever one is below 0 or above 1.

    None of the arguments that are tried may be either, so that it is the same ones that must be refused.
    """
    tries: Tries = {"tries": [dict(given) for given in arguments]}
    if level == "graded":
        tries["tries"] = [
            {name: _elsewhere(rng, value) for name, value in given.items()} for given in arguments
        ]
    return Case(judged.id, tries)


def _elsewhere(rng: np.random.Generator, value: Any) -> Any:
    """A float outside of 0 to 1 moved further out or in, on its side; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(_elsewhere(rng, entry) for entry in value)
    if not isinstance(value, float) or 0.0 <= value <= 1.0:
        return value
    edge = float(value > 1.0)
    return edge + (value - edge) * float(rng.uniform(0.5, 2.0))


def tensors(arrays: Sequence[np.ndarray], number: int = 0) -> list[torch.Tensor]:
    """Parameters of the arrays' own precision; for the second of twins, number 1, of other values."""
    factor = -0.5 if number else 1.0
    # A 0-d array times a number is a plain number: an array again.
    return [torch.tensor(np.asarray(factor * array), requires_grad=True) for array in arrays]


def handed(params: list[torch.Tensor], inputs: TensorScript) -> Iterable[torch.Tensor]:
    """The parameters as the class gets them, a list or a generator."""
    return (param for param in params) if inputs.get("generator") else list(params)


def words(arguments: Mapping[str, Any]) -> str:
    """Arguments as a note says them: "lr = 0.1, betas = (0.9, 0.999)"."""
    return ", ".join(f"{name} = {_short(value)}" for name, value in arguments.items())


def _short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_short, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
