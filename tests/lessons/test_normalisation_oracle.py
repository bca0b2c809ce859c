"""Lesson 12's oracles against the formulas of the text, and what a slip costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_12 import (
    BACKWARD,
    EXERCISES,
    FORWARD,
    GROUP_NORM,
    RMS_NORM,
    SPECTRAL_NORM,
    channels,
    rows,
    weights,
)
from course.exercises.lesson_12.affine import WORKED, alike, uneven
from course.readings import Reading

LESSON = find("12_normalisation")
SEEDS = st.integers(0, 2**31)
SHAPES = st.lists(st.integers(1, 3), max_size=3).map(tuple)
EPS = st.floats(1e-5, 1.0)
Y = Reading(0, "y")


def close(found, expected, atol=1e-10):
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=atol)


def normalised(x, eps):
    """Formulas (1) to (3) along the last axis."""
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    return (x - mu) / np.sqrt(var + eps)


def called(exercise, **given):
    return exercise.oracle(Case("any", {"given": given})).readings[Y]


@settings(max_examples=40)
@given(seed=SEEDS, before=SHAPES, columns=st.integers(2, 5), eps=EPS)
def test_layer_and_rms_norm_follow_the_formulas(seed, before, columns, eps):
    rng = np.random.default_rng(seed)
    x, gamma, beta = uneven(rng, (*before, columns)), rng.normal(size=columns), rng.normal(size=columns)
    close(called(FORWARD, x=x, gamma=gamma, beta=beta, eps=eps), gamma * normalised(x, eps) + beta)
    root = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    close(called(RMS_NORM, x=x, gamma=gamma, eps=eps), gamma * x / root)


@settings(max_examples=40)
@given(seed=SEEDS, after=SHAPES, groups=st.integers(1, 3), size=st.integers(2, 3), eps=EPS)
def test_group_norm_follows_formula_7(seed, after, groups, size, eps):
    rng = np.random.default_rng(seed)
    channels = groups * size
    x = uneven(rng, (2, channels, *after))
    gamma, beta = rng.normal(size=(2, channels))
    beside = (channels, *[1] * len(after))
    expected = normalised(x.reshape(2, groups, -1), eps).reshape(x.shape)
    found = called(GROUP_NORM, x=x, groups=groups, gamma=gamma, beta=beta, eps=eps)
    close(found, gamma.reshape(beside) * expected + beta.reshape(beside))


def test_as_many_groups_as_channels_is_group_norm_as_well():
    x = uneven(np.random.default_rng(0), (2, 3, 2, 2))
    found = called(GROUP_NORM, x=x, groups=3, gamma=np.ones(3), beta=np.zeros(3))
    close(found, normalised(x.reshape(2, 3, -1), 1e-5).reshape(x.shape))


@settings(max_examples=30)
@given(seed=SEEDS, modes=st.text("te", min_size=1, max_size=5), count=st.integers(1, 3))
def test_spectral_norm_follows_formulas_8_to_10(seed, modes, count):
    rng = np.random.default_rng(seed)
    each = [uneven(rng, (3, 2, 2)) for _ in modes]
    u, v = weights._start(rng, each)
    script = {"u": u, "v": v, "n_iterations": count, "modes": modes, "weights": each}
    readings = SPECTRAL_NORM.oracle(Case(weights.STILL.id, script)).readings
    for step, (mode, W) in enumerate(zip(modes, each, strict=True), start=1):
        matrix = W.reshape(3, -1)
        for _ in range(count if mode == "t" else 0):
            u = matrix @ v / np.linalg.norm(matrix @ v)  # (8)
            v = matrix.T @ u / np.linalg.norm(matrix.T @ u)  # (9)
        close(readings[Reading(step, "u")], u)
        close(readings[Reading(step, "v")], v)
        close(readings[Reading(step, "y")], W / (u @ matrix @ v))  # (10)


def test_whatever_a_statistic_of_alike_is_taken_over_it_is_the_same():
    x = alike(np.random.default_rng(0), 3)
    for axis in (0, 1, 2, (0, 1), (0, 1, 2)):
        close(x.mean(axis=axis), x.mean())
        close(x.var(axis=axis), x.var())


def worked(exercise):
    cases = exercise.cases(np.random.default_rng(0), "public")
    return exercise.oracle(next(case for case in cases if case.property == WORKED.id)).readings


def test_the_worked_examples_have_the_numbers_of_the_text():
    close(worked(FORWARD)[Y], [[-1, 0, 0, 5]])
    close(worked(RMS_NORM)[Y], [[0.25, 1, 1.5, 6]])
    close(worked(BACKWARD)[Reading(0, "dx")], [[0.75, -1.375, 0.5, 0.125]])
    x_hat = np.array([[-1, 1, -1, 1]])
    close(worked(GROUP_NORM)[Y], channels.WORKED_GAMMA * x_hat + channels.WORKED_BETA, atol=1e-8)


def test_the_right_cache_is_the_one_the_lesson_proposes():
    x, gamma = uneven(np.random.default_rng(3), (2, 3, 4)), np.arange(4.0)
    x_hat, kept, std = rows._right_cache(x, gamma, 0.1)
    close(x_hat, normalised(x, 0.1))
    close(std, np.sqrt(x.var(axis=-1, keepdims=True) + 0.1))
    np.testing.assert_array_equal(kept, gamma)


def test_groups_that_do_not_divide_are_told_so():
    def silent(x, groups, gamma, beta, eps=1e-5):
        return np.zeros_like(x)

    messages = [entry.message for entry in judged(GROUP_NORM, silent).properties]
    assert any(
        message.startswith("group_norm accepted groups = 4 for 2 channels; it should raise ValueError")
        for message in messages
    )


@pytest.mark.slow
def test_one_slip_costs_what_it_breaks():
    solutions = LESSON.solutions()
    for exercise in EXERCISES:
        for mistake in misconceptions(LESSON, exercise.id):
            wrong = answer(LESSON, exercise.id, mistake.code(solutions[exercise.id]))
            lost = (exercise.points - judged(exercise, wrong).score) / exercise.points
            assert 0 < lost <= 0.6, mistake.misconception.id
