"""What the evidence itself says of an answer that does what nothing known does."""

import numpy as np
import pytest

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course.cases import probed, public_cases
from course.exercises import EXERCISES, lesson_of
from course.judging.judge import judge


def seen(exercise_id, code):
    """The names by the evidence alone: nothing else is known."""
    return [entry.name for entry in named(exercise_id, code)]


def named(exercise_id, code):
    exercise, lesson = EXERCISES[exercise_id], find(lesson_of(exercise_id))
    cases, expected = public_cases(exercise_id)
    found = probed(exercise, answer(lesson, exercise_id, code), cases, expected)
    return judge(exercise, cases, found, expected).misconceptions


def solution(exercise_id, *edits):
    code = find(lesson_of(exercise_id)).solutions()[exercise_id]
    for old, new in edits:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code


ADAM = "adam_update"
LAYER = "layer_norm_forward"
LAYER_MEAN = "mu = x.mean(axis=-1, keepdims=True)  # (1)"
LAYER_RETURN = "return y, (x_hat, gamma, std)"


@pytest.mark.parametrize(
    ("exercise", "code", "name"),
    [
        (ADAM, solution(ADAM, ("theta - lr", "theta + lr")), "theta's step has the other sign"),
        (ADAM, solution(ADAM, ("lr * m_hat", "2 * lr * m_hat")), "theta's step is twice what it should be"),
        (ADAM, solution(ADAM, ("lr * m_hat", "lr**2 * m_hat")), "theta's step is lr times what it should be"),
        (
            ADAM,
            solution(ADAM, ("return theta, m, v", "return [theta, m]")),
            "it returns something of another form",
        ),
        (
            ADAM,
            solution(ADAM, ("return theta, m, v", "return np.float32(theta), np.float32(m), np.float32(v)")),
            "the numbers are right to about 7 digits only",
        ),
        (LAYER, solution(LAYER, ("eps)", "1e-5)")), "eps is not used: it is always 1e-05"),
    ],
)
def test_what_the_evidence_says_is_said(exercise, code, name):
    assert seen(exercise, code) == [name]


def test_an_input_that_is_changed_is_called_by_its_name():
    code = solution(ADAM, ("return theta, m, v", "grad += 1.0\n    return theta, m, v"))
    assert seen(ADAM, code) == ["adam_update changes grad, which it was handed"]


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        ("m_hats", "a name is used that has no value there"),
        ("len(1.0)", "a single number is treated as an array"),
        ("float(np.ones(2))", "an array is treated as a single number"),
        ("np.ones(2) + np.ones(3)", "the shapes of two arrays do not fit together"),
        ("np.ones(2) @ np.ones(3)", "a matrix product is taken of shapes that do not fit"),
        ("np.ones(2).sum(axis=3)", "an axis is asked for that the array does not have"),
        ("np.ones(2)[5]", "an entry is asked for that lies beyond the last"),
        ("a, b = 1, 2, 3", "more or fewer names are given than there are things to unpack"),
        ("1 / 0", "it divides by 0"),
        ("grad.clone()", "a NumPy array is treated as a tensor"),
        ("[1.0] - [2.0]", "a list is treated as an array"),
        ("assert t == 0, t", "an `assert` ends it, which raises AssertionError"),
        ("torch.ones(())[:]", "a single number is treated as an array"),
        ("[1.0].index(2.0)", "a list is searched for what it does not hold"),
        ("np.ones(2, 3)", "something is called with other arguments than it takes"),
        ("torch.ones(1).backward()", "autograd is asked for a gradient of what it did not record"),
    ],
)
def test_an_exception_is_said_in_plain_words(edit, name):
    assert seen(ADAM, solution(ADAM, ("return theta", f"{edit}\n    return theta"))) == [name]


def test_an_exception_that_nothing_is_known_of_is_left_to_its_message():
    assert seen(ADAM, solution(ADAM, ("return theta", 'raise RuntimeError("Oh")\n    return theta'))) == []


def test_an_exception_that_ends_most_cases_is_named_in_part():
    code = solution(ADAM, ("return theta", "1 / 0 if theta.ndim else [].pop()\n    return theta"))
    (name,) = named(ADAM, code)
    assert (name.name, name.sure) == ("it divides by 0", False)


def test_an_exception_says_where_alone_it_is_raised():
    exercise = EXERCISES[LAYER]
    cases, expected = public_cases(LAYER)
    code = solution(LAYER, (LAYER_MEAN, f"if x.ndim == 1:\n        1 / 0\n    {LAYER_MEAN}"))
    found = probed(exercise, answer(find(lesson_of(LAYER)), LAYER, code), cases, expected)
    (name,) = judge(exercise, cases, found, expected).misconceptions
    assert (name.name, name.hint) == (
        "it divides by 0",
        "It happens where x has 1 axis, and nowhere else.",
    )


def test_a_slip_that_shows_in_some_cases_says_in_which():
    code = solution(LAYER, (LAYER_MEAN, f"x = x + x**2 if x.ndim == 1 else x\n    {LAYER_MEAN}"))
    assert seen(LAYER, code) == ["a slip that shows only where x has 1 axis"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("np.round({}, 3)", "y is rounded to 3 decimals"),
        ("np.clip({}, -0.5, 0.5)", "y is kept between -0.5 and 0.5"),
        ("np.minimum({}, 0.25)", "y is never more than 0.25"),
        ("np.maximum({}, 0.25)", "y is never less than 0.25"),
        ("np.roll({}, 2, axis=-1)", "y has the right numbers in other places"),
        ("{} * np.sqrt(2)", "y is the root of 2 times what it should be"),
        ("np.where(np.arange(y.shape[-1]) > 0, {}, 0.0)", "y is right in some entries, and 0 in the others"),
        (
            "np.where(np.arange(y.shape[-1]) > 0, {}, np.nan)",
            "y is right in some entries, and not a number (nan) in the others",
        ),
    ],
)
def test_some_entries_or_their_digits_alone_may_be_wrong(change, name):
    code = solution(LAYER, (LAYER_RETURN, LAYER_RETURN.replace("y,", change.format("y") + ",")))
    assert seen(LAYER, code) == [name]


def test_a_shape_is_named_whatever_the_numbers_are():
    code = solution(LAYER, (LAYER_RETURN, LAYER_RETURN.replace("y,", "y.ravel()[:1] + 1.5,")))
    assert seen(LAYER, code) == ["y has another shape"]


def test_a_relation_that_holds_in_most_cases_is_named_in_part():
    exercise = EXERCISES[ADAM]
    cases, expected = public_cases(ADAM)
    code = solution(
        ADAM, ("return theta", "theta = theta + 1 if theta.ndim != 2 else theta + t\n    return theta")
    )
    found = probed(exercise, answer(find(lesson_of(ADAM)), ADAM, code), cases, expected)
    (name,) = judge(exercise, cases, found, expected).misconceptions
    assert (name.name, name.sure) == ("theta's step is 1 too large", False)


EMA = """def ema(x, beta, v0=0.0):
    v, averages = np.zeros_like(x[0]) + v0, []
    for value in x:
        v = beta * v + (1 - beta) * value
        averages.append(v)
    return np.array({})
"""


@pytest.mark.parametrize(
    ("returned", "name"),
    [
        ("[averages[-1]] * len(x)", "v is that of the last step in every step"),
        ("averages) * (1 + 1e-4 * np.sin(beta)", "the numbers are right to about 4 digits only"),
    ],
)
def test_what_holds_of_steps_or_digits_alone_is_named_in_part(returned, name):
    (found,) = named("ema", EMA.format(returned))
    assert (found.name, found.sure) == (name, False)


def test_a_relation_that_fails_somewhere_is_not_named():
    """Twice the step, but for the gradient's sign in one case: no factor explains that."""
    code = solution(ADAM, ("theta - lr * m_hat", "theta - lr * m_hat * np.where(theta > 0, 2.0, 1.0)"))
    assert seen(ADAM, code) == []


def test_nothing_is_said_of_a_right_answer():
    assert seen(ADAM, solution(ADAM)) == []


def test_numbers_that_are_not_numbers_are_no_relation():
    with np.errstate(all="ignore"):
        code = solution(ADAM, ("lr * m_hat", "np.nan * m_hat"))
        assert seen(ADAM, code) == ["theta's step is not a number (nan) where one should be"]
