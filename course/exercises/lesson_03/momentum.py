"""Lesson 03: two forms of momentum, and SGD with it (Polyak 1964; Nesterov 1983; Sutskever et al. 2013)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Level, Property
from course.families import optimizers, updates
from course.families.draws import gradients
from course.families.functions import FunctionExercise
from course.families.optimizers import OptimizerClass
from course.families.updates import UpdateRule
from course.formulas import Formulas

USUAL = Property("usual", "the usual setting, beta = 0.9")
ANY = Property("any", "any lr and beta")

DECAY = Property("decay", "weight decay is added to the gradient")
DAMPENING = Property("dampening", "dampening spares the first gradient")
NESTEROV = Property("nesterov", "Nesterov looks one step ahead")
TOGETHER = Property("together", "weight decay with Nesterov, and with dampening")
PLAIN = Property("plain", "momentum = 0 is plain gradient descent", telling=True)


class MomentumUpdate(UpdateRule):
    """``momentum_update``: the state is a moving average of the gradients."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {"lr": rng.uniform(0.05, 0.5), "beta": rng.uniform(0.5, 0.95)}

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        # Dampening by beta is the averaging form, once there is a buffer to start from; torch's lr
        # would be lr * (1 - beta) without it, for the same steps.
        return torch.optim.SGD([theta], lr=hyper["lr"], momentum=hyper["beta"], dampening=hyper["beta"])

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {"momentum_buffer": torch.tensor(state["v"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"v": torch_state["momentum_buffer"]}


class HeavyBallUpdate(UpdateRule):
    """``heavy_ball_update``: the state is a fading sum of the gradients."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        return {"lr": rng.uniform(0.01, 0.1), "mu": rng.uniform(0.5, 0.95)}

    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        return torch.optim.SGD([theta], lr=hyper["lr"], momentum=hyper["mu"])

    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        return {"momentum_buffer": torch.tensor(state["buf"])}

    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"buf": torch_state["momentum_buffer"]}


class MatchingRate(FunctionExercise):
    """``matching_lr``: the rate at which ``torch.optim.SGD`` goes where the averaging form goes."""

    def expected(self, lr: float, beta: float) -> tuple[float]:
        grads = gradients(np.random.default_rng(0), 5, ())
        averaging = _travelled(grads, lr, beta, dampening=beta)
        return (averaging / _travelled(grads, 1.0, beta, dampening=0.0),)

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds = 3 if level == "public" else 9
        chosen = [(USUAL, 0.1, 0.9), (USUAL, rng.uniform(0.01, 1.0), 0.9)]
        chosen += [(ANY, rng.uniform(0.01, 1.0), rng.uniform(0.05, 0.99)) for _ in range(rounds)]
        chosen += [(ANY, rng.uniform(0.01, 1.0), 0.0), (ANY, 0.0, rng.uniform(0.5, 0.9))]
        return [
            Case(judged.id, {"given": {"lr": lr, "beta": beta}}, f"lr = {lr:.4g} and beta = {beta:.4g}")
            for judged, lr, beta in chosen
        ]


def _travelled(grads: np.ndarray, lr: float, momentum: float, dampening: float) -> float:
    """How far ``torch.optim.SGD`` has come after these gradients, from an empty buffer."""
    theta = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr, momentum=momentum, dampening=dampening)
    # With a buffer of its own making torch would not dampen the first gradient.
    optimizer.state[theta]["momentum_buffer"] = torch.zeros((), dtype=torch.float64)
    for grad in grads:
        theta.grad = torch.tensor(grad)
        optimizer.step()
    return theta.item()


class MomentumClass(OptimizerClass):
    """``MomentumSGD``: ``torch.optim.SGD``, with momentum unless told otherwise."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        return _draw_rates(rng)

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = super().cases(rng, level)
        rounds, steps = (1, 5) if level == "public" else (3, 9)

        def add(
            judged: Property, shapes: Sequence[tuple[int, ...]], note: str, **changes: Any
        ) -> dict[str, Any]:
            changes = {"steps": steps, "hyper": self.choices[judged](rng), **changes}
            inputs = self._draw(rng, shapes, **changes)
            cases.append(Case(judged.id, inputs, note))
            return inputs

        for _ in range(rounds):
            add(DECAY, [(2,)], "step() called twice on one gradient", repeat=True, watch="gradients")
            first = add(DAMPENING, [(2,)], "a first gradient of zero")
            first["grads"][0][0][...] = 0.0
            add(NESTEROV, [(2,)], "gradients that are zero from step 3 on", zero_from=2)
            damped = _draw_decay(rng) | {"dampening": rng.uniform(0.2, 0.8)}
            add(TOGETHER, [(2,)], f"dampening = {damped['dampening']:.4g}", hyper=damped)
        return cases


def _draw_rates(rng: np.random.Generator) -> dict[str, Any]:
    return {"lr": rng.uniform(0.01, 0.1), "momentum": rng.uniform(0.5, 0.95)}


def _draw_decay(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"weight_decay": rng.uniform(0.05, 0.5)}


def _draw_dampening(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"dampening": rng.uniform(0.2, 0.8)}


def _draw_nesterov(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_rates(rng) | {"nesterov": True}


def _draw_together(rng: np.random.Generator) -> dict[str, Any]:
    return _draw_decay(rng) | {"nesterov": True}


def _draw_plain(rng: np.random.Generator) -> dict[str, Any]:
    return {"lr": rng.uniform(0.01, 0.1), "momentum": 0.0, "dampening": rng.uniform(0.2, 0.8)}


UPDATE_PROPERTIES = (
    updates.WORKED.worth(0.125),
    updates.STATE.worth(0.375),
    updates.STEP.worth(0.375),
    updates.SHAPES.worth(0.25),
    updates.ZERO_GRADIENT.worth(0.125),
    updates.INPUTS.worth(0.25),
)

MOMENTUM_UPDATE = MomentumUpdate(
    id="momentum_update",
    signature="(theta, grad, v, lr, beta)",
    properties=UPDATE_PROPERTIES,
    look_at={"v": "formula (1)", "theta": "formula (2)"},
    states=("v",),
    worked=updates.worked("v", lr=0.1, beta=0.9),
)

HEAVY_BALL_UPDATE = HeavyBallUpdate(
    id="heavy_ball_update",
    signature="(theta, grad, buf, lr, mu)",
    properties=UPDATE_PROPERTIES,
    look_at={"buf": "formula (3)", "theta": "formula (4)"},
    states=("buf",),
    worked=updates.worked("buf", lr=0.1, mu=0.9),
)

MATCHING_LR = MatchingRate(
    id="matching_lr",
    signature="(lr, beta)",
    properties=(USUAL.worth(0.5), ANY.worth(0.5)),
    look_at={"torch_lr": "formula (5), and how many times as large as v buf is"},
    returns=("torch_lr",),
)

BAD_HYPER = (
    {"lr": -0.1},
    {"momentum": -0.1},
    {"weight_decay": -0.01},
    {"nesterov": True, "momentum": 0.0},
    {"nesterov": True, "momentum": 0.9, "dampening": 0.5},
)
# The buffer would never fade. PyTorch lets it pass.
ALSO_BAD = ({"momentum": 1.0},)
GOOD_HYPER = (
    {"lr": 0.0},
    {"momentum": 0.0},
    {"weight_decay": 0.0},
    {"momentum": 0.0, "dampening": 0.5},
    {"nesterov": True, "momentum": 0.9, "dampening": 0.0},
)

MOMENTUM_SGD = MomentumClass(
    id="MomentumSGD",
    signature="(params, lr, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0)",
    properties=(
        optimizers.FIRST_STEP.worth(0.375),
        optimizers.FIVE_STEPS.worth(0.5),
        optimizers.OTHER_HYPER.worth(0.25),
        optimizers.SHAPES.worth(0.25),
        PLAIN.worth(0.25),
        DECAY.worth(0.375),
        DAMPENING.worth(0.375),
        NESTEROV.worth(0.5),
        TOGETHER.worth(0.25),
        optimizers.NONE_GRADIENT.worth(0.25),
        optimizers.LEARNING_RATE.worth(0.25),
        optimizers.IN_PLACE.worth(0.25),
        optimizers.INSTANCES.worth(0.125),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.125),
        optimizers.BAD_HYPER.worth(0.25),
    ),
    look_at={
        "params": Formulas(
            plain=(3, 4),
            options={"weight_decay": (6,), "dampening": (7,), "nesterov": (8,)},
            # The buffer is the gradient then, and dampening has no effect.
            properties={**optimizers.NO_FORMULA, PLAIN.id: (4,)},
        )
    },
    torch_name="SGD",
    bad_hyper=BAD_HYPER,
    also_bad=ALSO_BAD,
    good_hyper=GOOD_HYPER,
    choices={
        PLAIN: _draw_plain,
        DECAY: _draw_decay,
        DAMPENING: _draw_dampening,
        NESTEROV: _draw_nesterov,
        TOGETHER: _draw_together,
    },
    entwined=(DAMPENING,),
    assumed={"momentum": 0.9},
    relations=("l2", "dampened", "ahead"),
)
