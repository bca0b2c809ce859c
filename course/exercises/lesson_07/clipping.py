"""Lesson 07: gradient clipping, by value and by global norm (Pascanu, Mikolov and Bengio 2013)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from course.exercise import Case, Evidence, Exercise, Level, Property, Uses
from course.exercises.lesson_07 import clipped_step
from course.exercises.lesson_07.clipped_step import (
    ABOVE,
    BELOW,
    EVERY_PARAMETER,
    LOSS,
    NO_GRADIENT,
    ZEROED,
    ClippedStep,
    first_gradients,
)
from course.exercises.lesson_07.spike_guard import (
    INSTANCES,
    RISES,
    SPIKES,
    THRESHOLD,
    WINDOW,
    Guard,
    called_by_clip,
    standing_in_clip,
    telling_batch,
)
from course.exercises.lesson_07.spike_guard import NOT_FINITE as SKIPS_NOT_FINITE
from course.exercises.lesson_07.stand_ins import stand_in_clip, stand_in_norm
from course.families.draws import gradients, other_numbers
from course.families.earlier import called, standing_in
from course.families.functions import WATCHED, Call, FunctionExercise
from course.formulas import Settings, numbered
from course.readings import Reading

WORKED = Property("worked", "the worked example")
ELEMENTS = Property("elements", "every element ends within the limit", telling=True)
INSIDE = Property("inside", "elements within the limit stay", telling=True)
EUCLIDEAN = Property("euclidean", "the Euclidean norm of all arrays together", telling=True)
ANY_P = Property("any_p", "any p")
LARGEST = Property("largest", "p = inf is the largest absolute value", telling=True)
NOT_FINITE = Property("not_finite", "NaN and infinite gradients")
SHAPES = Property("shapes", "any number of arrays of any shape")
GRADS, NORM = frozenset({"length", "grads"}), frozenset({"norm"})
P_FOR_NORM = Property("any_p", "any p", looks_at=NORM)
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)
SHRINKS = Property("shrinks", "above the limit, one factor for all", looks_at=GRADS, telling=True)
RETURNS_NORM = Property("returns_norm", "returns the norm before clipping", looks_at=NORM)
KEEPS = Property("keeps", "below the limit, no change", looks_at=GRADS)
AT_THE_LIMIT = Property("at_the_limit", "the 1e-6 counts, also exactly at the limit", looks_at=GRADS)

# The worked example: two arrays whose norms are 5 and 12, and 13 together.
WORKED_GRADS = [np.array([3.0, -4.0]), np.array(12.0)]

Shapes = Sequence[tuple[int, ...]]
ONE, TWO, MANY = ((3,),), ((2,), ()), ((2, 3), (3,), (), (1, 2, 2))


def _draw(rng: np.random.Generator, shapes: Shapes, scale: float = 1.0) -> list[np.ndarray]:
    return [np.asarray(scale * gradients(rng, 1, shape)[0]) for shape in shapes]


def _worked_layout(rng: np.random.Generator) -> list[np.ndarray]:
    return [other_numbers(rng, array) for array in WORKED_GRADS]


def _call(judged: Property, note: str, watch: bool = False, **given: Any) -> Case:
    return Case(judged.id, {"given": given, "watch": watch}, note)


def _broken(rng: np.random.Generator, *values: float, first: int = 0) -> list[np.ndarray]:
    """Gradients of three shapes, not finite: each value in an array of its own, from ``first`` on."""
    grads = _draw(rng, ((3,), (2, 2), ()))
    for array, value in zip(grads[first:], values, strict=False):
        array.flat[-1] = value
    return grads


NAN, INF = math.nan, math.inf
# What is put into the gradients, and how a note says it.
SPOILT = (((NAN,), "one NaN"), ((INF,), "one inf"), ((-INF,), "one -inf"))


class Clips(FunctionExercise):
    """A function that returns a list of clipped gradients, by the name of ``grads``."""

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """In the shapes that the gradients have."""
        grads = case.inputs["given"]["grads"]
        return {
            reading: array.reshape(grads[reading.place[0]].shape) if reading.place else array
            for reading, array in super().observe_plainer(student_object, case, observed).items()
            if not reading.place or array.size == grads[reading.place[0]].size
        }


class ClipByValue(Clips):
    """``clip_by_value``: formula (1), against ``clip_grad_value_``."""

    def plainer(self, case: Case) -> Call | None:
        return _in_rows(case) if case.property == SHAPES.id else None

    def expected(self, grads: list[np.ndarray], clip_value: float) -> tuple[Any, ...]:
        params = _with_gradients(grads)
        nn.utils.clip_grad_value_(params, clip_value)
        return ([param.grad for param in params],)

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = [_call(WORKED, "the numbers of the worked example", grads=WORKED_GRADS, clip_value=5.0)]

        def add(
            judged: Property, grads: list[np.ndarray], clip_value: float, note: str = "", **watch: bool
        ) -> None:
            note = note or f"clip_value = {clip_value:.3g}"
            cases.append(_call(judged, note, **watch, grads=grads, clip_value=float(clip_value)))

        if level == "graded":
            add(WORKED, _worked_layout(rng), rng.uniform(4.0, 6.0))
        for _ in range(1 if level == "public" else 3):
            add(ELEMENTS, _draw(rng, ONE), rng.uniform(0.05, 0.09), "every element outside the limit")
            add(ELEMENTS, _draw(rng, ((8,),)), rng.uniform(0.5, 2.0))
            add(ELEMENTS, _draw(rng, ((4,), (6,)), 100.0), rng.uniform(50.0, 200.0))
            add(INSIDE, _draw(rng, ((4,),)), 10.5, "every element within the limit")
            add(INSIDE, _draw(rng, ((6,), (3,))), rng.uniform(0.8, 1.5))
            add(INSIDE, [np.array([2.0, 0.0, -2.0])], 2.0, "elements exactly at the limit, and a zero")
            add(SHAPES, _draw(rng, TWO), rng.uniform(0.3, 1.0), "arrays of shape (2,) and ()")
            add(SHAPES, _draw(rng, MANY), rng.uniform(0.3, 1.0), "four arrays, one of them 0-d")
            for values, said in SPOILT:
                add(NOT_FINITE, _broken(rng, *values), rng.uniform(0.5, 2.0), said)
            add(INPUTS, _draw(rng, ((2,), (3,))), rng.uniform(0.5, 2.0), watch=True)
            add(INPUTS, _draw(rng, TWO), 20.0, "every element within the limit", watch=True)
        return cases


class GlobalNorm(FunctionExercise):
    """``global_norm``: formulas (2) and (3), against ``get_total_norm``."""

    def plainer(self, case: Case) -> Call | None:
        return _in_rows(case) if case.property == SHAPES.id else None

    def expected(self, grads: list[np.ndarray], p: float = 2.0) -> tuple[Any, ...]:
        return (nn.utils.get_total_norm([torch.tensor(array) for array in grads], p),)

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = [
            _call(WORKED, "the numbers of the worked example", grads=WORKED_GRADS),
            _call(WORKED, "the numbers of the worked example and p = 1", grads=WORKED_GRADS, p=1.0),
            _call(WORKED, "the numbers of the worked example and p = inf", grads=WORKED_GRADS, p=INF),
        ]

        def add(
            judged: Property, grads: list[np.ndarray], note: str, watch: bool = False, **p: float
        ) -> None:
            cases.append(_call(judged, note, watch, grads=grads, **p))

        if level == "graded":
            add(WORKED, _worked_layout(rng), "the shapes of the worked example")
            for p in (1.0, INF):
                add(WORKED, _worked_layout(rng), f"the shapes of the worked example and p = {p:g}", p=p)
        for _ in range(1 if level == "public" else 3):
            add(EUCLIDEAN, _draw(rng, ONE), "one array")
            add(EUCLIDEAN, _draw(rng, ((3,), (2,))), "two arrays")
            add(EUCLIDEAN, _draw(rng, ((3,), (4,)), 1e-5), "gradients of about 1e-5")
            for p in (1.0, 3.0, float(rng.uniform(0.4, 0.9)), float(rng.uniform(1.2, 1.9))):
                add(ANY_P, _draw(rng, ((3,), (2,))), f"p = {p:.3g}", p=p)
            add(LARGEST, _draw(rng, ((3,), (2,))), "p = inf", p=INF)
            low = [-np.abs(array) for array in _draw(rng, ((2, 2), (3,)))]
            add(LARGEST, low, "p = inf and negative gradients", p=INF)
            add(SHAPES, _draw(rng, TWO), "arrays of shape (2,) and ()")
            add(SHAPES, _draw(rng, MANY), "four arrays, one of them 0-d")
            add(SHAPES, _draw(rng, MANY), "four arrays, and p = 3", p=3.0)
            add(SHAPES, [np.zeros((2, 2)), np.array(0.0)], "gradients that are zero")
            for values, said in SPOILT:
                add(NOT_FINITE, _broken(rng, *values), said)
                # In the middle: Python's own max() loses a NaN that does not come first, or does.
                add(NOT_FINITE, _broken(rng, *values, first=1), f"{said}, and p = inf", p=INF)
            add(INPUTS, _draw(rng, ((2, 2), (3,))), "", True)
            add(INPUTS, _draw(rng, ((2,), (3,))), "p = inf", True, p=INF)
        return cases


class ClipByGlobalNorm(FunctionExercise):
    """``clip_by_global_norm``: formulas (4) and (5), against ``clip_grad_norm_``.

    It is judged with the student's own ``global_norm`` where it calls it.
    """

    def expected(self, grads: list[np.ndarray], max_norm: float, p: float = 2.0) -> tuple[Any, ...]:
        params = _with_gradients(grads)
        norm = nn.utils.clip_grad_norm_(params, max_norm, norm_type=p)
        return [param.grad for param in params], norm

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = [_call(WORKED, "the numbers of the worked example", grads=WORKED_GRADS, max_norm=6.5)]

        def add(
            judged: Property,
            grads: list[np.ndarray],
            share: float,
            note: str,
            watch: bool = False,
            **p: float,
        ) -> None:
            """``share``: the limit, as a share of the norm."""
            (norm,) = GLOBAL_NORM.expected(grads, **p)
            given = {"grads": grads, "max_norm": share * norm.item(), **p}
            cases.append(_call(judged, note or f"max_norm = {given['max_norm']:.3g}", watch, **given))

        if level == "graded":
            add(WORKED, _worked_layout(rng), rng.uniform(0.3, 0.7), "the shapes of the worked example")
        for _ in range(1 if level == "public" else 3):
            add(SHRINKS, _draw(rng, ONE), 0.5, "one array and a limit of half its norm")
            add(SHRINKS, _draw(rng, ((3,), (2,))), rng.uniform(0.1, 0.8), "")
            add(SHRINKS, _draw(rng, ((3,), (2,)), 100.0), rng.uniform(0.01, 0.1), "")
            add(RETURNS_NORM, _draw(rng, ((2,), (2,))), rng.uniform(0.1, 0.8), "")
            add(RETURNS_NORM, _draw(rng, ((2,), (2,))), rng.uniform(2.0, 4.0), "")
            add(KEEPS, _draw(rng, ((2,), (2,))), rng.uniform(1.1, 4.0), "")
            add(KEEPS, [np.zeros(2), np.zeros((2, 1))], 0.0, "gradients that are zero")
            cases[-1].inputs["given"]["max_norm"] = 1.0
            add(AT_THE_LIMIT, _draw(rng, ((2,), (2,))), 1.0, "a limit equal to the norm")
            add(
                AT_THE_LIMIT, _draw(rng, ((2,), (2,)), 1e-6), rng.uniform(0.3, 0.6), "gradients of about 1e-6"
            )
            add(
                AT_THE_LIMIT,
                _draw(rng, ((2,), (3,)), 1e-6),
                rng.uniform(1.02, 1.05),
                "a tiny norm just below the limit",
            )
            for p in (1.0, INF, float(rng.uniform(2.5, 4.0))):
                add(ANY_P, _draw(rng, ((3,), (2,))), rng.uniform(0.3, 0.8), f"p = {p:.3g}", p=p)
            add(SHAPES, _draw(rng, TWO), rng.uniform(0.3, 0.8), "arrays of shape (2,) and ()")
            add(SHAPES, _draw(rng, MANY), rng.uniform(0.3, 0.8), "four arrays, one of them 0-d")
            for values, said in (*SPOILT, ((INF, NAN), "one inf and one NaN")):
                cases.append(
                    _call(NOT_FINITE, said, grads=_broken(rng, *values), max_norm=rng.uniform(0.5, 2.0))
                )
            add(INPUTS, _draw(rng, ((2,), (3,))), rng.uniform(0.3, 0.8), "", True)
            add(INPUTS, _draw(rng, ((2,), (3,))), 2.0, "a norm below the limit", True)
        return cases

    def plainer(self, case: Case) -> Call | None:
        return _in_rows(case) if case.property == SHAPES.id else None

    def oracle(self, case: Case) -> Evidence:
        # The norm comes first in the formulas, and last in what the function returns.
        readings = dict(super().oracle(case).readings)
        if case.inputs.get("apart"):
            readings |= self._torch_apart(case)
        return Evidence({key: readings[key] for key in sorted(readings, key=lambda key: key.id != "norm")})

    def _torch_apart(self, case: Case) -> dict[Reading, np.ndarray]:
        """The gradients scaled for the norm that the stand-in gives."""
        given = dict(case.inputs["given"])
        grads, max_norm = given.pop("grads"), given.pop("max_norm")
        norm, params = stand_in_norm(grads, **given), _with_gradients(grads)
        nn.utils.clip_grads_with_norm_(params, max_norm, torch.tensor(norm, dtype=torch.float64))
        scaled = {Reading(0, "grads", (index,)): param.grad for index, param in enumerate(params)}
        readings = {reading: grad.numpy() for reading, grad in scaled.items() if grad is not None}
        return {Reading(0, "norm"): np.array(norm), **readings}


def _in_rows(case: Case) -> Call:
    """The same call with each array as a row of numbers."""
    given = case.inputs["given"]
    return {"given": {**given, "grads": [np.ravel(array) for array in given["grads"]]}}


def _with_gradients(grads: list[np.ndarray]) -> list[torch.Tensor]:
    params = [torch.zeros(array.shape, dtype=torch.float64) for array in grads]
    for param, array in zip(params, grads, strict=True):
        param.grad = torch.tensor(array)
    return params


def _for_norm(case: Case) -> Case:
    """The gradients of a case of ``clip_by_global_norm`` as a case of ``global_norm``."""
    given = {name: value for name, value in case.inputs["given"].items() if name != "max_norm"}
    return Case(ANY_P.id, {"given": given, "watch": True})


def _first_norm(case: Case) -> Case:
    """The gradients of the first training step as a case of ``global_norm``."""
    return Case(WORKED.id, {"given": {"grads": first_gradients(case)}, "watch": True})


def _first_clip(case: Case) -> Case:
    """The same as a case of ``clip_by_global_norm``."""
    given = {"grads": first_gradients(case), "max_norm": case.inputs["max_norm"]}
    return Case(WORKED.id, {"given": given, "watch": True})


def _telling_norm(case: Case) -> Case:
    """The gradients of one batch as a case of ``global_norm``."""
    return Case(WORKED.id, {"given": {"grads": telling_batch(case)}})


def _telling_clip(case: Case) -> Case:
    """The same as a case of ``clip_by_global_norm``, with a limit below, above or at their norm in turn."""
    grads = telling_batch(case)
    norm = float(np.sqrt(sum((grad**2).sum() for grad in grads)))
    share = (0.5, 1.0, 0.5, 2.0)[len(case.inputs["batches"]) % 4]
    return Case(WORKED.id, {"given": {"grads": grads, "max_norm": share * norm if norm < INF else 1.0}})


def _used(
    earlier: Exercise,
    as_case: Callable[[Case], Case],
    found_by: Callable[[Any, str], Any] = called,
    stand_in: Any = None,
    within: Callable[..., AbstractContextManager[None]] = standing_in,
) -> Uses:
    said = (
        f"On these gradients your {earlier.id} is not right yet, and it is used as you wrote it: "
        f"mend {earlier.id} first."
    )
    without = partial(within, stand_ins={earlier.id: stand_in}) if stand_in else None
    return Uses(earlier, as_case, found_by, said, without)


def _norm_formula(judged: str, reading: Reading, settings: Settings) -> str:
    return numbered(3 if math.isinf(settings.get("p", 2.0)) else 2)


CLIP_BY_VALUE = ClipByValue(
    id="clip_by_value",
    signature="(grads, clip_value)",
    float32=True,
    properties=(
        WORKED.worth(0.125),
        ELEMENTS.worth(0.375),
        INSIDE.worth(0.25),
        SHAPES.worth(0.375),
        NOT_FINITE.worth(0.125),
        INPUTS.worth(0.25),
    ),
    look_at={"grads": "formula (1)"},
    returns=("grads",),
    lists=frozenset({"grads"}),
)

GLOBAL_NORM = GlobalNorm(
    id="global_norm",
    signature="(grads, p=2.0)",
    float32=True,
    properties=(
        WORKED.worth(0.125),
        EUCLIDEAN.worth(0.375),
        ANY_P.worth(0.25),
        LARGEST.worth(0.125),
        SHAPES.worth(0.25),
        NOT_FINITE.worth(0.125),
        INPUTS.worth(0.25),
    ),
    look_at={"norm": _norm_formula},
    returns=("norm",),
)

CLIP_BY_GLOBAL_NORM = ClipByGlobalNorm(
    id="clip_by_global_norm",
    signature="(grads, max_norm, p=2.0)",
    float32=True,
    properties=(
        WORKED.worth(0.25),
        SHRINKS.worth(0.5),
        RETURNS_NORM.worth(0.25),
        KEEPS.worth(0.25),
        AT_THE_LIMIT.worth(0.25),
        P_FOR_NORM.worth(0.25),
        SHAPES.worth(0.25),
        NOT_FINITE.worth(0.25),
        INPUTS.worth(0.25),
    ),
    look_at={"norm": _norm_formula, "grads": "formulas (4) and (5)"},
    uses=(_used(GLOBAL_NORM, _for_norm, stand_in=stand_in_norm),),
    returns=("grads", "norm"),
    lists=frozenset({"grads"}),
)

CLIPPED_TRAINING_STEP = ClippedStep(
    id="clipped_training_step",
    signature="(model, loss_fn, x, y, optimizer, max_norm)",
    properties=(
        LOSS.worth(0.5),
        clipped_step.NORM.worth(0.5),
        ABOVE.worth(0.5),
        BELOW.worth(0.25),
        ZEROED.worth(0.25),
        NO_GRADIENT.worth(0.25),
        EVERY_PARAMETER.worth(0.25),
    ),
    uses=(_used(GLOBAL_NORM, _first_norm), _used(CLIP_BY_GLOBAL_NORM, _first_clip)),
    look_at={
        "loss": "line 2 of the training step",
        "loss_is_tensor": "line 2 of the training step",
        "grad_norm": "formula (2)",
        "grad_norm_is_tensor": "formula (2)",
        "grad_at_step": "formulas (4) and (5)",
        "params": "line 5 of the training step",
    },
)

SPIKE_GUARD = Guard(
    id="SpikeGuard",
    signature="(window=100, quantile=0.9, skip_above=5.0)",
    properties=(
        THRESHOLD.worth(0.5),
        RISES.worth(0.5),
        WINDOW.worth(0.25),
        SKIPS_NOT_FINITE.worth(0.25),
        SPIKES.worth(0.25),
        INSTANCES.worth(0.25),
    ),
    uses=(
        _used(GLOBAL_NORM, _telling_norm, called_by_clip, stand_in_norm, standing_in_clip),
        _used(CLIP_BY_GLOBAL_NORM, _telling_clip, called_by_clip, stand_in_clip, standing_in_clip),
    ),
    look_at={
        "batch_skipped": "rules 1 and 4",
        "grads": "rules 2 and 3",
    },
)

EXERCISES = (CLIP_BY_VALUE, GLOBAL_NORM, CLIP_BY_GLOBAL_NORM, CLIPPED_TRAINING_STEP, SPIKE_GUARD)
