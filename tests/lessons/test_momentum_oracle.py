"""Lesson 03's oracle against the formulas of the text, on inputs that hypothesis chooses."""

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.exercise import Case
from course.exercises.lesson_03.momentum import (
    ALSO_BAD,
    BAD_HYPER,
    GOOD_HYPER,
    HEAVY_BALL_UPDATE,
    MATCHING_LR,
    MOMENTUM_SGD,
    MOMENTUM_UPDATE,
)
from course.exercises.lesson_03.schedule import POLYAK_TO_TORCH
from course.families import optimizers
from course.readings import Reading

FLOATS = st.floats(-10, 10).filter(lambda value: value == 0 or abs(value) > 1e-3)
GRADIENTS = st.lists(FLOATS, min_size=1, max_size=6)
SHARES = st.floats(0.01, 0.99)
RATES = st.floats(1e-4, 1.0)


@settings(max_examples=60)
@given(theta=FLOATS, grads=GRADIENTS, v=FLOATS, lr=RATES, beta=SHARES)
def test_averaging_form_follows_formulas_1_and_2(theta, grads, v, lr, beta):
    inputs = {
        "theta": np.array(theta), "grads": np.array(grads), "state": {"v": np.array(v)}, "t": 1,
        "hyper": {"lr": lr, "beta": beta}, "watch": False,
    }  # fmt: skip
    readings = MOMENTUM_UPDATE.oracle(Case("any", inputs)).readings
    for step, g in enumerate(grads, start=1):
        v = beta * v + (1 - beta) * g  # (1)
        theta = theta - lr * v  # (2)
        np.testing.assert_allclose(readings[Reading(step, "v")], v, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(step, "theta")], theta, rtol=1e-10, atol=1e-12)


@settings(max_examples=60)
@given(theta=FLOATS, grads=GRADIENTS, buf=FLOATS, lr=RATES, mu=SHARES)
def test_heavy_ball_follows_formulas_3_and_4(theta, grads, buf, lr, mu):
    inputs = {
        "theta": np.array(theta), "grads": np.array(grads), "state": {"buf": np.array(buf)}, "t": 1,
        "hyper": {"lr": lr, "mu": mu}, "watch": False,
    }  # fmt: skip
    readings = HEAVY_BALL_UPDATE.oracle(Case("any", inputs)).readings
    for step, g in enumerate(grads, start=1):
        buf = mu * buf + g  # (3)
        theta = theta - lr * buf  # (4)
        np.testing.assert_allclose(readings[Reading(step, "buf")], buf, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(step, "theta")], theta, rtol=1e-10, atol=1e-12)


@settings(max_examples=60)
@given(lr=st.floats(0.0, 10.0), beta=st.floats(0.0, 0.999))
def test_matching_rate_follows_formula_5(lr, beta):
    assume(lr == 0 or lr > 1e-6)
    (rate,) = MATCHING_LR.expected(lr, beta)
    np.testing.assert_allclose(rate, lr * (1 - beta), rtol=1e-10, atol=1e-12)


@settings(max_examples=60)
@given(theta=FLOATS, grads=GRADIENTS, lr=RATES, beta=SHARES)
def test_torch_sgd_at_the_matching_rate_repeats_the_averaging_form(theta, grads, lr, beta):
    parameter = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=lr * (1 - beta), momentum=beta)
    v = 0.0
    for g in grads:
        parameter.grad = torch.tensor(g, dtype=torch.float64)
        optimizer.step()
        v = beta * v + (1 - beta) * g
        theta = theta - lr * v
        np.testing.assert_allclose(parameter.item(), theta, rtol=1e-10, atol=1e-12)


@settings(max_examples=80)
@given(
    theta=FLOATS, grads=GRADIENTS, lr=st.floats(1e-4, 0.5), mu=st.just(0.0) | SHARES, tau=st.floats(0.0, 1.0),
    wd=st.floats(0.0, 0.5), nesterov=st.booleans(),
)  # fmt: skip
def test_the_class_follows_formulas_3_4_and_6_to_8(theta, grads, lr, mu, tau, wd, nesterov):
    nesterov = nesterov and mu > 0
    tau = 0.0 if nesterov else tau
    hyper = {"lr": lr, "momentum": mu, "dampening": tau, "nesterov": nesterov, "weight_decay": wd}
    inputs = {
        "params": [np.array([theta])],
        "grads": [[np.array([g])] for g in grads],
        "lrs": None,
        "hyper": hyper,
    }
    readings = MOMENTUM_SGD.oracle(Case("any", inputs)).readings
    buf = 0.0
    for t, g in enumerate(grads, start=1):
        g = g + wd * theta  # (6)
        buf = g if t == 1 or mu == 0 else mu * buf + (1 - tau) * g  # (7); with tau = 0 this is (3)
        theta = theta - lr * (g + mu * buf if nesterov else buf)  # (8), (4)
        np.testing.assert_allclose(readings[Reading(t, "params", (0,))], [theta], rtol=1e-10, atol=1e-12)


def test_worked_example_has_the_numbers_of_the_text():
    readings = MOMENTUM_UPDATE.oracle(Case("first_step", MOMENTUM_UPDATE.worked)).readings
    found = [readings[Reading(step, name)] for step in (1, 2) for name in ("v", "theta")]
    np.testing.assert_allclose(found, [0.05, 0.995, 0.02, 0.993])
    readings = HEAVY_BALL_UPDATE.oracle(Case("first_step", HEAVY_BALL_UPDATE.worked)).readings
    found = [readings[Reading(step, name)] for step in (1, 2) for name in ("buf", "theta")]
    np.testing.assert_allclose(found, [0.5, 0.95, 0.2, 0.93])


def test_the_class_has_momentum_by_default():
    inputs = {"params": [np.array([1.0])], "grads": [[np.array([0.5])], [np.array([-0.25])]], "lrs": None}
    readings = MOMENTUM_SGD.oracle(Case("any", inputs | {"hyper": {"lr": 0.1}})).readings
    np.testing.assert_allclose(readings[Reading(2, "params", (0,))], [0.93])


def test_torch_refuses_what_the_students_class_must_refuse():
    cases = MOMENTUM_SGD.cases(np.random.default_rng(0), "public")
    case = next(case for case in cases if case.property == optimizers.BAD_HYPER.id)
    refused = [bool(value) for value in MOMENTUM_SGD.oracle(case).readings.values()]
    assert refused == [True] * len((*BAD_HYPER, *ALSO_BAD)) + [False] * len(GOOD_HYPER)


def test_torch_lets_momentum_1_pass():
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, **ALSO_BAD[0])


def test_a_parameter_without_gradient_has_its_first_gradient_later():
    inputs = {
        "params": [np.array([1.0]), np.array([1.0])],
        "grads": [[np.array([1.0]), None], [np.array([1.0]), np.array([0.5])]],
        "hyper": {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, "lrs": None,
    }  # fmt: skip
    readings = MOMENTUM_SGD.oracle(Case("any", inputs)).readings
    # In step 2 the first parameter's gradient is dampened, and the second's, its first, is not.
    np.testing.assert_allclose(readings[Reading(2, "params", (0,))], 1.0 - 0.1 - 0.1 * (0.9 + 0.5))
    np.testing.assert_allclose(readings[Reading(2, "params", (1,))], 1.0 - 0.1 * 0.5)


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.floats(0.01, 1.0), SHARES, FLOATS), min_size=1, max_size=6), theta=FLOATS)
def test_torch_sgd_with_the_translated_settings_goes_where_polyaks_form_goes(steps, theta):
    lrs, mus, grads = (np.array(each) for each in zip(*steps, strict=True))
    rates, momenta = POLYAK_TO_TORCH.expected(lrs, mus)
    parameter = torch.tensor(theta, dtype=torch.float64)
    optimizer = torch.optim.SGD([parameter], lr=1.0, momentum=0.5)
    before = theta
    for lr, mu, g, rate, momentum in zip(lrs, mus, grads, rates, momenta, strict=True):
        optimizer.param_groups[0].update(lr=rate.item(), momentum=momentum.item())
        parameter.grad = torch.tensor(g)
        optimizer.step()
        before, theta = theta, theta - lr * g + mu * (theta - before)  # (9)
        np.testing.assert_allclose(parameter.item(), theta, rtol=1e-9, atol=1e-11)
