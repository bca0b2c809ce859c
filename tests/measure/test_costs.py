"""What the known mistakes cost: one slip costs what it breaks."""

import pytest

from autograder.catalogue.lesson import lessons
from autograder.measure import proofs
from autograder.measure.costs import MUCH, middle

# Nothing else is right: one formula is all there is, or the state of one run is left to the next.
ALL_OR_NOTHING = 0.1


@pytest.fixture(scope="module")
def found():
    return [cost for lesson in lessons() for cost in proofs.load(lesson).costs]


def test_half_of_the_mistakes_cost_at_most_a_third(found):
    assert middle(found) <= 1 / 3


def test_few_mistakes_cost_more_than_they_should(found):
    expensive = [cost for cost in found if cost.share > MUCH]
    assert len(expensive) <= ALL_OR_NOTHING * len(found), [(c.exercise, c.mistake) for c in expensive]


def test_every_mistake_costs_something(found):
    assert all(cost.lost > 0 for cost in found), [cost for cost in found if not cost.lost]


def test_a_mistake_costs_nothing_elsewhere(found):
    assert not [(cost.exercise, cost.mistake, cost.elsewhere) for cost in found if cost.elsewhere]
