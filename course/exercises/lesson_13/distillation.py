"""Lesson 13: the loss of a student that learns from labels and from a teacher (Hinton and others 2015)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course.exercise import Case, Evidence, Level, Property
from course.families.functions import WATCHED, Call, FunctionExercise
from course.formulas import Formulas
from course.readings import Reading

WORKED = Property("worked", "the worked example", telling=True)
HARD = Property("hard", "alpha = 0: the labels alone", telling=True)
SOFT = Property("soft", "alpha = 1 at temperature 1: the teacher alone", telling=True)
LOSS_AT_T = Property("loss_at_t", "the loss at other temperatures", telling=True)
GRAD_AT_T = Property("grad_at_t", "the gradient at other temperatures", telling=True)
MIXED = Property("mixed", "labels and teacher together")
LARGE = Property("large", "logits up to 1000 in size")
INPUTS = Property("inputs", "leaves its inputs unchanged", looks_at=WATCHED)

LOSS, GRAD = Reading(0, "loss"), Reading(0, "grad")
# The one result that these are about: the other is another property's affair.
ABOUT: Mapping[str, Reading] = {LOSS_AT_T.id: LOSS, GRAD_AT_T.id: GRAD}
# At one end of alpha. Which end is which term's HARD and SOFT say; these are about the terms themselves.
AT_ONE_END = (LOSS_AT_T.id, GRAD_AT_T.id, LARGE.id)
# With odds of 3 to 1 and 9 to 1 at temperature 1.
WORKED_STUDENT, WORKED_TEACHER = np.array([[0.0, 0.0]]), np.array([[2 * np.log(3.0), 0.0]])


class DistillationLoss(FunctionExercise):
    """``distillation_loss``."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        worked = {
            "student_logits": WORKED_STUDENT,
            "teacher_logits": WORKED_TEACHER,
            "labels": np.array([0]),
            "temperature": 2.0,
            "alpha": 0.5,
        }
        cases = [Case(WORKED.id, {"given": worked}, "the numbers of the worked example")]

        def add(
            judged: Property, rows: int, classes: int, size: float = 2.0, far: bool = False, **options: float
        ) -> None:
            logits = np.clip(size * rng.normal(size=(2, rows, classes)), -1000.0, 1000.0)
            if far:
                # Less the largest of all rows, exp() of the first one's is 0.
                logits[:, 0], logits[:, 1] = rng.uniform(-1000.0, -850.0, (2, classes)), np.abs(logits[:, 1])
            given = {
                "student_logits": logits[0],
                "teacher_logits": logits[1],
                "labels": rng.integers(0, classes, size=rows),
                **options,
            }
            note = ", ".join(f"{name} = {value:.3g}" for name, value in options.items())
            note = f"logits up to {np.abs(logits).max():.0f}, {note}" if judged == LARGE else note
            cases.append(Case(judged.id, {"given": given, "watch": judged == INPUTS}, note or "the defaults"))

        if level == "graded":
            add(WORKED, 1, 2, temperature=2.0, alpha=0.5)
        for _ in range(1 if level == "public" else 3):
            warm, hot = float(rng.uniform(1.5, 3.0)), float(rng.uniform(3.0, 6.0))
            add(HARD, 1, 3, temperature=warm, alpha=0.0)
            add(HARD, 4, 3, temperature=1.0, alpha=0.0)
            add(SOFT, 1, 3, temperature=1.0, alpha=1.0)
            add(SOFT, 3, 5, temperature=1.0, alpha=1.0)
            for judged in (LOSS_AT_T, GRAD_AT_T):
                add(judged, 1, 3, temperature=warm, alpha=1.0)
                add(judged, 3, 4, temperature=hot, alpha=1.0)
                add(judged, 2, 3, temperature=0.5, alpha=1.0)
            add(MIXED, 2, 3)
            add(MIXED, 3, 4, temperature=warm, alpha=float(rng.uniform(0.1, 0.4)))
            add(MIXED, 3, 3, temperature=1.0, alpha=float(rng.uniform(0.6, 0.9)))
            add(LARGE, 2, 3, size=500.0, temperature=1.0, alpha=0.5)
            add(LARGE, 3, 4, size=400.0, temperature=warm, alpha=1.0)
            add(LARGE, 3, 3, size=400.0, far=True, temperature=1.0, alpha=0.0)
            add(INPUTS, 2, 3, temperature=warm, alpha=0.5)
            add(INPUTS, 2, 3, temperature=1.0, alpha=1.0)
        return cases

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return _about(super().observe(student_object, case), case)

    def oracle(self, case: Case) -> Evidence:
        return _about(super().oracle(case), case)

    def has_plainer(self, case: Case) -> bool:
        return case.property in (MIXED.id, *AT_ONE_END)

    def observe_plainer(
        self, student_object: Any, case: Case, observed: Evidence
    ) -> Mapping[Reading, np.ndarray]:
        """The labels alone and the teacher alone, mixed; of one of them what it gives for the other."""
        given = {**self.defaults, **case.inputs["given"]}
        if case.property in AT_ONE_END:
            return self.observe(student_object, _at_the_other_end(case)).readings
        ends = []
        for alpha in (0.0, 1.0):
            call: Call = {"given": {**given, "alpha": alpha}}
            ends.append(self.observe(student_object, Case(MIXED.id, call)).readings)
        alpha = given["alpha"]
        return {
            reading: (1 - alpha) * ends[0][reading] + alpha * ends[1][reading]
            for reading in (LOSS, GRAD)
            if all(reading in end for end in ends) and ends[0][reading].shape == ends[1][reading].shape
        }

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """Where alpha and 1 - alpha are exchanged: each term at the other's end."""
        if case.property not in AT_ONE_END:
            return super().follow(case, observed, expected)
        for reading, array in expected.readings.items():
            own = observed.readings.get(self.own(reading))
            if own is None or own.shape != array.shape or not np.allclose(own, array, rtol=1e-10, atol=1e-12):
                return expected
        return self.oracle(_at_the_other_end(case))

    def expected(
        self,
        student_logits: np.ndarray,
        teacher_logits: np.ndarray,
        labels: np.ndarray,
        temperature: float = 2.0,
        alpha: float = 0.5,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        student = torch.tensor(student_logits, requires_grad=True)
        soft = F.kl_div(
            F.log_softmax(student / temperature, dim=1),
            F.softmax(torch.tensor(teacher_logits) / temperature, dim=1),
            reduction="batchmean",
        )
        hard = F.cross_entropy(student, torch.tensor(labels))
        loss = alpha * temperature**2 * soft + (1 - alpha) * hard
        (grad,) = torch.autograd.grad(loss, student)
        return loss.detach(), grad


def _at_the_other_end(case: Case) -> Case:
    """With the other term alone; between the ends, with their shares exchanged."""
    given = case.inputs["given"]
    return replace(case, inputs={**case.inputs, "given": {**given, "alpha": 1.0 - given["alpha"]}})


def _about(evidence: Evidence, case: Case) -> Evidence:
    """The evidence of the one result that a property is about."""
    if case.property not in ABOUT:
        return evidence
    kept = {reading: array for reading, array in evidence.readings.items() if reading == ABOUT[case.property]}
    return Evidence(kept, evidence.problem)


DISTILLATION_LOSS = DistillationLoss(
    id="distillation_loss",
    signature="(student_logits, teacher_logits, labels, temperature=2.0, alpha=0.5)",
    properties=(
        WORKED.worth(0.125),
        HARD.worth(0.25),
        SOFT.worth(0.375),
        LOSS_AT_T.worth(0.25),
        GRAD_AT_T.worth(0.25),
        MIXED.worth(0.375),
        LARGE.worth(0.25),
        INPUTS.worth(0.125),
    ),
    look_at={
        "loss": Formulas(plain=(4, 5, 6), properties={HARD.id: (6,), SOFT.id: (5,), LOSS_AT_T.id: (5, 6)}),
        "grad": Formulas(plain=(7,)),
    },
    returns=("loss", "grad"),
)
