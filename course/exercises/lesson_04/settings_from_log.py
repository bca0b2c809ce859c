"""Lesson 04, the challenge: lr and alpha of an RMSprop run, from its parameters and gradients alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from course.exercise import Case, Evidence, Level, Property
from course.families.draws import parameters
from course.families.functions import Call, FunctionExercise
from course.readings import Reading

# Differences of neighbouring parameters lose digits: of sixteen, nine or more are left.
RTOL = 1e-6
ALPHA = Property(
    "alpha", "alpha from two steps", rtol=RTOL, atol=1e-7, looks_at=frozenset({"alpha"}), telling=True
)
RATE = Property(
    "lr", "an lr that explains the first step, given that alpha", rtol=RTOL, looks_at=frozenset({"lr"})
)
LONG_LOGS = Property(
    "long_logs",
    "one alpha from a longer log, which is left unchanged",
    rtol=RTOL,
    atol=1e-7,
    looks_at=frozenset({"alpha", "argument", "result_shared"}),
)
LR_READING, ALPHA_READING = Reading(0, "lr"), Reading(0, "alpha")
# The length of the first step by formulas (3) and (4): with a wrong alpha, too, lr can be right for it.
FIRST_STRIDE = Reading(0, "first_stride")

# The lesson's steps of RMSprop by hand, with lr = 0.1 and alpha = 0.9.
WORKED_GRADS = np.array([[0.5], [-0.25]])
WORKED_LR, WORKED_ALPHA = 0.1, 0.9


@dataclass(frozen=True)
class SettingsFromLog(FunctionExercise):
    """``settings_from_log``: which lr and alpha a log of PyTorch's RMSprop was made with."""

    def cases(self, rng: np.random.Generator, level: Level) -> list[Case]:
        rounds = 2 if level == "public" else 5
        cases: list[Case] = []

        def add(judged: Property, steps: int, count: int, alpha: float, note: str) -> None:
            sizes = rng.uniform(0.5, 2.0, size=(steps, count))
            grads = np.where(rng.random((steps, count)) < 0.5, -sizes, sizes)
            start = parameters(rng, (count,))
            theta = _torch_log(start, grads, lr=float(np.exp(rng.uniform(-6.0, -1.0))), alpha=alpha)
            inputs: Call = {"given": {"theta": theta, "grads": grads}, "watch": judged == LONG_LOGS}
            cases.append(Case(judged.id, inputs, note))

        theta = _torch_log(np.ones(1), WORKED_GRADS, WORKED_LR, WORKED_ALPHA)
        by_hand: Call = {"given": {"theta": theta, "grads": WORKED_GRADS}}
        for judged in (ALPHA, RATE):
            cases.append(Case(judged.id, by_hand, "the two steps that were worked by hand"))
            for _ in range(rounds):
                add(judged, 2, 1, rng.uniform(0.5, 0.99), "two steps of one parameter")
        for judged in (RATE, LONG_LOGS):
            add(judged, 3, 2, 0.0, "alpha = 0")
            for _ in range(rounds):
                add(judged, 6, 3, rng.uniform(0.5, 0.99), "six steps of three parameters")
            add(judged, int(rng.integers(20, 40)), 5, rng.uniform(0.8, 0.99), "many steps")
        return cases

    def expected(self, theta: np.ndarray, grads: np.ndarray) -> tuple[float, float]:
        """The settings of a log that ``_torch_log`` made, from all of its steps at once."""
        # s_t / lr^2, by (4) without eps. By (3) it is alpha times the one before plus c g_t^2, where c is
        # (1 - alpha) / lr^2.
        scaled = (grads / np.diff(theta, axis=0)) ** 2
        before = np.vstack([np.zeros_like(scaled[:1]), scaled[:-1]])
        equations = np.stack([before / scaled, grads**2 / scaled], axis=-1).reshape(-1, 2)
        (alpha, c), *_ = np.linalg.lstsq(equations, np.ones(len(equations)), rcond=None)
        return float(np.sqrt((1 - alpha) / c)), float(alpha)

    def observe(self, student_object: Any, case: Case) -> Evidence:
        return _told_apart(super().observe(student_object, case), case)

    def oracle(self, case: Case) -> Evidence:
        return _told_apart(super().oracle(case), case)

    def follow(self, case: Case, observed: Evidence, expected: Evidence) -> Evidence:
        """The lr that goes with the alpha that was found, unless the right one came back."""
        followed = super().follow(case, observed, expected)
        lr, alpha = (observed.readings.get(reading) for reading in (LR_READING, ALPHA_READING))
        if case.property != RATE.id or lr is None or alpha is None or lr.shape or alpha.shape:
            return followed
        if np.isclose(lr, expected.readings[LR_READING], rtol=RTOL, atol=0.0):
            return followed
        with np.errstate(all="ignore"):
            own = np.asarray(expected.readings[FIRST_STRIDE] * np.sqrt(1 - alpha))
        return replace(followed, readings={**followed.readings, LR_READING: own})


def _torch_log(start: np.ndarray, grads: np.ndarray, lr: float, alpha: float) -> np.ndarray:
    """The parameters before the first and after each step of PyTorch's RMSprop, (steps + 1, parameters)."""
    theta = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.RMSprop([theta], lr=lr, alpha=alpha, eps=0.0)
    log = [theta.detach().numpy().copy()]
    for g in grads:
        theta.grad = torch.tensor(g)
        optimizer.step()
        log.append(theta.detach().numpy().copy())
    return np.array(log)


def _told_apart(evidence: Evidence, case: Case) -> Evidence:
    """First what the case is about; a log that is longer is about alpha alone.

    Beside lr and alpha stands what they come to together, where they are single numbers.
    """
    readings = dict(evidence.readings)
    lr, alpha = (readings.get(reading) for reading in (LR_READING, ALPHA_READING))
    if case.property != RATE.id:
        readings.pop(LR_READING, None)
    if lr is not None and alpha is not None and case.property != LONG_LOGS.id:
        readings[LR_READING] = lr
        if not (lr.shape or alpha.shape):
            with np.errstate(all="ignore"):
                readings[FIRST_STRIDE] = np.asarray(lr / np.sqrt(1 - alpha))
    return replace(evidence, readings=readings)


SETTINGS_FROM_LOG = SettingsFromLog(
    id="settings_from_log",
    signature="(theta, grads)",
    properties=(ALPHA.worth(0.5), RATE.worth(0.75), LONG_LOGS.worth(0.25)),
    look_at={
        "lr": "formulas (3) and (4) at t = 1",
        "alpha": "formulas (3) and (4) at t = 1 and t = 2",
        "first_stride": "formulas (3) and (4) at t = 1",
    },
    returns=("lr", "alpha"),
)
