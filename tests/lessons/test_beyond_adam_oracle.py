"""Lesson 10's oracles against the formulas of the text, on inputs that hypothesis chooses."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course.exercise import Case
from course.exercises.lesson_10 import adafactor, lion, newton_schulz, schedule_free
from course.exercises.lesson_10.adafactor import ADAFACTOR
from course.exercises.lesson_10.lion import LION
from course.exercises.lesson_10.newton_schulz import NEWTON_SCHULZ
from course.exercises.lesson_10.schedule_free import SCHEDULE_FREE
from course.families import optimizers, updates
from course.judging.judge import judge
from course.readings import Reading

FLOATS = st.floats(-10, 10).filter(lambda value: value == 0 or abs(value) > 1e-3)
BETAS = st.floats(0.0, 0.99)


def lion_step(theta, grad, m, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * grad  # (1)
    return (1 - lr * weight_decay) * theta - lr * np.sign(c), beta2 * m + (1 - beta2) * grad  # (2), (3)


def adafactor_step(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
    w = t**-0.8
    row = (1 - w) * row + w * (grad**2).mean(axis=1)  # (4)
    col = (1 - w) * col + w * (grad**2).mean(axis=0)
    V = np.outer(row, col) / max(row.mean(), eps1)  # (5)
    U = grad / np.sqrt(np.maximum(V, eps1**2))
    U = U / max(1, np.sqrt((U**2).mean()) / d)  # (6)
    return theta - max(eps2, np.sqrt((theta**2).mean())) * min(lr, 1 / np.sqrt(t)) * U, row, col  # (7)


def verdict(exercise, answer, seed):
    cases = exercise.cases(np.random.default_rng(seed), "graded")
    observed = [exercise.probe(answer, case) for case in cases]
    return judge(exercise, cases, observed, [exercise.oracle(case) for case in cases])


def lost(exercise, answer, seed):
    """The ids of the properties that an answer loses."""
    return {entry.property.id for entry in verdict(exercise, answer, seed).properties if not entry.passed}


@settings(deadline=None, max_examples=60)
@given(
    theta=FLOATS, grads=st.lists(FLOATS, min_size=1, max_size=6), m=FLOATS, lr=st.floats(1e-4, 1.0),
    beta1=BETAS, beta2=BETAS, decay=st.floats(0.0, 1.0),
)  # fmt: skip
def test_lion_follows_formulas_1_to_3(theta, grads, m, lr, beta1, beta2, decay):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "weight_decay": decay}
    inputs = {
        "theta": np.array(theta), "grads": np.array(grads), "state": {"m": np.array(m)}, "t": 1,
        "hyper": hyper, "watch": False,
    }  # fmt: skip
    if not LION._is_clear(inputs):
        return
    readings = LION.oracle(Case("any", inputs)).readings
    for step, g in enumerate(grads, start=1):
        theta, m = lion_step(theta, g, m, **hyper)
        np.testing.assert_allclose(readings[Reading(step, "m")], m, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(step, "theta")], theta, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("level", ["public", "graded"])
@pytest.mark.parametrize("seed", range(5))
def test_no_direction_of_lion_is_near_0_but_0_itself(seed, level):
    cases = [case for case in LION.cases(np.random.default_rng(seed), level)]
    assert all(LION._is_clear(case.inputs) for case in cases)
    zeros = [case for case in cases if case.property == lion.ZERO.id]
    readings = LION.oracle(zeros[1]).readings
    decayed = 1 - zeros[1].inputs["hyper"]["lr"] * zeros[1].inputs["hyper"]["weight_decay"]
    np.testing.assert_allclose(readings[Reading(1, "theta")], decayed * zeros[1].inputs["theta"])


def test_lions_worked_example_has_the_numbers_of_the_text():
    readings = LION.oracle(Case("any", lion.WORKED)).readings
    np.testing.assert_allclose(readings[Reading(1, "theta")], [0.85, -1.8])
    np.testing.assert_allclose(readings[Reading(1, "m")], [0.05, -0.4])
    np.testing.assert_allclose(readings[Reading(2, "theta")], [0.9075, -1.81])
    np.testing.assert_allclose(readings[Reading(2, "m")], [0.035, -0.26])


MATRICES = arrays(np.float64, (2, 3), elements=FLOATS)


@settings(deadline=None, max_examples=60)
@given(
    theta=MATRICES, grad=MATRICES, row=arrays(np.float64, 2, elements=st.floats(0, 10)),
    col=arrays(np.float64, 3, elements=st.floats(0, 10)), t=st.integers(1, 100_000),
    lr=st.floats(1e-4, 1.0), d=st.floats(1.0, 20.0), eps1=st.floats(1e-8, 2.0), eps2=st.floats(1e-3, 3.0),
)  # fmt: skip
def test_adafactor_follows_formulas_4_to_7(theta, grad, row, col, t, lr, d, eps1, eps2):
    hyper = {"lr": lr, "d": d, "eps1": eps1, "eps2": eps2}
    inputs = {
        "theta": theta, "grads": grad[None], "state": {"row": row, "col": col}, "t": t, "hyper": hyper,
        "watch": False,
    }  # fmt: skip
    readings = ADAFACTOR.oracle(Case("any", inputs)).readings
    for name, value in zip(
        ("theta", "row", "col"), adafactor_step(theta, grad, row, col, t, **hyper), strict=True
    ):
        np.testing.assert_allclose(readings[Reading(1, name)], value, rtol=1e-9, atol=1e-12)


def test_adafactors_worked_example_has_the_numbers_of_the_text():
    readings = ADAFACTOR.oracle(Case("any", adafactor.WORKED)).readings
    np.testing.assert_allclose(readings[Reading(1, "row")], [1, 5])
    np.testing.assert_allclose(readings[Reading(1, "col")], [5, 1])
    expected = [[2.798, -2.548], [2.729, 2.798]]
    np.testing.assert_allclose(readings[Reading(1, "theta")], expected, atol=5e-4)


@pytest.mark.parametrize("seed", range(3))
def test_wrong_averages_of_adafactor_keep_the_steps_that_fit_them(seed):
    def of_sums(theta, grad, row, col, t, *hyper, **named):
        w = t**-0.8
        row, col = ((1 - w) * old + w * (grad**2).sum(axis=axis) for old, axis in ((row, 1), (col, 0)))
        back = [(new - w * (grad**2).mean(axis=axis)) / (1 - w or 1) for new, axis in ((row, 1), (col, 0))]
        stepped = adafactor_step(theta, grad, *back, t, *hyper, **named)[0] if t > 1 else theta
        return stepped, row, col

    missed = lost(ADAFACTOR, of_sums, seed)
    assert adafactor.STATE.id in missed
    assert adafactor.FACTORED.id not in missed


@pytest.mark.parametrize("seed", range(3))
def test_clipping_hides_a_missing_mean_but_where_nothing_is_clipped(seed):
    def no_mean(theta, grad, row, col, t, lr=1e-2, d=1.0, eps1=2**-52, eps2=1e-3):
        _, row, col = adafactor_step(theta, grad, row, col, t)
        U = grad / np.sqrt(np.maximum(np.outer(row, col), eps1**2))
        U = U / max(1, np.sqrt((U**2).mean()) / d)
        return theta - max(eps2, np.sqrt((theta**2).mean())) * min(lr, t**-0.5) * U, row, col

    missed = lost(ADAFACTOR, no_mean, seed)
    assert adafactor.FACTORED.id in missed
    assert not {adafactor.SCALE.id, adafactor.STATE.id} & missed


@settings(deadline=None, max_examples=40)
@given(
    start=FLOATS, grads=st.lists(FLOATS, min_size=1, max_size=6), rates=st.data(),
    momentum=st.floats(0.05, 0.95), decay=st.floats(0.0, 2.0),
)  # fmt: skip
def test_schedule_free_follows_formulas_8_to_11(start, grads, rates, momentum, decay):
    lrs = rates.draw(
        st.lists(st.sampled_from([0.0, 0.01, 0.1, 0.3]), min_size=len(grads), max_size=len(grads))
    )
    inputs = {
        "params": [np.array([start])], "grads": [[np.array([g])] for g in grads], "lrs": lrs,
        "hyper": {"lr": 0.1, "momentum": momentum, "weight_decay": decay},
        "modes": ["", *["et"] * len(grads)],
    }  # fmt: skip
    readings = SCHEDULE_FREE.oracle(Case("any", inputs)).readings
    x = y = z = start
    total = 0.0
    for t, (g, lr) in enumerate(zip(grads, lrs, strict=True), start=1):
        z = z - lr * (g + decay * y)  # (8)
        total += lr**2
        c = lr**2 / total if total else 0.0  # (9)
        x = (1 - c) * x + c * z  # (10)
        y = (1 - momentum) * z + momentum * x  # (11)
        for name, value in (("params", y), ("evaluated", x), ("resumed", y)):
            np.testing.assert_allclose(readings[Reading(t, name, (0,))], [value], rtol=1e-9, atol=1e-11)


def test_schedule_free_refuses_what_the_contract_refuses():
    case = next(
        c
        for c in SCHEDULE_FREE.cases(np.random.default_rng(0), "public")
        if c.property == optimizers.BAD_HYPER.id
    )
    refused = [bool(value) for value in SCHEDULE_FREE.oracle(case).readings.values()]
    assert refused == [True] * len(schedule_free.BAD_HYPER) + [False] * len(SCHEDULE_FREE.good_hyper)


class Counted:
    """Schedule-free SGD as the paper's text has it: c = 1 / (t + 1)."""

    def __init__(self, params, lr=1.0, momentum=0.9, weight_decay=0.0):
        if lr < 0 or weight_decay < 0 or not 0 < momentum < 1:
            raise ValueError("refused")
        self.params, self.lr, self.momentum, self.decay = list(params), lr, momentum, weight_decay
        self.x = [p.detach().clone() for p in self.params]
        self.z = [p.detach().clone() for p in self.params]
        self.sums = [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.z[i] = self.z[i] - self.lr * (p.grad + self.decay * p)
                self.sums[i] += self.lr**2
                c = self.lr**2 / (self.sums[i] + self.lr**2) if self.lr else 0.0
                self.x[i] = (1 - c) * self.x[i] + c * self.z[i]
        self.train()

    @torch.no_grad()
    def train(self):
        for p, x, z in zip(self.params, self.x, self.z, strict=True):
            p.copy_((1 - self.momentum) * z + self.momentum * x)

    @torch.no_grad()
    def eval(self):
        for p, x in zip(self.params, self.x, strict=True):
            p.copy_(x)

    def zero_grad(self):
        for p in self.params:
            p.grad = None


def test_the_start_in_the_average_costs_the_steps_and_not_the_modes():
    missed = lost(SCHEDULE_FREE, Counted, 0)
    assert {optimizers.FIRST_STEP.id, optimizers.FIVE_STEPS.id} <= missed
    modes = {schedule_free.EVALUATION.id, schedule_free.TRAINING.id, schedule_free.TWICE.id}
    assert not (modes | {optimizers.NONE_GRADIENT.id, optimizers.SHAPES.id}) & missed


def test_modes_that_move_memory_are_seen():
    class Moves(Counted):
        def eval(self):
            for p, x in zip(self.params, self.x, strict=True):
                p.data = x.clone()

    assert schedule_free.IN_PLACE.id in lost(SCHEDULE_FREE, Moves, 0)


@settings(deadline=None, max_examples=40)
@given(
    G=arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=FLOATS),
    steps=st.integers(0, 5),
    coefficients=st.sampled_from([newton_schulz.MUON, (1.875, -1.25, 0.375), (1.5, -0.5, 0.0)]),
)  # fmt: skip
def test_the_polynomial_of_singular_values_is_that_of_products(G, steps, coefficients):
    (found,) = NEWTON_SCHULZ.expected(G, steps, coefficients)
    a, b, c = coefficients
    X = G / max(np.linalg.norm(G), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    np.testing.assert_allclose(found, X, rtol=1e-7, atol=1e-9 * max(1.0, np.abs(X).max()))


def test_the_worked_example_of_the_challenge_has_the_numbers_of_the_text():
    case = NEWTON_SCHULZ.cases(np.random.default_rng(0), "public")[0]
    (reading,) = NEWTON_SCHULZ.oracle(case).readings.values()
    np.testing.assert_allclose(reading, np.diag([1.02288, 1.25184]), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_another_norm_costs_the_start_alone(seed):
    def by_largest(G, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
        a, b, c = coefficients
        X = G / max(np.linalg.norm(G, 2), 1e-7)
        for _ in range(steps):
            A = X @ X.T
            X = a * X + (b * A + c * A @ A) @ X
        return X

    missed = lost(NEWTON_SCHULZ, by_largest, seed)
    assert newton_schulz.START.id in missed
    assert not {newton_schulz.ONE_STEP.id, newton_schulz.MORE_STEPS.id} & missed


@pytest.mark.parametrize("exercise", [LION, ADAFACTOR], ids=lambda exercise: exercise.id)
def test_states_have_shapes_of_their_own(exercise):
    for case in exercise.cases(np.random.default_rng(0), "graded"):
        shapes = exercise.state_shapes(case.inputs["theta"].shape)
        assert {name: array.shape for name, array in case.inputs["state"].items()} == shapes
    assert updates.WORKED.id in {entry.id for entry in exercise.properties}
