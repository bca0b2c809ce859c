"""Finds the first place where the evidence and the oracle part, and says it in words."""

from __future__ import annotations

import numpy as np

from course.exercise import Case, Difference, Evidence, Exercise, Property
from course.readings import Reading

# More points than this, and the small figure would show nothing that a few do not.
FIGURE_POINTS = 60


def first_difference(
    exercise: Exercise, entry: Property, case: Case, observed: Evidence, expected: Evidence
) -> Difference | None:
    """The first difference of one case; None when the evidence agrees to the property's tolerance.

    Readings are compared in the oracle's order, which is the order of the formulas.
    """
    if _all_agree(observed, expected, entry):
        return None
    right: list[Reading] = []
    for reading, should in expected.readings.items():
        found = observed.readings.get(reading)
        if found is None:
            said = observed.problem.sentence if observed.problem else f"{reading.words} is missing."
            return Difference(reading, _join(_steps_right(reading), said), _where(case))
        if found.shape != should.shape:
            shapes = f"{reading.words} should have the shape {should.shape}, yours has {found.shape}."
            said = _start(reading, right) + shapes
            return Difference(reading, _join(_steps_right(reading), said), _where(case))
        apart = ~agree(found, should, entry)
        if apart.any():
            index = tuple(int(i) for i in np.argwhere(apart)[0])
            said = _start(reading, right) + _values(reading, index, found, should)
            return Difference(
                reading,
                _join(_steps_right(reading), said, _formula(exercise, case, reading)),
                _where(case),
                _trajectory(expected, reading, index),
                _trajectory(observed, reading, index),
            )
        right.append(reading)
    if observed.problem:
        return Difference(None, observed.problem.sentence, _where(case))
    return None


def _all_agree(observed: Evidence, expected: Evidence, entry: Property) -> bool:
    """Whether nothing differs, seen at once: most cases of most answers are right."""
    pairs = [(observed.readings.get(reading), should) for reading, should in expected.readings.items()]
    if observed.problem or any(found is None or found.shape != should.shape for found, should in pairs):
        return False
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


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _steps_right(reading: Reading) -> str:
    before = reading.step - 1
    if before < 1:
        return ""
    return "Step 1 is right." if before == 1 else f"Steps 1 to {before} are right."


def _start(reading: Reading, right: list[Reading]) -> str:
    """What was right in the same step: "In step 2, m and v are right, but "."""
    if not reading.step:
        return ""
    names = [entry.words for entry in right if entry.step == reading.step and entry.form == "symbol"]
    if not names or reading.form != "symbol":
        return f"In step {reading.step}, "
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"In step {reading.step}, {listed} {'is' if len(names) == 1 else 'are'} right, but "


def _values(reading: Reading, index: tuple[int, ...], found: np.ndarray, should: np.ndarray) -> str:
    name = reading.words
    if reading.form == "statement":
        return f"{name}: it {'should' if should[index] else 'should not'}."
    place = f"[{', '.join(map(str, index))}]" if index else ""
    what = f"element {place} of {name}" if place and reading.form != "symbol" else f"{name}{place}"
    want, have = distinct(float(should[index]), float(found[index]))
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
