"""What the form of the results says: right numbers in another shape or order, or in half the precision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import numpy as np

from course.exercise import Case, Evidence, Exercise, Misconception
from course.judging.difference import agree, right_in_float32
from course.problems import RETURNED, SIGNATURE
from course.readings import Reading

Failed = Sequence[tuple[Case, Evidence, Evidence]]
Pair = tuple[np.ndarray, np.ndarray]
# The share of the failing cases in which a shape has to be wrong to be named for its own sake.
MOST = 1 / 2


def formed(exercise: Exercise, failed: Failed) -> Misconception | None:
    """The form that is wrong wherever something is, while the numbers are right; None for any other fault."""
    return (
        _returned(failed)
        or _half_precision(failed)
        or _exchanged(exercise, failed)
        or _shaped(exercise, failed)
    )


def _returned(failed: Failed) -> Misconception | None:
    problems = [observed.problem for _, observed, _ in failed]
    first = problems[0]
    if first is None or first.kind not in (RETURNED, SIGNATURE):
        return None
    if any(problem is None or problem.id != first.id for problem in problems):
        return None
    said = "it returns something of another form" if first.kind == RETURNED else "it has another form"
    return Misconception(f"seen_{first.id}", said, first.sentence)


def _half_precision(failed: Failed) -> Misconception | None:
    if not all(right_in_float32(observed, expected) for _, observed, expected in failed):
        return None
    hint = "Find what is float32, what rounds, or what tiny number is too much."
    return Misconception("seen_float32", "the numbers are right to about 7 digits only", hint)


def _exchanged(exercise: Exercise, failed: Failed) -> Misconception | None:
    """Several results of a call, each right, in another order."""
    orders = set()
    for case, observed, expected in failed:
        # Later steps go on from what came back.
        start = min((reading.step for reading in expected.readings), default=0)
        symbols = [
            reading for reading in expected.readings if reading.form == "symbol" and reading.step == start
        ]
        ids = list(dict.fromkeys(reading.id for reading in symbols))
        if observed.problem or not 2 <= len(ids) <= 4 or len(ids) < len(symbols):
            return None
        found = [observed.readings.get(reading) for reading in symbols]
        should = [expected.readings[reading] for reading in symbols]
        entry = exercise.property_of(case)
        fitting = {
            order
            for order in permutations(range(len(ids)))
            if order != tuple(range(len(ids)))
            and all(
                (own := found[place]) is not None
                and own.shape == should[other].shape
                and agree(own, should[other], entry).all()
                for place, other in enumerate(order)
            )
        }
        if not fitting:
            return None
        orders.add(min(tuple(ids[other] for other in order) for order in fitting))
    if len(orders) != 1:
        return None
    came, wanted = ", ".join(orders.pop()), ", ".join(ids)
    return Misconception("seen_order", "the results come in another order", f"({came}) for ({wanted}).")


def misshapen(exercise: Exercise, failed: Failed) -> Misconception | None:
    """The quantity whose shape is the first thing wrong in most cases that fail, whatever its numbers are."""
    firsts = [first for failure in failed if (first := _first_misshapen(exercise, *failure))]
    quantities = Counter(reading.id for reading, _ in firsts)
    for id, cases in quantities.most_common(1):
        if cases >= max(2, MOST * len(failed)):
            reading, (found, should) = next(first for first in firsts if first[0].id == id)
            words = reading.everywhere
            hint = f"Its shape is {found.shape} where it should be {should.shape}."
            return Misconception("seen_shape", f"{words} has another shape", hint, False)
    return None


def _first_misshapen(
    exercise: Exercise, case: Case, observed: Evidence, expected: Evidence
) -> tuple[Reading, Pair] | None:
    """None where numbers are wrong before any shape is."""
    entry = exercise.property_of(case)
    for reading, should in expected.readings.items():
        found = observed.readings.get(reading)
        if found is not None and found.shape != should.shape:
            return reading, (found, should)
        if found is not None and not agree(found, should, entry).all():
            return None
    return None


def _shaped(exercise: Exercise, failed: Failed) -> Misconception | None:
    """Quantities of another shape, in which the right numbers can be told."""
    pairs: list[tuple[Reading, Pair]] = []
    for case, observed, expected in failed:
        own = list(_other_shapes(exercise, case, observed, expected))
        if not own or any(reading is None for reading, _ in own):
            return None
        pairs += own  # type: ignore[arg-type]
    first, (found, should) = pairs[0]
    ids = dict.fromkeys(reading.id for reading, _ in pairs)
    words = first.everywhere if len(ids) == 1 else "each of several results"
    shapes = f"Its shape is {found.shape} where it should be {should.shape}."
    for said, relation in SHAPES:
        if all(relation(*pair) for _, pair in pairs):
            return Misconception("seen_shape", f"{words} {said}", shapes)
    return None


def _other_shapes(
    exercise: Exercise, case: Case, observed: Evidence, expected: Evidence
) -> Iterator[tuple[Reading | None, Pair]]:
    """The quantities of another shape; with None for a reading where more is wrong."""
    entry = exercise.property_of(case)
    for reading, should in expected.readings.items():
        found = observed.readings.get(reading)
        if found is None or observed.problem:
            yield None, (should, should)
        elif found.shape != should.shape:
            yield reading, (found.astype(np.float64), should.astype(np.float64))
        elif not agree(found, should, entry).all():
            yield None, (should, should)


def _equal(found: np.ndarray, should: np.ndarray) -> bool:
    return found.shape == should.shape and np.allclose(found, should, rtol=1e-9, atol=1e-12)


def _same_numbers(found: np.ndarray, should: np.ndarray) -> bool:
    return found.size == should.size and _equal(np.ravel(found), np.ravel(should))


def _other_axes(found: np.ndarray, should: np.ndarray) -> bool:
    return 1 < should.ndim == found.ndim <= 4 and any(
        _equal(found, np.transpose(should, axes)) for axes in permutations(range(should.ndim))
    )


def _one_of(found: np.ndarray, should: np.ndarray, place: int) -> bool:
    return should.ndim > 0 and should.size > 0 and _same_numbers(found, should[place])


def _alike(should: np.ndarray) -> bool:
    return should.ndim > 0 and should.size > 0 and all(_equal(entry, should[0]) for entry in should)


def _reduced(reduce: Callable[..., np.ndarray]) -> Callable[[np.ndarray, np.ndarray], bool]:
    """Whether what is wanted comes of what was found, by one axis or all."""

    def relation(found: np.ndarray, should: np.ndarray) -> bool:
        axes = (*range(found.ndim), None)
        return found.size > should.size and any(
            _same_numbers(np.asarray(reduce(found, axis=axis)), should) for axis in axes
        )

    return relation


SHAPES: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], bool]], ...] = (
    ("has the right numbers in another shape", _same_numbers),
    ("has its axes in another order", _other_axes),
    ("has one entry too many in front", lambda found, should: found.ndim > 0 and _equal(found[1:], should)),
    (
        "has one entry too many at the end",
        lambda found, should: found.ndim > 0 and _equal(found[:-1], should),
    ),
    ("lacks its first entry", lambda found, should: should.ndim > 0 and _equal(found, should[1:])),
    ("lacks its last entry", lambda found, should: should.ndim > 0 and _equal(found, should[:-1])),
    (
        "is one entry in the place of several equal ones",
        lambda found, should: _alike(should) and _one_of(found, should, 0),
    ),
    ("is its last entry alone", lambda found, should: _one_of(found, should, -1)),
    ("is its first entry alone", lambda found, should: _one_of(found, should, 0)),
    ("is not summed up: it is several numbers in the place of each", _reduced(np.sum)),
    ("is not averaged: it is several numbers in the place of each", _reduced(np.mean)),
)
