"""What the numbers themselves say of a wrong quantity: a factor too much, another sign, one step behind.

Nothing has to be known of a mistake for it: the first wrong quantity of each failing case is compared with
what it should be, and a relation is named that holds in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import agree
from course.judging.relation_kinds import RELATIONS, Wrong
from course.readings import Reading

# A relation of fewer numbers than this may be chance.
FEWEST = 3


def related(exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]]) -> Misconception | None:
    """The relation that explains the first wrong quantity of all failing cases; None where there is none."""
    wrongs = [_first_wrong(exercise, *failure) for failure in failed]
    known = [wrong for wrong in wrongs if wrong]
    if not known or len(known) < len(wrongs) or len({wrong.readings[0].id for wrong in known}) > 1:
        return None
    if sum(wrong.rows[0].size for wrong in known) < FEWEST:
        return None
    first = known[0].readings[0]
    words = first._replace(step=0, place=(), owner=0).words
    moves = exercise.starts_from(known[0].case, first) is not None
    quantity = f"{words}'s step" if moves else words
    for relation in RELATIONS:
        if said := relation(known, quantity):
            hint = f"This holds in every case that fails. {_look(exercise, known[0])}".strip()
            return Misconception("seen_in_numbers", said, hint)
    return None


def _look(exercise: Exercise, wrong: Wrong) -> str:
    where = exercise.where(wrong.case, wrong.readings[0])
    return f"Look at {where}." if where else ""


def _first_wrong(exercise: Exercise, case: Case, found: Evidence, should: Evidence) -> Wrong | None:
    """None where a case did not come to its end, or something else than numbers is wrong."""
    if found.problem:
        return None
    entry = exercise.property_of(case)
    rows: dict[str, list[tuple[Reading, np.ndarray, np.ndarray]]] = {}
    first: str | None = None
    for reading, wanted in should.readings.items():
        array = found.readings.get(reading)
        if array is None or array.shape != wanted.shape:
            return None
        if wanted.dtype == bool or reading.form != "symbol":
            # After a wrong quantity it may follow from that.
            if first is None and not agree(array, wanted, entry).all():
                return None
            continue
        if first is None and not agree(array, wanted, entry).all():
            first = reading.id
        start = exercise.starts_from(case, reading)
        before = reading._replace(step=reading.step - 1)
        mine = array.astype(np.float64) - (0.0 if start is None else found.readings.get(before, start))
        right = wanted.astype(np.float64) - (0.0 if start is None else should.readings.get(before, start))
        rows.setdefault(reading.id, []).append((reading, mine, right))
    if first is None:
        return None
    others = {
        id: np.concatenate([np.ravel(row[2]) for row in own]) for id, own in rows.items() if id != first
    }
    readings, mine, wanted_rows = zip(*rows[first], strict=True)
    return Wrong(case, readings, mine, wanted_rows, others, exercise.defaults)
