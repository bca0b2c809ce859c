"""What a changed answer is tried on: cases with what PyTorch does, and how they cross to another process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from course.cases import public_cases
from course.exercise import Case, Evidence, Exercise
from course.wire import decode_cases, decode_evidence, encode_cases, encode_evidence


class Try(NamedTuple):
    """A case and what should come of it.

    Attributes:
        alone: what should come of it with stand-ins for earlier answers; None where there are none.
    """

    case: Case
    expected: Evidence
    alone: Evidence | None = None


def tries(exercise: Exercise) -> list[Try]:
    """The cases that students run; not to be had where PyTorch's own is sealed."""
    cases, expected = public_cases(exercise.id)
    aparts = [exercise.apart(case) for case in cases]
    return [
        Try(case, should, exercise.oracle(apart) if apart else None)
        for case, should, apart in zip(cases, expected, aparts, strict=True)
    ]


def encode_tries(given: Sequence[Try]) -> bytes:
    parts = [
        encode_cases([entry.case for entry in given]),
        encode_evidence([entry.expected for entry in given]),
        *(encode_evidence([entry.alone]) if entry.alone else b"" for entry in given),
    ]
    return json.dumps([part.decode() for part in parts]).encode()


def decode_tries(data: bytes) -> list[Try]:
    cases, expected, *alone = (part.encode() for part in json.loads(data))
    evidence = decode_evidence(expected)
    aparts = [decode_evidence(part)[0] if part else None for part in alone]
    return [Try(*entry) for entry in zip(decode_cases(cases), evidence, aparts, strict=True)]
