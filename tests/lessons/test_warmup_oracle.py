"""Lesson 09's oracles against the formulas and demands of the text, on inputs that hypothesis chooses."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_09 import (
    COSINE_RESTARTS,
    NOAM,
    SEQUENTIAL_SCHEDULE,
    SWITCH_OPTIMIZER,
    WARMUP_COSINE,
    warm_ups,
)
from course.exercises.lesson_09 import cosine_restarts as restarts
from course.exercises.lesson_09 import sequential_schedule as sequential
from course.exercises.lesson_09 import switch_optimizer as switch
from course.readings import Reading

RATES = st.floats(1e-3, 1.0)
STEPS = st.lists(st.integers(0, 60), min_size=1, max_size=6).map(np.array)


def rates(exercise, step, **setting):
    case = Case("any", {"given": {**setting, "step": step}, "watch": False})
    return exercise.oracle(case).readings[Reading(0, "lr")]


@settings(max_examples=15, deadline=None)
@given(lr0=RATES, lr_min=st.floats(0.0, 1e-3), w=st.integers(0, 12), fall=st.integers(1, 40), t=STEPS)
def test_warmup_cosine_follows_formulas_1_and_2(lr0, lr_min, w, fall, t):
    total = w + fall
    s = np.minimum((t - w) / (total - w), 1)
    cosine = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * s)) / 2
    found = rates(WARMUP_COSINE, t, lr0=lr0, lr_min=lr_min, warmup=w, total=total)
    np.testing.assert_allclose(found, np.where(t < w, lr0 * (t + 1) / (w + 1), cosine), rtol=1e-9, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(d=st.integers(1, 600), w=st.integers(1, 40), t=STEPS)
def test_noam_follows_formula_3(d, w, t):
    t = t + 1
    expected = d**-0.5 * np.minimum(t**-0.5, t * w**-1.5)
    np.testing.assert_allclose(rates(NOAM, t, d_model=d, warmup=w), expected, rtol=1e-11)


@settings(max_examples=15, deadline=None)
@given(lr0=RATES, lr_min=st.floats(0.0, 1e-3), t_0=st.integers(1, 9), t_mult=st.integers(1, 4), t=STEPS)
def test_cosine_restarts_follows_its_demands(lr0, lr_min, t_0, t_mult, t):
    expected = []
    for one in t.tolist():
        length = t_0
        while one >= length:
            one, length = one - length, length * t_mult
        expected.append(lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * one / length)) / 2)
    found = rates(COSINE_RESTARTS, t, lr0=lr0, lr_min=lr_min, t_0=t_0, t_mult=t_mult)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("setting", "step"), restarts.FAR)
def test_a_cycle_starts_where_logarithms_fall_short(setting, step):
    """The last two are the first two, with cycles twice and three times as long."""
    assert rates(COSINE_RESTARTS, step, lr0=0.8, lr_min=0.0, **setting) == 0.8
    cycle = math.log(step / setting["t_0"] * (setting["t_mult"] - 1) + 1, setting["t_mult"])
    assert int(cycle) < round(cycle)


FACTORS = st.lists(
    st.lists(st.floats(0.0, 2.0), min_size=12, max_size=12).map(np.array), min_size=1, max_size=3
)


@settings(max_examples=15, deadline=None)
@given(lrs=st.lists(RATES, min_size=1, max_size=3).map(np.array), factors=FACTORS, first=st.integers(1, 4))
def test_sequential_schedule_follows_formula_4(lrs, factors, first):
    starts = [0, first, first + 3][: len(factors)]
    script = {"lrs": lrs, "factors": factors, "milestones": starts[1:], "grads": np.ones((9, len(lrs), 3))}
    readings = SEQUENTIAL_SCHEDULE.oracle(Case("any", script)).readings
    for t in range(10):
        i = max(k for k, start in enumerate(starts) if start <= t)
        for group, lr in enumerate(lrs):
            found = readings[Reading(t, "group_lr" if t else "initial_group_lr", (group,))]
            np.testing.assert_allclose(found, lr * factors[i][t - starts[i]])


@settings(max_examples=15, deadline=None)
@given(switch_at=st.integers(0, 5), rate=st.lists(RATES, min_size=2, max_size=2))
def test_the_switchs_first_steps_are_firsts(switch_at, rate):
    grads = [[np.array([1.0, -2.0])] for _ in range(4)]
    script = {
        "params": [np.array([0.5, 1.0])],
        "grads": grads,
        "rates": rate,
        "switch_at": switch_at,
        "groups": True,
    }
    readings = SWITCH_OPTIMIZER.oracle(Case("any", script)).readings
    theta = np.array([0.5, 1.0])
    for step in range(1, 5):
        theta = theta - rate[step > switch_at] * grads[0][0]
        np.testing.assert_allclose(readings[Reading(step, "params", (0,))], theta, rtol=1e-12)
        assert readings[Reading(step, "next_lr")] == rate[step >= switch_at]
        assert readings[Reading(step, "calls", of=switch.FIRST)] == min(step, switch_at)
        assert readings[Reading(step, "calls", of=switch.SECOND)] == max(0, step - switch_at)


def test_worked_examples_have_the_numbers_of_the_text():
    found = rates(WARMUP_COSINE, np.arange(9), **warm_ups.WORKED_WARM_UP)
    np.testing.assert_allclose(found, [0.2, 0.4, 0.6, 0.8, 0.6828, 0.4, 0.1172, 0, 0], atol=5e-5)
    found = rates(NOAM, np.array([1, 2, 3, 4, 9, 16]), **warm_ups.WORKED_NOAM)
    np.testing.assert_allclose(found, [0.0625, 0.125, 0.1875, 0.25, 0.1667, 0.125], atol=5e-5)
    found = rates(COSINE_RESTARTS, np.arange(7), **restarts.WORKED)
    np.testing.assert_allclose(found, [0.8, 0.4, 0.8, 0.6828, 0.4, 0.1172, 0.8], atol=5e-5)
    cases = SEQUENTIAL_SCHEDULE.cases(np.random.default_rng(0), "public")
    readings = SEQUENTIAL_SCHEDULE.oracle(cases[0]).readings
    found = [readings[Reading(t, "group_lr" if t else "initial_group_lr", (0,))] for t in range(7)]
    np.testing.assert_allclose(found, [0.2, 0.4, 0.6, 0.8, 0.4, 0.2, 0.1])
    assert cases[0].property == sequential.PHASES.id


@pytest.mark.parametrize("seed", range(5))
def test_what_must_be_refused_is(seed):
    for exercise, expected in (
        (SEQUENTIAL_SCHEDULE, [True, True, True, True, False, False, False]),
        (SWITCH_OPTIMIZER, [True, True, True, False, False, False]),
    ):
        cases = exercise.cases(np.random.default_rng(seed), "graded")
        (case,) = [case for case in cases if "tries" in case.inputs]
        assert [bool(value) for value in exercise.oracle(case).readings.values()] == expected


@pytest.mark.parametrize("half", ["", " / 2"])
def test_a_wrong_warmup_cosine_costs_nothing_in_the_restarts_that_call_it(half):
    namespace = {"np": np}
    exec(
        "def warmup_cosine(lr0, lr_min, warmup, total, step):\n"
        f"    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * step / total)){half}\n"
        "def cosine_restarts(lr0, lr_min, t_0, t_mult, step):\n"
        "    def rate(t):\n"
        "        length = t_0\n"
        "        while t >= length:\n"
        "            t, length = t - length, length * t_mult\n"
        "        return warmup_cosine(lr0, lr_min, 0, length, t)\n"
        "    return np.array([rate(t) for t in step]) if np.ndim(step) else rate(step)\n",
        namespace,
    )
    assert judged(COSINE_RESTARTS, namespace["cosine_restarts"]).score == 2.0


def test_restarts_that_call_warmup_cosine_wrongly_are_not_saved_by_it():
    namespace = {"np": np}
    exec(
        "def warmup_cosine(lr0, lr_min, warmup, total, step):\n"
        "    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * step / total))\n"
        "def cosine_restarts(lr0, lr_min, t_0, t_mult, step):\n"
        "    return warmup_cosine(lr0, lr_min, 0, t_0, step % t_0)\n",
        namespace,
    )
    verdict = judged(COSINE_RESTARTS, namespace["cosine_restarts"])
    failed = {entry.property.id for entry in verdict.properties if not entry.passed}
    assert restarts.LATER_CYCLES.id in failed
    assert restarts.FIRST_CYCLE.id not in failed


def test_param_groups_that_are_none_are_said_in_one_sentence():
    class Student:
        def __init__(self, first, second, switch_at):
            self.first, self.second, self.left = first, second, switch_at
            self.param_groups = 0.1

        def step(self):
            (self.first if self.left > 0 else self.second).step()
            self.left -= 1

        def zero_grad(self):
            self.first.zero_grad()

    verdict = judged(SWITCH_OPTIMIZER, Student)
    (message,) = [entry.message for entry in verdict.properties if entry.property.id == switch.GROUPS.id]
    assert message.startswith(
        "self.param_groups should be a list of dicts, as an optimiser's is; yours is of type float."
    )


def test_the_transformers_are_pytorchs_own_layers():
    from course.figures import lesson_09_runs as runs

    x = torch.linspace(0, 1, 2 * 3 * 64).view(2, 3, 64)
    for pre_norm in (False, True):
        scores = runs.Transformers(2, pre_norm)(x)
        for seed in range(2):
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                embed, classify = torch.nn.Linear(8, runs.WIDTH), torch.nn.Linear(runs.WIDTH, 10)
                h = embed(x[seed].view(3, 8, 8)) + torch.randn(8, runs.WIDTH)
                options = {"dropout": 0.0, "batch_first": True, "norm_first": pre_norm}
                for _ in range(runs.LAYERS):
                    h = torch.nn.TransformerEncoderLayer(runs.WIDTH, runs.HEADS, runs.HIDDEN, **options)(h)
            torch.testing.assert_close(scores[seed], classify(h.mean(dim=1)), rtol=1e-4, atol=1e-5)
