"""Lesson 07's oracle against the formulas of the text, on inputs that hypothesis chooses."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_07.clipped_step import ABOVE, LOSSES, _groups, _model
from course.exercises.lesson_07.clipping import (
    CLIP_BY_GLOBAL_NORM,
    CLIP_BY_VALUE,
    CLIPPED_TRAINING_STEP,
    GLOBAL_NORM,
    SPIKE_GUARD,
    WORKED_GRADS,
)
from course.families.handed import HandedOptimizer
from course.families.recorder import Recorder
from course.readings import Reading

NUMBERS = st.floats(-1e3, 1e3).filter(lambda value: value == 0 or abs(value) > 1e-3)
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3), (1, 2, 2)])
ARRAYS = SHAPES.flatmap(
    lambda shape: st.lists(NUMBERS, min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda values: np.array(values).reshape(shape)
    )
)
GRADS = st.lists(ARRAYS, min_size=1, max_size=4)
LIMITS = st.floats(1e-3, 1e4)
ORDERS = st.sampled_from([0.5, 1.0, 2.0, 3.0, math.inf])


def norm_of(grads, p):
    elements = np.concatenate([np.ravel(g) for g in grads])
    return np.abs(elements).max() if p == math.inf else np.sum(np.abs(elements) ** p) ** (1 / p)  # (3), (2)


def readings(exercise, **given):
    return exercise.oracle(Case(exercise.properties[0].name, {"given": given})).readings


@settings(max_examples=60)
@given(grads=GRADS, clip_value=LIMITS)
def test_clip_by_value_follows_formula_1(grads, clip_value):
    found = readings(CLIP_BY_VALUE, grads=grads, clip_value=clip_value)
    for k, g in enumerate(grads):
        np.testing.assert_array_equal(
            found[Reading(0, "grads", (k,))], np.minimum(clip_value, np.maximum(-clip_value, g))
        )


@settings(max_examples=60)
@given(grads=GRADS, p=ORDERS)
def test_global_norm_follows_formulas_2_and_3(grads, p):
    np.testing.assert_allclose(
        readings(GLOBAL_NORM, grads=grads, p=p)[Reading(0, "norm")], norm_of(grads, p), rtol=1e-11
    )


@settings(max_examples=80)
@given(grads=GRADS, max_norm=LIMITS, p=ORDERS)
def test_clip_by_global_norm_follows_formulas_4_and_5(grads, max_norm, p):
    found = readings(CLIP_BY_GLOBAL_NORM, grads=grads, max_norm=max_norm, p=p)
    s = min(1.0, max_norm / (norm_of(grads, p) + 1e-6))  # (4)
    for k, g in enumerate(grads):
        np.testing.assert_allclose(found[Reading(0, "grads", (k,))], s * g, rtol=1e-10, atol=1e-12)  # (5)
    assert next(iter(found)).id == "norm"


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), max_norm=st.sampled_from([0.3, 30.0]), loss=st.sampled_from(list(LOSSES)))
def test_the_training_step_follows_its_five_lines(seed, max_norm, loss):
    rng = np.random.default_rng(seed)
    case = CLIPPED_TRAINING_STEP.cases(rng, "public")[4]
    case = Case(ABOVE.id, {**case.inputs, "max_norm": max_norm, "loss": loss})
    found = CLIPPED_TRAINING_STEP.oracle(case).readings
    model = _model(case.inputs)
    x, y = (torch.tensor(case.inputs[name][0]) for name in ("x", "y"))
    LOSSES[loss](model(x), y).backward()
    s = min(1.0, max_norm / (norm_of([theta.grad.numpy() for theta in model.held], 2) + 1e-6))
    (lr,) = case.inputs["lrs"]
    for k, theta in enumerate(model.held):
        np.testing.assert_allclose(found[Reading(1, "grad_at_step", (k,))], s * theta.grad, rtol=1e-10)
        should = theta.detach() - lr * s * theta.grad
        np.testing.assert_allclose(found[Reading(1, "params", (k,))], should, rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_guard_follows_its_four_rules(seed):
    for case in SPIKE_GUARD.cases(np.random.default_rng(seed), "graded"):
        if case.inputs.get("twins"):
            continue
        settings = {"window": 100, "quantile": 0.9, "skip_above": 5.0} | case.inputs["settings"]
        found, norms = SPIKE_GUARD.oracle(case).readings, []
        for step, grads in enumerate(case.inputs["batches"], start=1):
            norm = norm_of(grads, 2)
            limit = np.quantile(norms, settings["quantile"]) if norms else math.inf
            skipped = not math.isfinite(norm) or norm > settings["skip_above"] * limit
            assert found[Reading(step, "batch_skipped")] == skipped
            if not skipped:
                norms = [*norms, norm][-settings["window"] :]
                s = min(1.0, limit / (norm + 1e-6))
                for k, g in enumerate(grads):
                    np.testing.assert_allclose(found[Reading(step, "grads", (k,))], s * g, rtol=1e-10)


def test_the_worked_example_has_the_numbers_of_the_text():
    norms = {
        p: float(readings(GLOBAL_NORM, grads=WORKED_GRADS, p=p)[Reading(0, "norm")]) for p in (1, 2, math.inf)
    }
    assert norms == {1: 19.0, 2: 13.0, math.inf: 12.0}
    by_value = readings(CLIP_BY_VALUE, grads=WORKED_GRADS, clip_value=5.0)
    assert (by_value[Reading(0, "grads", (0,))].tolist(), float(by_value[Reading(0, "grads", (1,))])) == (
        [3.0, -4.0],
        5.0,
    )
    by_norm = readings(CLIP_BY_GLOBAL_NORM, grads=WORKED_GRADS, max_norm=6.5)
    np.testing.assert_allclose(by_norm[Reading(0, "grads", (0,))], [1.5, -2.0], rtol=1e-6)
    np.testing.assert_allclose(by_norm[Reading(0, "grads", (1,))], 6.0, rtol=1e-6)
    assert by_norm[Reading(0, "norm")] == 13.0


def test_the_handed_optimizer_steps_as_torch_sgd():
    for case in CLIPPED_TRAINING_STEP.cases(np.random.default_rng(0), "public"):
        ends = []
        for make in (HandedOptimizer, torch.optim.SGD):
            model = _model(case.inputs)
            with Recorder("", "").running():
                optimizer = make(_groups(model, case.inputs))
            for x, y in zip(case.inputs["x"], case.inputs["y"], strict=True):
                optimizer.zero_grad()
                LOSSES["mse"](model(torch.tensor(x)), torch.tensor(y)).backward()
                optimizer.step()
            ends.append([theta.detach().numpy() for theta in model.held])
        for one, other in zip(*ends, strict=True):
            np.testing.assert_array_equal(one, other)


def verdict_on(exercise, code):
    namespace = {"np": np, "torch": torch}
    exec(code, namespace)
    return judged(exercise, namespace[exercise.id])


CLIP = """
def clip_by_global_norm(grads, max_norm, p=2.0):
    norm = global_norm(grads, p)
    s = np.minimum(1.0, max_norm / (norm + 1e-6))
    return [s * g for g in grads], norm
"""
WRONG_NORM = (
    "def global_norm(grads, p=2.0):\n    return float(np.sqrt(sum(np.sum(g**2) for g in grads[:1])))\n"
)
STEP = """
def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    used = [theta for theta in model.parameters() if theta.grad is not None]
    grads, norm = clip_by_global_norm([theta.grad.numpy() for theta in used], max_norm)
    for theta, grad in zip(used, grads):
        theta.grad.copy_(torch.as_tensor(grad))
    optimizer.step()
    return loss.item(), norm
"""


def test_a_wrong_norm_costs_the_clipping_that_uses_it_nothing():
    verdict = verdict_on(CLIP_BY_GLOBAL_NORM, WRONG_NORM + CLIP)
    assert verdict.score == verdict.max_score


def test_a_wrong_norm_is_named_below_a_clipping_that_is_wrong_too():
    verdict = verdict_on(CLIP_BY_GLOBAL_NORM, WRONG_NORM + CLIP.replace("s * g for", "s * s * g for"))
    messages = [entry.message for entry in verdict.properties if not entry.passed]
    assert any(message.endswith("as you wrote it: mend global_norm first.") for message in messages)


def test_a_wrong_clipping_is_named_below_the_training_step_that_uses_it():
    wrong = CLIP.replace("s * g for", "g for").replace(
        "global_norm(grads, p)", "float(np.linalg.norm(grads[0]))"
    )
    verdict = verdict_on(CLIPPED_TRAINING_STEP, wrong + STEP)
    messages = [entry.message for entry in verdict.properties if not entry.passed]
    assert messages and all(message.endswith("mend clip_by_global_norm first.") for message in messages)


def test_an_earlier_stub_is_named_and_the_exercise_counts_as_attempted():
    stub = "def clip_by_global_norm(grads, max_norm, p=2.0):\n    raise NotImplementedError\n"
    verdict = verdict_on(CLIPPED_TRAINING_STEP, stub + STEP)
    assert verdict.attempted and verdict.score == 0.0
    said = "clipped_training_step calls clip_by_global_norm, which is not written yet."
    assert all(entry.message.startswith(said) for entry in verdict.properties)
    assert "mend" not in verdict.properties[0].message


def test_a_mistake_of_the_step_itself_blames_nothing_else():
    right = "def global_norm(grads, p=2.0):\n    return float(np.sqrt(sum(np.sum(g**2) for g in grads)))\n"
    verdict = verdict_on(
        CLIPPED_TRAINING_STEP, right + CLIP + STEP.replace("    optimizer.zero_grad()\n", "")
    )
    assert 0 < verdict.score < 3
    assert not any("mend" in entry.message for entry in verdict.properties)


@pytest.mark.parametrize(
    ("exercise", "code", "sentence"),
    [
        (
            CLIP_BY_VALUE,
            "def clip_by_value(grads, clip_value):\n    return np.clip(grads[0], -clip_value, clip_value)",
            "clip_by_value should return grads as a list; yours is one array of shape (2,).",
        ),
        (
            CLIP_BY_GLOBAL_NORM,
            "def clip_by_global_norm(grads, max_norm, p=2.0):\n    return 1.0, grads",
            "clip_by_global_norm should return grads as a list; yours is one array of shape ().",
        ),
        (
            SPIKE_GUARD,
            "class SpikeGuard:\n    def clip(self, grads):\n        return grads[0]\n"
            "    def __init__(self, **settings):\n        pass",
            "clip(grads) should return grads as a list; yours is one array of shape (2, 2).",
        ),
        (
            CLIPPED_TRAINING_STEP,
            "def clipped_training_step(model, loss_fn, x, y, optimizer, max_norm):\n"
            "    loss = loss_fn(model(x), y)\n    return loss, 0.0",
            "In step 1, loss is a tensor; it should be a float.",
        ),
    ],
)
def test_what_is_returned_in_another_form_is_said_in_one_sentence(exercise, code, sentence):
    assert verdict_on(exercise, code).properties[0].message.startswith(sentence)
