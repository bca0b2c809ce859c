"""Lesson 00: gradient descent on a quadratic, from a start to the last step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.functions import WATCHED, watch
from course.families.recorder import Recorder
from course.readings import Reading

WORKED = Property("worked", "the worked example")
SYMMETRIC = Property("symmetric", "one step where A is symmetric", telling=True)
ANY_MATRIX = Property("any_matrix", "one step where A is not symmetric")
STEPS = Property("steps", "each step from where the last one came to")
START = Property("start", "row 0 is x0, and steps rows follow")
NO_STEPS = Property("no_steps", "steps = 0: the start alone")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

# The worked example: two steps to (0.75, 0.25).
WORKED_A = np.array([[2.0, 2.0], [0.0, 4.0]])
WORKED_B, WORKED_X0 = np.array([1.0, 2.0]), np.array([2.0, 1.0])
WORKED_LR, WORKED_STEPS = 0.25, 2


@dataclass(frozen=True)
class DescendQuadratic(Exercise):
    """``descend_quadratic``: the points that ``torch.optim.SGD`` visits.

    The rows that the steps came to are counted from the end: whether row 0 is the start is a property of its
    own.
    """

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases: list[Case] = []

        def add(
            judged: Property, n: int, steps: int, note: str, symmetric: bool = True, **changes: np.ndarray
        ) -> None:
            A = rng.normal(size=(n, n))
            given = {
                "A": A @ A.T / n + np.eye(n) if symmetric else A + 2.0 * np.eye(n),
                "b": rng.normal(size=n),
                "x0": rng.normal(size=n) + 2.0,
                "lr": float(rng.uniform(0.05, 0.2)),
                "steps": steps,
                **changes,
            }
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        worked = {"A": WORKED_A, "b": WORKED_B, "x0": WORKED_X0, "lr": WORKED_LR, "steps": WORKED_STEPS}
        cases.append(Case(WORKED.id, {"given": worked}, "the numbers of the worked example"))
        if level == "graded":
            add(WORKED, 2, 2, "two steps in two dimensions", symmetric=False)
        for _ in range(1 if level == "public" else 3):
            many = int(rng.integers(4, 8))
            # A factor of the gradient's first term alone shows here as a factor of the step.
            add(SYMMETRIC, 2, 1, "a symmetric A and a b of zeros", b=np.zeros(2))
            for n in (1, 3):
                add(SYMMETRIC, n, 1, f"a symmetric A of shape ({n}, {n})")
            for n in (2, 4):
                add(ANY_MATRIX, n, 1, f"an A of shape ({n}, {n}) that is not symmetric", symmetric=False)
            add(STEPS, 2, 2, "two steps")
            add(STEPS, 3, many, f"{many} steps")
            add(START, 2, 3, "three steps")
            x0 = rng.normal(size=3) + 2.0
            # The products are exact: the gradient is 0 to the last digit.
            add(START, 3, 1, "one step from the minimum", A=2.0 * np.eye(3), b=2.0 * x0, x0=x0)
            add(NO_STEPS, 2, 0, "steps = 0")
            for n, steps in ((2, 2), (3, 1)):
                add(INPUTS, n, steps, f"an A of shape ({n}, {n}) that is not symmetric", symmetric=False)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, given = Recorder(self.id, self.signature), _given(case)
        with recorder.running():
            path = _path(recorder, recorder.call(student_object, *given.values()), case)
            self._record(recorder, case, path)
            if case.inputs.get("watch"):
                watch(recorder, 0, given, [path])
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder, given = Recorder(self.id, self.signature), _given(case)
        self._record(recorder, case, _torch_path(**given))
        if case.inputs.get("watch"):
            watch(recorder, 0, given, ())
        return recorder.evidence()

    def _record(self, recorder: Recorder, case: Case, path: np.ndarray) -> None:
        steps = case.inputs["given"]["steps"]
        if case.property in (START.id, NO_STEPS.id):
            recorder.record(0, "length", len(path), of="path")
            recorder.record(0, "path", path[0], (0,))
        elif case.property != INPUTS.id:
            for step, x in enumerate(path[len(path) - steps :], start=1):
                recorder.record(step, "x", x)

    def has_plainer(self, case: Case) -> bool:
        return case.property == STEPS.id

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """One step from each of the points that it came to itself."""
        found: dict[Reading, np.ndarray] = {}
        x = case.inputs["given"]["x0"]
        for step in range(1, case.inputs["given"]["steps"] + 1):
            one = {"given": {**case.inputs["given"], "x0": x, "steps": 1}}
            came_to = self.observe(student_object, replace(case, inputs=one)).readings.get(Reading(1, "x"))
            if came_to is None or Reading(step, "x") not in observed.readings:
                break
            found[Reading(step, "x")] = came_to
            x = observed.readings[Reading(step, "x")]
        return found

    def starts_from(self, case: Case, reading: Reading) -> np.ndarray | None:
        return np.asarray(case.inputs["given"]["x0"]) if reading.id == "x" else None


def _torch_path(A: np.ndarray, b: np.ndarray, x0: np.ndarray, lr: float, steps: int) -> np.ndarray:
    matrix, vector, x = torch.tensor(A), torch.tensor(b), torch.tensor(x0, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr)
    path = [x.tolist()]
    for _ in range(steps):
        optimizer.zero_grad()
        (x @ matrix @ x / 2 - vector @ x).backward()
        optimizer.step()
        path.append(x.tolist())
    return np.array(path)


def _given(case: Case) -> dict[str, Any]:
    given = case.inputs["given"]
    return {
        name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in given.items()
    }


def _path(recorder: Recorder, returned: Any, case: Case) -> np.ndarray:
    """What came back, if it is rows of numbers as long as x0."""
    (path,) = recorder.unpack(returned, ("path",))
    if isinstance(path, (list, tuple)):
        kind = type(path).__name__
        recorder.stop("many_arrays", name=recorder.name, wanted="path", type=kind, count=len(path))
    array = recorder.record(0, "path", path)
    del recorder.readings[Reading(0, "path")]
    steps, width = case.inputs["given"]["steps"], len(case.inputs["given"]["x0"])
    if array.ndim != 2 or array.shape[1] != width or len(array) < max(1, steps):
        shape, found = str((steps + 1, width)), str(array.shape)
        recorder.stop("another_shape", name=recorder.name, wanted="path", shape=shape, found=found)
    return path if isinstance(path, np.ndarray) else array
