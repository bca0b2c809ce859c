"""Optimiser classes: ``class Adam(params, lr=..., ...)`` with ``step()`` and ``zero_grad()``.

A case is a script: parameters, the gradients to set before each step, perhaps learning rates. The
student's class and ``torch.optim`` go through the same script; the evidence is every parameter after
every step.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property, Reading
from course.families.draws import gradients, parameters
from course.families.recorder import Recorder

# The properties that every optimiser class has. An exercise gives each of them points, and adds
# properties of its own through ``choices``.
FIRST_STEP = Property("first_step", "first step")
FIVE_STEPS = Property("five_steps", "five steps with changing gradients")
OTHER_HYPER = Property("other_hyper", "other hyper-parameters")
NONE_GRADIENT = Property("none_gradient", "skips a parameter whose gradient is None")
LEARNING_RATE = Property("learning_rate", "reads self.lr at every step")
IN_PLACE = Property("in_place", "updates in place and leaves the gradients alone")
INSTANCES = Property("instances", "two instances share nothing")
ZERO_GRAD = Property("zero_grad", "zero_grad() clears every gradient")
TRAINS = Property("trains", "trains a model with autograd")
BAD_HYPER = Property("bad_hyper", "refuses bad hyper-parameters")

W, B, SCALE = (2, 3), (3,), ()


@dataclass(frozen=True)
class OptimizerClass(Exercise):
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
    """

    torch_name: str = ""
    float32: bool = True
    bad_hyper: tuple[Mapping[str, Any], ...] = ()
    also_bad: tuple[Mapping[str, Any], ...] = ()
    good_hyper: tuple[Mapping[str, Any], ...] = ()
    choices: Mapping[Property, Callable[[np.random.Generator], dict[str, Any]]] = field(default_factory=dict)
    entwined: tuple[Property, ...] = ()

    @abstractmethod
    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        """Hyper-parameters that are not the defaults, with an eps large enough to matter."""

    # Cases

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (2, 7)
        cases = []

        def add(judged: Property, shapes: Sequence[tuple[int, ...]], note: str = "", **changes: Any) -> None:
            if self.judges(judged):
                cases.append(Case(judged.id, self._draw(rng, shapes, **{"steps": steps, **changes}), note))

        for _ in range(rounds):
            add(FIRST_STEP, [(2,)], "one parameter", steps=1)
            add(FIRST_STEP, [W, B, SCALE], "three parameters", steps=1)
            add(FIVE_STEPS, [(3,)], "one parameter")
            add(FIVE_STEPS, [W, B, SCALE], "parameters of shape (2, 3), (3,) and ()")
            add(FIVE_STEPS, [B, B], "the parameters handed in as a generator", generator=True)
            add(FIVE_STEPS, [B], "the default hyper-parameters", hyper=self._required(rng))
            for shapes in ([(2,)], [B, (2,)]):
                hyper = self.draw_hyper(rng)
                add(OTHER_HYPER, shapes, _words(hyper), hyper=hyper)
            for judged, draw in self.choices.items():
                for shapes in ([(2,)], [W, B]):
                    hyper = draw(rng)
                    # Watched as well: what these add to the gradient may end up in the gradient itself.
                    add(judged, shapes, _words(hyper), hyper=hyper, watch="gradients")
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
            add(IN_PLACE, [(2,), B], "step() called twice on one gradient", repeat=True, watch=True)
            add(IN_PLACE, [B], "gradients that are zero from step 2 on", zero_from=1, watch=True)
            add(INSTANCES, [(2,), B], "two instances that take turns", twins=True)
            add(ZERO_GRAD, [(2,), B], "one gradient that is None", steps=2, clear=True, absent={1: (0, 1)})
            add(TRAINS, [(3,), ()], "linear regression on eight rows", model=True)
        if self.judges(BAD_HYPER):
            tries = [*self.bad_hyper, *self.also_bad, *self.good_hyper]
            cases.append(Case(BAD_HYPER.id, {"tries": [{**self._required(rng), **hyper} for hyper in tries]}))
        return cases

    def _required(self, rng: np.random.Generator) -> dict[str, Any]:
        """Only the hyper-parameters that have no default."""
        return {
            name: value for name, value in self.draw_hyper(rng).items() if f"{name}=" not in self.signature
        }

    def _draw(
        self,
        rng: np.random.Generator,
        shapes: Sequence[tuple[int, ...]],
        steps: int,
        hyper: Mapping[str, Any] | None = None,
        absent: Mapping[int, Sequence[int]] | None = None,
        lrs: np.ndarray | None = None,
        repeat: bool = False,
        zero_from: int | None = None,
        model: bool = False,
        **flags: bool | str,
    ) -> dict[str, Any]:
        drawn = [gradients(rng, steps, shape) for shape in shapes]
        if zero_from is not None:
            for entry in drawn:
                entry[zero_from:] = 0.0
        grads: list[list[np.ndarray | None]] = [
            [np.asarray(entry[step]) for entry in drawn] for step in range(steps)
        ]
        for index, missing in (absent or {}).items():
            for step in missing:
                grads[step][index] = None
        if repeat:
            # None for the whole step: the gradients stay the tensors that they were.
            grads[1::2] = [None] * len(grads[1::2])
        inputs = {
            "params": [parameters(rng, shape) for shape in shapes],
            "grads": grads,
            "hyper": dict(self.draw_hyper(rng) if hyper is None else hyper),
            "lrs": None if lrs is None else [float(lr) for lr in lrs],
            **flags,
        }
        if model:
            x = rng.normal(size=(8, 3))
            inputs |= {"x": x, "y": x @ np.array([1.0, -2.0, 0.5]) + 3.0}
        return inputs

    # Evidence

    def probe(self, student_object: Any, case: Case) -> Evidence:
        def set_lr(optimizer: Any, lr: float) -> None:
            optimizer.lr = lr

        return self._run(student_object, case, set_lr)

    def oracle(self, case: Case) -> Evidence:
        def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
            optimizer.param_groups[0]["lr"] = lr

        evidence = self._run(getattr(torch.optim, self.torch_name), case, set_lr)
        for hyper in case.inputs.get("tries", ()):
            if any({**hyper, **bad} == hyper for bad in self.also_bad):
                evidence.readings[_refusal(hyper)] = np.array(True)
        return evidence

    def _run(self, make: Any, case: Case, set_lr: Callable[[Any, float], None]) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running(), torch.enable_grad():
            if "tries" in case.inputs:
                _try_constructors(make, case, recorder)
            elif "x" in case.inputs:
                _train(make, case, recorder)
            else:
                _follow_script(make, case, recorder, set_lr)
        return recorder.evidence()


def _tensors(arrays: Sequence[np.ndarray]) -> list[torch.Tensor]:
    # Of the arrays' own precision. A 0-d array times a number is a plain number: an array again.
    return [torch.tensor(np.asarray(array), requires_grad=True) for array in arrays]


def _construct(make: Any, params: list[torch.Tensor], inputs: Mapping[str, Any], recorder: Recorder) -> Any:
    handed = (param for param in params) if inputs.get("generator") else list(params)
    return recorder.call(make, handed, **_keywords(inputs["hyper"]))


def _keywords(hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Betas are a tuple, as in torch; on the wire they became a list."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in hyper.items()}


def _method(optimizer: Any, name: str, recorder: Recorder) -> Any:
    if not hasattr(optimizer, name):
        recorder.stop("no_method", name=recorder.name, method=f"{name}()")
    return recorder.call(getattr(optimizer, name), called=f"{name}()")


def _follow_script(make: Any, case: Case, recorder: Recorder, set_lr: Callable[[Any, float], None]) -> None:
    """Set gradients, step, write down every parameter; and what else the case watches."""
    inputs = case.inputs
    groups = [_tensors(inputs["params"])]
    if inputs.get("twins"):
        groups.append(_tensors([-0.5 * array for array in inputs["params"]]))
    optimizers = [_construct(make, params, inputs, recorder) for params in groups]
    places = [[param.data_ptr() for param in params] for params in groups]
    moved = [False for _ in groups]
    for step, grads in enumerate(inputs["grads"], start=1):
        for which, (params, optimizer) in enumerate(zip(groups, optimizers, strict=True)):
            owner = "" if len(groups) == 1 else f" of instance {which + 1}"
            if grads is not None:
                for param, grad in zip(params, grads, strict=True):
                    param.grad = None if grad is None else torch.tensor(np.asarray(grad * (1.0 + which)))
            if inputs["lrs"] is not None:
                recorder.call(set_lr, optimizer, inputs["lrs"][step - 1], called="setting self.lr")
            if inputs.get("watch"):
                handed = [None if param.grad is None else param.grad.clone() for param in params]
            _method(optimizer, "step", recorder)
            for index, param in enumerate(params):
                recorder.record(step, f"params[{index}]{owner}", param)
            if inputs.get("watch") is True:
                # Once moved, always moved: memory that was given up may be handed out again.
                moved[which] |= any(
                    param.data_ptr() != place for param, place in zip(params, places[which], strict=True)
                )
                recorder.record(step, "a parameter's memory has moved", moved[which])
            if inputs.get("watch"):
                changed = any(
                    before is not None and (param.grad is None or not torch.equal(param.grad, before))
                    for param, before in zip(params, handed, strict=True)
                )
                recorder.record(step, "step() changed a gradient", changed)
            if inputs.get("clear"):
                _method(optimizer, "zero_grad", recorder)
                for index, param in enumerate(params):
                    left = param.grad is not None and bool(param.grad.abs().max() > 0)
                    recorder.record(step, f"zero_grad() left a gradient in params[{index}]", left)


def _train(make: Any, case: Case, recorder: Recorder) -> None:
    """The five lines of a training loop, on a linear model with a squared loss."""
    inputs = case.inputs
    x, y = torch.tensor(inputs["x"]), torch.tensor(inputs["y"])
    weight, bias = params = _tensors(inputs["params"])
    optimizer = _construct(make, params, inputs, recorder)
    for step in range(1, len(inputs["grads"]) + 1):
        _method(optimizer, "zero_grad", recorder)
        ((x @ weight + bias - y) ** 2).mean().backward()
        _method(optimizer, "step", recorder)
        for index, param in enumerate(params):
            recorder.record(step, f"params[{index}]", param)


def _try_constructors(make: Any, case: Case, recorder: Recorder) -> None:
    """Which constructor arguments raise ValueError; any other exception stops the case."""
    for hyper in case.inputs["tries"]:
        param = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
        refused = False
        try:
            make([param], **_keywords(hyper))
        except ValueError:
            refused = True
        except (Exception, SystemExit):
            recorder.call(make, [param], **_keywords(hyper))
        recorder.record(*_refusal(hyper), refused)


def _refusal(hyper: Mapping[str, Any]) -> Reading:
    return Reading(0, f"{_words(hyper)} raises ValueError")


def _words(hyper: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in hyper.items())


def _short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_short, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
