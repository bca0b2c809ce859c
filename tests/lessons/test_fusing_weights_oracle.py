"""Lesson 13's oracles against the formulas of the text, what a slip costs, and what is said of dicts."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_13 import (
    DISTILLATION_LOSS,
    EWC,
    EXERCISES,
    FUSE,
    SIMILARITY_WEIGHTS,
    TIES_MERGE,
    distillation,
    ewc,
    fusing,
    ties,
)
from course.readings import OF_LIMIT, Reading
from course.wire import decode_cases, decode_evidence, encode_cases, encode_evidence

LESSON = find("13_fusing_weights")
SEEDS = st.integers(0, 2**31)
SHAPES = {"scale": (), "conv1.weight": (2, 3), "conv1.bias": (2,)}


def close(found, expected, atol=1e-10):
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=atol)


def oracle(exercise, judged="any", **given):
    return exercise.oracle(Case(judged, {"given": given})).readings


def reference(name):
    return answer(LESSON, name, LESSON.solutions()[name])


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, models=st.integers(1, 4), unit=st.sampled_from([1.0, 0.25, 100.0]))
def test_fuse_follows_formula_1(seed, models, unit):
    rng = np.random.default_rng(seed)
    states = fusing.drawn(rng, models, SHAPES)
    by_name = {name: (unit * rng.integers(1, 9, size=models)).tolist() for name in SHAPES}
    found = oracle(FUSE, states=states, weights=by_name)
    for name, weights in by_name.items():
        expected = sum(w * state[name] for w, state in zip(weights, states, strict=True)) / sum(weights)
        close(found[Reading(0, "fused", of=name)], expected)
    for name, array in oracle(FUSE, states=states).items():
        close(array, np.mean([state[name.of] for state in states], axis=0))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, models=st.integers(1, 4), temperature=st.floats(0.01, 5.0))
def test_similarity_weights_follow_formulas_2_and_3(seed, models, temperature):
    states = fusing.drawn(np.random.default_rng(seed), models, SHAPES)
    found = oracle(SIMILARITY_WEIGHTS, states=states, temperature=temperature)
    for name in SHAPES:
        rows = np.array([state[name].ravel() for state in states])
        mean = rows.mean(axis=0)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(mean)
        e = np.exp((rows @ mean / lengths - 1) / temperature)
        close(found[Reading(0, "similarity", of=name)], e / e.sum(), atol=1e-8)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, rows=st.integers(1, 4), T=st.floats(0.5, 8.0), alpha=st.floats(0.0, 1.0))
def test_the_distillation_loss_follows_formulas_4_to_7(seed, rows, T, alpha):
    rng = np.random.default_rng(seed)
    z, teacher, labels = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 3)), rng.integers(0, 3, rows)
    found = oracle(
        DISTILLATION_LOSS,
        student_logits=z,
        teacher_logits=teacher,
        labels=labels,
        temperature=T,
        alpha=alpha,
    )
    p, q, q_1, Y = softmax(teacher / T), softmax(z / T), softmax(z), np.eye(3)[labels]
    kl = (p * np.log(p / q)).sum() / rows
    close(found[Reading(0, "loss")], alpha * T**2 * kl - (1 - alpha) * (Y * np.log(q_1)).sum() / rows)
    close(found[Reading(0, "grad")], (alpha * T * (q - p) + (1 - alpha) * (q_1 - Y)) / rows)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, models=st.integers(1, 5), k=st.integers(1, 6), scale=st.floats(0.1, 2.0))
def test_ties_does_its_three_steps(seed, models, k, scale):
    rng = np.random.default_rng(seed)
    base, changes = rng.normal(size=6), rng.normal(size=(models, 6))
    found = oracle(TIES_MERGE, base=base, models=base + changes, k=k, scale=scale)[ties.MERGED]
    for row in changes:
        row[np.argsort(np.abs(row))[: 6 - k]] = 0.0
    for j, column in enumerate(changes.T):
        same = column[column * column.sum() > 0]
        close(found[j], base[j] + (scale * same.mean() if len(same) else 0.0))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, samples=st.integers(1, 5))
def test_fisher_information_and_penalty_follow_formulas_8_and_9(seed, samples):
    rng = np.random.default_rng(seed)
    start, x, y, move = (
        rng.normal(size=3),
        rng.normal(size=(samples, 3)),
        rng.normal(size=samples),
        np.ones(3),
    )
    inputs = {"params": [start], "strength": 1.5, "tasks": [{"x": [x], "y": y, "move": [move]}]}
    readings = EWC.oracle(Case(ewc.PENALTY.id, inputs)).readings
    gradients = (x @ start - y)[:, None] * x
    fisher = (gradients**2).mean(axis=0)
    close(readings[Reading(1, "fisher", (0,))], fisher)
    close(readings[Reading(1, "anchor", (0,))], start)
    close(readings[Reading(1, "penalty")], 0.75 * fisher.sum())
    pull = EWC.oracle(Case(ewc.GRADIENT.id, inputs)).readings[Reading(1, "penalty_gradient", (0,))]
    close(pull, 1.5 * fisher)


def test_the_worked_examples_have_the_numbers_of_the_text():
    fused = oracle(FUSE, states=fusing.WORKED_STATES, weights=fusing.WORKED_WEIGHTS)
    close(fused[Reading(0, "fused", of="weight")], [[3, 1]])
    close(fused[Reading(0, "fused", of="bias")], [2])
    (weights,) = oracle(SIMILARITY_WEIGHTS, states=fusing.SIMILAR_STATES).values()
    np.testing.assert_allclose(weights, [0.364, 0.364, 0.272], atol=5e-4)
    distilled = oracle(
        DISTILLATION_LOSS,
        student_logits=distillation.WORKED_STUDENT,
        teacher_logits=distillation.WORKED_TEACHER,
        labels=np.array([0]),
    )
    np.testing.assert_allclose(distilled[distillation.LOSS], 0.608, atol=5e-4)
    close(distilled[distillation.GRAD], [[-0.5, 0.5]])
    merged = oracle(TIES_MERGE, base=ties.WORKED_BASE, models=ties.WORKED_MODELS, k=2)
    close(merged[ties.MERGED], [5, -2, 4, -1])


def test_the_dot_product_is_the_cosine_where_the_case_says_so():
    cases = SIMILARITY_WEIGHTS.cases(np.random.default_rng(1), "graded")
    even = [case for case in cases if case.note == "3 models of equal length"]
    assert even
    for case in even:
        rows = np.array([state["bias"] for state in case.inputs["given"]["states"]])
        mean = rows.mean(axis=0)
        close(np.linalg.norm(rows, axis=1) * np.linalg.norm(mean), np.ones(3))


# What is said of dicts of arrays


def messages(exercise, student_object):
    return " ".join(entry.message for entry in judged(exercise, student_object).properties)


def test_a_wrong_layer_is_named_with_its_element():
    def first_model(states, weights=None):
        return {name: np.array(array) for name, array in states[0].items()}

    said = messages(FUSE, first_model)
    assert "Element [0, 0] of layer weight should be 3, yours is 2. Look at formula (1)." in said
    assert "Layer scale should be" in said  # of shape ()


def test_a_changed_layer_is_named_with_its_model():
    fuse = reference("fuse")

    def doubling(states, weights=None):
        fused = fuse(states, weights)
        for array in states[-1].values():
            array *= 2
        return fused

    assert "fuse changed states[0]['conv1.weight']: element [0, 0] was" in messages(FUSE, doubling)


def test_names_that_are_missing_or_too_many_are_listed():
    def renamed(states, weights=None):
        return {f"mean.{name}": array for name, array in states[0].items()}

    said = messages(FUSE, renamed)
    assert "fuse should return a dict with the names weight, bias; yours has mean.weight, mean.bias." in said
    assert "fuse should return a dict of arrays by name; yours returns one list." in messages(
        FUSE, lambda states, weights=None: list(states[0].values())
    )
    assert "it should return fused. Is the `return` missing?" in messages(
        FUSE, lambda states, weights=None: None
    )


def test_a_long_name_that_was_added_to_a_model_crosses_to_the_grader():
    fuse = reference("fuse")

    def adding(states, weights=None):
        fused = fuse(states, weights)
        states[0]["x" * 5000 + "\ud800"] = np.zeros(2)
        return fused

    case = next(case for case in FUSE.cases(np.random.default_rng(0), "public") if case.inputs.get("watch"))
    evidence = FUSE.probe(adding, case)
    assert max(len(reading.of) for reading in evidence.readings) == OF_LIMIT
    (back,) = decode_evidence(encode_evidence([evidence]))
    assert list(back.readings) == list(evidence.readings)
    assert "fuse changed the length of states[0]: it was 2 before the call and is 3 after it" in messages(
        FUSE, adding
    )


def test_dicts_of_arrays_cross_in_their_order():
    cases = FUSE.cases(np.random.default_rng(3), "graded")
    back = decode_cases(encode_cases(cases))
    for case, other in zip(cases, back, strict=True):
        orders = [[list(state) for state in each.inputs["given"]["states"]] for each in (case, other)]
        assert orders[0] == orders[1]
    assert json.loads(encode_cases(cases).decode())


def test_a_wrong_fuse_is_named_where_similarity_weights_uses_it():
    source = """
def fuse(states, weights=None):
    return {name: 2.0 * states[0][name] - states[-1][name] for name in states[0]}

def similarity_weights(states, temperature=1.0):
    mean = fuse(states)
    weights = {}
    for name in states[0]:
        rows = np.stack([state[name].ravel() for state in states])
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(mean[name])
        cosines = rows @ mean[name].ravel() / np.where(lengths > 0, lengths, 1.0)
        e = np.exp((cosines - cosines.max()) / temperature)
        weights[name] = e / e.sum()
    return weights
"""
    namespace = {"np": np}
    exec(source, namespace)
    verdict = judged(SIMILARITY_WEIGHTS, namespace["similarity_weights"])
    assert verdict.score == SIMILARITY_WEIGHTS.points


def test_a_penalty_without_a_graph_is_told_so():
    def of(instance):
        return reference("EWC").penalty(instance).detach()

    detached = type("EWC", (reference("EWC"),), {"penalty": of})
    assert "penalty() has no graph; a gradient should flow from it to the parameters" in messages(
        EWC, detached
    )


@pytest.mark.slow
def test_one_slip_costs_what_it_breaks():
    solutions = LESSON.solutions()
    for exercise in EXERCISES:
        for mistake in misconceptions(LESSON, exercise.id):
            wrong = answer(LESSON, exercise.id, mistake.code(solutions[exercise.id]))
            lost = (exercise.points - judged(exercise, wrong).score) / exercise.points
            assert 0 < lost <= 0.6, mistake.misconception.id
