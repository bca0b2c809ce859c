"""Plain functions: arrays and numbers in, arrays and numbers out, no steps.

A case is one call. The evidence is what came back and, where the case watches for it, what became of
the arguments.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise
from course.families.recorder import Recorder


@dataclass(frozen=True)
class FunctionExercise(Exercise):
    """An exercise whose answer is a function.

    ``Case.inputs`` holds ``"given"``, the arguments by name in the order of the signature; ``"seed"``
    where the function takes a generator (it gets ``np.random.default_rng(seed)`` as ``rng``); and
    ``"watch"`` where the arguments should come out unchanged and share no memory with the results.

    Attributes:
        returns: names of the results, in the order in which the function returns them.
    """

    returns: tuple[str, ...] = ()

    @abstractmethod
    def expected(self, **given: Any) -> tuple[Any, ...]:
        """What PyTorch gives, one for each of ``returns``: arrays, numbers, or lists of arrays."""

    def probe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            given = _fresh(case)
            # By position what has no default, as anybody would call it; by name what has one.
            positional = [value for name, value in given.items() if f"{name}=" not in self.signature]
            named = {name: value for name, value in given.items() if f"{name}=" in self.signature}
            results = recorder.unpack(recorder.call(student_object, *positional, **named), self.returns)
            for name, result in zip(self.returns, results, strict=True):
                record_result(recorder, 0, name, result)
            if case.inputs.get("watch"):
                watch(recorder, 0, given, results)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        given = _fresh(case)
        results = self.expected(**given)
        for name, result in zip(self.returns, results, strict=True):
            record_result(recorder, 0, name, result)
        if case.inputs.get("watch"):
            watch(recorder, 0, _fresh(case), ())
        return recorder.evidence()


def _fresh(case: Case) -> dict[str, Any]:
    """Arguments of the call's own: one that is changed in place spoils nothing else."""
    given = {name: _copy(value) for name, value in case.inputs["given"].items()}
    if case.inputs.get("seed") is not None:
        given["rng"] = np.random.default_rng(case.inputs["seed"])
    return given


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def record_result(recorder: Recorder, step: int, name: str, result: Any) -> None:
    """Write down one result: an array or number, or a list of arrays with its length first."""
    if isinstance(result, (list, tuple)) and not all(isinstance(item, (int, float)) for item in result):
        recorder.record(step, f"the length of {name}", len(result))
        for index, item in enumerate(result):
            recorder.record(step, f"{name}[{index}]", item)
    else:
        recorder.record(step, name, result)


def watch(recorder: Recorder, step: int, given: Mapping[str, Any], results: Sequence[Any]) -> None:
    """Write down what became of the arguments of a call, and whether a result is one of them."""
    arrays = [(name, array) for name, value in given.items() for array in _arrays(value)]
    for number, (name, array) in enumerate(arrays):
        recorder.record(step, f"argument {number + 1} ({name}) after the call", array)
    shared = any(
        np.shares_memory(array, new) for _, array in arrays for result in results for new in _arrays(result)
    )
    recorder.record(step, "a result shares memory with an argument", shared)


def _arrays(value: Any) -> list[np.ndarray]:
    """The arrays in a value: itself, or the items of a list. A tensor's memory counts as an array's."""
    if isinstance(value, (list, tuple)):
        return [array for item in value for array in _arrays(item)]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    return [value] if isinstance(value, np.ndarray) else []
