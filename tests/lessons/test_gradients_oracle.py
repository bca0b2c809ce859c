"""Lesson 00's oracles against the formulas of the text, and what its cases tell apart."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_00 import descent, directions, dual, numerical
from course.exercises.lesson_00.gradients import (
    DESCEND_QUADRATIC,
    DIRECTIONAL_DERIVATIVE,
    DUAL,
    EXERCISES,
    NUMERICAL_GRADIENT,
    STEEPEST_ASCENT,
)
from course.readings import Reading

SEEDS = st.integers(0, 2**31)
SHAPES = st.lists(st.integers(1, 3), min_size=0, max_size=3).map(tuple)
LESSON = find("00_gradients")


@settings(max_examples=60)
@given(seed=SEEDS, shape=SHAPES, h=st.floats(1e-3, 0.5), f=st.sampled_from(["line", "curve", "mixed"]))
def test_differences_follow_formula_3(seed, shape, h, f):
    rng = np.random.default_rng(seed)
    x, c = np.asarray(rng.normal(size=shape)), np.asarray(rng.uniform(0.5, 1.5, size=shape))
    inputs = {"f": f, "c": c, "points": [x], "h": h}
    grad = NUMERICAL_GRADIENT.oracle(Case(numerical.SHAPES.id, inputs)).readings[Reading(0, "grad")]
    assert grad.shape == x.shape
    for place in np.ndindex(x.shape):
        values = []
        for side in (h, -h):
            at = x.copy()
            at[place] += side
            values.append(numerical.FUNCTIONS[f](at.ravel(), c.ravel()))
        assert grad[place] == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-9, abs=1e-9)  # (3)


@settings(max_examples=60)
@given(seed=SEEDS, shape=SHAPES, long=st.floats(1e-3, 1e3))
def test_the_slope_in_a_direction_follows_formulas_4_and_5(seed, shape, long):
    rng = np.random.default_rng(seed)
    grad, direction = np.asarray(rng.normal(size=shape)), np.asarray(long * rng.normal(size=shape))
    given_ = {"grad": grad, "direction": direction}
    (slope,) = DIRECTIONAL_DERIVATIVE.oracle(Case(directions.SHAPES.id, {"given": given_})).readings.values()
    u = direction / np.sqrt(np.sum(direction**2))  # (4)
    assert slope == pytest.approx(np.sum(grad * u), rel=1e-9, abs=1e-12)  # (5)


@settings(max_examples=60)
@given(seed=SEEDS, n=st.integers(1, 6), p=st.sampled_from([1.0, 2.0, np.inf]))
def test_no_other_direction_of_length_1_rises_more(seed, n, p):
    rng = np.random.default_rng(seed)
    grad = rng.normal(size=n)
    readings = STEEPEST_ASCENT.oracle(Case(directions.RATE.id, {"given": {"grad": grad, "p": p}})).readings
    direction, rate = readings[directions.DIRECTION], readings[directions.SLOPE]
    assert np.linalg.norm(direction, p) == pytest.approx(1.0)
    assert rate == pytest.approx(grad @ direction)
    others = rng.normal(size=(500, n))
    others /= np.linalg.norm(others, p, axis=1)[:, None]
    assert (others @ grad).max() <= rate + 1e-12


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
def test_a_zero_gradient_has_no_steepest_direction(p):
    given_ = {"grad": np.zeros((2, 2)), "p": p}
    readings = STEEPEST_ASCENT.oracle(Case(directions.ZERO.id, {"given": given_})).readings
    assert not readings[directions.DIRECTION].any()
    assert readings[directions.SLOPE] == 0.0


@pytest.mark.parametrize("expression", dual.EXPRESSIONS)
def test_tangents_are_what_differences_measure(expression):
    function = dual.EXPRESSIONS[expression]
    number = type("Number", (float,), {name: _as_number(name) for name in ("exp", "log", "sin")})
    for name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "neg"):
        setattr(number, f"__{name}__", _closed(name, number))
    x, y, c, h = (1.7, 0.6), (0.9, -1.3), 2.5, 1e-6
    inputs = {"expression": expression, "x": list(x), "y": list(y), "c": c}
    readings = DUAL.oracle(Case(dual.CHAINS.id, inputs)).readings
    up, down = (function(number(x[0] + s * x[1]), number(y[0] + s * y[1]), c) for s in (h, -h))
    assert readings[Reading(0, "tangent")] == pytest.approx((up - down) / (2 * h), rel=1e-7, abs=1e-7)
    value = DUAL.oracle(Case(dual.VALUES.id, inputs)).readings[Reading(0, "value")]
    assert value == pytest.approx(function(number(x[0]), number(y[0]), c))


def _as_number(name):
    return lambda self: type(self)(getattr(np, name)(float(self)))


def _closed(name, number):
    """The operation of floats, its result one that has exp, log and sin, too."""
    plain = getattr(float, f"__{name}__")
    return lambda self, *other: number(plain(self, *other))


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(1, 4), steps=st.integers(1, 6), lr=st.floats(0.0, 0.3))
def test_descent_follows_formulas_14_and_15(seed, n, steps, lr):
    rng = np.random.default_rng(seed)
    A, b, x = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)
    given_ = {"A": A, "b": b, "x0": x, "lr": lr, "steps": steps}
    readings = DESCEND_QUADRATIC.oracle(Case(descent.STEPS.id, {"given": given_})).readings
    for step in range(1, steps + 1):
        x = x - lr * (0.5 * (A + A.T) @ x - b)  # (14), (15)
        np.testing.assert_allclose(readings[Reading(step, "x")], x, rtol=1e-9, atol=1e-12)


def case_of(exercise, judged_property):
    cases = exercise.cases(np.random.default_rng(0), "public")
    return next(case for case in cases if case.property == judged_property.id)


def test_worked_examples_have_the_numbers_of_the_text():
    grad = NUMERICAL_GRADIENT.oracle(case_of(NUMERICAL_GRADIENT, numerical.WORKED)).readings
    np.testing.assert_allclose(grad[Reading(0, "grad")], [4, 4])
    (slope,) = DIRECTIONAL_DERIVATIVE.oracle(
        case_of(DIRECTIONAL_DERIVATIVE, directions.LENGTH)
    ).readings.values()
    assert slope == pytest.approx(49.5, abs=0.05)
    tangent = DUAL.oracle(case_of(DUAL, dual.CHAINS)).readings[Reading(0, "tangent")]
    assert tangent == pytest.approx(3.5)
    path = DESCEND_QUADRATIC.oracle(case_of(DESCEND_QUADRATIC, descent.WORKED)).readings
    np.testing.assert_allclose([path[Reading(t, "x")] for t in (1, 2)], [[1, 0], [0.75, 0.25]])


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("seed", range(5))
def test_graded_cases_take_the_reference_whatever_the_seed(exercise, seed):
    """Ties in size, values of the logarithm below 0 and directions of no length never come."""
    answer = answers(LESSON, {})[exercise.id]
    for case in exercise.cases(np.random.default_rng(seed), "graded"):
        observed, expected = exercise.probe(answer, case), exercise.oracle(case)
        assert observed.problem is None
        entry = exercise.property_of(case)
        for reading, should in expected.readings.items():
            np.testing.assert_allclose(observed.readings[reading], should, rtol=entry.rtol, atol=entry.atol)


# What is said of answers of another form.


def failing(exercise, *edits):
    code = LESSON.solutions()[exercise.id]
    for old, new in edits:
        assert old in code
        code = code.replace(old, new)
    verdict = judged(exercise, answers(LESSON, {exercise.id: code})[exercise.id])
    return {entry.property.id: entry.message for entry in verdict.properties if not entry.passed}


@pytest.mark.parametrize(
    ("exercise", "edit", "judged_property", "said"),
    [
        (NUMERICAL_GRADIENT, ("f(x + h * e)", "f(x[i] + h)"), numerical.COORDINATES, "f takes an array of shape (2,)"),
        (NUMERICAL_GRADIENT, ("f(x + h * e)", "f((x + h * e).ravel())"), numerical.SHAPE_OF_X, "called f with an array of another shape than x has"),
        (DESCEND_QUADRATIC, ("np.array(path)", "path"), descent.STEPS, "path, one array; yours returns a list of 3"),
        (DESCEND_QUADRATIC, ("np.array(path)", "np.concatenate(path)"), descent.STEPS, "path of shape (3, 2); yours has the shape (6,)"),
        (DUAL, ("def __rtruediv__", "def other"), dual.LEFT, "c / x raised TypeError"),
        (DUAL, ("return Dual(np.log(self.value), self.tangent / self.value)", "pass"), dual.FUNCTIONS, "x.log() returned None; it should return a Dual"),
        (DUAL, ("self.tangent = tangent", "self.slope = tangent"), dual.OPERANDS, "tangent"),
        (STEEPEST_ASCENT, ("return direction, rate", "return direction"), directions.RATE, "should return (direction, rate)"),
    ],
)  # fmt: skip
def test_what_is_said_of_answers_of_another_form(exercise, edit, judged_property, said):
    assert said in failing(exercise, edit)[judged_property.id]


def test_an_error_is_said_with_what_was_calculated_and_not_with_the_probes_own_line():
    message = failing(DUAL, ("def __rtruediv__", "def other"))[dual.LEFT.id]
    assert "lambda" not in message
    assert re.search(r"This case has c / x for x = Dual\([\d., -]+\) and c = [\d.]+\.$", message)


def test_x_has_to_come_back_to_the_last_bit():
    edit = (
        "return grad",
        "x += 1e-16 * (x > 0)\n    x.flat[0] = np.nextafter(x.flat[0], 9)\n    return grad",
    )
    message = failing(NUMERICAL_GRADIENT, edit)
    assert list(message) == [numerical.UNCHANGED.id]
    assert "numerical_gradient changed x: element [0" in message[numerical.UNCHANGED.id]


def test_a_dual_that_is_changed_by_an_operation_is_named():
    edit = (
        "return Dual(-self.value, -self.tangent)",
        "self.tangent *= -1\n        return Dual(-self.value, self.tangent)",
    )
    message = failing(DUAL, edit)[dual.OPERANDS.id]
    assert "Dual changed x.tangent" in message or "Dual changed y.tangent" in message
