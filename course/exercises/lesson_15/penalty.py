"""Lesson 15: the gradient penalty of a critic (Gulrajani and others 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NotRequired, TypedDict, cast

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import parameters
from course.families.recorder import Recorder
from course.formulas import Formulas
from course.readings import Reading

WORKED = Property("worked", "the worked example")
VALUE = Property("value", "the penalty of one row", telling=True)
WEIGHT = Property("weight", "the weight that is given")
BETWEEN = Property("between", "each row's own point between real and fake")
ROWS = Property("rows", "a slope for each row, and their mean")
SHAPES = Property("shapes", "rows of any shape, and a critic that returns (m, 1)")
CRITIC = Property("critic", "backward() reaches the critic's parameters", telling=True)
ALONE = Property("alone", "real, fake and every .grad stay as they are")

PENALTY = Reading(0, "penalty")
DATA: tuple[Literal["real", "fake"], ...] = ("real", "fake")
# What the parameters and the data hold in .grad before the call, where that is watched.
OLD = 3.0


class PenaltyScript(TypedDict):
    """The inputs of a case: one call.

    params: of the critic: W1 (n, 3), b1 (3,), w2 (3,) and b2 (), or a single w (n,) of a linear one.
    column: the critic returns (m, 1) in the place of (m,).
    real, fake: shape (m, ...), n entries a row.
    eps: shape (m,).
    weight: None for the default.
    attached: real and fake hang on parameters of their own, as samples of a generator do.
    """

    params: list[np.ndarray]
    column: NotRequired[bool]
    real: np.ndarray
    fake: np.ndarray
    eps: np.ndarray
    weight: float | None
    attached: NotRequired[bool]


class Critic(nn.Module):
    """``tanh(x W1 + b1) w2 + b2`` of rows that are flattened first, or ``x w``, from arrays."""

    def __init__(self, arrays: Sequence[np.ndarray], column: bool = False):
        super().__init__()
        self.held = nn.ParameterList(nn.Parameter(torch.tensor(array)) for array in arrays)
        self.column = column

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = score(tuple(self.held), x.flatten(1))
        return scores[:, None] if self.column else scores


def score(held: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The critic's scores of (m, n) rows, or of one row (n,)."""
    if len(held) == 1:
        return x @ held[0]
    W1, b1, w2, b2 = held
    return torch.tanh(x @ W1 + b1) @ w2 + b2


@dataclass(frozen=True)
class Penalty(Exercise):
    """``gradient_penalty``. The evidence is the penalty, or the gradients that it has."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked: PenaltyScript = {
            "params": [np.array([3.0, 4.0])],
            "real": np.array([[1.0, 0.0], [0.0, 2.0]]),
            "fake": np.array([[0.0, 1.0], [1.0, 1.0]]),
            "eps": np.array([0.25, 0.5]),
            "weight": None,
        }
        cases = [Case(WORKED.id, {**worked}, "the numbers of the worked example")]

        def add(
            judged: Property, note: str, shape: tuple[int, ...], mixed: bool = False, **changes: Any
        ) -> None:
            inputs = int(np.prod(shape[1:]))
            eps = rng.uniform(0.05, 0.35, size=shape[0]) if mixed else np.full(shape[0], 0.5)
            real = 0.5 * rng.normal(size=shape)
            script: PenaltyScript = {
                "params": [parameters(rng, size) for size in ((inputs, 3), (3,), (3,), ())],
                "real": real,
                # Where the same rows stand on both sides, it does not matter which points are between.
                "fake": 0.5 * rng.normal(size=shape) if mixed else real,
                "eps": np.asarray(eps),
                "weight": None,
            }
            cases.append(Case(judged.id, {**script, **changes}, note))

        if level == "graded":
            slope = rng.uniform(2.0, 6.0, size=2)
            cases.append(Case(WORKED.id, {**worked, "params": [slope]}, "a linear critic"))
        for _ in range(1 if level == "public" else 3):
            add(VALUE, "one row of 2 entries", (1, 2))
            add(VALUE, "one row of 4 entries", (1, 4))
            add(WEIGHT, "another weight", (1, 2), weight=float(rng.uniform(0.1, 0.9)))
            add(WEIGHT, "another weight", (1, 3), weight=float(rng.uniform(20.0, 50.0)))
            add(BETWEEN, "one row, eps below one half", (1, 3), mixed=True)
            add(BETWEEN, "three rows, each with its own eps", (3, 2), mixed=True)
            add(ROWS, "three rows", (3, 2))
            add(ROWS, "five rows", (5, 3))
            add(SHAPES, "rows of shape (2, 2)", (1, 2, 2))
            add(SHAPES, "three rows of shape (2, 1, 3)", (3, 2, 1, 3))
            add(SHAPES, "a critic that returns (m, 1)", (2, 3), column=True)
            add(CRITIC, "one row", (1, 2))
            add(CRITIC, "one row of 4 entries", (1, 4))
            add(ALONE, "real and fake that need no gradient", (2, 2), mixed=True)
            add(ALONE, "real and fake that hang on parameters", (2, 2), mixed=True, attached=True)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(PenaltyScript, case.inputs)
        with recorder.running(), torch.enable_grad():
            critic = Critic(inputs["params"], inputs.get("column", False))
            attached = bool(inputs.get("attached"))
            watched = [torch.tensor(inputs[name], requires_grad=attached) for name in DATA]
            # What a generator made is no leaf: it hangs on others.
            real, fake = (1.0 * each for each in watched) if attached else watched
            if case.property == ALONE.id:
                for tensor in critic.held:
                    tensor.grad = torch.full_like(tensor, OLD)
            eps = torch.tensor(inputs["eps"])
            named: dict[str, Any] = {} if inputs["weight"] is None else {"weight": inputs["weight"]}
            penalty = recorder.call(student_object, critic, real, fake, eps, **named)
            (penalty,) = recorder.unpack(penalty, ("penalty",))
            if case.property == ALONE.id:
                self._record_alone(recorder, critic, (real, fake, eps), watched, inputs, penalty)
            elif case.property == CRITIC.id:
                _record_gradients(recorder, critic, penalty)
            else:
                recorder.record(0, "penalty", penalty)
        return recorder.evidence()

    def _record_alone(
        self,
        recorder: Recorder,
        critic: Critic,
        arguments: Sequence[torch.Tensor],
        watched: Sequence[torch.Tensor],
        inputs: PenaltyScript,
        penalty: Any,
    ) -> None:
        for name, tensor in zip((*DATA, "eps"), arguments, strict=True):
            recorder.record(0, "argument", tensor, of=name)
            asks = bool(inputs.get("attached")) and name in DATA
            recorder.record(0, "asks_gradient", tensor.requires_grad and not asks, of=name)
        for index, tensor in enumerate(critic.held):
            kept = tensor.grad is not None and bool((tensor.grad == OLD).all())
            recorder.record(0, "critic_grad_changed", not kept, (index,))
        if not inputs.get("attached"):
            return
        if isinstance(penalty, torch.Tensor) and penalty.requires_grad:
            penalty.sum().backward()
        for name, tensor in zip(DATA, watched, strict=True):
            reached = tensor.grad is not None and bool(tensor.grad.any())
            recorder.record(0, "data_reached", reached, of=name)

    def oracle(self, case: Case) -> Evidence:
        recorder, inputs = Recorder(self.id, self.signature), cast(PenaltyScript, case.inputs)
        params = tuple(torch.tensor(array) for array in inputs["params"])
        with torch.enable_grad():
            if case.property == CRITIC.id:
                grads = torch.func.grad(_torch_penalty)(params, inputs)
                recorder.record(0, "critic_penalty_detached", False)
                for index, grad in enumerate(grads):
                    recorder.record(0, "critic_grad", grad, (index,))
                return recorder.evidence()
            if case.property != ALONE.id:
                recorder.record(0, "penalty", _torch_penalty(params, inputs))
                return recorder.evidence()
        for name in (*DATA, "eps"):
            recorder.record(0, "argument", cast(Mapping[str, Any], inputs)[name], of=name)
            recorder.record(0, "asks_gradient", False, of=name)
        for index in range(len(params)):
            recorder.record(0, "critic_grad_changed", False, (index,))
        for name in DATA if inputs.get("attached") else ():
            recorder.record(0, "data_reached", False, of=name)
        return recorder.evidence()

    def has_plainer(self, case: Case) -> bool:
        return case.property in (WEIGHT.id, BETWEEN.id, ROWS.id, SHAPES.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The mean of its own penalties of single flat rows at their points, with the default weight."""
        inputs = cast(PenaltyScript, case.inputs)
        total: Any = 0.0
        for real, fake, eps in zip(inputs["real"], inputs["fake"], inputs["eps"], strict=True):
            point = torch.lerp(torch.tensor(fake), torch.tensor(real), float(eps)).numpy().reshape(1, -1)
            script = {
                "params": inputs["params"],
                "real": point,
                "fake": point,
                "eps": np.array([0.5]),
                "weight": None,
            }
            one = self.observe(student_object, replace(case, inputs=script)).readings.get(PENALTY)
            if one is None or one.shape != ():
                return {}
            total = total + one.astype(np.float64)
        weight = self.defaults["weight"] if inputs["weight"] is None else inputs["weight"]
        share = weight / self.defaults["weight"] / len(inputs["real"])
        return {PENALTY: np.asarray(share * total)}


def _record_gradients(recorder: Recorder, critic: Critic, penalty: Any) -> None:
    """What backward() leaves in the critic's parameters; a parameter that it does not reach has zeros."""
    attached = isinstance(penalty, torch.Tensor) and penalty.requires_grad
    recorder.record(0, "critic_penalty_detached", not attached)
    if not attached:
        return
    grads = torch.autograd.grad(penalty.sum(), tuple(critic.held), allow_unused=True)
    for index, (grad, param) in enumerate(zip(grads, critic.held, strict=True)):
        recorder.record(0, "critic_grad", torch.zeros_like(param) if grad is None else grad, (index,))


def _torch_penalty(params: Sequence[torch.Tensor], inputs: PenaltyScript) -> torch.Tensor:
    """The slope of each row by itself, from ``torch.func``."""
    real, fake = torch.tensor(inputs["real"]).flatten(1), torch.tensor(inputs["fake"]).flatten(1)
    points = torch.lerp(fake, real, torch.tensor(inputs["eps"])[:, None])
    slopes = torch.func.vmap(torch.func.grad(lambda x: score(params, x)))(points)
    norms = torch.linalg.vector_norm(slopes, dim=1)
    weight = GRADIENT_PENALTY.defaults["weight"] if inputs["weight"] is None else inputs["weight"]
    return cast(torch.Tensor, weight * ((norms - 1.0) ** 2).mean())


GRADIENT_PENALTY = Penalty(
    id="gradient_penalty",
    signature="(critic, real, fake, eps, weight=10.0)",
    properties=(
        WORKED.worth(0.25),
        VALUE.worth(0.75),
        WEIGHT.worth(0.25),
        BETWEEN.worth(0.5),
        ROWS.worth(0.375),
        SHAPES.worth(0.25),
        CRITIC.worth(0.375),
        ALONE.worth(0.25),
    ),
    look_at={
        "penalty": Formulas(plain=(9,), properties={BETWEEN.id: (8,)}),
        "critic_grad": "formula (9)",
    },
)
