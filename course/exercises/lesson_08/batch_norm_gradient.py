"""Lesson 08, the gradient: judged with the cache that the student's own forward has kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Exercise, Level, Property, Uses
from course.exercises.lesson_08.batch_norm_layer import batch
from course.families.draws import parameters
from course.families.functions import WATCHED, watch
from course.families.recorder import Recorder
from course.readings import Reading

WORKED = Property("worked", "the worked example")
AFFINE = Property("affine", "gamma scales and beta shifts, one number a column")
FOR_AFFINE = Property("for_affine", "dbeta and dgamma, one number a column", telling=True)
FOR_X = Property("for_x", "dx, through all three paths")
FOR_X_EPS = Property("for_x_eps", "dx where eps matters")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

WORKED_X = np.array([[2.0], [4.0], [4.0], [10.0]])
WORKED_DY = np.array([[3.0], [0.0], [0.0], [3.0]])
# eps is so large that the root comes out even: 9 + 7 = 16.
WORKED_GAMMA, WORKED_BETA, WORKED_EPS = np.array([4.0]), np.array([1.0]), 7.0
THE_WORKED = "the numbers of the worked example"

# Whether a right cache took the place of the student's; it is not judged.
OUR_CACHE = Reading(0, "our_cache")


def torch_norm(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float) -> torch.Tensor:
    """PyTorch's batch normalisation with the batch's own statistics, x of shape (N, C) or (N, C, H, W)."""
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


class BackwardCall(TypedDict):
    """The inputs of a case: forward and then backward.

    x, gamma, beta: shapes (N, D), (D,) and (D,): the arguments of forward.
    eps: forward's.
    dy: shape (N, D): the argument of backward, besides the cache.
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
    """``batch_norm_backward``: judged with the cache of the student's own forward.

    Where that forward is not right, or not there, and its cache has the layout that the lesson proposes,
    the same layout with right numbers takes its place: one mistake does not cost two exercises.
    """

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, rows: int, columns: int, note: str, eps: float = 1e-5, **changes: Any
        ) -> None:
            drawn: dict[str, Any] = {
                "x": batch(rng, rows, columns),
                "gamma": parameters(rng, (columns,)),
                "beta": parameters(rng, (columns,)),
                "eps": float(eps),
                "dy": batch(rng, rows, columns),
                **changes,
            }
            cache = _right_cache(drawn["x"], drawn["gamma"], drawn["eps"])
            cases.append(Case(judged.id, {**drawn, "cache": cache}, note))

        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "dy": WORKED_DY}
        add(WORKED, 4, 1, THE_WORKED, eps=WORKED_EPS, **worked)
        if level == "graded":
            add(WORKED, 4, 1, "the shapes of the worked example", eps=rng.uniform(1.0, 10.0))
        for _ in range(1 if level == "public" else 3):
            add(FOR_AFFINE, 3, 2, "3 rows and 2 columns")
            add(FOR_AFFINE, 4, 4, "as many rows as columns")
            add(FOR_X, 3, 2, "3 rows and 2 columns")
            add(FOR_X, 5, 3, "5 rows and 3 columns")
            add(FOR_X, 4, 1, "a dy that is 1 for each row", dy=np.ones((4, 1)))
            add(FOR_X, 3, 3, "a dy of zeros", dy=np.zeros((3, 3)))
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(FOR_X_EPS, 3, 2, f"eps = {eps:.3g}", eps)
            add(FOR_X_EPS, 2, 2, "two rows", rng.uniform(0.05, 0.2))
            still = np.hstack([batch(rng, 4, 1), np.full((4, 1), 3.0)])
            add(FOR_X_EPS, 4, 2, "a second column of equal numbers", rng.uniform(0.05, 0.2), x=still)
            add(INPUTS, 3, 2, "backward called twice with one cache", watch=True)
        return cases

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
            torch_norm(x, gamma, beta, inputs["eps"]).backward(torch.tensor(inputs["dy"]))
        for step in (1, 2) if inputs.get("watch") else (0,):
            self._record(recorder, step, case, x.grad, gamma.grad, beta.grad)
            if step:
                watch(recorder, step, {"dy": np.array(inputs["dy"])}, ())
                recorder.record(step, "cache_changed", False)
        return recorder.evidence()

    def _record(self, recorder: Recorder, step: int, case: Case, dx: Any, dgamma: Any, dbeta: Any) -> None:
        if case.property not in (FOR_X.id, FOR_X_EPS.id):
            recorder.record(step, "dbeta", dbeta)
            recorder.record(step, "dgamma", dgamma)
        if case.property != FOR_AFFINE.id:
            recorder.record(step, "dx", dx)

    def remark(self, used: Uses, observed: Evidence) -> str:
        if self.is_judged_alone(observed):
            name = used.earlier.id
            return f"Your {name} is not right yet, so this was judged with a right (x_hat, gamma, std)."
        return super().remark(used, observed)


def _right_cache(x: np.ndarray, gamma: np.ndarray, eps: float) -> list[np.ndarray]:
    """What the lesson proposes to keep, (x_hat, gamma, std), from PyTorch."""
    features = torch.tensor(x)
    x_hat, _, inverse = torch.native_batch_norm(features, None, None, None, None, True, 0.0, eps)
    return [x_hat.numpy(), np.array(gamma), inverse.reciprocal().numpy()]


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


def forward_call(case: Case) -> Case:
    """The call of ``batch_norm_forward`` that this case of backward starts with."""
    given = {name: case.inputs[name] for name in ("x", "gamma", "beta", "eps")}
    return Case(AFFINE.id, {"given": given, "watch": True})
