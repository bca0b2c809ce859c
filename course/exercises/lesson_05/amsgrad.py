"""Lesson 05, the challenge: AMSGrad (Reddi, Kale and Kumar 2018), as PyTorch has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course.exercises.lesson_05.adam import AdamUpdate
from course.families import updates
from course.families.updates import Steps

# Added to no v: with it in the place of v, the largest v so far is what it was.
LOWER_THAN_ANY = -1e12


class AmsgradUpdate(AdamUpdate):
    """``amsgrad_update``: beside Adam's two moments the state holds the largest second moment so far."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        # With so short a memory v falls within a few steps, and the largest one is another.
        return super().draw_hyper(rng) | {"beta2": rng.uniform(0.3, 0.8)}

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        optimizer = super().torch_optimizer(theta, hyper)
        for group in optimizer.param_groups:
            group["amsgrad"] = True
        return optimizer

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return super().load_state(state, t) | {"max_exp_avg_sq": torch.tensor(state["v_max"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return super().read_state(torch_state) | {"v_max": torch_state["max_exp_avg_sq"]}

    def draw_state(self, rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        state = super().draw_state(rng, shape)
        return state | {"v_max": state["v"] * np.asarray(rng.uniform(1.0, 50.0, size=shape))}

    def _step_to(
        self, state: dict[str, np.ndarray], theta: np.ndarray, grad: np.ndarray, inputs: Steps, step: int
    ) -> np.ndarray:
        """As for every rule; but v has no part in the step, and v_max is taken as it is."""
        hyper, t = inputs["hyper"], inputs["t"] + step - 1
        beta1 = {**self.defaults, **hyper}["beta1"]
        before = {
            "m": (state["m"] - (1 - beta1) * grad) / beta1,
            "v": np.full(grad.shape, LOWER_THAN_ANY),
            "v_max": state["v_max"],
        }
        return self._torch_step(theta, grad, before, hyper, t)[0]


AMSGRAD = AmsgradUpdate(
    id="amsgrad_update",
    signature="(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)",
    properties=(
        updates.STATE.worth(0.5),
        updates.STEP.worth(0.5),
        updates.SHAPES.worth(0.125),
        updates.ZERO_GRADIENT.worth(0.125),
        updates.DEFAULTS.worth(0.125),
        updates.INPUTS.worth(0.125),
    ),
    look_at={
        "m": "line 2 of the algorithm",
        "v": "line 3 of the algorithm",
        "v_max": "line 4 of the algorithm",
        "theta": "line 5 of the algorithm and the changes below it",
    },
    states=("m", "v", "v_max"),
    squares=frozenset({"v", "v_max"}),
    counts_steps=True,
    late={"beta2": 0.9995},
    edges=(("beta1 = 0", {"beta1": 0.0}), ("beta2 = 0", {"beta2": 0.0})),
)
