"""Lesson 04's oracle against the formulas of the text, on inputs that hypothesis chooses."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.exercise import Case
from course.exercises.lesson_04.rmsprop import (
    ADAGRAD_UPDATE,
    ALSO_BAD,
    BAD_HYPER,
    GOOD_HYPER,
    RMSPROP,
    RMSPROP_UPDATE,
)
from course.exercises.lesson_04.settings_from_log import (
    ALPHA,
    LONG_LOGS,
    RATE,
    SETTINGS_FROM_LOG,
    _torch_log,
)
from course.families import optimizers
from course.judging.judge import judge
from course.readings import Reading

EXERCISES = (ADAGRAD_UPDATE, RMSPROP_UPDATE, RMSPROP, SETTINGS_FROM_LOG)
FLOATS = st.floats(-10, 10).filter(lambda value: value == 0 or abs(value) > 1e-3)
GRADS = st.lists(FLOATS, min_size=1, max_size=6)
RATES = {"lr": st.floats(1e-4, 1.0), "eps": st.floats(1e-8, 0.1)}
ALPHAS = st.floats(0.1, 0.99)


def run_update(exercise, theta, grads, state, hyper):
    arrays = {"theta": np.array(theta), "grads": np.array(grads)}
    arrays["state"] = {name: np.array(value) for name, value in state.items()}
    inputs = arrays | {"t": 1, "hyper": hyper, "watch": False}
    return exercise.oracle(Case("any", inputs)).readings


@given(theta=FLOATS, grads=GRADS, acc=st.floats(0.0, 100), **RATES)
def test_adagrad_update_follows_formulas_1_and_2(theta, grads, acc, lr, eps):
    readings = run_update(ADAGRAD_UPDATE, theta, grads, {"acc": acc}, {"lr": lr, "eps": eps})
    for step, g in enumerate(grads, start=1):
        acc = acc + g**2  # (1)
        theta = theta - lr * g / (np.sqrt(acc) + eps)  # (2)
        np.testing.assert_allclose(readings[Reading(step, "acc")], acc, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(step, "theta")], theta, rtol=1e-10, atol=1e-12)


@given(theta=FLOATS, grads=GRADS, s=st.floats(0.0, 100), alpha=ALPHAS, **RATES)
def test_rmsprop_update_follows_formulas_3_and_4(theta, grads, s, alpha, lr, eps):
    readings = run_update(RMSPROP_UPDATE, theta, grads, {"s": s}, {"lr": lr, "alpha": alpha, "eps": eps})
    for step, g in enumerate(grads, start=1):
        s = alpha * s + (1 - alpha) * g**2  # (3)
        theta = theta - lr * g / (np.sqrt(s) + eps)  # (4)
        np.testing.assert_allclose(readings[Reading(step, "s")], s, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(step, "theta")], theta, rtol=1e-10, atol=1e-12)


@given(
    theta=FLOATS, grads=GRADS, alpha=ALPHAS, wd=st.floats(0.0, 0.5), mu=st.floats(0.0, 0.95),
    centered=st.booleans(), lr=st.floats(1e-4, 0.5), eps=st.floats(1e-6, 0.1),
)  # fmt: skip
def test_class_follows_formulas_3_to_7(theta, grads, alpha, wd, mu, centered, lr, eps):
    hyper = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": wd, "momentum": mu, "centered": centered}
    inputs = {
        "params": [np.array([theta])],
        "grads": [[np.array([g])] for g in grads],
        "lrs": None,
        "hyper": hyper,
    }
    readings = RMSPROP.oracle(Case("any", inputs)).readings
    s = g_bar = buf = 0.0
    for step, g in enumerate(grads, start=1):
        g = g + wd * theta  # (5)
        s = alpha * s + (1 - alpha) * g**2  # (3)
        g_bar = alpha * g_bar + (1 - alpha) * g  # (6)
        d = np.sqrt(s - g_bar**2 if centered else s) + eps
        buf = mu * buf + g / d  # (7)
        theta = theta - lr * buf
        np.testing.assert_allclose(readings[Reading(step, "params", (0,))], [theta], rtol=1e-8, atol=1e-10)


def test_worked_example_has_the_numbers_of_the_text():
    readings = ADAGRAD_UPDATE.oracle(Case("first_step", ADAGRAD_UPDATE.worked)).readings
    assert [round(float(readings[Reading(1, name)]), 4) for name in ("acc", "theta")] == [0.25, 0.9]
    assert [round(float(readings[Reading(2, name)]), 4) for name in ("acc", "theta")] == [0.3125, 0.9447]
    readings = RMSPROP_UPDATE.oracle(Case("first_step", RMSPROP_UPDATE.worked)).readings
    assert [round(float(readings[Reading(1, name)]), 4) for name in ("s", "theta")] == [0.025, 0.6838]
    assert [round(float(readings[Reading(2, name)]), 5) for name in ("s", "theta")] == [0.02875, 0.83121]


def test_the_class_refuses_what_torch_refuses_and_the_two_values_of_one():
    case = next(
        c for c in RMSPROP.cases(np.random.default_rng(0), "public") if c.property == optimizers.BAD_HYPER.id
    )
    refused = [bool(value) for value in RMSPROP.oracle(case).readings.values()]
    assert refused == [True] * len(BAD_HYPER + ALSO_BAD) + [False] * len(GOOD_HYPER)
    for hyper in BAD_HYPER:
        with pytest.raises(ValueError, match="Invalid"):
            torch.optim.RMSprop([torch.zeros(1)], **hyper)
    for hyper in ALSO_BAD:
        torch.optim.RMSprop([torch.zeros(1)], **hyper)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("level", ["public", "graded"])
def test_no_expected_value_is_nan(exercise, level):
    cases = exercise.cases(np.random.default_rng(1), level)
    assert all(
        np.isfinite(array).all() for case in cases for array in exercise.oracle(case).readings.values()
    )


def test_a_parameter_without_gradient_keeps_its_average_and_its_buffer():
    hyper = {"lr": 0.1, "alpha": 0.9, "momentum": 0.5}
    one = np.array([1.0])
    inputs = {
        "params": [one, one],
        "grads": [[one, one], [one, None], [one, one]],
        "hyper": hyper,
        "lrs": None,
    }
    readings = RMSPROP.oracle(Case("any", inputs)).readings
    assert readings[Reading(2, "params", (1,))] == readings[Reading(1, "params", (1,))]
    # It then goes on where it stood: its second step is the first parameter's second step.
    assert readings[Reading(3, "params", (1,))] == readings[Reading(2, "params", (0,))]


SIZES = st.floats(0.5, 2.0) | st.floats(-2.0, -0.5)


@given(
    start=st.floats(-2, 2), grads=st.lists(SIZES, min_size=2, max_size=9),
    lr=st.floats(0.0025, 0.4), alpha=st.just(0.0) | st.floats(0.01, 0.99),
)  # fmt: skip
def test_a_log_of_torchs_holds_its_settings(start, grads, lr, alpha):
    grads = np.array(grads)[:, None]
    theta = _torch_log(np.array([start]), grads, lr, alpha)
    assert SETTINGS_FROM_LOG.expected(theta, grads) == pytest.approx((lr, alpha), rel=1e-7, abs=1e-8)


def verdict_of(answer):
    cases = SETTINGS_FROM_LOG.cases(np.random.default_rng(0), "graded")
    observed = [SETTINGS_FROM_LOG.probe(answer, case) for case in cases]
    verdict = judge(SETTINGS_FROM_LOG, cases, observed, [SETTINGS_FROM_LOG.oracle(case) for case in cases])
    return {entry.property.id for entry in verdict.properties if entry.passed}


def test_a_wrong_alpha_is_no_second_mistake_in_lr():
    def answer(theta, grads):
        return abs(theta[1, 0] - theta[0, 0]) * np.sqrt(1 - 0.9), 0.9

    assert verdict_of(answer) == {RATE.id}


def test_a_wrong_lr_is_no_mistake_in_alpha():
    assert verdict_of(lambda theta, grads: (1.0, SETTINGS_FROM_LOG.expected(theta, grads)[1])) == {
        ALPHA.id,
        LONG_LOGS.id,
    }


def test_a_log_that_is_changed_costs_the_points_for_that():
    def answer(theta, grads):
        found = SETTINGS_FROM_LOG.expected(theta, grads)
        grads *= 2
        return found

    assert verdict_of(answer) == {ALPHA.id, RATE.id}


def test_nonsense_gets_nothing_and_no_traceback():
    for answer in (
        lambda theta, grads: (0.0, 0.0),
        lambda theta, grads: (np.nan, 2.0),
        lambda theta, grads: (theta, grads),
        lambda theta, grads: ("lr", None),
        lambda theta, grads: 0.1,
    ):
        assert verdict_of(answer) == set()
