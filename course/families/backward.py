"""Backward passes by hand: judged with the cache that the student's own forward pass has kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Uses
from course.families.functions import watch
from course.families.recorder import Recorder
from course.readings import Reading

# Whether a right cache took the place of the student's; it is not judged.
OUR_CACHE = Reading(0, "our_cache")

GRADIENTS = ("dbeta", "dgamma", "dx")


class BackwardCall(TypedDict):
    """The inputs of a case: forward and then backward.

    x: any shape whose last axis has D entries.
    gamma, beta: shape (D,); with x the arguments of forward.
    eps: forward's.
    dy: the shape of x: the argument of backward, besides the cache.
    cache: the right (x_hat, gamma, std), in case the student's is not.
    watch: backward is called twice with one cache, and dy should come out unchanged.
    apart: the right cache takes the place of the student's, whatever that is.
    """

    x: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    eps: float
    dy: np.ndarray
    cache: list[np.ndarray]
    watch: NotRequired[bool]
    apart: NotRequired[bool]


@dataclass(frozen=True)
class Backward(Exercise):
    """The gradient of a normalisation, ``(dy, cache) -> (dx, dgamma, dbeta)``; ``uses`` holds its forward.

    Where that forward is not right, or not there, and its cache has the layout that the lesson proposes,
    the same layout with right numbers takes its place: one mistake does not cost two exercises.

    Attributes:
        only: by a property's id, which gradients it is about; all three where it says nothing.
    """

    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @abstractmethod
    def torch_forward(
        self, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float
    ) -> torch.Tensor:
        """PyTorch's forward pass, through which autograd goes back."""

    def apart(self, case: Case) -> Case:
        return replace(case, inputs={**case.inputs, "apart": True})

    def is_judged_alone(self, observed: Evidence) -> bool:
        return bool(np.any(observed.readings.get(OUR_CACHE, False)))

    def observe(self, student_object: Any, case: Case) -> Evidence:
        inputs = cast(BackwardCall, case.inputs)
        (used,) = self.uses
        forward = used.found_in(student_object)
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            cache, ours = _cache_to_use(forward, inputs)
            if inputs.get("apart"):
                cache = tuple(np.array(entry) for entry in inputs["cache"])
            recorder.record(OUR_CACHE.step, OUR_CACHE.id, ours)
            for step in (1, 2) if inputs.get("watch") else (0,):
                dy = np.array(inputs["dy"])
                before = _numbers(cache)
                returned = recorder.call(student_object, dy, cache)
                dx, dgamma, dbeta = recorder.unpack(returned, ("dx", "dgamma", "dbeta"))
                self._record(recorder, step, case, dx, dgamma, dbeta)
                if step:
                    watch(recorder, step, {"dy": dy}, (dx, dgamma, dbeta))
                    # What is added to it behind the rest is no change of what was there.
                    kept = all(map(partial(np.array_equal, equal_nan=True), before, _numbers(cache)))
                    recorder.record(step, "cache_changed", not kept)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(BackwardCall, case.inputs)
        arrays = (inputs["x"], inputs["gamma"], inputs["beta"])
        x, gamma, beta = (torch.tensor(array, requires_grad=True) for array in arrays)
        with torch.enable_grad():
            self.torch_forward(x, gamma, beta, inputs["eps"]).backward(torch.tensor(inputs["dy"]))
        for step in (1, 2) if inputs.get("watch") else (0,):
            self._record(recorder, step, case, x.grad, gamma.grad, beta.grad)
            if step:
                watch(recorder, step, {"dy": np.array(inputs["dy"])}, ())
                recorder.record(step, "cache_changed", False)
        return recorder.evidence()

    def _record(self, recorder: Recorder, step: int, case: Case, dx: Any, dgamma: Any, dbeta: Any) -> None:
        about = self.only.get(case.property, GRADIENTS)
        for name, gradient in zip(GRADIENTS, (dbeta, dgamma, dx), strict=True):
            if name in about:
                recorder.record(step, name, gradient)

    def remark(self, used: Uses, observed: Evidence) -> str:
        if self.is_judged_alone(observed):
            name = used.earlier.id
            return f"Your {name} is not right yet, so this was judged with a right (x_hat, gamma, std)."
        return super().remark(used, observed)


def _numbers(kept: Any) -> list[np.ndarray]:
    """Copies of the arrays and numbers in a cache, whatever else a student keeps there left out."""
    if isinstance(kept, dict):
        kept = list(kept.values())
    if isinstance(kept, (tuple, list)):
        return [array for item in kept for array in _numbers(item)]
    if isinstance(kept, torch.Tensor):
        kept = kept.detach().numpy()
    return [np.array(kept)] if isinstance(kept, (np.ndarray, float, int)) else []


def _cache_to_use(forward: Any, inputs: BackwardCall) -> tuple[Any, bool]:
    """The cache of the student's forward; a right one where that forward is wrong and the layouts agree."""
    right = tuple(np.array(entry) for entry in inputs["cache"])
    arguments = [np.array(array) for array in (inputs["x"], inputs["gamma"], inputs["beta"])]
    try:
        returned = forward(*arguments, eps=inputs["eps"])
        if not isinstance(returned, (tuple, list)):
            return right, True  # y alone, whose two rows would be taken for two results
        y, cache = returned
        x_hat, gamma, _ = right
        expected = torch.addcmul(*(torch.tensor(entry) for entry in (inputs["beta"], gamma, x_hat))).numpy()
        if np.shape(y) == expected.shape and np.allclose(y, expected, rtol=1e-8, atol=1e-8):
            return cache, False
        shapes = [np.size(entry) for entry in cache]
        same_layout = (
            isinstance(cache, (tuple, list))
            and shapes == [entry.size for entry in right]
            and np.array_equal(np.ravel(cache[1]), gamma)
        )
        # An x_hat that is right already: the mistake came after it, and the student's cache stands.
        sound = same_layout and np.allclose(cache[0], x_hat, rtol=1e-8, atol=1e-8)
        return (right, True) if same_layout and not sound else (cache, False)
    except (Exception, SystemExit):
        return right, True
