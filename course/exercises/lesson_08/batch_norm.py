"""Lesson 08: batch normalisation, forward and backward (Ioffe and Szegedy 2015)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property, Uses
from course.exercises.lesson_08 import batch_norm_layer as layer
from course.exercises.lesson_08.batch_norm_gradient import (
    AFFINE,
    FOR_AFFINE,
    FOR_X,
    FOR_X_EPS,
    INPUTS,
    ONLY,
    THE_WORKED,
    WORKED,
    WORKED_BETA,
    WORKED_EPS,
    WORKED_GAMMA,
    WORKED_X,
    BatchNormBackward,
    forward_call,
    torch_norm,
)
from course.exercises.lesson_08.batch_norm_layer import BatchNormLayer, batch
from course.exercises.lesson_08.batch_norm_stages import STAGES
from course.families.draws import parameters
from course.families.earlier import called, in_notebook, standing_in
from course.families.functions import Call, FunctionExercise, watch
from course.families.recorder import Recorder
from course.formulas import Formulas, Settings, numbered
from course.readings import Reading

NORMALISED = Property("normalised", "each column gets mean 0 and variance 1", telling=True)
EPS = Property("eps", "eps inside the root, and a column that does not vary", telling=True)
FAR = Property("far", "a mean far from zero")
SHAPES = Property("shapes", "two rows, or a single column")

# Given where the default is no matter of the property.
DEFAULT_EPS = 1e-5

CHANNELS = Property("channels", "one mean and one variance a channel, over N, H and W", telling=True)
CHANNEL_AFFINE = Property("channel_affine", "one gamma and one beta a channel")
ANY_IMAGE = Property("any_image", "any height, width and number of channels", telling=True)


class Forward(FunctionExercise):
    """``batch_norm_forward``: of (y, cache) only y is judged; the cache is the student's own affair."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"x": WORKED_X, "gamma": WORKED_GAMMA, "beta": WORKED_BETA, "eps": WORKED_EPS}
        cases = [Case(WORKED.id, {"given": worked}, THE_WORKED)]

        def add(judged: Property, rows: int, columns: int, note: str, **changes: Any) -> None:
            watched = changes.pop("watch", False)
            given = {
                "x": batch(rng, rows, columns),
                "gamma": parameters(rng, (columns,)),
                "beta": parameters(rng, (columns,)),
            }
            cases.append(Case(judged.id, {"given": given | changes, "watch": watched}, note))

        if level == "graded":
            add(WORKED, 4, 1, "the shapes of the worked example", eps=float(rng.uniform(1.0, 10.0)))
        for _ in range(1 if level == "public" else 3):
            for rows, columns in ((4, 1), (5, 3)):
                plain = {"gamma": np.ones(columns), "beta": np.zeros(columns), "eps": 1e-9}
                add(NORMALISED, rows, columns, f"{rows} rows, gamma = 1 and beta = 0", **plain)
            # Every row and every column holds the same three numbers.
            numbers = batch(rng, 3, 1).ravel()
            square = np.stack([np.roll(numbers, shift) for shift in range(3)])
            plain = {"gamma": np.ones(3), "beta": np.zeros(3), "eps": 1e-9}
            add(NORMALISED, 3, 3, "the same numbers in each row and column", x=square, **plain)
            add(AFFINE, 4, 2, "4 rows and 2 columns", eps=DEFAULT_EPS)
            add(AFFINE, 3, 3, "as many rows as columns", eps=DEFAULT_EPS)
            ones = [{"gamma": np.ones(columns), "beta": np.ones(columns)} for columns in range(5)]
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, 3, 2, f"eps = {eps:.3g}", eps=float(eps), **ones[2])
            still = np.hstack([batch(rng, 4, 1), np.full((4, 1), 3.0)])
            add(EPS, 4, 2, "a second column of equal numbers, the default eps", x=still, **ones[2])
            x = batch(rng, 5, 4) + 1e5 * rng.choice([-1.0, 1.0], size=4)
            add(FAR, 5, 4, "columns that are near 100 000 or -100 000", x=x, eps=DEFAULT_EPS, **ones[4])
            add(SHAPES, 2, 3, "two rows", eps=DEFAULT_EPS, **ones[3])
            add(SHAPES, 6, 1, "a single column", eps=DEFAULT_EPS, **ones[1])
            add(INPUTS, 3, 2, "", watch=True, eps=DEFAULT_EPS)
            same = {"gamma": np.ones(2), "beta": np.zeros(2), "x": np.array([[1.0, -1.0], [-1.0, 1.0]])}
            add(INPUTS, 2, 2, "an x that is normalised already", watch=True, eps=1e-9, **same)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
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

    def plainer(self, case: Case) -> Call | None:
        """Without gamma and beta; near zero in the place of far from it."""
        given = dict(case.inputs["given"])
        if case.property in (AFFINE.id, SHAPES.id):
            columns = given["x"].shape[1]
            return {"given": {**given, "gamma": np.ones(columns), "beta": np.zeros(columns)}}
        if case.property == FAR.id:
            return {"given": {**given, "x": given["x"] - np.rint(given["x"].mean(axis=0) / 1e5) * 1e5}}
        return None

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        followed = super().follow(case, observed, expected)
        normalised = observed.readings.get(self.own(Reading(0, "y")))
        if case.property not in (AFFINE.id, SHAPES.id) or normalised is None:
            return followed
        given = case.inputs["given"]
        if normalised.shape != given["x"].shape:
            return followed
        arrays = (given["beta"], given["gamma"], normalised.astype(np.float64))
        return Evidence({Reading(0, "y"): torch.addcmul(*map(torch.tensor, arrays)).numpy()})

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
        return (torch_norm(torch.tensor(x), torch.tensor(gamma), torch.tensor(beta), eps),)


def _record_normalised(recorder: Recorder, case: Case, y: Any) -> None:
    """y; before it, where the case asks for mean 0 and variance 1, these two, which are easier to follow."""
    if case.property == NORMALISED.id:
        array = recorder.record(0, "y", y)
        del recorder.readings[Reading(0, "y")]
        if array.shape == case.inputs["given"]["x"].shape:
            recorder.record(0, "column_means", array.mean(axis=0))
            recorder.record(0, "column_variances", array.var(axis=0))
    recorder.record(0, "y", y)


class Images(FunctionExercise):
    """``batch_norm_2d``. Where it calls the student's own forward it is judged with that as it is."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(judged: Property, shape: tuple[int, ...], note: str = "", **changes: Any) -> None:
            n, c, h, w = shape
            x = batch(rng, n * h * w, c).reshape(n, h, w, c).transpose(0, 3, 1, 2)
            given = {
                "x": np.ascontiguousarray(x),
                "gamma": parameters(rng, (c,)),
                "beta": parameters(rng, (c,)),
            }
            inputs = {"given": given | changes, "watch": judged == INPUTS}
            cases.append(Case(judged.id, inputs, note or f"x of shape {shape}"))

        for _ in range(1 if level == "public" else 3):
            plain = {"gamma": np.ones(2), "beta": np.zeros(2)}
            # As high and as wide as there are channels: gamma and beta are no matter of these.
            for shape in ((2, 2, 2, 2), (3, 2, 2, 2)):
                add(CHANNELS, shape, f"x of shape {shape}, gamma = 1 and beta = 0", **plain)
            add(CHANNEL_AFFINE, (2, 2, 2, 3))
            add(CHANNEL_AFFINE, (2, 3, 3, 3))
            add(CHANNEL_AFFINE, (4, 3, 2, 4))
            for eps in (rng.uniform(0.05, 0.2), rng.uniform(0.5, 1.0)):
                add(EPS, (2, 2, 2, 2), f"eps = {eps:.3g}", eps=float(eps), **plain)
            still = batch(rng, 12, 2).reshape(3, 2, 2, 2)
            still[:, 1] = 3.0
            add(EPS, (3, 2, 2, 2), "a second channel of equal numbers", x=still, **plain)
            add(ANY_IMAGE, (2, 3, 1, 4))
            # Whatever the statistics are taken over, here they are the same.
            column = batch(rng, 4, 1).ravel()
            same = np.stack([rng.permutation(column) for _ in range(3)]).reshape(3, 1, 4, 1)
            add(ANY_IMAGE, (3, 1, 4, 1), "one channel, and the same numbers in each image", x=same)
            add(ANY_IMAGE, (3, 4, 1, 1))
            add(ANY_IMAGE, (2, 5, 4, 1))
            add(INPUTS, (2, 2, 2, 1))
        return cases

    def plainer(self, case: Case) -> Call | None:
        """Without gamma and beta."""
        given = case.inputs["given"]
        channels = given["x"].shape[1]
        if case.property != CHANNEL_AFFINE.id:
            return None
        return {"given": {**given, "gamma": np.ones(channels), "beta": np.zeros(channels)}}

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Its own result without gamma and beta, with which formula (4) goes on."""
        given, y = case.inputs["given"], Reading(0, "y")
        own = observed.readings.get(self.own(y))
        if own is None or own.shape != given["x"].shape:
            return super().follow(case, observed, expected)
        beta, gamma = (given[name][:, None, None] for name in ("beta", "gamma"))
        scaled = torch.addcmul(*map(torch.tensor, (beta, gamma, own.astype(np.float64))))
        return Evidence({**expected.readings, y: scaled.numpy()})

    def oracle(self, case: Case) -> Evidence:
        evidence = super().oracle(case)
        if not case.inputs.get("apart"):
            return evidence
        given = case.inputs["given"]
        rows = {**given, "x": np.moveaxis(given["x"], 1, -1)}
        y, _ = stand_in_forward(**rows)
        return Evidence({**evidence.readings, Reading(0, "y"): np.moveaxis(y, -1, 1)})

    def expected(
        self, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
    ) -> tuple[np.ndarray]:
        return (torch_norm(torch.tensor(x), torch.tensor(gamma), torch.tensor(beta), eps).numpy(),)


def stand_in_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, None]:
    """In the place of ``batch_norm_forward``: something that it does to each row, and no cache."""
    return gamma * x**3 - 2.0 * beta + 10.0 * eps, None


def _pixels(case: Case) -> Case:
    """The same numbers for ``batch_norm_forward``: every pixel of every image is a row."""
    given = case.inputs["given"]
    rows = np.moveaxis(given["x"], 1, -1).reshape(-1, given["x"].shape[1])
    return Case(AFFINE.id, {"given": given | {"x": rows}, "watch": True})


def _copies(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in given.items()
    }


def _layer_formulas(judged: str, reading: Reading, settings: Settings) -> str:
    """Those of y in the mode of its call."""
    if judged == layer.AFFINE.id:
        return numbered(4)
    return numbered(1, 2, 3, 4) if settings["modes"][reading.step - 1] == "t" else numbered(3, 4, 10)


FORWARD = Forward(
    id="batch_norm_forward",
    signature="(x, gamma, beta, eps=1e-5)",
    properties=(
        WORKED.worth(0.125),
        NORMALISED.worth(0.375),
        AFFINE.worth(0.375),
        EPS.worth(0.125),
        # A mean of 1e5 is itself only known to 1e-11.
        FAR.worth(0.125, rtol=1e-8, atol=1e-9),
        SHAPES.worth(0.125),
        INPUTS.worth(0.25),
    ),
    look_at={
        "column_means": "formulas (1) and (3)",
        "column_variances": "formulas (2) and (3)",
        "y": Formulas(
            plain=(1, 2, 3, 4),
            properties={AFFINE.id: (4,), EPS.id: (3,), FAR.id: (2,)},
        ),
    },
)

BACKWARD = BatchNormBackward(
    id="batch_norm_backward",
    signature="(dy, cache)",
    properties=(
        WORKED.worth(0.125),
        FOR_AFFINE.worth(1.0),
        FOR_X.worth(0.875),
        FOR_X_EPS.worth(0.25),
        INPUTS.worth(0.25),
    ),
    uses=(
        Uses(
            FORWARD,
            as_case=forward_call,
            found_by=in_notebook,
            said=f"Your {FORWARD.id} is not right yet, and its cache is used as it is: "
            f"mend {FORWARD.id} first.",
        ),
    ),
    look_at={"dbeta": "formula (5)", "dgamma": "formula (5)", "dx": "formulas (6) and (7)"},
    only=ONLY,
)

BATCH_NORM_1D = BatchNormLayer(
    id="BatchNorm1d",
    signature="(num_features, eps=1e-5, momentum=0.1)",
    properties=(
        layer.START.worth(0.25),
        layer.TRAINING.worth(0.25),
        layer.RUNNING.worth(0.75),
        layer.EVALUATION.worth(0.5),
        layer.MODES.worth(0.25),
        layer.AFFINE.worth(0.125),
        layer.ONE_ROW.worth(0.25),
        layer.ALONE.worth(0.125),
    ),
    look_at={
        "y": _layer_formulas,
        "running_mean": "formula (8)",
        "running_var": "formula (9)",
    },
)

BATCH_NORM_2D = Images(
    id="batch_norm_2d",
    signature="(x, gamma, beta, eps=1e-5)",
    properties=(
        CHANNELS.worth(0.5),
        CHANNEL_AFFINE.worth(0.5),
        EPS.worth(0.125),
        ANY_IMAGE.worth(0.125),
        INPUTS.worth(0.25),
    ),
    look_at={
        "y": Formulas(
            plain=(11, 3, 4),
            properties={CHANNELS.id: (3, 11), CHANNEL_AFFINE.id: (4,), EPS.id: (3,)},
        )
    },
    uses=(
        Uses(
            FORWARD,
            as_case=_pixels,
            found_by=called,
            said=f"Your {FORWARD.id} is not right yet, and it is used as you wrote it: mend it first.",
            without=partial(standing_in, stand_ins={FORWARD.id: stand_in_forward}),
        ),
    ),
    returns=("y",),
)

EXERCISES = (FORWARD, STAGES, BACKWARD, BATCH_NORM_1D, BATCH_NORM_2D)
