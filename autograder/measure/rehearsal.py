"""Workers that are asked as others are, wait as long as one of those worked, and answer what it answered."""

from __future__ import annotations

import hashlib
import pickle
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.catalogue.lesson import Lesson
from autograder.cluster import errand
from autograder.cluster.asked import DONE, MISSING, Answer, HandIn
from autograder.cluster.cluster import Cluster
from autograder.cluster.errand import Errands, Said
from autograder.cluster.parcels import Packed
from autograder.cluster.versions import Versions
from autograder.judge.grader import Grader


@dataclass(frozen=True)
class Recorded:
    """What one kind of hand-in took a worker, in seconds, and what came of it."""

    seconds: float
    answer: Answer


@dataclass(frozen=True)
class Rehearsal(Cluster):
    """A cluster of workers that wait.

    Args:
        recorded: for each kind of hand-in, by ``key``.
    """

    recorded: Mapping[str, Recorded]

    def sent(self, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]) -> tuple[Packed, Errands]:
        """See ``Cluster``."""
        return Packed(pickle.dumps(dict(self.recorded))), sys.modules[__name__]


def key(data: bytes) -> str:
    """What tells one kind of hand-in from others."""
    return hashlib.sha256(data).hexdigest()


# In a worker

_recorded: dict[str, dict[str, Recorded]] = {}


def greet() -> Versions:
    """See ``errand``."""
    return errand.greet()


def furnish(digest: str, kit: bytes | None = None) -> Said:
    """See ``errand``."""
    if kit is not None:
        _recorded[digest] = pickle.loads(kit)
    return (DONE if digest in _recorded else MISSING), None


def judge(digest: str, hand_in: HandIn) -> Said:
    """See ``errand``."""
    recorded = _recorded[digest][key(hand_in.data)]
    time.sleep(recorded.seconds)
    return DONE, recorded.answer
