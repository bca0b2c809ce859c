"""Lesson 15's oracles against the formulas of the text, and what a slip costs."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_15 import (
    DISCRIMINATOR_LOSS,
    EXERCISES,
    GAN_TRAINER,
    GENERATOR_LOSS,
    GRADIENT_PENALTY,
    INSTANCE_NOISE,
    losses,
    penalty,
    trainer,
)
from course.readings import Reading

LESSON = find("15_gan")
SEEDS = st.integers(0, 2**31)
# The share of the points that a mistake may cost at most: more where losses or labels have changed places, so
# that nothing is right, and where every loss or both gradients are wrong in each case.
MOST = {
    "swapped": 1.0,
    "labels_swapped": 1.0,
    "no_absolute_value": 0.75,
    "gradients_in_the_other_order": 0.75,
}


def close(found, expected, atol=1e-10):
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=atol)


def sigma(s):
    return 1 / (1 + np.exp(-s))


def called(exercise, seed=None, **given):
    readings = exercise.oracle(Case("any", {"given": given, "seed": seed})).readings
    return [readings[Reading(0, name)] for name in exercise.returns]


@settings(max_examples=40)
@given(seed=SEEDS, m=st.integers(1, 5), n=st.integers(1, 5), labels=st.tuples(*[st.floats(0, 1)] * 2))
def test_the_discriminators_loss_follows_formulas_1_2_and_4(seed, m, n, labels):
    rng = np.random.default_rng(seed)
    sides = losses.logits(rng, m), losses.logits(rng, n)
    loss, *gradients = called(
        DISCRIMINATOR_LOSS,
        real_logits=sides[0],
        fake_logits=sides[1],
        real_label=labels[0],
        fake_label=labels[1],
    )
    each = [
        -y * np.log(sigma(s)) - (1 - y) * np.log(1 - sigma(s)) for s, y in zip(sides, labels, strict=True)
    ]
    close(loss, each[0].mean() + each[1].mean())
    for s, y, found in zip(sides, labels, gradients, strict=True):
        close(found, (sigma(s) - y) / len(s))


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(1, 5))
def test_the_generators_losses_follow_formulas_5_and_6(seed, n):
    s = losses.logits(np.random.default_rng(seed), n)
    loss, grad = called(GENERATOR_LOSS, fake_logits=s)
    close(loss, -np.log(sigma(s)).mean())
    close(grad, (sigma(s) - 1) / n)
    loss, grad = called(GENERATOR_LOSS, fake_logits=s, saturating=True)
    close(loss, np.log(1 - sigma(s)).mean())
    close(grad, -sigma(s) / n)


def test_formula_3_is_formula_1_and_holds_for_large_logits():
    for y in (0.0, 0.3, 1.0):
        s = np.linspace(-20, 20, 81)
        stable = np.maximum(s, 0) - y * s + np.log1p(np.exp(-np.abs(s)))
        close(stable, -y * np.log(sigma(s)) - (1 - y) * np.log(sigma(-s)))
    loss, *_ = called(DISCRIMINATOR_LOSS, real_logits=np.array([-1000.0]), fake_logits=np.array([-1000.0]))
    close(loss, 1000.0)


@settings(max_examples=30)
@given(seed=SEEDS, step=st.integers(0, 20), total=st.integers(1, 10))
def test_noise_follows_formula_7(seed, step, total):
    x = np.random.default_rng(1).normal(size=(2, 3))
    (y,) = called(INSTANCE_NOISE, seed, x=x, step=step, total=total, sigma=0.7)
    left = max(0, 1 - step / total)
    close(y, x + 0.7 * left * np.random.default_rng(seed).standard_normal((2, 3)))


def test_the_penalty_follows_formulas_8_and_9():
    for case in GRADIENT_PENALTY.cases(np.random.default_rng(0), "graded"):
        if case.property in (penalty.CRITIC.id, penalty.ALONE.id) or len(case.inputs["params"]) == 1:
            continue
        W1, b1, w2, _ = case.inputs["params"]
        real, fake = (case.inputs[name].reshape(len(case.inputs["eps"]), -1) for name in ("real", "fake"))
        eps = case.inputs["eps"][:, None]
        points = eps * real + (1 - eps) * fake  # (8)
        slopes = ((1 - np.tanh(points @ W1 + b1) ** 2) * w2) @ W1.T
        weight = 10.0 if case.inputs["weight"] is None else case.inputs["weight"]
        close(
            GRADIENT_PENALTY.oracle(case).readings[penalty.PENALTY],
            weight * ((np.linalg.norm(slopes, axis=1) - 1) ** 2).mean(),
        )


def test_what_backward_should_reach_is_what_differences_of_the_penalty_say():
    case = next(
        case
        for case in GRADIENT_PENALTY.cases(np.random.default_rng(0), "public")
        if case.property == penalty.CRITIC.id
    )
    grads = GRADIENT_PENALTY.oracle(case).readings
    params = case.inputs["params"]
    for index, array in enumerate(params):
        for place in np.ndindex(array.shape):
            ends = []
            for h in (1e-6, -1e-6):
                moved = [np.array(each) for each in params]
                moved[index][place] += h
                ends.append(
                    penalty._torch_penalty([torch.tensor(each) for each in moved], case.inputs).item()
                )
            close(grads[Reading(0, "critic_grad", (index,))][place], (ends[0] - ends[1]) / 2e-6, atol=1e-5)


def test_the_worked_examples_have_the_numbers_of_the_text():
    def worked(exercise):
        cases = exercise.cases(np.random.default_rng(0), "public")
        return exercise.oracle(next(case for case in cases if case.property == "worked")).readings

    found = worked(DISCRIMINATOR_LOSS)
    assert round(float(found[Reading(0, "loss")]), 3) == 1.537
    assert np.round(found[Reading(0, "d_real")], 3).tolist() == [-0.25, -0.06]
    assert np.round(found[Reading(0, "d_fake")], 3).tolist() == [0.06, 0.44]
    found = worked(GENERATOR_LOSS)
    assert round(float(found[Reading(0, "loss")]), 3) == 1.127
    assert np.round(found[Reading(0, "grad")], 3).tolist() == [-0.44, -0.06]
    close(worked(GRADIENT_PENALTY)[penalty.PENALTY], 160.0)


def test_the_generators_turn_comes_at_every_third_call():
    case = next(
        case for case in GAN_TRAINER.cases(np.random.default_rng(0), "public") if case.note == "d_steps = 3"
    )
    readings = GAN_TRAINER.oracle(case).readings
    turns = [bool(readings[Reading(call, "g_updated")]) for call in range(1, 8)]
    assert turns == [False, False, True, False, False, True, False]
    assert [int(readings[Reading(call, "calls", of=trainer.OPT_D)]) for call in range(1, 8)] == [1] * 7


@pytest.mark.slow
def test_one_slip_costs_what_it_breaks():
    solutions = LESSON.solutions()
    for exercise in EXERCISES:
        for mistake in misconceptions(LESSON, exercise.id):
            wrong = answer(LESSON, exercise.id, mistake.code(solutions[exercise.id]))
            lost = (exercise.points - judged(exercise, wrong).score) / exercise.points
            most = MOST.get(mistake.misconception.id, 0.6)
            assert 0 < lost <= most, mistake.misconception.id
