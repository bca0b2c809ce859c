"""Lesson 08: batch normalisation, forward and backward (Ioffe and Szegedy 2015)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property, Reading
from course.exercises.lesson_08 import batch_norm_layer as layer
from course.exercises.lesson_08.batch_norm_gradient import (
    AFFINE,
    FOR_AFFINE,
    FOR_X,
    FOR_X_EPS,
    INPUTS,
    THE_WORKED,
    WORKED,
    WORKED_BETA,
    WORKED_EPS,
    WORKED_GAMMA,
    WORKED_X,
    Backward,
    torch_norm,
)
from course.exercises.lesson_08.batch_norm_layer import BatchNormLayer, batch
from course.families.draws import parameters
from course.families.earlier import answer_called_by, is_wrong, witness
from course.families.functions import FunctionExercise, watch
from course.families.recorder import Recorder

NORMALISED = "each column gets mean 0 and variance 1"
EPS = "eps inside the root, and a column that does not vary"
FAR = "a mean far from zero"
SHAPES = "two rows, or a single column"

CHANNELS = "one mean and one variance a channel, over N, H and W"
CHANNEL_AFFINE = "one gamma and one beta a channel"
ANY_IMAGE = "any height, width and number of channels"


class Forward(FunctionExercise):
    """``batch_norm_forward``: of (y, cache) only y is judged; the cache is the student's own affair."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "eps": WORKED_EPS}
        cases = [Case(WORKED, {"given": worked}, THE_WORKED)]

        def add(name: str, rows: int, columns: int, note: str, **changes: Any) -> None:
            watched = changes.pop("watch", False)
            given = {
                "x": batch(rng, rows, columns),
                "gamma": parameters(rng, (columns,)),
                "beta": parameters(rng, (columns,)),
            }
            cases.append(Case(name, {"given": given | changes, "watch": watched}, note))

        for _ in range(1 if level == "public" else 3):
            for rows, columns in ((4, 1), (5, 3), (3, 3)):
                plain = {"gamma": np.ones(columns), "beta": np.zeros(columns), "eps": 1e-9}
                add(NORMALISED, rows, columns, f"{rows} rows, gamma = 1 and beta = 0", **plain)
            add(AFFINE, 4, 2, "4 rows and 2 columns")
            add(AFFINE, 3, 3, "as many rows as columns")
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, 3, 2, f"eps = {eps:.3g}", eps=float(eps))
            still = np.hstack([batch(rng, 4, 1), np.full((4, 1), 3.0)])
            add(EPS, 4, 2, "a second column of equal numbers", x=still)
            x = batch(rng, 5, 4) + 1e5 * rng.choice([-1.0, 1.0], size=4)
            add(FAR, 5, 4, "columns that are near 100 000 or -100 000", x=x)
            add(SHAPES, 2, 3, "two rows")
            add(SHAPES, 6, 1, "a single column")
            add(INPUTS, 3, 2, "", watch=True)
            same = {"gamma": np.ones(2), "beta": np.zeros(2), "x": np.array([[1.0, -1.0], [-1.0, 1.0]])}
            add(INPUTS, 2, 2, "an x that is normalised already", watch=True, eps=1e-9, **same)
        return cases

    def probe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            given = _copies(case.inputs["given"])
            arguments = [given.pop(name) for name in ("x", "gamma", "beta")]
            returned = recorder.call(student_object, *arguments, **given)
            y, _ = recorder.unpack(returned, ("y", "cache"))
            _record_normalised(recorder, case, y)
            if case.inputs.get("watch"):
                watch(recorder, 0, dict(zip(("x", "gamma", "beta"), arguments, strict=True)), (y,))
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        given = case.inputs["given"]
        _record_normalised(recorder, case, self.expected(**given)[0])
        if case.inputs.get("watch"):
            watch(recorder, 0, {name: given[name] for name in ("x", "gamma", "beta")}, ())
        return recorder.evidence()

    def expected(
        self, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
    ) -> tuple[torch.Tensor]:
        arrays = (torch.tensor(value) for value in (x, gamma, beta))
        return (torch_norm(*arrays, eps),)


def _record_normalised(recorder: Recorder, case: Case, y: Any) -> None:
    """y; before it, where the case asks for mean 0 and variance 1, these two, which are easier to follow."""
    if case.property == NORMALISED:
        array = recorder.record(0, "y", y)
        del recorder.readings[Reading(0, "y")]
        if array.shape == case.inputs["given"]["x"].shape:
            recorder.record(0, "the means of the columns of y", array.mean(axis=0))
            recorder.record(0, "the variances of the columns of y", array.var(axis=0))
    recorder.record(0, "y", y)


class Images(FunctionExercise):
    """``batch_norm_2d``. Where it calls the student's own forward it is judged with that as it is."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(name: str, shape: tuple[int, ...], note: str = "", **changes: Any) -> None:
            n, c, h, w = shape
            x = batch(rng, n * h * w, c).reshape(n, h, w, c).transpose(0, 3, 1, 2)
            given = {
                "x": np.ascontiguousarray(x),
                "gamma": parameters(rng, (c,)),
                "beta": parameters(rng, (c,)),
            }
            inputs = {"given": given | changes, "watch": name == INPUTS}
            cases.append(Case(name, inputs, note or f"x of shape {shape}"))

        for _ in range(1 if level == "public" else 3):
            for shape in ((2, 2, 1, 2), (3, 2, 4, 3)):
                note = f"x of shape {shape}, gamma = 1 and beta = 0"
                add(CHANNELS, shape, note, gamma=np.ones(2), beta=np.zeros(2))
            add(CHANNEL_AFFINE, (2, 2, 2, 3))
            add(CHANNEL_AFFINE, (2, 3, 3, 3))
            add(CHANNEL_AFFINE, (4, 3, 2, 4))
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, (2, 2, 2, 2), f"eps = {eps:.3g}", eps=float(eps))
            still = batch(rng, 12, 2).reshape(3, 2, 2, 2)
            still[:, 1] = 3.0
            add(EPS, (3, 2, 2, 2), "a second channel of equal numbers", x=still)
            add(ANY_IMAGE, (2, 1, 3, 2))
            add(ANY_IMAGE, (3, 4, 1, 1))
            add(ANY_IMAGE, (2, 5, 4, 1))
            add(INPUTS, (2, 2, 2, 1))
        return cases

    def expected(
        self, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
    ) -> tuple[np.ndarray]:
        return (torch_norm(*(torch.tensor(value) for value in (x, gamma, beta)), eps).numpy(),)

    def probe(self, student_object: Any, case: Case) -> Evidence:
        evidence = super().probe(student_object, case)
        forward = answer_called_by(student_object, FORWARD.id)
        if forward is None:
            return evidence
        return replace(evidence, readings={**evidence.readings, **witness(FORWARD, forward, _pixels(case))})

    def remark(self, case: Case, observed: Evidence) -> str:
        if is_wrong(FORWARD, _pixels(case), observed):
            return f"Your {FORWARD.id} is not right yet, and it is used as you wrote it: mend it first."
        return ""


def _pixels(case: Case) -> Case:
    """The same numbers for ``batch_norm_forward``: every pixel of every image is a row."""
    given = case.inputs["given"]
    rows = np.moveaxis(given["x"], 1, -1).reshape(-1, given["x"].shape[1])
    return Case(AFFINE, {"given": given | {"x": rows}})


def _copies(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in given.items()
    }


FORWARD = Forward(
    id="batch_norm_forward",
    signature="(x, gamma, beta, eps=1e-5)",
    properties=(
        Property(WORKED, 0.25),
        Property(NORMALISED, 0.5),
        Property(AFFINE, 0.5),
        Property(EPS, 0.25),
        # A mean of 1e5 is itself only known to 1e-11.
        Property(FAR, 0.25, rtol=1e-8, atol=1e-9),
        Property(SHAPES, 0.125),
        Property(INPUTS, 0.125),
    ),
    look_at={
        "the means": "formulas (1) and (3)",
        "the variances": "formulas (2) and (3)",
        "y": "formulas (1) to (4)",
    },
)

BACKWARD = Backward(
    forward=FORWARD,
    id="batch_norm_backward",
    signature="(dy, cache)",
    properties=(
        Property(WORKED, 0.25),
        Property(FOR_AFFINE, 0.75),
        Property(FOR_X, 1.25),
        Property(FOR_X_EPS, 0.5),
        Property(INPUTS, 0.25),
    ),
    look_at={"dbeta": "formula (5)", "dgamma": "formula (5)", "dx": "formulas (6) and (7)"},
)

BATCH_NORM_1D = BatchNormLayer(
    id="BatchNorm1d",
    signature="(num_features, eps=1e-5, momentum=0.1)",
    properties=(
        Property(layer.START, 0.25),
        Property(layer.TRAINING, 0.25),
        Property(layer.RUNNING, 0.75),
        Property(layer.EVALUATION, 0.75),
        Property(layer.MODES, 0.25),
        Property(layer.AFFINE, 0.25),
        Property(layer.ONE_ROW, 0.25),
        Property(layer.ALONE, 0.25),
    ),
    look_at={
        "y": "formulas (1) to (4), and (10) in evaluation",
        "running_mean": "formula (8)",
        "running_var": "formula (9)",
    },
)

BATCH_NORM_2D = Images(
    id="batch_norm_2d",
    signature="(x, gamma, beta, eps=1e-5)",
    properties=(
        Property(CHANNELS, 0.75),
        Property(CHANNEL_AFFINE, 0.5),
        Property(EPS, 0.25),
        Property(ANY_IMAGE, 0.25),
        Property(INPUTS, 0.25),
    ),
    look_at={"y": "formulas (11), (3) and (4)"},
    returns=("y",),
)

EXERCISES = (FORWARD, BACKWARD, BATCH_NORM_1D, BATCH_NORM_2D)
