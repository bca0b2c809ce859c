"""Lesson 05: the Adam update, Adam and AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Property, Uses
from course.exercises.lesson_05.cubes import TorchCubes, cubed_steps
from course.families import optimizers, updates
from course.families.earlier import inherited, overridden
from course.families.optimizers import OptimizerClass
from course.families.updates import UpdateRule
from course.formulas import Formulas

WITNESSED_STEPS = 5
SOME_DECAY = 0.3

L2 = Property("l2", "weight decay is added to the gradient")
DECOUPLED = Property("decoupled", "weight decay shrinks the parameter before the step")


class AdamUpdate(UpdateRule):
    """``adam_update``: the state is Adam's two moments."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {
            "lr": rng.uniform(0.01, 0.1),
            "beta1": rng.uniform(0.5, 0.95),
            "beta2": rng.uniform(0.9, 0.995),
            "eps": rng.choice([1e-3, 1e-2, 0.1]),
        }

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        given: dict[str, Any] = dict(hyper)
        if "beta1" in given:
            given["betas"] = (given.pop("beta1"), given.pop("beta2"))
        return torch.optim.Adam([theta], **given)

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {
            "step": torch.tensor(float(t - 1)),
            "exp_avg": torch.tensor(state["m"]),
            "exp_avg_sq": torch.tensor(state["v"]),
        }

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"m": torch_state["exp_avg"], "v": torch_state["exp_avg_sq"]}


class AdamClass(OptimizerClass):
    """``Adam`` and ``AdamW``: the same interface, the decay in another place."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        return _draw_betas(rng) | {"weight_decay": 0.0}


class AdamWClass(AdamClass):
    """``AdamW``. Where the Adam from which it inherits is wrong, it is judged with steps of another kind."""

    def apart(self, case: Case) -> Case | None:
        if "tries" in case.inputs:
            return None
        # The decay is all that it adds: without one it does what Adam does.
        hyper = {**self.defaults, **case.inputs["hyper"]}
        hyper["weight_decay"] = hyper["weight_decay"] or SOME_DECAY
        return super().apart(replace(case, inputs={**case.inputs, "hyper": hyper}))

    def oracle(self, case: Case) -> Evidence:
        if case.inputs.get("apart"):
            return self._run(TorchCubes, case, is_torch=True)
        return super().oracle(case)


def _undecayed(case: Case) -> Case | None:
    """The same case for Adam, without the decay, which AdamW does itself."""
    if "tries" in case.inputs:
        return replace(case, property=optimizers.BAD_HYPER.id)
    inputs = dict(case.inputs)
    # Whether Adam is right shows in a few steps; more of them would say no more.
    for name in ("grads", "lrs"):
        inputs[name] = inputs[name] and inputs[name][:WITNESSED_STEPS]
    inputs["hyper"] = {**inputs["hyper"], "weight_decay": 0.0}
    # Right steps that move memory or change gradients are a cause as well.
    inputs["watch"] = True
    return replace(case, property=optimizers.OTHER_HYPER.id, inputs=inputs)


def _draw_betas(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "lr": rng.uniform(0.01, 0.1),
        "betas": (rng.uniform(0.5, 0.95), rng.uniform(0.9, 0.995)),
        "eps": rng.choice([1e-3, 1e-2, 0.1]),
    }


def _draw_decay(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_betas(rng) | {"weight_decay": rng.uniform(0.05, 0.5)}


BAD_HYPER = (
    {"lr": -0.1},
    {"eps": -1e-8},
    {"weight_decay": -0.01},
    {"betas": (-0.1, 0.999)},
    {"betas": (1.0, 0.999)},
    {"betas": (0.9, -0.1)},
    {"betas": (0.9, 1.0)},
)
EDGES = (
    ("betas = (0, 0)", {"betas": (0.0, 0.0)}),
    ("eps = 0", {"eps": 0.0}),
    ("beta1 = 0", {"betas": (0.0, 0.9)}),
    ("beta2 = 0", {"betas": (0.9, 0.0)}),
)
GOOD_HYPER = ({"lr": 0.0}, {"eps": 0.0}, {"betas": (0.0, 0.0)}, {"weight_decay": 0.0})

UPDATE = AdamUpdate(
    id="adam_update",
    signature="(theta, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8)",
    properties=(
        updates.WORKED.worth(0.125),
        updates.STATE.worth(0.625),
        updates.STEP.worth(0.625),
        updates.SHAPES.worth(0.375),
        updates.ZERO_GRADIENT.worth(0.25),
        updates.DEFAULTS.worth(0.25),
        updates.INPUTS.worth(0.25),
    ),
    look_at={"m": "formula (1)", "v": "formula (2)", "theta": "formulas (3) and (4)"},
    states=("m", "v"),
    squares=frozenset({"v"}),
    counts_steps=True,
    late={"beta2": 0.9995},
    edges=(("beta1 = 0", {"beta1": 0.0}), ("beta2 = 0", {"beta2": 0.0})),
    worked=updates.worked("m", "v", lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8),
)

ADAM = AdamClass(
    id="Adam",
    signature="(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)",
    properties=(
        optimizers.FIRST_STEP.worth(0.25),
        optimizers.FIVE_STEPS.worth(0.5),
        optimizers.OTHER_HYPER.worth(0.25),
        optimizers.SHAPES.worth(0.375),
        L2.worth(0.5),
        optimizers.NONE_GRADIENT.worth(0.375),
        optimizers.LEARNING_RATE.worth(0.25),
        optimizers.IN_PLACE.worth(0.25),
        optimizers.INSTANCES.worth(0.25),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.25),
        optimizers.BAD_HYPER.worth(0.125),
    ),
    look_at={
        "params": Formulas(
            plain=(1, 2, 3, 4), options={"weight_decay": (5,)}, properties=optimizers.NO_FORMULA
        )
    },
    torch_name="Adam",
    bad_hyper=BAD_HYPER,
    good_hyper=GOOD_HYPER,
    choices={L2: _draw_decay},
    relations=("l2",),
    edges=EDGES,
)

ADAMW = AdamWClass(
    id="AdamW",
    signature="(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)",
    properties=(
        optimizers.FIRST_STEP.worth(0.25),
        optimizers.FIVE_STEPS.worth(0.375),
        optimizers.OTHER_HYPER.worth(0.125),
        optimizers.SHAPES.worth(0.125),
        DECOUPLED.worth(0.5),
        optimizers.NONE_GRADIENT.worth(0.25),
        optimizers.LEARNING_RATE.worth(0.25),
        optimizers.IN_PLACE.worth(0.125),
        optimizers.INSTANCES.worth(0.125),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.125),
        optimizers.BAD_HYPER.worth(0.125),
    ),
    look_at={
        "params": Formulas(
            plain=(1, 2, 3, 4), options={"weight_decay": (6,)}, properties=optimizers.NO_FORMULA
        )
    },
    uses=(
        Uses(
            ADAM,
            as_case=_undecayed,
            found_by=inherited,
            said="Your Adam, from which this class inherits, is not right yet: mend it first.",
            without=partial(overridden, name=ADAM.id, methods=cubed_steps),
        ),
    ),
    torch_name="AdamW",
    bad_hyper=BAD_HYPER,
    good_hyper=GOOD_HYPER,
    choices={DECOUPLED: _draw_decay},
    relations=("decoupled",),
    edges=EDGES,
    entwined=(DECOUPLED,),
)
