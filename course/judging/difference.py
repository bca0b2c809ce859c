"""Finds the first place where the evidence and the oracle part, and says it in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.exercise import Case, Difference, Evidence, Exercise, Property
from course.problems import MISSING, SIGNATURE, Problem
from course.readings import Reading

# More points than this, and the small figure would show nothing that a few do not.
FIGURE_POINTS = 60
# What a float32 somewhere in the calculation may do to a number, as a share of the largest in its case.
FLOAT32 = 1e-5
# A number this small beside the largest of its array is a rounded zero.
ROUNDED_ZERO = 1e-15


def first_difference(
    exercise: Exercise,
    entry: Property,
    case: Case,
    observed: Evidence,
    expected: Evidence,
    single: bool = False,
) -> Difference | None:
    """The first difference of one case; None when the evidence agrees to the property's tolerance.

    Readings are compared step by step, in the oracle's order, which is the order of the formulas; what the
    code was handed comes first in each step, since all else follows from it where it was changed.

    Args:
        single: everything is right to float32 precision, which is said in place of the formula.
    """
    if all_agree(observed, expected, entry):
        return None
    if observed.problem and observed.problem.kind in (MISSING, SIGNATURE):
        # What is not there to be called is a cause of what went wrong before, too, and in no special case.
        return Difference(None, observed.problem.sentence)
    right: list[Reading] = []
    missing: Reading | None = None
    for reading in sorted(expected.readings, key=lambda reading: (reading.step, not reading.is_input)):
        should, found = expected.readings[reading], observed.readings.get(reading)
        if found is None and observed.problem is None:
            # What was not written down could not be: what did come, and is of another shape, says why.
            missing = missing or reading
            continue
        if found is None:
            said = _stopped(observed.problem, reading, bool(np.any(should))) if observed.problem else ""
            return Difference(reading, _join(_steps_right(reading), said), _where(case))
        if found.shape != should.shape:
            said = _start(reading, right) + _shapes(exercise, reading, found, should)
            return Difference(reading, _join(_steps_right(reading), _sentence(said)), _where(case))
        apart = ~agree(found, should, entry)
        if apart.any():
            if other := _swapped(reading, observed, expected, entry):
                said = f"{_start(reading, [])}{reading.words} and {other.words} have changed places."
                return Difference(reading, _join(_steps_right(reading), said), _where(case))
            index = tuple(int(i) for i in np.argwhere(apart)[0])
            said = _start(reading, right) + _values(exercise, case, reading, index, found, should, entry)
            look = IN_FLOAT32 if single else _formula(exercise, case, reading)
            return Difference(
                reading,
                _join(_steps_right(reading), _sentence(said), look),
                _where(case),
                _trajectory(expected, reading, index),
                _trajectory(observed, reading, index),
            )
        right.append(reading)
    if observed.problem:
        return Difference(None, observed.problem.sentence, _where(case))
    if missing:
        shape = expected.readings[missing].shape
        said = f"{exercise.id} gave no {missing.words}, which should have the shape {shape}."
        return Difference(missing, said, _where(case))
    return None


IN_FLOAT32 = "That is right to float32 precision: is something float32?"


def all_agree(observed: Evidence, expected: Evidence, entry: Property) -> bool:
    """Whether nothing differs, seen at once: most cases of most answers are right."""
    pairs = [(observed.readings.get(reading), should) for reading, should in expected.readings.items()]
    if observed.problem or any(found is None or found.shape != should.shape for found, should in pairs):
        return False
    if not pairs:
        return True  # a case without anything that its property is about
    found, should = (np.concatenate([array.ravel() for array in side]) for side in zip(*pairs, strict=True))
    return bool(agree(found, should, entry).all())


def agree(found: np.ndarray, should: np.ndarray, entry: Property) -> np.ndarray:
    """Element by element: equal within the property's tolerance. NaN agrees with NaN alone."""
    found, should = found.astype(np.float64), should.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(found - should) <= entry.atol + entry.rtol * np.abs(should)
    if close.all() and np.isfinite(should).all():
        return close
    # Infinities and NaN have rules of their own, which take longer to look at.
    return np.isclose(found, should, rtol=entry.rtol, atol=entry.atol, equal_nan=True)


def right_in_float32(observed: Evidence, expected: Evidence) -> bool:
    """Whether a case came to its end and every number of it is right to float32 precision."""
    if observed.problem:
        return False
    # Of the whole case: a mean that should be 0 is as precise as the numbers that it is taken of.
    scale = max(map(_largest, expected.readings.values()), default=0.0)
    for reading, should in expected.readings.items():
        found = observed.readings.get(reading)
        if found is None or found.shape != should.shape:
            return False
        if not np.allclose(found, should, rtol=0.0, atol=FLOAT32 * scale, equal_nan=True):
            return False
    return True


def _largest(array: np.ndarray) -> float:
    return float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _sentence(said: str) -> str:
    """With a capital where it begins with a word, and not with code."""
    return said[0].upper() + said[1:] if said.startswith(("the ", "element ", "layer ")) else said


def _steps_right(reading: Reading) -> str:
    before = reading.step - 1
    if before < 1:
        return ""
    return "Step 1 is right." if before == 1 else f"Steps 1 to {before} are right."


def _start(reading: Reading, right: Sequence[Reading]) -> str:
    """What was right in the same step: "In step 2, m and v are right, but "."""
    if not reading.step:
        return ""
    names = [entry.words for entry in right if entry.step == reading.step and entry.form == "symbol"]
    if not names or reading.form != "symbol":
        return f"In step {reading.step}, "
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"In step {reading.step}, {listed} {'is' if len(names) == 1 else 'are'} right, but "


def _stopped(problem: Problem, reading: Reading, should: bool) -> str:
    """What ended the case before a reading; of an exception where a refusal is looked for, which that was."""
    if not (reading.is_refusal and problem.exception):
        return problem.sentence
    wanted = "It should raise ValueError." if should else "That is allowed, and should raise nothing."
    return f"With {reading.of or 'a single row'}, {problem.sentence} {wanted}"


def _swapped(reading: Reading, observed: Evidence, expected: Evidence, entry: Property) -> Reading | None:
    """Another variable of the same step, where each of the two has the other's right value."""

    def has_value_of(one: Reading, other: Reading) -> bool:
        found, should = observed.readings.get(one), expected.readings[other]
        return found is not None and found.shape == should.shape and bool(agree(found, should, entry).all())

    others = (
        other
        for other in expected.readings
        if other._replace(id=reading.id) == reading and other != reading and other.form == "symbol"
    )
    return next((one for one in others if has_value_of(one, reading) and has_value_of(reading, one)), None)


def _shapes(exercise: Exercise, reading: Reading, found: np.ndarray, should: np.ndarray) -> str:
    if reading.is_input:
        return f"{exercise.id} changed {reading.words}: its shape was {should.shape} and is {found.shape}."
    return f"{reading.words} should have the shape {should.shape}, yours has {found.shape}."


def _values(
    exercise: Exercise,
    case: Case,
    reading: Reading,
    index: tuple[int, ...],
    found: np.ndarray,
    should: np.ndarray,
    entry: Property,
) -> str:
    if reading.form == "statement":
        return f"{reading.statement(exercise.id, bool(found[index]))}."
    name = reading.words
    place = f"[{', '.join(map(str, index))}]" if index else ""
    # A zero that is not exact, and differs by rounding from machine to machine, is shown as 0.
    floor = max(entry.atol, ROUNDED_ZERO * _largest(should))
    wanted, own = float(should[index]), float(found[index])
    want, have = distinct(0.0 if abs(wanted) <= floor else wanted, 0.0 if abs(own) <= entry.atol else own)
    want, have = exercise.shown(case, reading, wanted) or want, exercise.shown(case, reading, own) or have
    if reading.is_input:
        where = f"element {place}" if place else "it"
        return f"{exercise.id} changed {name}: {where} was {want} before the call and is {have} after it."
    what = f"element {place} of {name}" if place and reading.form != "symbol" else f"{name}{place}"
    return f"{what} should be {want}, yours is {have}."


def distinct(first: float, second: float) -> tuple[str, str]:
    """Both numbers with 4 significant digits, or with as many as it takes to tell them apart."""
    for digits in range(4, 18):
        pair = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def _formula(exercise: Exercise, case: Case, reading: Reading) -> str:
    where = exercise.where(case, reading)
    return f"Look at {where}." if where else ""


def _where(case: Case) -> str:
    return f"This case has {case.note}." if case.note else ""


def _trajectory(evidence: Evidence, shown: Reading, index: tuple[int, ...]) -> tuple[float, ...]:
    points = [
        array
        for reading, array in evidence.readings.items()
        if reading.step and reading == shown._replace(step=reading.step)
    ]
    if len(points) < 2 or any(array.dtype == bool or array.shape != points[0].shape for array in points):
        return ()
    return tuple(float(array[index]) for array in points[:FIGURE_POINTS])
