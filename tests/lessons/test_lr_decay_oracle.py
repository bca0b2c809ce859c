"""Lesson 06's oracles against the formulas of the text, on inputs that hypothesis chooses."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_06.lambda_schedule import LAST_LR
from course.exercises.lesson_06.lr_decay import (
    COSINE,
    EXERCISES,
    EXPONENTIAL,
    INVERSE_TIME,
    LAMBDA_SCHEDULE,
    MULTISTEP,
    PLANNED_RATES,
    REDUCE_ON_PLATEAU,
    STEP,
)
from course.exercises.lesson_06.reduce_on_plateau import BAD, BAD_HYPER, GOOD, WORKED_METRICS, WORKED_SETTINGS
from course.families.handed import HandedOptimizer
from course.families.recorder import Recorder
from course.readings import Reading

RATES = st.floats(1e-3, 1.0)
GAMMAS = st.floats(0.1, 1.0)
EPOCHS = st.lists(st.integers(0, 60), min_size=1, max_size=6).map(np.array)


def rates(exercise, lr0, epoch, **setting):
    given = {"lr0": lr0, **setting, "epoch": epoch}
    case = Case("any", {"given": given, "watch": False})
    return exercise.oracle(case).readings[Reading(0, "lr")]


@settings(max_examples=30)
@given(lr0=RATES, k=st.floats(0.0, 2.0), e=EPOCHS)
def test_inverse_time_decay_follows_formula_2(lr0, k, e):
    np.testing.assert_allclose(rates(INVERSE_TIME, lr0, e, decay_rate=k), lr0 / (1 + k * e), rtol=1e-11)


@settings(max_examples=30)
@given(lr0=RATES, gamma=GAMMAS, s=st.integers(1, 20), e=EPOCHS)
def test_step_decay_follows_formula_3(lr0, gamma, s, e):
    expected = [lr0 * gamma ** math.floor(one / s) for one in e]
    np.testing.assert_allclose(rates(STEP, lr0, e, gamma=gamma, step_size=s), expected, rtol=1e-11)


@settings(max_examples=30)
@given(lr0=RATES, gamma=GAMMAS, milestones=st.sets(st.integers(1, 50), max_size=4).map(sorted), e=EPOCHS)
def test_multistep_decay_follows_formula_4(lr0, gamma, milestones, e):
    expected = [lr0 * gamma ** sum(m <= one for m in milestones) for one in e]
    np.testing.assert_allclose(
        rates(MULTISTEP, lr0, e, gamma=gamma, milestones=milestones), expected, rtol=1e-11
    )


@settings(max_examples=30)
@given(lr0=RATES, gamma=GAMMAS, e=EPOCHS)
def test_exponential_decay_follows_formula_5(lr0, gamma, e):
    np.testing.assert_allclose(rates(EXPONENTIAL, lr0, e, gamma=gamma), lr0 * gamma**e, rtol=1e-11)


@settings(max_examples=30)
@given(lr0=RATES, lr_min=st.floats(0.0, 1e-3), t_max=st.integers(60, 80), e=EPOCHS)
def test_cosine_decay_follows_formula_6(lr0, lr_min, t_max, e):
    expected = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * e / t_max)) / 2
    np.testing.assert_allclose(
        rates(COSINE, lr0, e, lr_min=lr_min, t_max=t_max), expected, rtol=1e-10, atol=1e-12
    )


def test_a_single_epoch_gives_a_single_number():
    for exercise in EXERCISES[:5]:
        assert rates(exercise, 0.8, 3, **exercise.worked).shape == ()
        assert rates(exercise, 0.8, np.array([3]), **exercise.worked).shape == (1,)


METRICS = st.lists(
    st.sampled_from([3.0, 2.0, 1.9, 1.8, 1.0, 0.0, -1.0, -1.05, math.nan]), min_size=1, max_size=14
)


@settings(max_examples=100)
@given(
    metrics=METRICS,
    f=st.floats(0.3, 0.9),
    patience=st.integers(0, 3),
    tau=st.sampled_from([0.0, 0.01, 0.1]),
    cooldown=st.integers(0, 3),
    min_lr=st.sampled_from([0.0, 0.2]),
)
def test_plateau_follows_formulas_7_and_8(metrics, f, patience, tau, cooldown, min_lr):
    given = {
        "lr": 0.8,
        "factor": f,
        "patience": patience,
        "threshold": tau,
        "cooldown": cooldown,
        "min_lr": min_lr,
    }
    readings = REDUCE_ON_PLATEAU.oracle(
        Case("any", {"settings": given, "metrics": np.array(metrics)})
    ).readings
    lr, best, bad, rest = 0.8, math.inf, 0, 0
    for step, metric in enumerate(metrics, start=1):
        if metric < (1 - tau) * best:  # (7)
            best, bad = metric, 0
        else:
            bad += 1
        if rest:
            rest, bad = rest - 1, 0
        if bad > patience:
            lr, bad, rest = max(f * lr, min_lr), 0, cooldown  # (8)
        np.testing.assert_allclose(readings[Reading(step, "lr")], lr, rtol=1e-12)
        np.testing.assert_array_equal(readings[Reading(step, "self.lr")], readings[Reading(step, "lr")])


@settings(max_examples=40)
@given(
    lrs=st.lists(RATES, min_size=1, max_size=3).map(np.array),
    factors=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=6).map(np.array),
)
def test_lambda_schedule_follows_formula_9(lrs, factors):
    grads = np.ones((len(factors) - 1, len(lrs), 3))
    script = {"lrs": lrs, "factors": factors, "grads": grads}
    readings = LAMBDA_SCHEDULE.oracle(Case("any", script)).readings
    for epoch, factor in enumerate(factors):
        at = "" if epoch else "initial_"
        for group, lr in enumerate(lrs):
            np.testing.assert_allclose(readings[Reading(epoch, f"{at}group_lr", (group,))], lr * factor)


@settings(max_examples=60, deadline=None)
@given(
    peak=RATES,
    lr_min=st.floats(0.0, 0.05),
    rows=st.integers(1, 30),
    batch_size=st.integers(1, 12),
    epochs=st.integers(2, 5),
    warmup_epochs=st.integers(0, 4),
)
def test_planned_rates_follows_its_demands(peak, lr_min, rows, batch_size, epochs, warmup_epochs):
    warmup_epochs = min(warmup_epochs, epochs - 1)
    given = {"peak": peak, "lr_min": lr_min, "warmup_epochs": warmup_epochs, "epochs": epochs}
    case = Case("any", {"given": {**given, "rows": rows, "batch_size": batch_size}, "part": "all"})
    found = np.array(list(PLANNED_RATES.oracle(case).readings.values()))
    batches = math.ceil(rows / batch_size)
    assert len(found) == epochs * batches  # demand 1
    top = max(warmup_epochs * batches, 1)
    np.testing.assert_allclose(np.diff(found[:top], prepend=0.0), peak / top, rtol=1e-9)  # 2 and 4
    assert found[top - 1] == pytest.approx(peak, rel=1e-12)
    turn = np.linspace(0, np.pi, len(found) - top + 1)  # demand 3
    np.testing.assert_allclose(
        found[top - 1 :], lr_min + (peak - lr_min) * (1 + np.cos(turn)) / 2, atol=1e-12
    )


@pytest.mark.parametrize("level", ["public", "graded"])
def test_every_part_of_a_planned_run_is_looked_at(level):
    cases = PLANNED_RATES.cases(np.random.default_rng(0), level)
    assert {case.inputs["part"] for case in cases} == {"count", "first", "warm_up", "cosine", "all"}
    for case in cases:
        assert PLANNED_RATES.oracle(case).readings


@pytest.mark.parametrize(
    ("returned", "sentence"),
    [
        ("0.1", "rates should be one number for each update; yours have the shape ()."),
        ("np.ones((2, 3))", "rates should be one number for each update; yours have the shape (2,3)."),
        ("None", "planned_rates returned None; it should return rates. Is the `return` missing?"),
        ("iter([0.1])", "rates should be an array of numbers; yours is of type list_iterator."),
        ("np.ones(2)", "The number of rates should be "),
    ],
)
def test_rates_of_another_shape_are_said_in_one_sentence(returned, sentence):
    namespace = {"np": np}
    exec(f"def planned_rates(*plan):\n    return {returned}\n", namespace)
    assert judged(PLANNED_RATES, namespace["planned_rates"]).properties[0].message.startswith(sentence)


@pytest.mark.parametrize(
    ("batches", "score"), [("-(-rows // batch_size)", 2.0), ("max(1, rows // batch_size)", 1.25)]
)
def test_a_wrong_cosine_decay_costs_nothing_in_the_plan_that_calls_it(batches, score):
    namespace = {"np": np}
    exec(
        "def cosine_decay(lr0, lr_min, t_max, epoch):\n"
        "    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * epoch / t_max))\n"
        "def planned_rates(peak, lr_min, warmup_epochs, epochs, rows, batch_size):\n"
        f"    batches = {batches}\n"
        "    rise = peak * np.arange(1, warmup_epochs * batches + 1) / max(1, warmup_epochs * batches)\n"
        "    rise = rise if warmup_epochs else np.array([peak])\n"
        "    left = epochs * batches - len(rise)\n"
        "    return np.r_[rise, cosine_decay(peak, lr_min, left, np.arange(1, left + 1))]\n",
        namespace,
    )
    assert judged(PLANNED_RATES, namespace["planned_rates"]).score == score


def test_the_checks_optimiser_goes_where_sgd_goes_for_gradients_of_1_and_minus_1():
    tensors = [torch.zeros(4, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    with Recorder("", "").running():
        own = HandedOptimizer([{"params": [tensors[0]], "lr": 0.3}])
    sgd = torch.optim.SGD([tensors[1]], lr=0.3)
    for step in range(3):
        for tensor, optimizer in zip(tensors, (own, sgd), strict=True):
            optimizer.zero_grad()
            assert tensor.grad is None
            tensor.grad = torch.tensor([1.0, -1.0, 1.0, (-1.0) ** step], dtype=torch.float64)
            optimizer.step()
    torch.testing.assert_close(*tensors, rtol=0, atol=0)


def test_worked_examples_have_the_numbers_of_the_text():
    table = (
        [0.8, 0.4, 0.2667, 0.2, 0.16],
        [0.8, 0.8, 0.4, 0.4, 0.2],
        [0.8, 0.4, 0.4, 0.4, 0.2],
        [0.8, 0.4, 0.2, 0.1, 0.05],
        [0.8, 0.6828, 0.4, 0.1172, 0.0],
    )
    for exercise, expected in zip(EXERCISES[:5], table, strict=True):
        found = rates(exercise, 0.8, np.arange(5), **exercise.worked)
        np.testing.assert_allclose(found, expected, atol=5e-5)
    case = Case("any", {"settings": WORKED_SETTINGS, "metrics": np.array(WORKED_METRICS)})
    readings = REDUCE_ON_PLATEAU.oracle(case).readings
    found = [readings[Reading(step, "lr")] for step in range(1, 8)]
    np.testing.assert_allclose(found, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2])


def test_torch_refuses_what_the_students_class_must_refuse():
    cases = REDUCE_ON_PLATEAU.cases(np.random.default_rng(0), "public")
    case = next(case for case in cases if case.property == BAD_HYPER.id)
    refused = [bool(value) for value in REDUCE_ON_PLATEAU.oracle(case).readings.values()]
    assert refused == [True] * len(BAD) + [False] * len(GOOD)


@pytest.mark.parametrize("seed", range(20))
def test_rates_stay_above_a_millionth(seed):
    for case in REDUCE_ON_PLATEAU.cases(np.random.default_rng(seed), "graded"):
        for reading, value in REDUCE_ON_PLATEAU.oracle(case).readings.items():
            assert reading.id == "refused" or value > 1e-6


def test_a_wrong_rate_is_said_with_its_epoch():
    message = judged(STEP, lambda lr0, gamma, step_size, epoch: lr0 * gamma**epoch).properties[0].message
    assert message == (
        "lr should be 0.8, yours is 0.4. Look at formula (3). "
        "This case has lr0 = 0.8, gamma = 0.5, step_size = 2, epoch = 1."
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("self.lr = 0.8", "step(metric) returned None; it should return lr. Is the `return` missing?"),
        ("return 0.8", "ReduceOnPlateau has no attribute lr."),
    ],
)
def test_a_plateau_without_a_rate_is_said_in_one_sentence(body, sentence):
    namespace = {}
    exec(
        "class ReduceOnPlateau:\n"
        "    def __init__(self, lr, factor=0.1, patience=10, threshold=1e-4, cooldown=0, min_lr=0.0):\n"
        f"        pass\n    def step(self, metric):\n        {body}\n",
        namespace,
    )
    message = judged(REDUCE_ON_PLATEAU, namespace["ReduceOnPlateau"]).properties[0].message
    assert message.startswith(sentence)


def test_a_single_last_lr_is_said_in_one_sentence():
    class Student:
        def __init__(self, optimizer, lr_lambda):
            pass

        def step(self):
            pass

        def get_last_lr(self):
            return 0.1

    verdict = judged(LAMBDA_SCHEDULE, Student)
    message = next(entry.message for entry in verdict.properties if entry.property.id == LAST_LR.id)
    assert message.startswith("get_last_lr() should return a list of floats; yours returned one float.")
