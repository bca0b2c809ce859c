"""Cases and evidence as typed bytes: how they cross between the grader and a student's process.

JSON, with each array as its dtype, shape and base64 data. Reading it can't run code, which is why it
is not pickle; and unlike the archive formats for arrays it keeps the order of the readings and the
nesting of the cases.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

import numpy as np

from course.exercise import Case, Evidence
from course.problems import SENTENCES, Problem
from course.readings import expect_reading

# The evidence of the largest exercise is about 200 kB; what is far above that is not evidence.
SIZE_LIMIT = 8_000_000
DTYPES = {name: np.dtype(name) for name in ("bool", "int32", "int64", "float32", "float64")}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class WireError(ValueError):
    """The bytes are not what ``encode_*`` writes."""


def encode_cases(cases: list[Case]) -> bytes:
    return _dump([{"property": case.property, "inputs": case.inputs, "note": case.note} for case in cases])


def decode_cases(data: bytes) -> list[Case]:
    return [Case(**entry) for entry in _load(data)]


def encode_evidence(evidence: list[Evidence]) -> bytes:
    """One entry a case, in the order of the cases."""
    return _dump(
        [
            {
                "readings": list(entry.readings.items()),
                "problem": vars(entry.problem) if entry.problem else None,
            }
            for entry in evidence
        ]
    )


def decode_evidence(data: bytes) -> list[Evidence]:
    """Read what a student's process sent. Believes nothing: raises WireError for anything unexpected."""
    if len(data) > SIZE_LIMIT:
        raise WireError(f"the evidence has {len(data)} bytes; at most {SIZE_LIMIT} are read")
    try:
        return [
            Evidence(
                {expect_reading(reading): _expect_array(array) for reading, array in entry["readings"]},
                _expect_problem(entry["problem"]) if entry["problem"] else None,
            )
            for entry in _load(data)
        ]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, binascii.Error) as error:
        raise WireError(f"the evidence can't be read: {error}") from error


def _expect_problem(value: Any) -> Problem:
    problem = Problem(**value)
    if SENTENCES[problem.id].ours:
        raise WireError(f"only the grader can tell that {problem.id}")
    return problem


def _expect_array(value: Any) -> np.ndarray:
    if not isinstance(value, np.ndarray):
        raise WireError("a reading is not an array")
    return value


def _dump(value: Any) -> bytes:
    return json.dumps(value, default=_encode_array, ensure_ascii=False).encode()


def _encode_array(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    array = np.asarray(value)
    if array.dtype not in NAMES:
        array = array.astype(np.float64)
    # tobytes gives row-major order, whichever way the array lies in memory.
    data = base64.b64encode(array.tobytes()).decode("ascii")
    return {"dtype": NAMES[array.dtype], "shape": array.shape, "data": data}


def _load(data: bytes) -> Any:
    return json.loads(data.decode(), object_hook=_decode_array)


def _decode_array(value: dict[str, Any]) -> Any:
    if value.keys() != {"dtype", "shape", "data"}:
        return value
    dtype, shape = DTYPES[value["dtype"]], tuple(int(length) for length in value["shape"])
    raw = base64.b64decode(value["data"], validate=True)
    if any(length < 0 for length in shape) or math.prod(shape) * dtype.itemsize != len(raw):
        raise WireError("an array's shape does not fit its data")
    # A copy: arrays read from bytes are read-only, and the probe hands these to student code.
    return np.frombuffer(raw, dtype).reshape(shape).copy()
