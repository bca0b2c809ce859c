"""What one slip alone does not explain, several may, or one for the most part; part by part."""

import numpy as np
import pytest

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course.cases import probed, public_cases
from course.exercises import EXERCISES
from course.judging.judge import judge
from course.judging.mistakes import trace
from course.judging.parts import Part, Parts
from course.judging.slips import KnownSlips, listed
from course.known import known

LESSON = find("05_adam")
EXERCISE = EXERCISES["adam_update"]
SOLUTION = LESSON.solutions()["adam_update"]
CASES, EXPECTED = public_cases("adam_update")
PARTS = Parts(CASES, EXPECTED)


def observed(*edits):
    code = SOLUTION
    for old, new in edits:
        assert code.count(old) == 1
        code = code.replace(old, new)
    return probed(EXERCISE, answer(LESSON, "adam_update", code), CASES, EXPECTED)


def named(*edits):
    return known("adam_update").slips.naming(EXERCISE, CASES, observed(*edits), EXPECTED)


def names(*edits):
    return [entry.name for entry in named(*edits)]


def test_a_part_is_one_quantity_in_the_cases_of_one_property():
    assert PARTS.names[:4] == [
        Part("worked", ""),
        Part("worked", "m"),
        Part("worked", "v"),
        Part("worked", "theta"),
    ]
    right = PARTS.sketch(trace(EXPECTED, EXPECTED))
    found = PARTS.sketch(trace(observed(("beta2 * v +", "v +")), EXPECTED))
    wrong = {part.id for part, same in zip(PARTS.names, PARTS.same(right, found), strict=True) if not same}
    assert wrong == {"v", "theta"}


def test_two_slips_in_two_formulas_are_both_named():
    found = names(("beta1 * m + (1", "m + (1"), ("grad**2", "grad**3"))
    assert len(found) == 2


def test_a_slip_beside_something_unknown_is_named_in_part_with_what_it_does_not_explain():
    unknown = ("(np.sqrt(v_hat) + eps)", "(np.sqrt(v_hat) + eps) * np.tanh(1.0 + theta**2)")
    (entry,) = named(("grad**2", "grad**4"), unknown)
    assert not entry.sure
    assert entry.hint.endswith("It does not explain theta.")


def test_something_unknown_alone_has_no_name():
    assert names(("theta - lr * m_hat", "theta - lr * np.tanh(m_hat) * 1.2345")) == []


def test_a_small_change_that_no_mistake_of_the_catalogue_is_is_named_by_its_rule():
    (entry,) = named(("grad**2", "grad**3"))
    assert entry.sure
    assert entry.id.startswith("change_")
    assert "Look at formula (2)." in entry.hint


def test_what_stopped_the_code_is_taken_for_no_small_change():
    """All that is told by an exception is that there was one."""
    assert names(("return theta, m, v", "return theta[0], m, v")) == []


def test_a_right_answer_has_no_name():
    assert names() == []


def test_hints_of_other_cases_name_nothing():
    stored = known("adam_update").slips
    fewer = KnownSlips(stored.slips, stored.sketches[:, 1:])
    assert fewer.naming(EXERCISE, CASES, observed(("theta - lr", "theta + lr")), EXPECTED) == ()


def test_a_verdict_that_is_sure_of_less_says_so():
    unknown = ("(np.sqrt(v_hat) + eps)", "(np.sqrt(v_hat) + eps) * np.tanh(1.0 + theta**2)")
    found = observed(("grad**2", "grad**4"), unknown)
    slips = known("adam_update").slips
    verdict = judge(
        EXERCISE, CASES, found, EXPECTED, slips=lambda: slips.naming(EXERCISE, CASES, found, EXPECTED)
    )
    assert [entry.sure for entry in verdict.misconceptions] == [False]


@pytest.mark.parametrize(
    ("words", "said"), [((), ""), (("m",), "m"), (("m", "v"), "m and v"), (("m", "v", "w"), "m, v and w")]
)
def test_words_are_listed(words, said):
    assert listed(words) == said


def test_rounding_is_no_difference():
    right = trace(EXPECTED, EXPECTED)
    moved = right * (1 + 1e-11 * np.sign(np.sin(np.arange(right.size))))
    assert PARTS.same(PARTS.sketch(right), PARTS.sketch(moved)).all()
