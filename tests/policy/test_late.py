"""What being late takes off: grace, begun hours and days, shares, caps, clocks that are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.policy.late import later, penalty
from autograder.policy.terms import Amount, Late

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 2, 1, 23, 59, tzinfo=BERLIN)
TENTH = Amount(0.1, is_share=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def taken(late, by, reached=8.0, maximum=10.0, due=DUE):
    return penalty(late, due, due + by, reached, maximum)


@pytest.mark.parametrize(
    ("by", "points"),
    [
        (-DAY, 0),
        (0 * DAY, 0),
        (timedelta(seconds=1), 1),
        (DAY, 1),
        (DAY + timedelta(seconds=1), 2),
        (9 * DAY, 8),
    ],
)
def test_each_begun_day_takes_its_share_of_the_maximum_and_never_more_than_there_is(by, points):
    assert taken(Late(per=TENTH), by) == points


def test_shares_of_what_was_reached_and_points():
    assert taken(Late(per=TENTH, of="reached"), 2 * DAY) == 1.6
    assert taken(Late(per=Amount(0.25), unit="hour"), 3 * HOUR) == 0.75
    assert taken(Late(per=Amount(0.25), unit="hour"), 0.5 * HOUR) == 0.25


def test_within_the_grace_nothing_and_after_it_all_of_the_time_counts():
    late = Late(grace=2 * HOUR, per=Amount(0.5), unit="hour")
    assert (taken(late, 2 * HOUR), taken(late, 2.5 * HOUR)) == (0, 1.5)


def test_the_cap_holds_until_nothing_counts():
    late = Late(per=TENTH, cap=Amount(0.3, is_share=True), zero_after=7 * DAY)
    assert [taken(late, days * DAY) for days in (2, 5, 7, 7.1)] == [2, 3, 3, 8]
    assert taken(Late(zero_after=DAY), 0.9 * DAY) == 0
    assert taken(Late(), 3 * DAY) == 0


@pytest.mark.parametrize("due", [datetime(2026, 3, 28, 12), datetime(2026, 10, 24, 12)])
def test_a_day_is_a_day_of_the_class_where_clocks_are_changed(due):
    due = due.replace(tzinfo=BERLIN)
    next_noon = due + DAY  # by the clock: 23 hours in March, 25 in October
    assert abs((next_noon.astimezone(UTC) - due.astimezone(UTC)) - DAY) == HOUR
    assert penalty(Late(per=Amount(1.0)), due, next_noon, 8.0, 10.0) == 1
    assert penalty(Late(per=Amount(1.0)), due, next_noon + timedelta(minutes=1), 8.0, 10.0) == 2
    assert later(due, DAY) == next_noon
    assert later(due, 12 * HOUR).astimezone(UTC) - due.astimezone(UTC) == 12 * HOUR
