"""Update rules: pure functions ``(theta, grad, *state, ...) -> (theta, *state)``.

A case is a run of several steps. The evidence is the state and the parameters after each of them, in
the order of the formulas, so that the first difference points to the first wrong formula.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import gradients, parameters
from course.families.functions import watch
from course.families.recorder import Recorder

# The properties that every update rule has. An exercise gives each of them points.
FIRST_STEP = Property("first_step", "first step")
FIVE_STEPS = Property("five_steps", "five steps with changing gradients")
OTHER_HYPER = Property("other_hyper", "other hyper-parameters")
LATER_START = Property("later_start", "goes on from any state")
SHAPES = Property("shapes", "any shape, also a single number")
ZERO_GRADIENT = Property("zero_gradient", "zero gradients")
DEFAULTS = Property("defaults", "default hyper-parameters")
INPUTS = Property("inputs", "leaves its inputs unchanged")


class Steps(TypedDict):
    """The inputs of a case: a run of several steps.

    theta: the parameter at the start, of any shape.
    grads: shape (steps, *shape of theta).
    state: the state arrays at the start by name, each of theta's shape.
    t: the number of the first step, from 1.
    hyper: the hyper-parameters by name; those left out take their defaults.
    watch: each step's arguments should come out unchanged and share no memory with its results.
    """

    theta: np.ndarray
    grads: np.ndarray
    state: dict[str, np.ndarray]
    t: int
    hyper: dict[str, Any]
    watch: bool


def worked(*states: str, **hyper: float) -> Steps:
    """The worked example of every lesson: two steps from 1, from states of 0."""
    return {
        "theta": np.array(1.0),
        "grads": np.array([0.5, -0.25]),
        "state": {name: np.array(0.0) for name in states},
        "t": 1,
        "hyper": hyper,
        "watch": False,
    }


@dataclass(frozen=True)
class UpdateRule(Exercise):
    """An exercise whose answer is an update rule; ``Case.inputs`` is ``Steps``.

    Attributes:
        states: names of the state arrays, in the order of the signature.
        squares: those of them that average or sum squares, and so are never negative.
        worked: the inputs of the lesson's worked example.
        counts_steps: whether the function takes the step number ``t`` (from 1) after its state.
    """

    states: tuple[str, ...] = ()
    float32: bool = True
    squares: frozenset[str] = frozenset()
    worked: Steps | None = None
    counts_steps: bool = False

    @abstractmethod
    def draw_hyper(self, rng: np.random.Generator) -> dict[str, float]:
        """Hyper-parameters that are not the defaults, with an eps large enough to matter."""

    @abstractmethod
    def torch_optimizer(self, theta: torch.Tensor, hyper: Mapping[str, Any]) -> torch.optim.Optimizer:
        """The optimiser of ``torch.optim`` that does the same steps to ``theta``."""

    @abstractmethod
    def load_state(self, state: Mapping[str, np.ndarray], t: int) -> dict[str, torch.Tensor]:
        """The optimiser's own state before step ``t`` that equals ``state``.

        Args:
            state: the arrays of ``states`` by name, each of theta's shape.
            t: the number of the next step, from 1.

        Returns:
            By torch's names, tensors of the same shape; ``"step"``, where torch counts, is 0-d: t - 1.
        """

    @abstractmethod
    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The tensors of ``states`` by name, each of theta's shape, from the optimiser's own state."""

    def draw_state(self, rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        """A state that an earlier step could have left: the arrays of ``states``, each of ``shape``."""
        return {
            name: np.asarray(rng.uniform(0.1, 2.0, size=shape))
            if name in self.squares
            else parameters(rng, shape)
            for name in self.states
        }

    # Cases

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (3, 9)
        cases: list[Case] = []

        def add(judged: Property, shape: tuple[int, ...], note: str = "", **changes: Any) -> None:
            if self.judges(judged):
                cases.append(Case(judged.id, self._draw(rng, shape, **{"steps": steps, **changes}), note))

        if self.worked is not None:
            cases.append(Case(FIRST_STEP.id, self.worked, "the numbers of the worked example"))
        for _ in range(rounds):
            add(FIRST_STEP, (3,), steps=1)
            add(FIVE_STEPS, (3,))
            add(FIVE_STEPS, (2, 3))
            add(OTHER_HYPER, (2,))
            add(OTHER_HYPER, (3,))
            add(LATER_START, (3,), "a state that is not zero", t=int(rng.integers(2, 30)), state=True)
            add(SHAPES, (), "a 0-d array")
            add(SHAPES, (1, 2, 2), "an array of shape (1, 2, 2)")
            add(ZERO_GRADIENT, (2,), "gradients that are zero", zero="all", state=True)
            add(ZERO_GRADIENT, (3,), "every other gradient zero", zero="some")
            add(DEFAULTS, (3,), "the default hyper-parameters", default=True)
            add(INPUTS, (3,), watch=True, steps=2)
            add(INPUTS, (), "a gradient of zero", watch=True, zero="all", steps=1)
        return cases

    def _draw(
        self,
        rng: np.random.Generator,
        shape: tuple[int, ...],
        steps: int,
        t: int = 1,
        state: bool = False,
        zero: str = "",
        default: bool = False,
        watch: bool = False,
    ) -> Steps:
        grads = gradients(rng, steps, shape)
        if zero:
            grads[:: 1 if zero == "all" else 2] = 0.0
        hyper = self.draw_hyper(rng)
        if default:
            # Those without a default have to be given.
            hyper = {name: value for name, value in hyper.items() if name not in self.optional}
        drawn = self.draw_state(rng, shape)
        return {
            "theta": parameters(rng, shape),
            "grads": grads,
            "state": drawn if state else {name: np.zeros(shape) for name in self.states},
            "t": t,
            "hyper": hyper,
            "watch": watch,
        }

    # Evidence

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            inputs = cast(Steps, case.inputs)
            theta, state = inputs["theta"], [inputs["state"][name] for name in self.states]
            for step, grad in enumerate(inputs["grads"], start=1):
                # Each call gets arrays of its own: one that is changed in place spoils nothing else.
                arrays = [np.array(array) for array in (theta, grad, *state)]
                count = [inputs["t"] + step - 1] if self.counts_steps else []
                returned = recorder.call(student_object, *arrays, *count, **inputs["hyper"])
                results = recorder.unpack(returned, ("theta", *self.states))
                state = [
                    recorder.record(step, name, value)
                    for name, value in zip(self.states, results[1:], strict=True)
                ]
                theta = recorder.record(step, "theta", results[0])
                if inputs["watch"]:
                    watch(
                        recorder,
                        step,
                        dict(zip(("theta", "grad", *self.states), arrays, strict=True)),
                        results,
                    )
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        inputs = cast(Steps, case.inputs)
        theta = torch.tensor(inputs["theta"], requires_grad=True)
        optimizer = self.torch_optimizer(theta, inputs["hyper"])
        state = {name: torch.tensor(array) for name, array in inputs["state"].items()}
        optimizer.state[theta].update(self.load_state(inputs["state"], inputs["t"]))
        for step, grad in enumerate(inputs["grads"], start=1):
            before = {"theta": theta.detach().clone(), "grad": torch.tensor(grad), **state}
            theta.grad = torch.tensor(grad)
            optimizer.step()
            state = {name: value.clone() for name, value in self.read_state(optimizer.state[theta]).items()}
            for name in self.states:
                recorder.record(step, name, state[name])
            recorder.record(step, "theta", theta)
            if inputs["watch"]:
                watch(recorder, step, before, ())
        return recorder.evidence()
