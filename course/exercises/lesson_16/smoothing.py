"""Lesson 16: cross-entropy with soft labels (Szegedy and others 2016), and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, FunctionExercise
from course.formulas import Formulas
from course.readings import Reading

LOSS_ALONE, GRAD_ALONE = frozenset({"loss"}), frozenset({"grad"})
WORKED = Property("worked", "the worked example")
HARD = Property("hard", "smoothing = 0: the label alone", telling=True)
LOSS = Property("loss", "the loss of one row", looks_at=LOSS_ALONE, telling=True)
GRADIENT = Property("gradient", "the gradient of one row", looks_at=GRAD_ALONE, telling=True)
ROWS = Property("rows", "the mean over rows")
LARGE = Property("large", "logits up to 1000 in size")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

# Probabilities 3/4 and 1/4.
WORKED_LOGITS = np.array([[np.log(3.0), 0.0]])
THE_LOSS, THE_GRAD = Reading(0, "loss"), Reading(0, "grad")


class LabelSmoothing(FunctionExercise):
    """``label_smoothing_cross_entropy``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {"logits": WORKED_LOGITS, "labels": np.array([0]), "smoothing": 0.2}
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(judged: Property, rows: int, classes: int, smoothing: float | None = None) -> None:
            logits = 2.0 * rng.normal(size=(rows, classes))
            if judged == LARGE:
                # Either sign in every row, all of them beyond what exp() can take.
                sign = np.where(np.arange(classes) % 2, 1.0, -1.0)
                logits = sign * rng.uniform(800.0, 1000.0, size=(rows, classes))
                if rows > 1:
                    # Less the largest of all rows, exp() of the first one's is 0.
                    logits[0] = rng.uniform(-1000.0, -800.0, size=classes)
            given: dict[str, Any] = {"logits": logits, "labels": rng.integers(0, classes, size=rows)}
            note = "the default smoothing"
            if smoothing is not None:
                given["smoothing"] = smoothing
                note = f"{rows} of {classes} logits, smoothing = {smoothing:.3g}"
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note))

        if level == "graded":
            add(WORKED, 1, 2, 0.2)
        for _ in range(1 if level == "public" else 3):
            some = float(rng.uniform(0.2, 0.6))
            add(HARD, 1, 3, 0.0)
            add(HARD, 1, 5, 0.0)
            for judged in (LOSS, GRADIENT):
                add(judged, 1, 3, some)
                add(judged, 1, 4)
                # All of the target is spread out evenly.
                add(judged, 1, 3, 1.0)
            add(ROWS, 3, 3, some)
            add(ROWS, 5, 4)
            add(LARGE, 1, 3, some)
            add(LARGE, 3, 4, 0.0)
            add(INPUTS, 1, 3, some)
        return cases

    def expected(
        self, logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1
    ) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.enable_grad():
            z = torch.tensor(logits, requires_grad=True)
            loss = F.cross_entropy(z, torch.tensor(labels), label_smoothing=smoothing)
            (grad,) = torch.autograd.grad(loss, z)
        return loss.detach(), grad

    def has_plainer(self, case: Case) -> bool:
        return case.property in (ROWS.id, LARGE.id)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """Large logits less the largest of their row, which gives the same; of several rows each by itself.

        From these come the mean of their losses, and of their gradients each its share.
        """
        given = case.inputs["given"]
        if case.property == LARGE.id:
            less = given["logits"] - given["logits"].max(axis=1, keepdims=True)
            shifted = {**case.inputs, "given": {**given, "logits": less}}
            return self.observe(student_object, replace(case, inputs=shifted)).readings
        losses, grads = [], []
        for logits, label in zip(given["logits"], given["labels"], strict=True):
            one = {"given": {**given, "logits": logits[None], "labels": np.array([label])}}
            readings = self.observe(student_object, replace(case, inputs=one)).readings
            loss, grad = readings.get(THE_LOSS), readings.get(THE_GRAD)
            if loss is None or grad is None or loss.shape != () or grad.shape != (1, len(logits)):
                return {}
            losses.append(loss.astype(np.float64))
            grads.append(grad)
        return {THE_LOSS: np.asarray(np.mean(losses)), THE_GRAD: np.concatenate(grads) / len(grads)}


LABEL_SMOOTHING = LabelSmoothing(
    id="label_smoothing_cross_entropy",
    signature="(logits, labels, smoothing=0.1)",
    properties=(
        WORKED.worth(0.125),
        HARD.worth(0.25),
        LOSS.worth(0.5),
        GRADIENT.worth(0.5),
        ROWS.worth(0.25),
        LARGE.worth(0.25),
        INPUTS.worth(0.125),
    ),
    look_at={
        "loss": Formulas(plain=(1, 2), properties={HARD.id: (2,), LARGE.id: (3,)}),
        "grad": "formula (4)",
    },
    returns=("loss", "grad"),
)
