"""Every small change of a solution, and what it does: one for all that do the same."""

import pytest

from autograder.catalogue.answers import misconceptions, trace_mistakes
from autograder.catalogue.changes import SECONDS, names_of, no_longer_than, observed_of, small_changes
from autograder.catalogue.lesson import find
from course.cases import public_cases
from course.edits import Edit, edits
from course.exercises import EXERCISES
from course.judging.mistakes import trace
from course.judging.parts import Parts

LESSON = find("03_momentum")
EXERCISE = EXERCISES["momentum_update"]
CASES, EXPECTED = public_cases("momentum_update")
PARTS = Parts(CASES, EXPECTED)


@pytest.fixture(scope="module")
def known():
    entries = misconceptions(LESSON, EXERCISE.id)
    return [
        PARTS.sketch(mistake.trace) for mistake in trace_mistakes(EXERCISE, entries, LESSON, CASES, EXPECTED)
    ]


@pytest.fixture(scope="module")
def changes(known):
    return small_changes(EXERCISE, LESSON, CASES, EXPECTED, known)


@pytest.mark.slow
def test_no_two_do_the_same_and_none_what_is_right_or_known(changes, known):
    right = PARTS.sketch(trace(EXPECTED, EXPECTED))
    seen = [right, *known]
    for change in changes:
        assert not any(PARTS.same(one, change.sketch).all() for one in seen), change.said
        seen.append(change.sketch)


@pytest.mark.slow
def test_the_simplest_one_speaks_for_all_that_do_the_same(changes):
    said = [change.said for change in changes]
    left_out = next(place for place, clause in enumerate(said) if clause.endswith("is missing"))
    added = next(place for place, clause in enumerate(said) if clause.endswith("is too much"))
    assert left_out < added


@pytest.mark.slow
def test_it_says_the_formula_that_breaks_first(changes):
    assert {change.where for change in changes} >= {"formula (1)", "formula (2)"}


@pytest.mark.slow
def test_what_is_said_gives_no_code_away(changes):
    solution = LESSON.solutions()[EXERCISE.id]
    lines = {line.strip() for line in solution.splitlines() if len(line.strip()) >= 12}
    assert not [change.said for change in changes if any(line in change.said for line in lines)]


def test_what_never_ends_is_left_out():
    endless = Edit("def momentum_update(*given, **more):\n    while True:\n        pass\n", 1, "", "", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.catalogue.changes.SECONDS", 0.2)
        assert observed_of(endless, EXERCISE, LESSON, CASES) is None
    assert SECONDS > 0.2


def test_what_cannot_be_made_is_left_out():
    broken = Edit("class momentum_update:\n    x = 1 / 0\n", 1, "", "", "")
    assert observed_of(broken, EXERCISE, LESSON, CASES) is None


def test_time_that_is_not_used_up_is_given_back():
    with no_longer_than(0.05):
        pass
    sum(range(2_000_000))


def test_a_reader_knows_the_arguments_and_the_quantities_of_the_formulas():
    assert names_of(EXERCISE) >= {"theta", "grad", "v", "lr", "beta"}


def test_every_solution_has_small_changes():
    for exercise, solution in LESSON.solutions().items():
        assert sum(1 for _ in edits(solution, joining=False)) >= 40, exercise
