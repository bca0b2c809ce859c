"""Lesson 04: the updates of AdaGrad and RMSprop, and RMSprop (Duchi 2011; Hinton 2012; Graves 2013)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course.exercise import Property
from course.families import optimizers, updates
from course.families.optimizers import OptimizerClass
from course.families.updates import UpdateRule
from course.formulas import Formulas

DECAY = Property("decay", "weight decay is added to the gradient")
CENTERED = Property("centered", "centered divides by the standard deviation", telling=True)
MOMENTUM = Property("momentum", "momentum sums the scaled gradients")
TOGETHER = Property("together", "weight decay, centered and momentum together")


class AdagradUpdate(UpdateRule):
    """``adagrad_update``: the state is the sum of squares."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {"lr": rng.uniform(0.05, 0.5), "eps": rng.choice([1e-3, 1e-2, 0.1])}

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        return torch.optim.Adagrad([theta], **hyper)

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {"step": torch.tensor(float(t - 1)), "sum": torch.tensor(state["acc"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"acc": torch_state["sum"]}


class RMSpropUpdate(UpdateRule):
    """``rmsprop_update``: the state is the average of squares."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {
            "lr": rng.uniform(0.01, 0.1),
            "alpha": rng.uniform(0.6, 0.95),
            "eps": rng.choice([1e-3, 1e-2, 0.1]),
        }

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        return torch.optim.RMSprop([theta], **hyper)

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {"step": torch.tensor(float(t - 1)), "square_avg": torch.tensor(state["s"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"s": torch_state["square_avg"]}


class RMSpropClass(OptimizerClass):
    """``RMSprop``: the update rule with weight decay, centering and momentum."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        return _draw_rates(rng) | {"weight_decay": 0.0}


def _draw_rates(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "lr": rng.uniform(0.01, 0.1),
        "alpha": rng.uniform(0.6, 0.95),
        "eps": rng.choice([1e-3, 1e-2, 0.1]),
    }


def _draw_decay(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"weight_decay": rng.uniform(0.05, 0.5)}


def _draw_centered(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"centered": True}


def _draw_momentum(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"momentum": rng.uniform(0.3, 0.9)}


def _draw_together(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_decay(rng) | _draw_centered(rng) | _draw_momentum(rng)


ADAGRAD_UPDATE = AdagradUpdate(
    id="adagrad_update",
    signature="(theta, grad, acc, lr, eps=1e-10)",
    properties=(
        updates.WORKED.worth(0.125),
        updates.STATE.worth(0.375),
        updates.STEP.worth(0.375),
        updates.SHAPES.worth(0.25),
        updates.ZERO_GRADIENT.worth(0.125),
        updates.DEFAULTS.worth(0.125),
        updates.INPUTS.worth(0.125),
    ),
    look_at={"acc": "formula (1)", "theta": "formula (2)"},
    states=("acc",),
    squares=frozenset({"acc"}),
    worked=updates.worked("acc", lr=0.1, eps=1e-10),
)

RMSPROP_UPDATE = RMSpropUpdate(
    id="rmsprop_update",
    signature="(theta, grad, s, lr, alpha=0.99, eps=1e-8)",
    properties=(
        updates.WORKED.worth(0.125),
        updates.STATE.worth(0.625),
        updates.STEP.worth(0.625),
        updates.SHAPES.worth(0.375),
        updates.ZERO_GRADIENT.worth(0.25),
        updates.DEFAULTS.worth(0.25),
        updates.INPUTS.worth(0.25),
    ),
    look_at={"s": "formula (3)", "theta": "formula (4)"},
    states=("s",),
    squares=frozenset({"s"}),
    worked=updates.worked("s", lr=0.1, alpha=0.9, eps=1e-8),
    edges=(("alpha = 0", {"alpha": 0.0}),),
)

BAD_HYPER = ({"lr": -0.1}, {"alpha": -0.1}, {"eps": -1e-8}, {"weight_decay": -0.01}, {"momentum": -0.1})
# With 1 or more, s never forgets or the buffer never fades. PyTorch lets both pass.
ALSO_BAD = ({"alpha": 1.0}, {"momentum": 1.0})
GOOD_HYPER = ({"lr": 0.0}, {"alpha": 0.0}, {"eps": 0.0}, {"weight_decay": 0.0}, {"momentum": 0.0})

RMSPROP = RMSpropClass(
    id="RMSprop",
    signature="(params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False)",
    properties=(
        optimizers.FIRST_STEP.worth(0.375),
        optimizers.FIVE_STEPS.worth(0.5),
        optimizers.OTHER_HYPER.worth(0.25),
        optimizers.SHAPES.worth(0.25),
        DECAY.worth(0.25),
        CENTERED.worth(0.625),
        MOMENTUM.worth(0.625),
        TOGETHER.worth(0.25),
        optimizers.NONE_GRADIENT.worth(0.25),
        optimizers.LEARNING_RATE.worth(0.25),
        optimizers.IN_PLACE.worth(0.25),
        optimizers.INSTANCES.worth(0.25),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.125),
        optimizers.BAD_HYPER.worth(0.125),
    ),
    look_at={
        "params": Formulas(
            plain=(3, 4),
            options={"weight_decay": (5,), "centered": (6,), "momentum": (7,)},
            properties=optimizers.NO_FORMULA,
        )
    },
    torch_name="RMSprop",
    bad_hyper=BAD_HYPER,
    also_bad=ALSO_BAD,
    good_hyper=GOOD_HYPER,
    choices={
        DECAY: _draw_decay,
        CENTERED: _draw_centered,
        MOMENTUM: _draw_momentum,
        TOGETHER: _draw_together,
    },
    entwined=(MOMENTUM,),
    relations=("l2", "summed"),
    edges=(("alpha = 0", {"alpha": 0.0}), ("eps = 0", {"eps": 0.0})),
)
