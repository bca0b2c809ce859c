"""Follow-through: one slip costs what it breaks, as examiners mark by hand.

A case of an answer that is wrong somewhere else holds where the answer goes on rightly from where it stands
(``Exercise.follow``), in the readings that the property is about (``Property.looks_at``).

Arrays from a student's process may be forged, most easily those that only have to fit each other. So nothing
is followed through in an exercise in which nothing is right: something in the cases of a telling property
has to be what PyTorch gives, or a multiple of it, and the answer has to do something: neither hand its inputs
back nor give one number always. Telling properties themselves are compared with PyTorch, or with what PyTorch
makes of a state that the evidence shows; in a plainer situation only where the exercise asks for one. A wrong
earlier answer, forged or not, opens nothing: what a student adds to it is compared with what PyTorch gives
with the same stand-in (``course.judging.earlier``). So a forger who has one formula right, and writes the
evidence of the rest by hand, can gain the properties that say how an answer carries over: to other shapes, to
steps without a gradient, to two instances. He gains none that has a formula of its own, and nothing without
the one. ``tests/course/test_follow.py`` and ``tests/judge/test_points.py`` forge it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course.exercise import Case, Difference, Evidence, Exercise, Property
from course.judging.difference import first_difference

# Half of float64's digits: an answer in float32 is right up to these.
PRECISION = 1e-5
# What an optimiser moves: of these it counts how far they came.
MOVING = frozenset({"theta", "params"})


def difference_followed(
    exercise: Exercise,
    entry: Property,
    case: Case,
    observed: Evidence,
    expected: Evidence,
    followed: Evidence | None = None,
) -> Difference | None:
    """The first difference in what the property is about, from where the answer stands; None for none.

    Args:
        followed: what is right from there; the exercise says so when it is None.
    """
    if followed is None:
        followed = exercise.follow(case, observed, expected)
    about = entry.looks_at
    if about:
        observed, expected, followed = (_only(about, each) for each in (observed, expected, followed))
    if followed.problem and observed.problem:
        # It ends as what it goes on from does: what there is before that has to agree.
        reached, short = replace(observed, problem=None), replace(followed, problem=None)
        if not short.readings or first_difference(exercise, entry, case, reached, short) is None:
            return None
    elif first_difference(exercise, entry, case, observed, followed) is None:
        return None
    return first_difference(exercise, entry, case, observed, expected)


def _only(ids: frozenset[str], evidence: Evidence) -> Evidence:
    readings = {reading: array for reading, array in evidence.readings.items() if reading.id in ids}
    return Evidence(readings, evidence.problem)


def may_follow(
    exercise: Exercise, cases: Sequence[Case], observed: Sequence[Evidence], expected: Sequence[Evidence]
) -> bool:
    """Whether an answer has something right in the cases of the telling properties, and does something."""
    telling = [
        (case, _quantities(exercise, case, found, should), _quantities(exercise, case, should, should))
        for case, found, should in zip(cases, observed, expected, strict=True)
        if exercise.property_of(case).telling
    ]
    right = any(
        _is_multiple(values, wanted[id]) for _, found, wanted in telling for id, values in found.items()
    )
    return right and not _is_trivial(telling)


Quantities = Mapping[str, np.ndarray]


def _quantities(exercise: Exercise, case: Case, evidence: Evidence, expected: Evidence) -> Quantities:
    """Each quantity of a case, all its steps and places in one row, as far as it came."""
    rows: dict[str, list[np.ndarray]] = {}
    for reading, should in expected.readings.items():
        array = evidence.readings.get(reading)
        if should.dtype.kind != "f" and reading.form != "symbol":
            continue  # how many there are takes no formula, and a statement none
        if array is None or array.shape != should.shape:
            rows[reading.id] = []
        else:
            row = rows.setdefault(reading.id, [])
            start = exercise.starts_from(case, reading)
            row.append(np.ravel(array.astype(np.float64) - (0.0 if start is None else start)))
    return {id: np.concatenate(row) for id, row in rows.items() if row}


def _is_multiple(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the numbers are the wanted ones, or for two and more one multiple of them."""
    if found.shape != wanted.shape or not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        return False
    length = float(np.abs(wanted).max())
    if length == 0 or not found.any():
        return False
    factor = 1.0 if found.size == 1 else float(found @ wanted) / float(wanted @ wanted)
    return factor != 0 and bool((np.abs(found - factor * wanted) <= PRECISION * abs(factor) * length).all())


def _is_trivial(telling: Sequence[tuple[Case, Quantities, Quantities]]) -> bool:
    """Whether all that came back was an input of its case, zero, or one number that is always the same."""
    seen: set[float] = set()
    handed_back = True
    for case, found, _ in telling:
        given = [np.ravel(array) for array in _numbers(case.inputs)]
        for row in found.values():
            seen.update(row[:2].tolist())
            handed_back &= not row.any() or any(
                array.size and row.size % array.size == 0 and np.array_equal(row, np.resize(array, row.size))
                for array in given
            )
    # Parameters that stay where they are, whatever is said of the state.
    still = [not row.any() for case, found, _ in telling for id, row in found.items() if id in MOVING]
    return handed_back or len(seen) < 2 or (bool(still) and all(still))


def _numbers(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, (list, tuple)):
        items = [array for item in value for array in _numbers(item)]
        yield from items
        if items:
            yield np.concatenate([np.ravel(array) for array in items])
    elif isinstance(value, (int, float, np.ndarray)):
        yield np.asarray(value, dtype=np.float64)
