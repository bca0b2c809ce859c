"""What the numbers themselves say of a wrong quantity: a factor too much, another sign, one step behind.

Nothing has to be known of a mistake for it: the first wrong quantity of each failing case is compared with
what it should be, and a relation is named that holds in all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import agree
from course.judging.entry_kinds import CERTAIN, ENTRY_RELATIONS
from course.judging.order_kinds import ORDER_RELATIONS
from course.judging.relation_kinds import RELATIONS, Relation, Wrong
from course.readings import Reading

# A relation of fewer numbers than this may be chance.
FEWEST = 3
# The share of the failing cases that a relation has to explain to be named in part.
MOST = 2 / 3

KINDS = (*RELATIONS, *ORDER_RELATIONS, *ENTRY_RELATIONS)


def related(exercise: Exercise, failed: Sequence[tuple[Case, Evidence, Evidence]]) -> Misconception | None:
    """The relation that explains the first wrong quantity of all failing cases, or of most of them.

    None where there is none, or where too few numbers speak for it.
    """
    wrongs = [_first_wrong(exercise, *failure) for failure in failed]
    known = [wrong for wrong in wrongs if wrong]
    quantities = Counter(_quantity(wrong.readings[0]) for wrong in known)
    if not quantities:
        return None
    first = quantities.most_common(1)[0][0]
    known = [wrong for wrong in known if _quantity(wrong.readings[0]) == first]
    if len(known) < len(failed):
        return _mostly(exercise, known, len(failed))
    enough = sum(wrong.rows[0].size for wrong in known) >= FEWEST
    return (
        _always(exercise, known, KINDS if enough else ())
        or _mostly(exercise, known, len(failed))
        or _always(exercise, known, CERTAIN)
    )


def _always(
    exercise: Exercise, known: Sequence[Wrong], relations: Sequence[Relation]
) -> Misconception | None:
    """The relation that holds in all cases."""
    for relation in relations:
        if said := relation(known, _called(exercise, known[0])):
            hint = f"This holds in every case that fails. {_look(exercise, known[0])}".strip()
            return Misconception("seen_in_numbers", said, hint)
    return None


def _mostly(exercise: Exercise, known: Sequence[Wrong], failed: int) -> Misconception | None:
    """The relation that holds in most failing cases, in each by itself."""
    for relation in KINDS:
        holding = Counter[str]()
        numbers = Counter[str]()
        for wrong in known:
            if said := relation([wrong], _called(exercise, wrong)):
                holding[said] += 1
                numbers[said] += wrong.rows[0].size
        for said, cases in holding.most_common(1):
            if cases >= max(2, MOST * failed) and numbers[said] >= 2 * FEWEST:
                hint = f"This holds in {cases} of the {failed} cases that fail. {_look(exercise, known[0])}"
                return Misconception("seen_in_numbers", said, hint.strip(), False)
    return None


def _called(exercise: Exercise, wrong: Wrong) -> str:
    reading = wrong.readings[0]
    words = reading.everywhere
    return f"{words}'s step" if exercise.starts_from(wrong.case, reading) is not None else words


def _quantity(reading: Reading) -> tuple[str, str]:
    """What is the same at every step, in every place and of every owner."""
    return reading.id, reading.of


def _look(exercise: Exercise, wrong: Wrong) -> str:
    where = exercise.where(wrong.case, wrong.readings[0])
    return f"Look at {where}." if where else ""


def _first_wrong(exercise: Exercise, case: Case, found: Evidence, should: Evidence) -> Wrong | None:
    """None where a case did not come to its end, or something else than numbers is wrong."""
    if found.problem:
        return None
    entry = exercise.property_of(case)
    rows: dict[tuple[str, str], list[tuple[Reading, np.ndarray, np.ndarray]]] = {}
    first: tuple[str, str] | None = None
    for reading, wanted in should.readings.items():
        array = found.readings.get(reading)
        if array is None or array.shape != wanted.shape:
            return None
        if reading.form == "statement" or reading.is_input:
            # After a wrong quantity it may follow from that.
            if first is None and not agree(array, wanted, entry).all():
                return None
            continue
        if first is None and not agree(array, wanted, entry).all():
            first = _quantity(reading)
        start = exercise.starts_from(case, reading)
        before = reading._replace(step=reading.step - 1)
        mine = array.astype(np.float64) - (0.0 if start is None else found.readings.get(before, start))
        right = wanted.astype(np.float64) - (0.0 if start is None else should.readings.get(before, start))
        rows.setdefault(_quantity(reading), []).append((reading, mine, right))
    if first is None:
        return None
    others = {
        id: np.concatenate([np.ravel(row[2]) for row in own])
        for (id, of), own in rows.items()
        if (id, of) != first and own[0][0].form == "symbol"
    }
    readings, mine, wanted_rows = zip(*rows[first], strict=True)
    return Wrong(case, readings, mine, wanted_rows, others, exercise.defaults)
