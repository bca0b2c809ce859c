"""What being late takes off."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from autograder.policy.terms import Late

UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def penalty(late: Late, due: datetime, handed_in: datetime, reached: float, maximum: float) -> float:
    """The points that are taken off, from 0 to those that were reached.

    Args:
        due, handed_in: in the zone of the class: between Saturday noon and Sunday noon lies one day, also
            where clocks are changed in that night.
        reached: the points less nothing.
        maximum: what the lesson gives.
    """
    elapsed = handed_in.astimezone(UTC) - due.astimezone(UTC)
    if elapsed <= max(late.grace, timedelta()):
        return 0.0
    by_the_clock = handed_in.replace(tzinfo=None) - due.replace(tzinfo=None)
    if late.zero_after is not None and by_the_clock > late.zero_after:
        return reached
    if late.per is None:
        return 0.0
    passed = by_the_clock if late.unit == "day" else elapsed
    base = reached if late.of == "reached" else maximum
    taken = max(1, math.ceil(passed / UNITS[late.unit])) * late.per.of(base)
    if late.cap is not None:
        taken = min(taken, late.cap.of(base))
    return round(min(taken, reached), 6)


def later(due: datetime, by: timedelta) -> datetime:
    """A date that is put off: whole days by the clock of its zone, the rest by time that passes."""
    day = due + timedelta(days=by.days)
    rest = timedelta(seconds=by.seconds)
    return (day.astimezone(UTC) + rest).astimezone(due.tzinfo)
