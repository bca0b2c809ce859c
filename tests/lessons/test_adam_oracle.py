"""Lesson 05's oracle against the formulas of the text, on inputs that hypothesis chooses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.exercise import Case
from course.exercises.lesson_05.adam import ADAM, ADAMW, BAD_HYPER, GOOD_HYPER, UPDATE
from course.exercises.lesson_05.amsgrad import AMSGRAD
from course.families import optimizers, updates
from course.judging.judge import judge
from course.readings import Reading

FLOATS = st.floats(-10, 10).filter(lambda value: value == 0 or abs(value) > 1e-3)
BETAS = st.floats(0.0, 0.999)


def adam_step(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g  # (1)
    v = beta2 * v + (1 - beta2) * g**2  # (2)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)  # (3)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v  # (4)


@settings(deadline=None, max_examples=60)
@given(
    theta=FLOATS, grads=st.lists(FLOATS, min_size=1, max_size=6), t=st.integers(1, 1000), m=FLOATS,
    v=st.floats(0.0, 100), lr=st.floats(1e-4, 1.0), beta1=BETAS, beta2=BETAS, eps=st.floats(1e-8, 0.1),
)  # fmt: skip
def test_update_follows_formulas_1_to_4(theta, grads, t, m, v, lr, beta1, beta2, eps):
    hyper = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
    inputs = {
        "theta": np.array(theta), "grads": np.array(grads), "state": {"m": np.array(m), "v": np.array(v)},
        "t": t, "hyper": hyper, "watch": False,
    }  # fmt: skip
    readings = UPDATE.oracle(Case("any", inputs)).readings
    for step, g in enumerate(grads, start=1):
        theta, m, v = adam_step(theta, g, m, v, t + step - 1, **hyper)
        for name, value in {"m": m, "v": v, "theta": theta}.items():
            np.testing.assert_allclose(readings[Reading(step, name)], value, rtol=1e-10, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(
    theta=FLOATS, grads=st.lists(FLOATS, min_size=1, max_size=6), lr=st.floats(1e-4, 0.5), beta1=BETAS,
    beta2=BETAS, eps=st.floats(1e-8, 0.1), decay=st.floats(0.0, 0.5), decoupled=st.booleans(),
)  # fmt: skip
def test_decay_follows_formulas_5_and_6(theta, grads, lr, beta1, beta2, eps, decay, decoupled):
    inputs = {
        "params": [np.array([theta])], "grads": [[np.array([g])] for g in grads], "lrs": None,
        "hyper": {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": decay},
    }  # fmt: skip
    readings = (ADAMW if decoupled else ADAM).oracle(Case("any", inputs)).readings
    m = v = 0.0
    for t, g in enumerate(grads, start=1):
        if decoupled:
            theta = theta - lr * decay * theta  # (6)
        else:
            g = g + decay * theta  # (5)
        theta, m, v = adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
        np.testing.assert_allclose(readings[Reading(t, "params", (0,))], [theta], rtol=1e-10, atol=1e-12)


def test_worked_example_has_the_numbers_of_the_text():
    readings = UPDATE.oracle(Case("first_step", UPDATE.worked)).readings
    np.testing.assert_allclose(
        [readings[Reading(1, "m")], readings[Reading(1, "v")], readings[Reading(1, "theta")]],
        [0.05, 0.00025, 0.9],
    )
    np.testing.assert_allclose([readings[Reading(2, "m")], readings[Reading(2, "v")]], [0.02, 0.00031225])


@pytest.mark.parametrize("exercise", [ADAM, ADAMW], ids=lambda exercise: exercise.id)
def test_torch_refuses_what_the_students_class_must_refuse(exercise):
    case = next(
        c for c in exercise.cases(np.random.default_rng(0), "public") if c.property == optimizers.BAD_HYPER.id
    )
    refused = [bool(value) for value in exercise.oracle(case).readings.values()]
    assert refused == [True] * len(BAD_HYPER) + [False] * len(GOOD_HYPER)


def test_a_parameter_without_gradient_keeps_its_own_step_count():
    inputs = {
        "params": [np.array([1.0]), np.array([1.0])],
        "grads": [[np.array([1.0]), None], [np.array([1.0]), np.array([0.5])]],
        "hyper": {"lr": 0.1}, "lrs": None,
    }  # fmt: skip
    readings = ADAM.oracle(Case("any", inputs)).readings
    # Its first gradient comes in step 2, and it then takes the whole first step of Adam: lr.
    np.testing.assert_allclose(readings[Reading(2, "params", (1,))], 1.0 - 0.1, rtol=1e-7)


def amsgrad(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """Reddi and others (2018), Algorithm 2, with the correction after the maximum and Adam's eps."""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    step = m / (1 - beta1**t) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
    return theta - lr * step, m, v, v_max


def optax_amsgrad(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """optax takes the maximum of what is corrected."""
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v / (1 - beta2**t))
    return theta - lr * m / (1 - beta1**t) / (np.sqrt(v_max) + eps), m, v, v_max


def earned(answer, seed):
    cases = AMSGRAD.cases(np.random.default_rng(seed), "graded")
    observed = [AMSGRAD.probe(answer, case) for case in cases]
    verdict = judge(AMSGRAD, cases, observed, [AMSGRAD.oracle(case) for case in cases])
    return {entry.property.id for entry in verdict.properties if entry.passed}


EVERY = {entry.id for entry in AMSGRAD.properties}


@pytest.mark.parametrize("seed", range(5))
def test_amsgrad_is_the_papers_with_pytorchs_correction(seed):
    assert earned(amsgrad, seed) == EVERY


@pytest.mark.parametrize("seed", range(5))
def test_a_step_that_does_not_use_the_largest_v_loses_the_step_alone(seed):
    def adams_step(theta, grad, m, v, v_max, t, *hyper, **named):
        _, m_new, v_new, v_max_new = amsgrad(theta, grad, m, v, v_max, t, *hyper, **named)
        return amsgrad(theta, grad, m, v, 0 * v_max, t, *hyper, **named)[0], m_new, v_new, v_max_new

    lost = EVERY - earned(adams_step, seed)
    assert updates.STEP.id in lost
    assert updates.STATE.id not in lost


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_state_of_amsgrad_keeps_a_step_that_fits_it(seed):
    def of_squares(theta, grad, m, v, v_max, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
        v_max = np.maximum(v_max, grad**2)
        step = m / (1 - beta1**t) / (np.sqrt(v_max / (1 - beta2**t)) + eps)
        return theta - lr * step, m, v, v_max

    passed = earned(of_squares, seed)
    assert updates.STATE.id not in passed
    assert updates.STEP.id in passed


def test_optax_takes_another_maximum():
    assert updates.STATE.id not in earned(optax_amsgrad, 0)
