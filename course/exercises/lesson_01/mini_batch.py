"""Lesson 01: mini-batches, the gradient of a squared error, and SGD (Robbins and Monro 1951)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypedDict, cast

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import BatchSampler

from course.exercise import Case, Evidence, Exercise, Level, Property, Uses
from course.exercises.lesson_01 import accumulated_step as accumulated
from course.exercises.lesson_01.accumulated_step import AccumulatedStep
from course.exercises.lesson_01.fit_linear import (
    INPUTS,
    LAST_USED,
    LOSSES,
    NEW_ORDER,
    WHOLE_BATCH,
    WORKED_X,
    WORKED_Y,
    FitLinear,
    as_batches,
    as_gradient,
    stand_in_batches,
    stand_in_gradient,
)
from course.families import optimizers
from course.families.earlier import in_notebook, standing_in
from course.families.functions import Call, FunctionExercise
from course.families.optimizers import OptimizerClass
from course.families.recorder import Recorder
from course.formulas import Formulas
from course.readings import Reading

IN_ORDER = Property("in_order", "batches in order, without rng", telling=True)
SHORT_LAST = Property("short_last", "keeps the short last batch")
DROP_LAST = Property("drop_last", "drop_last leaves out the short last batch alone")
SHUFFLED = Property("shuffled", "a shuffled order from rng")
ONE_DRAW = Property("one_draw", "draws one permutation from rng")
EDGES = Property("edges", "any n and any batch_size")

PLAIN = Property("plain", "the gradient of the mean squared error", telling=True)
L2 = Property("l2", "the L2 term, in dw alone")
ONE_ROW = Property("one_row", "batches of any size, also one row")
DECAY = Property("decay", "weight decay is added to the gradient")


class Batches(TypedDict):
    """The inputs of ``minibatch_indices``: its arguments, with the seed of ``rng``; None for no rng."""

    n: int
    batch_size: int
    drop_last: bool
    seed: int | None


@dataclass(frozen=True)
class MinibatchIndices(Exercise):
    """``minibatch_indices``: the evidence is every batch, and what the generator draws next."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, n: int, batch_size: int, shuffle: bool = False, drop_last: bool = False
        ) -> None:
            note = f"n = {n}, batch_size = {batch_size}"
            if drop_last:
                note += ", drop_last = True"
            seed = int(rng.integers(2**31)) if shuffle else None
            inputs: Batches = {"n": n, "batch_size": batch_size, "drop_last": drop_last, "seed": seed}
            cases.append(Case(judged.id, inputs, note))

        add(IN_ORDER, 4, 2)
        add(SHORT_LAST, 5, 2)
        rounds, most = (1, 6) if level == "public" else (3, 12)
        for _ in range(rounds):
            size, batches = (int(number) for number in rng.integers(2, most + 1, size=2))
            n = size * batches
            add(IN_ORDER, n, size)
            # One row is left over: batches of nearly equal sizes are others.
            add(SHORT_LAST, batches * (size + 1) + 1, size + 1)
            add(DROP_LAST, n + 1, size, drop_last=True)
            add(DROP_LAST, n, size, drop_last=True)
            add(DROP_LAST, size, size + 1, drop_last=True)
            # At least 8 rows: a shuffled order is as good as never the order itself.
            add(SHUFFLED, n + 8 * size, size, shuffle=True)
            add(SHUFFLED, 8 * (size + 1), size + 1, shuffle=True, drop_last=True)
            add(ONE_DRAW, n + 8, size, shuffle=True)
            for edge in ((0, size), (1, 1), (size, size), (size, 3 * size), (size, 1)):
                add(EDGES, *edge)
            add(EDGES, 0, size, drop_last=True)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        with recorder.running():
            inputs = cast(Batches, case.inputs)
            rng = _rng(inputs)
            named: dict[str, Any] = {} if rng is None else {"rng": rng}
            if inputs["drop_last"]:
                named["drop_last"] = True
            batches = recorder.call(student_object, inputs["n"], inputs["batch_size"], **named)
            if not isinstance(batches, (list, tuple)):
                if batches is None:
                    recorder.stop("no_batches", name=self.id)
                recorder.stop("not_batches", name=self.id, type=type(batches).__name__)
            self._record(recorder, case, batches, rng)
        return recorder.evidence()

    def has_plainer(self, case: Case) -> bool:
        return case.property in (DROP_LAST.id, SHUFFLED.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The batches in order, with the last one."""
        plainer: Batches = {**cast(Batches, case.inputs), "drop_last": False, "seed": None}
        return self.observe(student_object, replace(case, inputs=plainer)).readings

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Its own batches, of rows in the order that is drawn, without the last one if rows are left over."""
        inputs = cast(Batches, case.inputs)
        in_order = [
            array
            for reading, array in observed.readings.items()
            if reading == self.own(Reading(0, "batches", reading.place)) and array.dtype.kind in "iu"
        ]
        if not self.has_plainer(case) or not in_order:
            return super().follow(case, observed, expected)
        n, rng = inputs["n"], _rng(inputs)
        rows = np.arange(n) if rng is None else rng.permutation(n)
        kept = in_order[:-1] if inputs["drop_last"] and n % inputs["batch_size"] else in_order
        recorder = Recorder(self.id, self.signature)
        self._record(recorder, case, [rows[np.clip(batch, 0, n - 1)] for batch in kept], rng)
        return recorder.evidence()

    def oracle(self, case: Case) -> Evidence:
        recorder = Recorder(self.id, self.signature)
        inputs = cast(Batches, case.inputs)
        rng, n = _rng(inputs), inputs["n"]
        rows = range(n) if rng is None else rng.permutation(n).tolist()
        batches = list(BatchSampler(rows, inputs["batch_size"], inputs["drop_last"]))
        self._record(recorder, case, batches, rng)
        return recorder.evidence()

    def _record(self, recorder: Recorder, case: Case, batches: Any, rng: np.random.Generator | None) -> None:
        if rng is not None and case.property == ONE_DRAW.id:
            recorder.record(0, "next_draw", rng.random())
            return
        recorder.record(0, "batch_count", len(batches))
        arrays = [recorder.record(0, "batches", batch, (k,)) for k, batch in enumerate(batches)]
        others = any(array.dtype.kind not in "iu" for array in arrays)
        recorder.record(0, "not_integers", others)


def _rng(inputs: Batches) -> np.random.Generator | None:
    return None if inputs["seed"] is None else np.random.default_rng(inputs["seed"])


class MseGradient(FunctionExercise):
    """``mse_gradient``: autograd's gradient of formula (2)."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        cases = []

        def add(
            judged: Property, m: int, d: int, l2: bool = False, watch: bool = False, note: str = ""
        ) -> None:
            given: dict[str, Any] = {
                "X": rng.normal(size=(m, d)),
                "y": rng.normal(size=m),
                "w": rng.normal(size=d),
            }
            given["b"] = float(rng.uniform(0.5, 2.0))
            if l2:
                given["l2"] = float(rng.uniform(0.1, 3.0))
                note = f"l2 = {given['l2']:.4g}, m = {m}"
            cases.append(Case(judged.id, {"given": given, "watch": watch}, note))

        for X, y, w, b in ((WORKED_X[:2], WORKED_Y[:2], 0.0, 0.0), (WORKED_X[2:], WORKED_Y[2:], 0.65, 0.4)):
            given = {"X": X, "y": y, "w": np.array([w]), "b": b}
            cases.append(
                Case(
                    (PLAIN if len(y) > 1 else ONE_ROW).id,
                    {"given": given},
                    "the numbers of the worked example",
                )
            )
        for _ in range(1 if level == "public" else 3):
            add(PLAIN, 4, 2, note="4 rows")
            add(PLAIN, 7, 3, note="7 rows")
            add(L2, 3, 2, l2=True)
            add(L2, 6, 4, l2=True)
            add(ONE_ROW, 1, 3, note="one row")
            add(ONE_ROW, 3, 3, note="as many rows as columns")
            add(INPUTS, 3, 2, watch=True)
            add(INPUTS, 1, 1, watch=True)
        return cases

    def plainer(self, case: Case) -> Call | None:
        """Without the L2 term; with each row twice, which leaves the mean as it is."""
        given = case.inputs["given"]
        if case.property == L2.id:
            return {"given": {name: value for name, value in given.items() if name != "l2"}}
        if case.property == ONE_ROW.id:
            return {"given": {**given, **{name: np.concatenate([given[name]] * 2) for name in ("X", "y")}}}
        return None

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        followed = super().follow(case, observed, expected)
        if case.property != L2.id:
            return followed
        without = self.oracle(replace(case, inputs=cast(Call, self.plainer(case)))).readings
        added = {reading: expected.readings[reading] - without[reading] for reading in expected.readings}
        return Evidence(
            {
                reading: array + added[reading]
                for reading, array in followed.readings.items()
                if array.shape == added[reading].shape
            }
        )

    def expected(
        self, X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float, l2: float = 0.0
    ) -> tuple[Any, ...]:
        weight = torch.tensor(w, requires_grad=True)
        bias = torch.tensor(b, dtype=torch.float64, requires_grad=True)
        error = F.mse_loss(torch.tensor(X) @ weight + bias, torch.tensor(y))
        (error + l2 / (2 * len(y)) * weight.square().sum()).backward()
        return weight.grad, bias.grad


class SGDClass(OptimizerClass):
    """``SGD``: no state at all, so that what is graded is the interface and the decay."""

    def draw_hyper(self, rng: np.random.Generator) -> dict[str, Any]:
        return {"lr": rng.uniform(0.01, 0.1)}

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        inputs = self._draw(rng, [(3,)], steps=2, hyper=_draw_decay(rng), zero_from=1)
        flat = Case(DECAY.id, inputs, "weight decay, and a gradient of zeros in step 2")
        return [*super().cases(rng, level), flat]


def _draw_decay(rng: np.random.Generator) -> dict[str, Any]:
    return {"lr": rng.uniform(0.01, 0.1), "weight_decay": rng.uniform(0.05, 0.5)}


INDICES = MinibatchIndices(
    id="minibatch_indices",
    signature="(n, batch_size, rng=None, drop_last=False)",
    properties=(
        IN_ORDER.worth(0.625),
        SHORT_LAST.worth(0.375),
        DROP_LAST.worth(0.5),
        SHUFFLED.worth(0.5),
        ONE_DRAW.worth(0.25),
        EDGES.worth(0.25),
    ),
    look_at={
        "batch_count": "formula (1)",
        "batches": Formulas(plain=(1,), properties={SHUFFLED.id: ()}),
    },
)

GRADIENT = MseGradient(
    id="mse_gradient",
    signature="(X, y, w, b, l2=0.0)",
    float32=True,
    properties=(PLAIN.worth(0.5), L2.worth(0.375), ONE_ROW.worth(0.375), INPUTS.worth(0.25)),
    look_at={"dw": "formula (3)", "db": "formula (4)"},
    returns=("dw", "db"),
)

BAD_HYPER = ({"lr": -0.1}, {"weight_decay": -0.01})
GOOD_HYPER: tuple[Mapping[str, Any], ...] = ({"lr": 0.0}, {"weight_decay": 0.0})

SGD = SGDClass(
    id="SGD",
    signature="(params, lr, weight_decay=0.0)",
    properties=(
        optimizers.FIRST_STEP.worth(0.25),
        optimizers.FIVE_STEPS.worth(0.25),
        optimizers.SHAPES.worth(0.125),
        DECAY.worth(0.375),
        optimizers.NONE_GRADIENT.worth(0.25),
        optimizers.LEARNING_RATE.worth(0.125),
        optimizers.IN_PLACE.worth(0.125),
        optimizers.INSTANCES.worth(0.125),
        optimizers.ZERO_GRAD.worth(0.125),
        optimizers.TRAINS.worth(0.125),
        optimizers.BAD_HYPER.worth(0.125),
    ),
    look_at={"params": Formulas(plain=(7,), properties=optimizers.NO_FORMULA)},
    torch_name="SGD",
    bad_hyper=BAD_HYPER,
    good_hyper=GOOD_HYPER,
    choices={DECAY: _draw_decay},
    relations=("l2",),
)


def _used_by_fit(earlier: Exercise, as_case: Callable[[Case], Case], stand_in: Any) -> Uses:
    said = (
        f"On these rows your {earlier.id} is not right yet, and fit_linear is judged with it as it is: "
        f"mend {earlier.id} first."
    )
    return Uses(earlier, as_case, in_notebook, said, partial(standing_in, stand_ins={earlier.id: stand_in}))


# The updates themselves have a property of their own; in these the rows of each are what can be wrong.
WHICH_ROWS = {NEW_ORDER.id: (1,), LAST_USED.id: (1,)}

FIT = FitLinear(
    id="fit_linear",
    signature="(X, y, batch_size, lr, epochs, rng)",
    properties=(
        WHOLE_BATCH.worth(0.5),
        NEW_ORDER.worth(0.5),
        LAST_USED.worth(0.375),
        LOSSES.worth(0.625),
        INPUTS.worth(0.5),
    ),
    uses=(
        _used_by_fit(INDICES, lambda case: Case(IN_ORDER.id, as_batches(case)), stand_in_batches),
        _used_by_fit(GRADIENT, lambda case: Case(PLAIN.id, as_gradient(case)), stand_in_gradient),
    ),
    look_at={
        "w": Formulas(plain=(5,), properties=WHICH_ROWS),
        "b": Formulas(plain=(5,), properties=WHICH_ROWS),
        "loss": "formula (2)",
    },
)

ACCUMULATED = AccumulatedStep(
    id="accumulated_step",
    signature="(model, loss_fn, pieces, optimizer)",
    properties=(
        accumulated.EQUAL.worth(0.25),
        accumulated.UNEVEN.worth(0.375),
        accumulated.LOSS.worth(0.25),
        accumulated.ZEROED.worth(0.375),
        accumulated.PIECEWISE.worth(0.25),
    ),
    look_at={
        "params": "what the first term of formula (2) divides by",
        "loss": "what the first term of formula (2) divides by",
        "step_calls": "step 5 of the training loop",
        "pieces_joined": "what fits into memory",
    },
)

EXERCISES = (INDICES, GRADIENT, FIT, SGD, ACCUMULATED)
