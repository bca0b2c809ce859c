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
    exercise, lesson = EXERCISES[exercise_id], find(lesson_of(exercise_id))
    cases, expected = public_cases(exercise_id)
    found = probed(exercise, answer(lesson, exercise_id, code), cases)
    return [entry.name for entry in judge(exercise, cases, found, expected).misconceptions]


def solution(exercise_id, *edits):
    code = find(lesson_of(exercise_id)).solutions()[exercise_id]
    for old, new in edits:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code


ADAM = "adam_update"
LAYER = "layer_norm_forward"


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


def test_a_relation_that_fails_somewhere_is_not_named():
    """Twice the step, but for the gradient's sign in one case: no factor explains that."""
    code = solution(ADAM, ("theta - lr * m_hat", "theta - lr * m_hat * np.where(theta > 0, 2.0, 1.0)"))
    assert seen(ADAM, code) == []


def test_nothing_is_said_of_a_right_answer():
    assert seen(ADAM, solution(ADAM)) == []


def test_numbers_that_are_not_numbers_are_no_relation():
    with np.errstate(all="ignore"):
        assert seen(ADAM, solution(ADAM, ("lr * m_hat", "np.nan * m_hat"))) == []
