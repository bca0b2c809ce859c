"""Lesson 16's oracles against the formulas of the text, and what a slip costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_16 import (
    EARLY_STOPPING,
    EXERCISES,
    LABEL_SMOOTHING,
    MIXUP,
    PARAM_GROUPS,
    TRAINING_STEP,
    step,
    stopping,
)
from course.readings import Reading

LESSON = find("16_recipes")
SEEDS = st.integers(0, 2**31)
# Other numbers are drawn or other rows mixed, or every parameter is in the wrong group.
NOTHING_RIGHT = {
    "order_first",
    "rows_mixed_already",
    "weight_a_row",
    "weight_swapped",
    "swapped",
    "largest_wins",
}


def close(found, expected, atol=1e-10):
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=atol)


def called(exercise, seed=None, **given):
    readings = exercise.oracle(Case("any", {"given": given, "seed": seed})).readings
    return [readings[Reading(0, name)] for name in exercise.returns]


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, m=st.integers(1, 5), classes=st.integers(2, 6), smoothing=st.floats(0, 1))
def test_the_smoothed_loss_follows_formulas_1_2_and_4(seed, m, classes, smoothing):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(m, classes)), rng.integers(0, classes, size=m)
    loss, grad = called(LABEL_SMOOTHING, logits=logits, labels=labels, smoothing=smoothing)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    q = smoothing / classes + (1 - smoothing) * (labels[:, None] == np.arange(classes))
    close(loss, -(q * np.log(p)).sum() / m)
    close(grad, (p - q) / m)


def test_the_smoothed_worked_example_has_the_numbers_of_the_text():
    case = LABEL_SMOOTHING.cases(np.random.default_rng(0), "public")[0]
    readings = LABEL_SMOOTHING.oracle(case).readings
    assert case.property == "worked"
    assert round(float(readings[Reading(0, "loss")]), 4) == 0.3975
    close(readings[Reading(0, "grad")], [[-0.15, 0.15]])


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, m=st.integers(1, 6), alpha=st.floats(0.2, 5))
def test_mixup_draws_the_weight_and_then_the_order(seed, m, alpha):
    rng = np.random.default_rng(seed)
    X, labels = rng.normal(size=(m, 2)), rng.integers(0, 3, size=m)
    X_mix, Y_mix = called(MIXUP, seed=seed, X=X, labels=labels, classes=3, alpha=alpha)
    again = np.random.default_rng(seed)
    weight, order = again.beta(alpha, alpha), again.permutation(m)
    close(X_mix, weight * X + (1 - weight) * X[order])
    close(Y_mix, weight * np.eye(3)[labels] + (1 - weight) * np.eye(3)[labels[order]])


def test_dimensions_say_what_decays_and_not_names():
    cases = PARAM_GROUPS.cases(np.random.default_rng(0), "public")
    case = next(case for case in cases if "called weight" in case.note)
    readings = PARAM_GROUPS.oracle(case).readings
    in_group = {
        (name, group): readings[Reading(0, "in_group", (group,), of=name)]
        for name in ("weight", "bias")
        for group in (0, 1)
    }
    assert in_group == {("weight", 0): 0, ("weight", 1): 1, ("bias", 0): 1, ("bias", 1): 0}


def test_early_stopping_follows_the_example_of_the_text():
    script = {
        "weight": np.ones(2),
        "average": np.ones(2),
        "metrics": np.array([1, 0.75, 0.5, 0.5, 0.375]),
        "hyper": {"patience": 2, "min_delta": 0.25},
    }
    readings = EARLY_STOPPING.oracle(Case(stopping.MIN_DELTA.id, script)).readings
    assert [bool(readings[Reading(call, "stop")]) for call in range(1, 6)] == [False] * 4 + [True]
    assert [float(readings[Reading(call, "best")]) for call in range(1, 6)] == [1, 1, 0.5, 0.5, 0.5]


def test_no_script_of_early_stopping_goes_on_after_its_end():
    for seed in range(5):
        for case in EARLY_STOPPING.cases(np.random.default_rng(seed), "graded"):
            if "tries" in case.inputs or case.inputs.get("twins"):
                continue
            shown = Case(stopping.NAN.id, case.inputs)
            stops = [
                bool(each) for key, each in EARLY_STOPPING.oracle(shown).readings.items() if key.id == "stop"
            ]
            assert not any(stops[:-1]), case.note


def budget(seed):
    return Case(step.BUDGET.id, step._recipe(np.random.default_rng(seed)))


@pytest.mark.slow
def test_a_right_step_reaches_the_target_from_every_start_with_room(monkeypatch):
    monkeypatch.setattr(step, "TARGET", 0.35)
    for seed in range(40):
        assert not TRAINING_STEP.oracle(budget(seed)).readings[step.MISSED]


@pytest.mark.slow
def test_without_clipping_and_without_the_schedule_the_target_is_missed():
    for mistake in misconceptions(LESSON, "training_step"):
        if mistake.misconception.id in ("never_clips", "no_schedule"):
            wrong = answer(LESSON, "training_step", mistake.code(LESSON.solutions()["training_step"]))
            missed = [TRAINING_STEP.observe(wrong, budget(seed)).readings[step.MISSED] for seed in range(8)]
            assert sum(missed) >= 7, mistake.misconception.id


def lost(exercise, wrong):
    return {
        entry.property.id: entry.message for entry in judged(exercise, wrong).properties if not entry.passed
    }


def step_with(id):
    (mistake,) = (each for each in misconceptions(LESSON, "training_step") if each.misconception.id == id)
    return answer(LESSON, "training_step", mistake.code(LESSON.solutions()["training_step"]))


def test_another_way_to_the_target_costs_nothing_there_and_one_that_misses_it_says_where_it_parted():
    assert set(lost(TRAINING_STEP, step_with("scheduler_first"))) == {"rate"}
    assert set(lost(TRAINING_STEP, step_with("sum_of_means"))) == {"joined", "returned"}
    missed = lost(TRAINING_STEP, step_with("never_clips"))
    assert set(missed) == {"clipped", "budget"}
    assert missed["budget"].startswith("Step 1 is right. In step 2, loss should be")


def test_the_limit_with_and_without_the_1e_6_is_right():
    written = LESSON.solutions()["training_step"]
    clip = "torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)"
    assert clip in written
    exact = written.replace(clip, "torch.nn.utils.get_total_norm([p.grad for p in model.parameters()])")
    scaled = "    for p in model.parameters():\n        p.grad *= min(1.0, max_norm / grad_norm)\n    optimizer.step()"
    assert (
        lost(TRAINING_STEP, answer(LESSON, "training_step", exact.replace("    optimizer.step()", scaled)))
        == {}
    )


def test_mixup_moves_every_row_by_a_share_that_shows():
    for seed in range(20):
        for case in MIXUP.cases(np.random.default_rng(seed), "graded"):
            X_mix, _ = called(MIXUP, seed=case.inputs["seed"], **case.inputs["given"])
            X = case.inputs["given"]["X"]
            assert len(X) == 1 or all((row != mixed).all() for row, mixed in zip(X, X_mix, strict=True))


@pytest.mark.slow
def test_one_slip_costs_what_it_breaks():
    solutions = LESSON.solutions()
    for exercise in EXERCISES:
        for mistake in misconceptions(LESSON, exercise.id):
            wrong = answer(LESSON, exercise.id, mistake.code(solutions[exercise.id]))
            share = (exercise.points - judged(exercise, wrong).score) / exercise.points
            most = 1.0 if mistake.misconception.id in NOTHING_RIGHT else 0.6
            assert 0 < share <= most, mistake.misconception.id
