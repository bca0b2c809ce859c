"""Lesson 11's oracles against the formulas of the text, and what its cases tell apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_11 import from_shape, lsuv, mlp
from course.exercises.lesson_11.initialisation import FANS, HE_NORMAL, LSUV, MLP, XAVIER_UNIFORM
from course.readings import Reading

SEEDS = st.integers(0, 2**31)
SHAPES = st.lists(st.integers(1, 5), min_size=2, max_size=5)
W = from_shape.W


def two_fans(shape):
    pixels = np.prod(shape[2:])
    return shape[1] * pixels, shape[0] * pixels  # (2)


@given(shape=SHAPES)
def test_fans_follow_formula_2(shape):
    readings = FANS.oracle(Case(from_shape.MATRIX.id, {"shape": shape})).readings
    assert (readings[Reading(0, "fan_in")], readings[Reading(0, "fan_out")]) == two_fans(shape)


@settings(max_examples=60)
@given(shape=SHAPES, seed=SEEDS, gain=st.floats(0.1, 3.0))
def test_xavier_follows_formula_4(shape, seed, gain):
    case = Case(from_shape.GAIN.id, {"shape": shape, "seed": seed, "options": {"gain": gain}})
    a = gain * np.sqrt(6 / sum(two_fans(shape)))  # (4)
    expected = np.random.default_rng(seed).uniform(-a, a, size=shape)
    np.testing.assert_allclose(XAVIER_UNIFORM.oracle(case).readings[W], expected, rtol=1e-12, atol=1e-14)


@settings(max_examples=60)
@given(shape=SHAPES, seed=SEEDS, mode=st.sampled_from(["fan_in", "fan_out"]), slope=st.floats(-2.0, 2.0))
def test_he_follows_formula_6(shape, seed, mode, slope):
    case = Case(from_shape.MODE.id, {"shape": shape, "seed": seed, "options": {"mode": mode, "slope": slope}})
    fan = two_fans(shape)[mode == "fan_out"]
    std = np.sqrt(2 / ((1 + slope**2) * fan))  # (6)
    expected = np.random.default_rng(seed).normal(0, std, size=shape)
    np.testing.assert_allclose(HE_NORMAL.oracle(case).readings[W], expected, rtol=1e-12, atol=1e-14)


@settings(max_examples=40)
@given(seed=SEEDS, sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5), rows=st.integers(1, 5))
def test_the_network_follows_formulas_7_to_10(seed, sizes, rows):
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(size=(rows, sizes[0])), rng.normal(size=(rows, sizes[-1]))
    biases = [rng.normal(size=outputs) for outputs in sizes[1:]]
    weights = [rng.normal(size=shape) for shape in zip(sizes[1:], sizes[:-1], strict=True)]
    script = {"sizes": sizes, "seed": seed, "calls": "fb", "batches": [x], "grads": [dy]}
    script |= {"weights": weights, "biases": biases}
    readings = MLP.oracle(Case(mlp.ANY_SIZES.id, script)).readings
    inputs, outputs = [x], []
    for weight, bias in zip(weights, biases, strict=True):
        outputs.append(inputs[-1] @ weight.T + bias)  # (7)
        inputs.append(np.maximum(0, outputs[-1]))  # (8)
    np.testing.assert_allclose(readings[Reading(1, "y")], outputs[-1], rtol=1e-9, atol=1e-12)
    for layer in reversed(range(len(weights))):
        dweight, dbias = dy.T @ inputs[layer], dy.sum(axis=0)  # (9)
        np.testing.assert_allclose(readings[Reading(2, "dW", (layer,))], dweight, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(readings[Reading(2, "db", (layer,))], dbias, rtol=1e-9, atol=1e-12)
        if layer:
            dy = (dy @ weights[layer]) * (outputs[layer - 1] > 0)  # (10)


@pytest.mark.parametrize("level", ["public", "graded"])
def test_lsuv_fulfils_formula_11_with_one_positive_number_a_layer(level):
    for case in LSUV.cases(np.random.default_rng(5), level):
        if case.property == lsuv.DEEPER.id:
            continue  # of its first layer nothing is written down
        h, given_weights = case.inputs["given"]["x"], case.inputs["given"]["weights"]
        readings = LSUV.oracle(case).readings
        for place, weight in enumerate(given_weights):
            scaled = readings[Reading(0, "weights", (place,))]
            factors = scaled / weight
            np.testing.assert_allclose(factors, factors.flat[0], rtol=1e-10)
            assert factors.flat[0] > 0
            y = h @ scaled.T
            assert y.var() == pytest.approx(1.0, rel=1e-9)
            h = np.maximum(0, y)


def case_of(exercise, judged):
    cases = exercise.cases(np.random.default_rng(0), "public")
    return next(case for case in cases if case.property == judged.id)


def test_worked_examples_have_the_numbers_of_the_text():
    xavier = XAVIER_UNIFORM.oracle(case_of(XAVIER_UNIFORM, from_shape.WORKED)).readings[W]
    assert xavier[0, 0] == pytest.approx(0.274, abs=5e-4)
    assert xavier.shape == (4, 2)
    he = HE_NORMAL.oracle(case_of(HE_NORMAL, from_shape.WORKED)).readings[W]
    assert he[0, 0] == pytest.approx(0.063, abs=5e-4)
    assert he.shape == (3, 8)
    readings = LSUV.oracle(case_of(LSUV, lsuv.WORKED)).readings
    assert readings[Reading(0, "weights", (0,))] == pytest.approx(0.5)
    assert readings[Reading(0, "weights", (1,))] == pytest.approx(2.0)


def test_where_later_layers_are_judged_all_outputs_have_mean_0_and_units_vary_alike():
    cases = LSUV.cases(np.random.default_rng(1), "graded")
    for case in (case for case in cases if case.property == lsuv.DEEPER.id):
        h = case.inputs["given"]["x"]
        for weight in case.inputs["given"]["weights"]:
            y = h @ weight.T
            assert np.abs(y.mean(axis=0)).max() < 1e-10 * np.abs(y).max()
            np.testing.assert_allclose(y.std(axis=0), y.std(), rtol=1e-9)
            h = np.maximum(0, y)


# A wrong fans, and answers of another form.

SOLUTION = """
import numpy as np

def fans(shape):
    if len(shape) < 2:
        raise ValueError("too few")
    pixels = int(np.prod(shape[2:]))
    return shape[1] * pixels, shape[0] * pixels

def xavier_uniform(shape, rng, gain=1.0):
    a = gain * np.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-a, a, size=shape)

def he_normal(shape, rng, mode="fan_in", slope=0.0):
    fan = dict(zip(("fan_in", "fan_out"), fans(shape)))
    if mode not in fan:
        raise ValueError(mode)
    return rng.normal(0, np.sqrt(2 / (1 + slope**2) / fan[mode]), size=shape)

class MLP:
    def __init__(self, sizes, init, rng):
        self.weights = [init(shape, rng) for shape in zip(sizes[1:], sizes[:-1])]
        self.biases = [np.zeros(outputs) for outputs in sizes[1:]]

    def forward(self, x):
        self.inputs = [x]
        for W, b in zip(self.weights, self.biases):
            y = self.inputs[-1] @ W.T + b
            self.inputs.append(np.maximum(0, y))
        return y

    def backward(self, dy):
        grads = []
        for W, h in zip(self.weights[::-1], self.inputs[-2::-1]):
            grads.append((dy.T @ h, dy.sum(axis=0)))
            dy = (dy @ W) * (h > 0)
        return grads[::-1]
"""


def verdict_on(exercise, *edits):
    """The verdict on the answer of these, some of their text replaced."""
    text, namespace = SOLUTION, {}
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    exec(text, namespace)
    return judged(exercise, namespace[exercise.id])


@pytest.mark.parametrize("exercise", [XAVIER_UNIFORM, HE_NORMAL], ids=lambda exercise: exercise.id)
@pytest.mark.parametrize(
    "edit",
    [
        ("return shape[1] * pixels, shape[0] * pixels", "return shape[0] * pixels, shape[1] * pixels"),
        ("int(np.prod(shape[2:]))", "1"),
        ("if len(shape) < 2:", "if False:"),
        ("return shape[1] * pixels", "raise NotImplementedError\n    return shape[1] * pixels"),
    ],
    ids=["swapped", "no kernel", "vectors pass", "not written"],
)
def test_a_wrong_fans_costs_later_exercises_nothing_that_they_add(exercise, edit):
    verdict = verdict_on(exercise, edit)
    if "NotImplementedError" in edit[1]:
        assert "calls fans, which is not written yet" in verdict.properties[0].message
    else:
        assert verdict.score == exercise.points


def test_a_wrong_fans_is_named_below_an_initialiser_that_is_wrong_itself():
    verdict = verdict_on(XAVIER_UNIFORM, ("return shape[1] *", "return 2 * shape[1] *"), ("sqrt(6", "sqrt(7"))
    said = "On this shape your fans is not right yet, and it is used as you wrote it: mend it first."
    assert any(entry.message.endswith(said) for entry in verdict.properties)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("return grads[::-1]", "return grads[0][0]"), "should return [(dW, db), ...]"),
        (("return grads[::-1]", "return [dW for dW, _ in grads]"), "a pair for each layer"),
        (("return grads[::-1]", "pass"), "returned None"),
        (("self.biases = [np.zeros(outputs) for outputs in sizes[1:]]", "self.biases = np.zeros(3)"), "a list of arrays"),
    ],
)  # fmt: skip
def test_what_is_said_of_answers_of_another_form(edit, said):
    assert any(said in entry.message for entry in verdict_on(MLP, edit).properties)


def test_the_bound_of_pytorchs_default_is_told_from_xaviers():
    verdict = verdict_on(XAVIER_UNIFORM, ("np.sqrt(6 / sum(fans(shape)))", "np.sqrt(1 / fans(shape)[0])"))
    assert verdict.score < XAVIER_UNIFORM.points / 2


def test_a_network_that_keeps_biases_of_its_own_class_fails_alone():
    shared = ("self.inputs = [x]", "MLP.kept = [x]\n        self.inputs = MLP.kept")
    verdict = verdict_on(MLP, shared)
    assert verdict.score == MLP.points  # a new list each time shares nothing
    shared = ("self.inputs[-2::-1]", "MLP.kept[-2::-1]"), shared
    failed = [entry.property.id for entry in verdict_on(MLP, *shared).properties if not entry.passed]
    assert failed == [mlp.ALONE.id]
