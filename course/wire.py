"""Cases and evidence as typed bytes: how they cross between the grader and a student's process.

JSON, with each array as its dtype, shape and base64 data. Reading it can't run code, which is why it
is not pickle; and unlike the archive formats for arrays it keeps the order of the readings and the
nesting of the cases.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np

from course.exercise import Case, Evidence
from course.problems import SENTENCES, Problem
from course.readings import Reading, expect_reading

# The evidence of the largest exercise is about 200 kB; what is far above that is not evidence.
SIZE_LIMIT = 8_000_000
# Its lists and objects, and the brackets in its texts: one case has about 400.
BRACKETS_LIMIT = 100_000
DIMENSIONS_LIMIT = 8
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
    if data.count(b"{") + data.count(b"[") > BRACKETS_LIMIT:
        raise WireError(f"the evidence has more than {BRACKETS_LIMIT} brackets")
    try:
        return [
            Evidence(
                _expect_readings(entry["readings"]),
                _expect_problem(entry["problem"]) if entry["problem"] else None,
            )
            for entry in _load(data)
        ]
    except Exception as error:  # JSON can hold many kinds of what is not expected
        raise WireError(f"the evidence can't be read: {error}") from error


def _expect_readings(value: Any) -> dict[Reading, np.ndarray]:
    readings = {expect_reading(reading): _expect_array(array) for reading, array in value}
    if len(readings) != len(value):
        raise WireError("a reading is there more than once")
    return readings


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
    dtype, shape = DTYPES[value["dtype"]], _expect_shape(value["shape"])
    raw = base64.b64decode(value["data"], validate=True)
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise WireError("an array's shape does not fit its data")
    # A copy: arrays read from bytes are read-only, and the probe hands these to student code.
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def _expect_shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > DIMENSIONS_LIMIT:
        raise WireError(f"a shape is a list of up to {DIMENSIONS_LIMIT} lengths")
    if any(type(length) is not int or not 0 <= length <= SIZE_LIMIT for length in value):
        raise WireError(f"a length is a number between 0 and {SIZE_LIMIT}")
    return tuple(value)
