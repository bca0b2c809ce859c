"""Lesson 10: Lion (Chen and others 2023), which ``torch.optim`` does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level
from course.families import updates
from course.families.updates import Steps, UpdateRule
from course.readings import Reading

THETA = frozenset({"theta"})
ZERO = replace(updates.ZERO_GRADIENT, name="zero gradients; the sign of 0 is 0", looks_at=THETA)

# A direction is as far from 0 as this, or it is 0: the sign of what rounding left would be anybody's guess.
CLEAR = 1e-3


class LionUpdate(UpdateRule):
    """``lion_update``: the state is one average of gradients, read with another beta than it is kept with."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {
            "lr": rng.uniform(0.01, 0.1),
            "beta1": rng.uniform(0.3, 0.6),
            "beta2": rng.uniform(0.7, 0.95),
            "weight_decay": rng.uniform(0.1, 1.0),
        }

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        # The average is that of gradients, with a decay or without.
        for case in (cases := super().cases(rng, level)):
            if case.property == updates.STATE.id:
                case.inputs["hyper"]["weight_decay"] = 0.0
        return cases

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> Any:
        return _SignSteps(theta, {**self.defaults, **hyper})

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {"m": torch.tensor(state["m"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"m": torch_state["m"]}

    def has_plainer(self, case: Case) -> bool:
        # The sign of a tiny gradient is not that of 0.
        return case.property != ZERO.id and super().has_plainer(case)

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The step from the average before it, which is what a direction is made of."""
        if case.property not in self.stepping:
            return super().follow(case, observed, expected)
        inputs, readings = case.inputs, dict(expected.readings)
        theta, m = inputs["theta"], inputs["state"]["m"]
        for step, grad in enumerate(inputs["grads"], start=1):
            place, average = Reading(step, "theta"), Reading(step, "m")
            readings[place] = self._torch_step(theta, grad, {"m": m}, inputs["hyper"], step)[0]
            found = [observed.readings.get(reading) for reading in (place, average)]
            if any(array is None or array.shape != theta.shape for array in found):
                break
            theta, m = (np.array(array, dtype=np.float64) for array in found)
        return Evidence(readings)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...], *args: Any, **kinds: Any) -> Steps:
        while True:
            drawn = super()._draw(rng, shape, *args, **kinds)
            if self._is_clear(drawn):
                return drawn

    def _is_clear(self, inputs: Steps) -> bool:
        """Whether every direction of the run is 0 or far from it."""
        hyper, m = {**self.defaults, **inputs["hyper"]}, inputs["state"]["m"]
        for grad in inputs["grads"]:
            size = np.abs(hyper["beta1"] * m + (1 - hyper["beta1"]) * grad)
            if np.any((size > 0) & (size < CLEAR)):
                return False
            m = hyper["beta2"] * m + (1 - hyper["beta2"]) * grad
        return True


class _SignSteps:
    """PyTorch's own parts, put together: decay and step are those of SGD for a gradient of signs.

    SGD's L2 term is lr * weight_decay * theta, and no part of the sign: that is the decoupled decay.
    """

    def __init__(self, theta: torch.Tensor, hyper: Mapping[str, Any]):
        self._theta, self._betas = theta, (hyper["beta1"], hyper["beta2"])
        self._sgd = torch.optim.SGD([theta], lr=hyper["lr"], weight_decay=hyper["weight_decay"])
        self.state: dict[torch.Tensor, dict[str, torch.Tensor]] = {theta: {}}

    def step(self) -> None:
        self._torch_step()

    def _torch_step(self) -> None:
        grad, own = self._theta.grad, self.state[self._theta]
        assert grad is not None
        direction, own["m"] = (torch.lerp(grad, own["m"], beta) for beta in self._betas)
        self._theta.grad = torch.sign(direction)
        self._sgd.step()
        self._theta.grad = grad


WORKED: Steps = {
    "theta": np.array([1.0, -2.0]),
    "grads": np.array([[0.5, -4.0], [-0.1, 1.0]]),
    "state": {"m": np.zeros(2)},
    "t": 1,
    "hyper": {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.5},
    "watch": False,
}

LION = LionUpdate(
    id="lion_update",
    signature="(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0)",
    properties=(
        updates.WORKED.worth(0.0625),
        updates.STATE.worth(0.25),
        updates.STEP.worth(0.25),
        updates.SHAPES.worth(0.125),
        ZERO.worth(0.125),
        updates.DEFAULTS.worth(0.0625),
        updates.INPUTS.worth(0.125),
    ),
    look_at={"theta": "formulas (1) and (2)", "m": "formula (3)"},
    states=("m",),
    stepping=frozenset({updates.STEP.id, ZERO.id}),
    edges=(("beta1 = 0", {"beta1": 0.0}), ("beta2 = 0", {"beta2": 0.0})),
    worked=WORKED,
)
