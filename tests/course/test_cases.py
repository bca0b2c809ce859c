"""The cases of every exercise: those that are graded are not those that stand in the lessons."""

from dataclasses import replace

import numpy as np
import pytest

from course.cases import public_cases
from course.exercises import EXERCISES
from course.wire import encode_cases

SEEDS = range(3)


def drawn(cases, judged):
    """What the cases of a property put in, without what is said of them."""
    return {encode_cases([replace(case, note="")]) for case in cases if case.property == judged.id}


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_no_property_rests_on_published_numbers_alone(exercise):
    """No exception: what must be refused, and how many features a layer has, can be drawn as well."""
    public = public_cases(exercise.id)[0]
    graded = [exercise.cases(np.random.default_rng(seed), "graded") for seed in SEEDS]
    for judged in exercise.properties:
        assert judged.points > 0
        sets = [drawn(cases, judged) for cases in graded]
        known = drawn(public, judged) | set.intersection(*sets)
        assert all(cases - known for cases in sets), judged.id


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_every_seed_gives_as_many_cases_of_each_property(exercise):
    graded = [exercise.cases(np.random.default_rng(seed), "graded") for seed in SEEDS]
    assert len({tuple(case.property for case in cases) for cases in graded}) == 1
