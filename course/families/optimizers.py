"""Optimiser classes: ``class Adam(params, lr=..., ...)`` with ``step()`` and ``zero_grad()``.

A case is a script: parameters, the gradients to set before each step, perhaps learning rates. The
student's class and ``torch.optim`` go through the same script; the evidence is every parameter after
every step.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.classes import ClassExercise, Instance, as_tries, handed, tensors, words
from course.families.draws import announced, gradients, parameters
from course.families.optimizer_script import OptimizerScript, linear_loss
from course.families.plainer import Relation, walked, walks
from course.families.recorder import Recorder
from course.readings import Reading

# The properties that every optimiser class has. An exercise gives each of them points, and adds
# properties of its own through ``choices``.
FIRST_STEP = Property("first_step", "the first step", telling=True)
FIVE_STEPS = Property("five_steps", "five steps with changing gradients", telling=True)
OTHER_HYPER = Property("other_hyper", "other hyper-parameters, also at their edge", telling=True)
SHAPES = Property("shapes", "several parameters of any shape, also from a generator")
NONE_GRADIENT = Property("none_gradient", "skips a parameter whose gradient is None")
LEARNING_RATE = Property("learning_rate", "reads self.lr at every step")
IN_PLACE = Property("in_place", "updates in place and leaves the gradients alone")
INSTANCES = Property("instances", "two instances share nothing")
ZERO_GRAD = Property("zero_grad", "zero_grad() clears every gradient", looks_at=frozenset({"gradient_left"}))
TRAINS = Property("trains", "trains a model with autograd")
BAD_HYPER = Property("bad_hyper", "refuses bad hyper-parameters")

# About these no formula says anything: a wrong one shows in the properties before them.
NO_FORMULA: Mapping[str, tuple[int, ...]] = {
    entry.id: () for entry in (NONE_GRADIENT, LEARNING_RATE, IN_PLACE, INSTANCES, ZERO_GRAD)
}

Shapes = Sequence[tuple[int, ...]]
W, B, SCALE = (2, 3), (3,), ()


@dataclass(frozen=True)
class OptimizerClass(ClassExercise[OptimizerScript]):
    """An exercise whose answer is a class with the interface of ``torch.optim``.

    Attributes:
        torch_name: the class of ``torch.optim`` that is the oracle.
        bad_hyper: constructor arguments that must raise ValueError, as torch's do.
        also_bad: more of them, which torch lets pass and the course does not (momentum = 1).
        good_hyper: arguments at the edge of what is allowed, which must not.
        choices: properties of this exercise alone, each with a function that draws the
            hyper-parameters it is judged on.
        entwined: the choices in which the learning rate or a missing gradient can be handled otherwise than
            in the rest of the rule, and so are judged with both.
        assumed: the defaults of the class where torch's are others.
        relations: how its hyper-parameters come down to a plainer class; see ``course.families.plainer``.
        edges: hyper-parameters at the edge of what is allowed, each with a note.
    """

    torch_name: str = ""
    float32: bool = True
    bad_hyper: tuple[Mapping[str, Any], ...] = ()
    also_bad: tuple[Mapping[str, Any], ...] = ()
    good_hyper: tuple[Mapping[str, Any], ...] = ()
    choices: Mapping[Property, Callable[[np.random.Generator], dict[str, Any]]] = field(default_factory=dict)
    entwined: tuple[Property, ...] = ()
    assumed: Mapping[str, Any] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    edges: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @abstractmethod
    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        """Hyper-parameters that are not the defaults, with an eps large enough to matter."""

    # Cases

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (2, 7)
        cases: list[Case] = []

        def add(judged: Property, shapes: Shapes, note: str = "", **changes: Any) -> None:
            if self.judges(judged):
                inputs = self._draw(rng, shapes, **{"steps": steps, **changes})
                cases.append(Case(judged.id, inputs, announced(note, shapes)))

        for _ in range(rounds):
            add(FIRST_STEP, [(2,)], "one parameter", steps=1)
            add(FIRST_STEP, [W], "one parameter of shape (2, 3)", steps=1)
            add(FIVE_STEPS, [(3,)], "one parameter")
            add(FIVE_STEPS, [W], "one parameter of shape (2, 3)")
            add(SHAPES, [W, B, SCALE], "parameters of shape (2, 3), (3,) and ()")
            add(SHAPES, [B, B], "the parameters handed in as a generator", generator=True)
            add(OTHER_HYPER, [B], "the default hyper-parameters", hyper=self._required(rng))
            shape: tuple[int, ...]
            for shape in ((2,), B):
                hyper = self.draw_hyper(rng)
                add(OTHER_HYPER, [shape], words(hyper), hyper=hyper)
            for note, edge in self.edges:
                add(OTHER_HYPER, [(3,)], note, hyper={**self.draw_hyper(rng), **edge})
            for judged, draw in self.choices.items():
                for shape in ((2,), W):
                    hyper = draw(rng)
                    # Watched as well: what these add to the gradient may end up in the gradient itself.
                    add(judged, [shape], words(hyper), hyper=hyper, watch="gradients")
                generator = f"a generator, and {words(hyper := draw(rng))}"
                add(SHAPES, [B, B], generator, hyper=hyper, generator=True)
                if judged in self.entwined:
                    halved, unused = 0.5 ** np.arange(steps) * 0.1, {0: (1,), 1: (0, 2)}
                    add(judged, [B], "self.lr halved after every step", hyper=draw(rng), lrs=halved)
                    add(judged, [(2,), (2,)], "steps without a gradient", hyper=draw(rng), absent=unused)
            # The second parameter sits out steps 1 and 3; its own step count stands still.
            add(
                NONE_GRADIENT,
                [(2,), (2,)],
                "no gradient for the second parameter in steps 1 and 3",
                absent={1: (0, 2)},
            )
            add(
                NONE_GRADIENT,
                [B, W, SCALE],
                "parameters that are never used",
                absent={0: range(steps), 2: (1, 2)},
            )
            add(LEARNING_RATE, [B], "self.lr halved after every step", lrs=0.5 ** np.arange(steps) * 0.1)
            add(
                LEARNING_RATE, [(2,)], "self.lr = 0 in step 2", lrs=np.where(np.arange(steps) == 1, 0.0, 0.05)
            )
            add(IN_PLACE, [B], "step() called twice on one gradient", repeat=True, watch=True)
            add(IN_PLACE, [B], "gradients that are zero from step 2 on", zero_from=1, watch=True)
            beside = next(iter(self.choices.values()), self.draw_hyper)(rng)
            turns = "two instances that take turns, each beside one with other settings"
            add(INSTANCES, [B], turns, twins=True, beside=beside)
            add(INSTANCES, [B], "a second optimiser for the same parameters after step 2", anew=3)
            add(ZERO_GRAD, [(2,), B], "one gradient that is None", steps=2, clear=True, absent={1: (0, 1)})
            add(TRAINS, [(3,), ()], "eight rows to fit by linear regression with two parameters", model=True)
        if self.judges(BAD_HYPER):
            hypers = (*self.bad_hyper, *self.also_bad, *self.good_hyper)
            cases.append(
                as_tries(BAD_HYPER, [{**self._required(rng), **hyper} for hyper in hypers], rng, level)
            )
        return cases

    def _required(self, rng: np.random.Generator) -> dict[str, Any]:
        """Only the hyper-parameters that have no default."""
        return {name: value for name, value in self.draw_hyper(rng).items() if name not in self.optional}

    def _draw(
        self,
        rng: np.random.Generator,
        shapes: Shapes,
        steps: int,
        hyper: Mapping[str, Any] | None = None,
        absent: Mapping[int, Sequence[int]] | None = None,
        lrs: np.ndarray | None = None,
        repeat: bool = False,
        zero_from: int | None = None,
        model: bool = False,
        **flags: Any,
    ) -> dict[str, Any]:
        drawn = [gradients(rng, steps, shape) for shape in shapes]
        if zero_from is not None:
            for entry in drawn:
                entry[zero_from:] = 0.0
        grads: list[list[np.ndarray | None] | None] = [
            [
                None if step in (absent or {}).get(index, ()) else np.asarray(entry[step])
                for index, entry in enumerate(drawn)
            ]
            for step in range(steps)
        ]
        if repeat:
            # The gradients stay the tensors that they were.
            grads[1::2] = [None] * len(grads[1::2])
        inputs: OptimizerScript = {
            "params": [parameters(rng, shape) for shape in shapes],
            "grads": grads,
            "hyper": dict(self.draw_hyper(rng) if hyper is None else hyper),
            "lrs": None if lrs is None else [float(lr) for lr in lrs],
        }
        if model:
            inputs["x"] = rng.normal(size=(8, 3))
            inputs["y"] = inputs["x"] @ np.array([1.0, -2.0, 0.5]) + 3.0
        return {**inputs, **flags}

    # Evidence

    def torch_class(self) -> Callable[..., Any]:
        return partial(_TorchOptimizer, getattr(torch.optim, self.torch_name), self.also_bad, self.assumed)

    def arguments(self, tried: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        param = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
        return ([param],), _keywords(tried)

    def script(self, instance: Instance, inputs: OptimizerScript, judged: str) -> Iterator[None]:
        """Set gradients, step, write down every parameter; and what else the case watches."""
        params = tensors(inputs["params"], instance.number)
        instance.construct(handed(params, inputs), **_keywords(inputs["hyper"]))
        if "beside" in inputs:
            made = instance.made
            instance.construct(tensors(inputs["params"]), **_keywords(inputs["beside"]))
            instance.made = made
        yield
        places, moved = [param.data_ptr() for param in params], False
        for step, grads in enumerate(inputs["grads"], start=1):
            if step == inputs.get("anew"):
                instance.construct(handed(params, inputs), **_keywords(inputs["hyper"]))
            if "x" in inputs:
                instance.call("zero_grad")
                linear_loss(params, inputs["x"], inputs["y"]).backward()
            elif grads is not None:
                for param, grad in zip(params, grads, strict=True):
                    param.grad = None if grad is None else torch.tensor(np.asarray(grad * instance.scale))
            if inputs["lrs"] is not None:
                instance.set("lr", inputs["lrs"][step - 1], "self.lr")
            before = [None if param.grad is None else param.grad.clone() for param in params]
            instance.call("step")
            for index, param in enumerate(params):
                instance.record(step, "params", param, (index,))
            if inputs.get("watch") is True:
                # Once moved, always moved: memory that was given up may be handed out again.
                moved |= any(param.data_ptr() != place for param, place in zip(params, places, strict=True))
                instance.record(step, "parameter_moved", moved)
            if inputs.get("watch"):
                changed = any(
                    grad is not None and (param.grad is None or not torch.equal(param.grad, grad))
                    for param, grad in zip(params, before, strict=True)
                )
                instance.record(step, "gradient_changed", changed)
            if inputs.get("clear"):
                instance.call("zero_grad")
                for index, param in enumerate(params):
                    left = param.grad is not None and bool(param.grad.abs().max() > 0)
                    instance.record(step, "gradient_left", left, (index,))
            yield

    # From where the student's own class stands

    def starts_from(self, case: Case, reading: Reading) -> np.ndarray | None:
        if reading.id != "params":
            return None
        (index,) = reading.place
        return tensors([case.inputs["params"][index]], reading.owner == 2)[0].detach().numpy()

    def has_plainer(self, case: Case) -> bool:
        judged = self.property_of(case)
        return (
            bool(self.uses) if judged.id == BAD_HYPER.id else not judged.telling and judged.id != ZERO_GRAD.id
        )

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """What it does itself where less is asked of it; what the class that it inherits from refuses."""
        if "tries" in case.inputs:
            return self._refused_by_parent(student_object, case)
        recorder, inputs = Recorder(self.id, self.signature), cast(OptimizerScript, case.inputs)

        def make(params: list[torch.Tensor], hyper: Mapping[str, Any]) -> Instance:
            instance = Instance(student_object, recorder, 0, 0, is_torch=False)
            instance.construct(params, **_keywords(hyper))
            return instance

        found: dict[Reading, np.ndarray] = {}
        with recorder.running(), torch.enable_grad():
            hyper = {**self.defaults, **inputs["hyper"]}
            for walk in walks(inputs, hyper["lr"], observed):
                found |= walked(make, walk, hyper, self.relations, inputs.get("anew", 1) - 1)
        return found

    def _refused_by_parent(self, student_object: Any, case: Case) -> Mapping[Reading, np.ndarray]:
        parents = (used.found_in(student_object) for used in self.uses)
        parent = next(filter(None, parents), None)
        tries = [tried for tried in case.inputs["tries"] if "weight_decay" not in tried]
        if parent is None:
            return {}
        return self._run(parent, replace(case, inputs={"tries": tries}), is_torch=False).readings


class TorchRate:
    """The attribute ``lr`` of the lessons' classes, for what steps with an optimiser of ``torch.optim``."""

    _optimizer: torch.optim.Optimizer

    @property
    def lr(self) -> float:
        return self._optimizer.param_groups[0]["lr"]

    @lr.setter
    def lr(self, lr: float) -> None:
        self._optimizer.param_groups[0]["lr"] = lr


class _TorchOptimizer(TorchRate):
    """An optimiser of ``torch.optim`` with the attribute ``lr`` and the defaults of the lesson's class."""

    def __init__(
        self,
        kind: type[torch.optim.Optimizer],
        also_bad: Iterable[Mapping[str, Any]],
        assumed: Mapping[str, Any],
        params: Iterable[torch.Tensor],
        **hyper: Any,
    ):
        if any({**hyper, **bad} == hyper for bad in also_bad):
            raise ValueError("the course refuses what torch lets pass")
        self._optimizer = kind(params, **{**assumed, **hyper})
        self.step, self.zero_grad = self._optimizer.step, self._optimizer.zero_grad


def _keywords(hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Betas are a tuple, as in torch; on the wire they became a list."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in hyper.items()}
