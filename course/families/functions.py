"""Plain functions: arrays and numbers in, arrays and numbers out, no steps.

A case is one call. The evidence is what came back and, where the case watches for it, what became of
the arguments.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise
from course.families.recorder import Recorder
from course.readings import Reading


class Call(TypedDict):
    """The inputs of a case: one call.

    given: the arguments by name, in the order of the signature: arrays, numbers, lists and dicts of these.
    seed: where the function takes a generator: it gets ``np.random.default_rng(seed)`` as ``rng``.
    watch: the arguments should come out unchanged and share no memory with the results.
    """

    given: dict[str, Any]
    seed: NotRequired[int | None]
    watch: NotRequired[bool]


@dataclass(frozen=True)
class FunctionExercise(Exercise):
    """An exercise whose answer is a function; ``Case.inputs`` is a ``Call``.

    Attributes:
        returns: names of the results, in the order in which the function returns them.
        lists: those of them that are lists of arrays.
        dicts: those of them that are dicts of arrays, with the names of the first dict that it is given.
    """

    returns: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    dicts: frozenset[str] = frozenset()

    @abstractmethod
    def expected(self, *args: Any, **given: Any) -> tuple[Any, ...]:
        """What PyTorch gives, one for each of ``returns``: arrays, numbers, or lists of arrays.

        Called with the arguments by name; each exercise writes its own.
        """

    def plainer(self, case: Case) -> Call | None:
        """A plainer call that gives the same, or what ``follow`` goes on from; None where there is none."""
        return None

    def has_plainer(self, case: Case) -> bool:
        return self.plainer(case) is not None

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        plainer = self.plainer(case)
        if plainer is None:
            return {}
        return self.observe(student_object, replace(case, inputs=plainer)).readings

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            inputs = cast(Call, case.inputs)
            given = _fresh(inputs)
            # By position what has no default, as anybody would call it; by name what has one.
            positional = [value for name, value in given.items() if name not in self.optional]
            named = {name: value for name, value in given.items() if name in self.optional}
            returned = recorder.call(student_object, *positional, **named)
            wanted = f"({', '.join(self.returns)})"
            if len(self.returns) > 1 and self.returns[0] in self.lists and _is_flat_list(returned):
                recorder.stop("one_list", name=self.id, wanted=wanted)
            results = recorder.unpack(returned, self.returns)
            for name, result in zip(self.returns, results, strict=True):
                self._expect_form(recorder, name, result, inputs["given"])
                record_result(recorder, 0, name, result)
            if inputs.get("watch"):
                watch(recorder, 0, given, results)
        return recorder.evidence()

    def _expect_form(self, recorder: Recorder, name: str, result: Any, given: Mapping[str, Any]) -> None:
        """Stop the case where one array stands for a list of them, several for one, or names are wrong."""
        if name in self.dicts:
            if not isinstance(result, Mapping):
                recorder.stop("not_a_dict", name=self.id, type=type(result).__name__)
            wanted = next(_names(list(given.values())))
            if set(result) != set(wanted):
                recorder.stop(
                    "wrong_names", name=self.id, wanted=", ".join(wanted), found=", ".join(map(str, result))
                )
        if name in self.lists and not isinstance(result, (list, tuple)):
            array = recorder.record(0, name, result)
            del recorder.readings[Reading(0, name)]
            recorder.stop("one_array", name=self.id, quantity=Reading(0, name), shape=str(array.shape))
        if name not in self.lists and _holds_arrays(result):
            form = type(result).__name__
            recorder.stop("many_arrays", name=self.id, wanted=name, type=form, count=len(result))

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        inputs = cast(Call, case.inputs)
        results = self.expected(**_fresh(inputs))
        for name, result in zip(self.returns, results, strict=True):
            record_result(recorder, 0, name, result)
        if inputs.get("watch"):
            watch(recorder, 0, _fresh(inputs), ())
        return recorder.evidence()


def _fresh(inputs: Call) -> dict[str, Any]:
    """Arguments of the call's own: one that is changed in place spoils nothing else."""
    given = {name: _copy(value) for name, value in inputs["given"].items()}
    if inputs.get("seed") is not None:
        given["rng"] = np.random.default_rng(inputs["seed"])
    return given


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _copy(item) for name, item in value.items()}
    return value


def _names(value: Any) -> Iterator[list[str]]:
    """The names of each dict in a value."""
    if isinstance(value, Mapping):
        yield list(value)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _holds_arrays(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(
        isinstance(item, (np.ndarray, torch.Tensor, list, tuple, dict)) for item in value
    )


def _is_flat_list(value: Any) -> bool:
    """Whether it is a list of arrays, and not results of which one is."""
    return isinstance(value, list) and not any(isinstance(item, (list, tuple)) for item in value)


def record_result(recorder: Recorder, step: int, name: str, result: Any) -> None:
    """Write down one result: an array or number, a list of arrays, its length first, or a dict of them."""
    if isinstance(result, Mapping):
        for key, item in result.items():
            recorder.record(step, name, item, of=str(key))
    elif isinstance(result, (list, tuple)) and not all(isinstance(item, (int, float)) for item in result):
        recorder.record(step, "length", len(result), of=name)
        for index, item in enumerate(result):
            recorder.record(step, name, item, (index,))
    else:
        recorder.record(step, name, result)


# What ``watch`` writes down: what "leaves its inputs unchanged" is about.
WATCHED = frozenset({"argument", "result_shared", "milestones_after"})


def watch(recorder: Recorder, step: int, given: Mapping[str, Any], results: Sequence[Any]) -> None:
    """Write down what became of the arguments of a call, whatever holds them, and whether a result is one."""
    for name, value in given.items():
        _record_argument(recorder, step, name, value)
    arrays = [array for value in given.values() for array in _arrays(value)]
    shared = any(
        np.shares_memory(array, new) for array in arrays for result in results for new in _arrays(result)
    )
    recorder.record(step, "result_shared", shared)


def _record_argument(recorder: Recorder, step: int, name: str, value: Any) -> None:
    """``name`` is how it is reached from an argument: "states[0]['bias']"."""
    if isinstance(value, Mapping):
        recorder.record(step, "argument_length", len(value), of=name)
        for key, item in value.items():
            _record_argument(recorder, step, f"{name}[{key!r}]", item)
    elif isinstance(value, (list, tuple)) and not all(isinstance(item, (int, float)) for item in value):
        recorder.record(step, "argument_length", len(value), of=name)
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                _record_argument(recorder, step, f"{name}[{index}]", item)
            else:
                recorder.record(step, "argument", item, (index,), of=name)
    elif isinstance(value, (np.ndarray, torch.Tensor, list, tuple)):
        recorder.record(step, "argument", value, of=name)


def _arrays(value: Any) -> list[np.ndarray]:
    """The arrays in a value: itself, or the items that it holds. A tensor's memory counts as an array's."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [array for item in value for array in _arrays(item)]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    return [value] if isinstance(value, np.ndarray) else []
