"""Item analysis: success and discrimination by property, of judgements made by hand."""

import pytest

from autograder.judge.judgement import ExerciseResult, Judgement, PropertyResult
from autograder.report.items import items


def judgement(*passed, attempted=True):
    """Of one exercise, with a property of a point each."""
    properties = tuple(
        PropertyResult(f"p{at}", f"property {at}", holds, 1.0, "") for at, holds in enumerate(passed)
    )
    return Judgement("a.ipynb", "05_adam", "graded", (ExerciseResult("one", attempted, properties),))


def test_success_is_that_of_those_who_tried():
    (item,) = items([judgement(True), judgement(False), judgement(False, attempted=False)])
    assert (item.exercise, item.name, item.tried, item.passed) == ("one", "property 0", 2, 1)
    assert (item.success, item.discrimination) == (0.5, None)


def test_what_nobody_tried_has_no_success():
    (item,) = items([judgement(False, attempted=False)])
    assert (item.success, item.discrimination) == (None, None)


def test_discrimination_is_the_correlation_with_the_rest():
    strong, weak = (True, True, True), (False, False, False)
    first, _, last = items(
        [judgement(*strong)] * 4 + [judgement(*weak)] * 4 + [judgement(True, True, False)] * 2
    )
    assert first.discrimination == pytest.approx(0.9129, abs=1e-4)
    assert last.discrimination == pytest.approx(2 / 3)


def test_where_the_weak_do_better_it_is_negative_and_the_item_itself_does_not_count():
    upside_down = [judgement(False, True, True)] * 3 + [judgement(True, False, False)] * 3
    assert items(upside_down)[0].discrimination == pytest.approx(-1)
    alone = [judgement(True)] * 3 + [judgement(False)] * 3
    assert items(alone)[0].discrimination is None
