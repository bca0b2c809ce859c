"""Update rules: pure functions ``(theta, grad, *state, ...) -> (theta, *state)``.

A case is a run of several steps. The evidence is the state and the parameters after each of them, in
the order of the formulas, so that the first difference points to the first wrong formula.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypedDict, cast

import numpy as np
import torch

from course.exercise import Case, Evidence, Exercise, Level, Property
from course.families.draws import gradients, parameters
from course.families.functions import WATCHED, watch
from course.families.recorder import Recorder
from course.readings import Reading

# The properties that every update rule has. An exercise gives each of them points.
WORKED = Property("worked", "the worked example, two steps", telling=True)
STATE = Property("state", "the state after each step", telling=True)
STEP = Property("step", "theta's step, from your own state", looks_at=frozenset({"theta"}), telling=True)
SHAPES = Property("shapes", "any shape, also a single number")
ZERO_GRADIENT = Property("zero_gradient", "zero gradients")
DEFAULTS = Property("defaults", "default hyper-parameters")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

# In the place of a gradient of zero: its square is far below every other number, and is not 0.
NEARLY_ZERO = 1e-30


class Steps(TypedDict):
    """The inputs of a case: a run of several steps.

    theta: the parameter at the start, of any shape.
    grads: shape (steps, *shape of theta).
    state: the state arrays at the start by name, of ``UpdateRule.state_shapes``.
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
        late: hyper-parameters with which t still counts after 2000 steps.
        edges: hyper-parameters at the edge of what is allowed, each with a note.
        stepping: ids of the properties that are about theta's step alone, from the answer's own state.
    """

    states: tuple[str, ...] = ()
    float32: bool = True
    squares: frozenset[str] = frozenset()
    worked: Steps | None = None
    counts_steps: bool = False
    late: Mapping[str, float] = field(default_factory=dict)
    edges: tuple[tuple[str, Mapping[str, float]], ...] = ()
    stepping: frozenset[str] = frozenset({STEP.id})

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
            state: the arrays of ``states`` by name, of ``state_shapes``.
            t: the number of the next step, from 1.

        Returns:
            By torch's names, tensors of torch's shapes; ``"step"``, where torch counts, is 0-d: t - 1.
        """

    @abstractmethod
    def read_state(self, torch_state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The tensors of ``states`` by name, of ``state_shapes``, from the optimiser's own state."""

    def state_shapes(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """The shape of each of ``states`` beside a theta of this shape: the same, unless a rule says so."""
        return dict.fromkeys(self.states, shape)

    def draw_state(self, rng: np.random.Generator, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        """A state that an earlier step of a theta of this shape could have left, of ``state_shapes``."""
        return {
            name: np.asarray(rng.uniform(0.1, 2.0, size=own))
            if name in self.squares
            else parameters(rng, own)
            for name, own in self.state_shapes(shape).items()
        }

    # Cases

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds, steps = (1, 5) if level == "public" else (3, 9)
        cases: list[Case] = []

        def add(judged: Property, shape: tuple[int, ...], note: str = "", **changes: Any) -> None:
            if self.judges(judged):
                cases.append(Case(judged.id, self._draw(rng, shape, **{"steps": steps, **changes}), note))

        if self.worked is not None:
            cases.append(Case(WORKED.id, self.worked, "the numbers of the worked example"))
            if level == "graded":
                add(WORKED, (), "the shapes of the worked example", steps=2)
        for _ in range(rounds):
            for judged in (STATE, STEP):
                add(judged, (3,), "one step from the start", steps=1)
                add(judged, (3,))
                add(judged, (2, 3))
                add(judged, (3,), "a state that is not zero", t=int(rng.integers(2, 30)), state=True)
            for note, hyper in self.edges:
                add(STATE, (3,), note, changes=hyper)
            add(SHAPES, (), "a 0-d array")
            add(SHAPES, (1, 2, 2), "an array of shape (1, 2, 2)")
            add(ZERO_GRADIENT, (2,), "gradients that are zero", zero="all", state=True)
            add(ZERO_GRADIENT, (3,), "every other gradient zero", zero="some")
            add(DEFAULTS, (3,), "the default hyper-parameters", default=True)
            add(INPUTS, (3,), watch=True, steps=2)
            add(INPUTS, (), "a gradient of zero", watch=True, zero="all", steps=1)
        if self.late:
            add(STEP, (3,), "t = 2000 and more", t=2000, state=True, changes=self.late)
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
        changes: Mapping[str, Any] = MappingProxyType({}),
    ) -> Steps:
        grads = gradients(rng, steps, shape)
        if zero:
            grads[:: 1 if zero == "all" else 2] = 0.0
        hyper = {**self.draw_hyper(rng), **changes}
        if default:
            # Those without a default have to be given.
            hyper = {name: value for name, value in hyper.items() if name not in self.optional}
        drawn = self.draw_state(rng, shape)
        return {
            "theta": parameters(rng, shape),
            "grads": grads,
            "state": drawn
            if state
            else {name: np.zeros(own) for name, own in self.state_shapes(shape).items()},
            "t": t,
            "hyper": hyper,
            "watch": watch,
        }

    # Evidence

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return self._run(student_object, case, cast(Steps, case.inputs))

    def has_plainer(self, case: Case) -> bool:
        return case.property in (SHAPES.id, ZERO_GRADIENT.id, DEFAULTS.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """A row of numbers for any shape; a tiny gradient for one of zero; the defaults spelt out."""
        inputs = cast(Steps, case.inputs)
        plainer: Steps = {**inputs, "watch": False}
        if case.property == SHAPES.id:
            plainer |= {
                "theta": np.ravel(inputs["theta"]),
                "grads": inputs["grads"].reshape(len(inputs["grads"]), -1),
                "state": {name: np.ravel(array) for name, array in inputs["state"].items()},
            }
        elif case.property == ZERO_GRADIENT.id:
            plainer["grads"] = np.where(inputs["grads"] == 0.0, NEARLY_ZERO, inputs["grads"])
        else:
            plainer["hyper"] = {**self.defaults, **inputs["hyper"]}
        readings = self._run(student_object, case, plainer).readings
        shapes = {"theta": inputs["theta"].shape, **self.state_shapes(inputs["theta"].shape)}
        return {
            reading: array.reshape(shapes[reading.id])
            for reading, array in readings.items()
            if array.size == math.prod(shapes[reading.id])
        }

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The step from the state, and what a call was handed from what the call before it returned."""
        if case.property == INPUTS.id:
            return Evidence(
                {
                    reading: observed.readings.get(Reading(reading.step - 1, reading.of), array)
                    if reading.id == "argument"
                    else array
                    for reading, array in expected.readings.items()
                }
            )
        if case.property not in self.stepping:
            return super().follow(case, observed, expected)
        inputs = cast(Steps, case.inputs)
        theta, readings = inputs["theta"], dict(expected.readings)
        shapes = self.state_shapes(theta.shape)
        for step, grad in enumerate(inputs["grads"], start=1):
            state = {name: observed.readings.get(Reading(step, name)) for name in self.states}
            found = observed.readings.get(Reading(step, "theta"))
            own = {
                name: np.array(array, dtype=np.float64)
                for name, array in state.items()
                if array is not None and array.shape == shapes[name]
            }
            if found is None or found.shape != theta.shape or len(own) < len(state):
                break
            readings[Reading(step, "theta")] = self._step_to(own, theta, grad, inputs, step)
            theta = found.astype(np.float64)
        return Evidence(readings)

    def _step_to(
        self, state: dict[str, np.ndarray], theta: np.ndarray, grad: np.ndarray, inputs: Steps, step: int
    ) -> np.ndarray:
        """Where PyTorch takes theta in the step that ends in this state.

        A new state is the old one times something, plus what the gradient adds: two steps tell both.
        """
        hyper, t = inputs["hyper"], inputs["t"] + step - 1
        shapes = self.state_shapes(grad.shape)
        zeros, ones = ({name: np.full(own, value) for name, own in shapes.items()} for value in (0.0, 1.0))
        _, added = self._torch_step(theta, grad, zeros, hyper, t)
        _, both = self._torch_step(theta, grad, ones, hyper, t)
        before = {}
        for name, after in state.items():
            kept = both[name] - added[name]
            with np.errstate(all="ignore"):
                before[name] = np.where(kept == 0.0, 0.0, (after - added[name]) / kept)
        return self._torch_step(theta, grad, before, hyper, t)[0]

    def _torch_step(
        self,
        theta: np.ndarray,
        grad: np.ndarray,
        state: Mapping[str, np.ndarray],
        hyper: Mapping[str, Any],
        t: int,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """One step of the optimiser: theta and the state after it."""
        param = torch.tensor(theta, requires_grad=True)
        optimizer = self.torch_optimizer(param, hyper)
        optimizer.state[param].update(self.load_state(state, t))
        param.grad = torch.tensor(grad)
        optimizer.step()
        after = self.read_state(optimizer.state[param])
        return param.detach().numpy(), {name: after[name].clone().numpy() for name in self.states}

    def starts_from(self, case: Case, reading: Reading) -> np.ndarray | None:
        return cast(Steps, case.inputs)["theta"] if reading.id == "theta" else None

    def _run(self, student_object: Any, case: Case, inputs: Steps) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
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
                if case.property == STATE.id:
                    del recorder.readings[Reading(step, "theta")]
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
            if case.property != STATE.id:
                recorder.record(step, "theta", theta)
            if inputs["watch"]:
                watch(recorder, step, before, ())
        return recorder.evidence()
