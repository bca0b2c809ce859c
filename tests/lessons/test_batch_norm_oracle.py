"""Lesson 08's oracles against the formulas of the text, and the caches that backward is judged with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from course.exercise import Case
from course.exercises.lesson_08 import batch_norm_gradient as gradient
from course.exercises.lesson_08 import batch_norm_layer as layer
from course.exercises.lesson_08.batch_norm import (
    BACKWARD,
    BATCH_NORM_1D,
    BATCH_NORM_2D,
    FORWARD,
    WORKED,
)
from course.readings import Reading

SEEDS = st.integers(0, 2**31)
ROWS, COLUMNS = st.integers(2, 7), st.integers(1, 4)
EPS = st.floats(1e-5, 1.0)


def normalise(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)  # (1)
    var = ((x - mu) ** 2).mean(axis=0)  # (2)
    x_hat = (x - mu) / np.sqrt(var + eps)  # (3)
    return gamma * x_hat + beta, x_hat, np.sqrt(var + eps)  # (4)


def drawn(seed, rows, columns):
    rng = np.random.default_rng(seed)
    x = layer.batch(rng, rows, columns)
    return rng, {"x": x, "gamma": rng.normal(size=columns), "beta": rng.normal(size=columns)}


@settings(max_examples=60)
@given(seed=SEEDS, rows=ROWS, columns=COLUMNS, eps=EPS)
def test_forward_follows_formulas_1_to_4(seed, rows, columns, eps):
    _, arrays = drawn(seed, rows, columns)
    readings = FORWARD.oracle(Case("any", {"given": arrays | {"eps": eps}})).readings
    np.testing.assert_allclose(
        readings[Reading(0, "y")], normalise(**arrays, eps=eps)[0], rtol=1e-9, atol=1e-10
    )


@settings(max_examples=60)
@given(seed=SEEDS, rows=ROWS, columns=COLUMNS, eps=EPS)
def test_backward_follows_formulas_5_to_7(seed, rows, columns, eps):
    rng, arrays = drawn(seed, rows, columns)
    dy = rng.normal(size=(rows, columns))
    readings = BACKWARD.oracle(Case("any", arrays | {"dy": dy, "eps": eps})).readings
    _, x_hat, std = normalise(**arrays, eps=eps)
    np.testing.assert_allclose(readings[Reading(0, "dbeta")], dy.sum(axis=0), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(
        readings[Reading(0, "dgamma")], (dy * x_hat).sum(axis=0), rtol=1e-9, atol=1e-10
    )
    dx_hat = dy * arrays["gamma"]  # (6)
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std  # (7)
    np.testing.assert_allclose(readings[Reading(0, "dx")], dx, rtol=1e-9, atol=1e-10 / std.min())


@settings(max_examples=40)
@given(seed=SEEDS, columns=COLUMNS, eps=EPS, momentum=st.floats(0.0, 1.0), modes=st.text("te", max_size=6))
def test_the_class_follows_formulas_8_to_10(seed, columns, eps, momentum, modes):
    rng = np.random.default_rng(seed)
    batches = [layer.batch(rng, int(rng.integers(2, 6)), columns) for _ in modes]
    script = {"features": columns, "modes": modes, "batches": batches}
    case = Case(layer.EVALUATION.id, script | {"hyper": {"eps": eps, "momentum": momentum}})
    readings = BATCH_NORM_1D.oracle(case).readings
    running_mean, running_var = np.zeros(columns), np.ones(columns)
    for step, (mode, x) in enumerate(zip(modes, batches, strict=True), start=1):
        if mode == "t":
            mu, var, n = x.mean(axis=0), x.var(axis=0), len(x)
            running_mean = (1 - momentum) * running_mean + momentum * mu  # (8)
            running_var = (1 - momentum) * running_var + momentum * n / (n - 1) * var  # (9)
        else:
            mu, var = running_mean, running_var  # (10)
        expected = (x - mu) / np.sqrt(var + eps)
        np.testing.assert_allclose(readings[Reading(step, "y")], expected, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(
            readings[Reading(step, "running_mean")], running_mean, rtol=1e-9, atol=1e-10
        )
        np.testing.assert_allclose(readings[Reading(step, "running_var")], running_var, rtol=1e-9, atol=1e-10)


@settings(max_examples=40)
@given(seed=SEEDS, shape=st.tuples(ROWS, COLUMNS, st.integers(1, 3), st.integers(1, 3)), eps=EPS)
def test_images_follow_formula_11(seed, shape, eps):
    n, c, h, w = shape
    _, arrays = drawn(seed, n * h * w, c)
    rows = normalise(**arrays, eps=eps)[0]
    images = arrays["x"].reshape(n, h, w, c).transpose(0, 3, 1, 2)
    readings = BATCH_NORM_2D.oracle(Case("any", {"given": arrays | {"x": images, "eps": eps}})).readings
    expected = rows.reshape(n, h, w, c).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(readings[Reading(0, "y")], expected, rtol=1e-9, atol=1e-10)


def case_of(exercise, judged, level="public"):
    return next(
        case for case in exercise.cases(np.random.default_rng(0), level) if case.property == judged.id
    )


def test_worked_example_has_the_numbers_of_the_text():
    y = FORWARD.oracle(case_of(FORWARD, WORKED)).readings[Reading(0, "y")]
    np.testing.assert_allclose(y, [[-2], [0], [0], [6]])
    readings = BACKWARD.oracle(case_of(BACKWARD, WORKED)).readings
    np.testing.assert_allclose(readings[Reading(0, "dbeta")], [6])
    np.testing.assert_allclose(readings[Reading(0, "dgamma")], [1.5])
    np.testing.assert_allclose(readings[Reading(0, "dx")].ravel(), [1.78125, -1.40625, -1.40625, 1.03125])
    script = {"features": 1, "modes": "te", "batches": [gradient.WORKED_X, np.array([[5.0]])], "hyper": {}}
    readings = BATCH_NORM_1D.oracle(Case(layer.EVALUATION.id, script)).readings
    assert readings[Reading(1, "running_mean")] == pytest.approx(0.5)
    assert readings[Reading(1, "running_var")] == pytest.approx(2.1)
    assert readings[Reading(2, "y")][0, 0] == pytest.approx(3.1053, abs=5e-5)


def test_the_right_cache_is_the_one_the_lesson_proposes():
    _, arrays = drawn(3, 5, 2)
    x_hat, gamma, std = gradient._right_cache(arrays["x"], arrays["gamma"], 0.1)
    _, expected_x_hat, expected_std = normalise(**arrays, eps=0.1)
    np.testing.assert_allclose(x_hat, expected_x_hat, rtol=1e-10)
    np.testing.assert_allclose(std, expected_std, rtol=1e-10)
    np.testing.assert_array_equal(gamma, arrays["gamma"])


# The caches of backward, and what is said of an earlier function that is wrong.

SOLUTION = """
import numpy as np

def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    y = gamma * x_hat + beta
    return y, (x_hat, gamma, std)

def batch_norm_backward(dy, cache):
    x_hat, gamma, std = cache
    dx_hat = dy * gamma
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / std
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)

def batch_norm_2d(x, gamma, beta, eps=1e-5):
    n, c, h, w = x.shape
    y, _ = batch_norm_forward(x.transpose(0, 2, 3, 1).reshape(-1, c), gamma, beta, eps)
    return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)
"""


def verdict_on(exercise, *edits):
    """The verdict on the answer of these three functions, some of their text replaced."""
    text, namespace = SOLUTION, {}
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    exec(text, namespace)
    return judged(exercise, namespace[exercise.id])


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (("(x_hat, gamma, std)\n\n", "{'z': x_hat, 'g': gamma, 's': std}\n\n"), ("= cache", "= cache.values()")),
        (("(x_hat, gamma, std)\n\n", "(std, x_hat, gamma)\n\n"), ("x_hat, gamma, std = c", "std, x_hat, gamma = c")),
        # A forward that is wrong, with the cache that the lesson proposes: a right one takes its place.
        (("x.mean(axis=0)", "x.mean()"),),
        (("+ eps)", "+ 2 * eps + 1e-3)"),),
        (("x_hat = (x - mu) / std", "raise RuntimeError('no')"),),
        (("x_hat = (x - mu) / std", "raise NotImplementedError"),),
        # A forward that is wrong only after the cache was made: the cache is right, in whichever order.
        (("* x_hat + beta", "* x_hat - beta"),),
    ],
)  # fmt: skip
def test_a_right_backward_gets_full_marks_with(edits):
    assert verdict_on(BACKWARD, *edits).score == BACKWARD.points


def test_a_wrong_cache_of_another_layout_is_used_as_it_is_and_said():
    verdict = verdict_on(
        BACKWARD, ("x.mean(axis=0)", "x.mean()"), ("(x_hat, gamma, std)\n\n", "(std, x_hat, gamma)\n\n"),
        ("x_hat, gamma, std = c", "std, x_hat, gamma = c"),
    )  # fmt: skip
    failed = [entry for entry in verdict.properties if not entry.passed]
    assert failed
    said = "Your batch_norm_forward is not right yet, and its cache is used as it is: mend batch_norm_forward first."
    assert any(entry.message.endswith(said) for entry in failed)


def test_a_wrong_backward_with_a_wrong_forward_is_told_what_it_was_judged_with():
    verdict = verdict_on(
        BACKWARD, ("x.mean(axis=0)", "x.mean()"), (") / std\n    return dx", ")\n    return dx")
    )
    message = next(entry.message for entry in verdict.properties if entry.property.id == gradient.FOR_X.id)
    assert message.endswith("so this was judged with a right (x_hat, gamma, std).")


def test_a_backward_that_is_not_written_is_not_attempted():
    stub = ("x_hat, gamma, std = cache", "raise NotImplementedError")
    assert not verdict_on(BACKWARD, stub).attempted
    assert not verdict_on(BACKWARD, stub, ("mu = x.mean(axis=0)", "raise NotImplementedError")).attempted


def test_a_wrong_forward_costs_batch_norm_2d_nothing():
    verdict = verdict_on(BATCH_NORM_2D, ("x.mean(axis=0)", "x.mean()"))
    assert verdict.score == verdict.max_score


def test_a_wrong_forward_is_named_below_a_batch_norm_2d_that_is_wrong_itself():
    wrong = ("x.mean(axis=0)", "x.mean()"), ("transpose(0, 3, 1, 2)", "transpose(0, 3, 2, 1)")
    messages = [entry.message for entry in verdict_on(BATCH_NORM_2D, *wrong).properties]
    assert any(
        message.endswith(
            "Your batch_norm_forward is not right yet, and it is used as you wrote it: mend it first."
        )
        for message in messages
    )


def test_a_forward_that_returns_y_alone_is_said_in_one_sentence():
    message = verdict_on(FORWARD, ("return y, (x_hat, gamma, std)", "return y")).properties[0].message
    assert message.startswith("batch_norm_forward should return (y, cache); yours returns one ndarray.")


def test_the_variance_of_a_column_is_named_before_y():
    verdict = verdict_on(FORWARD, (".mean(axis=0)\n    std", ".sum(axis=0) / (len(x) - 1)\n    std"))
    message = next(
        entry.message for entry in verdict.properties if entry.property.name.startswith("each column")
    )
    assert message.startswith("Element [0] of the variances of the columns of y should be 1, yours is 0.75.")


def test_a_layer_that_stays_silent_about_a_single_row_is_told_so():
    class Silent:
        def __init__(self, num_features, eps=1e-5, momentum=0.1):
            self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
            self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

        def __call__(self, x):
            return x

        train = eval = lambda self: None

    verdict = judged(BATCH_NORM_1D, Silent)
    message = next(entry.message for entry in verdict.properties if entry.property.id == layer.ONE_ROW.id)
    assert message.startswith(
        "In step 1, BatchNorm1d accepted a single row in training; it should raise ValueError."
    )
