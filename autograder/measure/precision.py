"""The cases of an exercise in float32: the same numbers, rounded, and how near an answer has to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course.exercise import Case, Evidence, Exercise

# A float32 has 24 bits: rounding to it moves a number by 6e-8 of itself at most. After ten steps of ten
# operations on numbers of order one, which partly cancel, right answers were up to 3e-6 apart.
RTOL, ATOL = 1e-5, 1e-5


def in_float32(exercise: Exercise, cases: Sequence[Case]) -> tuple[Exercise, list[Case], list[Evidence]]:
    """The exercise with the tolerance of float32, its cases with float32 arrays, and what is right there.

    That is what PyTorch does in float64 with the rounded numbers: rounding on the way is the answer's own.
    """
    properties = tuple(replace(judged, rtol=RTOL, atol=ATOL) for judged in exercise.properties)
    rounded = [replace(case, inputs=_cast(case.inputs, np.float32)) for case in cases]
    expected = [exercise.oracle(replace(case, inputs=_cast(case.inputs, np.float64))) for case in rounded]
    return replace(exercise, properties=properties), rounded, expected


def _cast(value: Any, dtype: type) -> Any:
    """Every array of floats in ``value`` as ``dtype``; numbers stay as they are."""
    if isinstance(value, np.ndarray):
        return value.astype(dtype) if value.dtype.kind == "f" else value
    if isinstance(value, Mapping):
        return {name: _cast(item, dtype) for name, item in value.items()}
    if isinstance(value, list):
        return [_cast(item, dtype) for item in value]
    return value
