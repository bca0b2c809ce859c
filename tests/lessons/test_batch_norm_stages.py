"""Lesson 08's challenge: its oracle against the rules of the text, and what a slip costs."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_08 import batch_norm_stages as stages
from course.exercises.lesson_08.batch_norm_stages import GRADIENTS, STAGES
from course.readings import Reading

LESSON = find("08_batch_norm")
KNOWN = misconceptions(LESSON, STAGES.id)


def by_rules(dy, centred, std, x_hat, gamma):
    n, dx_hat = len(dy), dy * gamma
    dstd = -(dx_hat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / n
    dmu = -dcentred.sum(axis=0)
    return dx_hat, dstd, dvar, dcentred, dmu, dcentred + dmu / n


def readings(**arrays):
    return STAGES.oracle(Case(stages.BY_HAND.id, {"given": arrays})).readings


@settings(max_examples=60)
@given(seed=st.integers(0, 2**31), rows=st.integers(2, 7), columns=st.integers(1, 4), eps=st.floats(1e-4, 1))
def test_the_oracle_follows_the_stages(seed, rows, columns, eps):
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(size=(2, rows, columns))
    centred = x - x.mean(axis=0)
    std = np.sqrt((centred**2).mean(axis=0) + eps)
    given = {
        "dy": dy,
        "centred": centred,
        "std": std,
        "x_hat": centred / std,
        "gamma": rng.normal(size=columns),
    }
    found = readings(**given)
    for name, expected in zip(GRADIENTS, by_rules(**given), strict=True):
        np.testing.assert_allclose(found[Reading(0, name)], expected, rtol=1e-8, atol=1e-10 / std.min() ** 3)


def test_the_worked_example_is_that_of_the_text():
    case = STAGES.cases(np.random.default_rng(0), "public")[0]
    found = STAGES.oracle(case).readings
    np.testing.assert_allclose(found[Reading(0, "dx_hat")].ravel(), [12, 0, 0, 12])
    np.testing.assert_allclose(found[Reading(0, "dx")].ravel(), [1.78125, -1.40625, -1.40625, 1.03125])


def test_the_reference_gets_full_marks():
    assert judged(STAGES, answer(LESSON, STAGES.id, LESSON.solutions()[STAGES.id])).score == STAGES.points


def test_one_slip_costs_what_it_breaks():
    lost = []
    for mistake in KNOWN:
        wrong = answer(LESSON, STAGES.id, mistake.code(LESSON.solutions()[STAGES.id]))
        lost.append((STAGES.points - judged(STAGES, wrong).score) / STAGES.points)
    assert min(lost) > 0
    assert max(lost) <= 0.6
    assert np.median(lost) <= 1 / 3


def through_autograd(dy, centred, std, x_hat, gamma):
    x = torch.tensor(centred, requires_grad=True)
    with torch.enable_grad():
        spread = torch.sqrt((x**2).mean(dim=0) + torch.tensor(std**2 - (centred**2).mean(axis=0)))
        (torch.tensor(gamma) * x / spread).backward(torch.tensor(dy))
    return (x.grad,) * 6


def test_autograd_does_not_do_the_exercise():
    verdict = judged(STAGES, through_autograd)
    assert verdict.score == 0
    assert "does not require grad" in verdict.properties[0].message


def test_a_wrong_shape_is_told_by_its_name():
    def kept_axes(dy, centred, std, x_hat, gamma):
        return [each[None] if each.ndim == 1 else each for each in by_rules(dy, centred, std, x_hat, gamma)]

    message = next(
        entry.message for entry in judged(STAGES, kept_axes).properties if entry.property.id == stages.DSTD.id
    )
    assert "dstd" in message
    assert "shape" in message
