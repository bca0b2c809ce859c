"""What travels between machines: a lesson's kit and hand-ins one way, what came of them the other.

Kits and hand-ins are pickled, between machines that trust each other as those of a Dask cluster do. What
comes back is JSON. No seed is in a kit and no name of a student in either: of a hand-in there are its bytes,
what its file is called, and which of the kit's batteries it meets.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self, cast

import nbformat
from nbformat import NotebookNode

from autograder.catalogue.lesson import Lesson
from autograder.judge.battery import Drawn
from autograder.judge.grader import Grader, Judged
from autograder.judge.judgement import Judgement
from autograder.sandbox.confine import Limits


@dataclass(frozen=True)
class Kit:
    """All that a machine needs to judge hand-ins of one lesson.

    Attributes:
        handed_out: what students were given.
        drawn: the batteries that are met.
        hidden: folders that student code must not see, where they are there.
    """

    lesson: str
    handed_out: NotebookNode
    drawn: Drawn
    limits: Limits
    sandbox: bool
    hidden: tuple[Path, ...]
    explain: bool

    @classmethod
    def of(cls, grader: Grader, lesson: Lesson, hand_ins: Iterable[str]) -> Self:
        """What is needed for these hand-ins of a lesson, for which the grader is prepared."""
        isolation = grader.isolation
        return cls(
            lesson.name,
            grader.handed_out(lesson).notebook,
            grader.drawn(lesson, map(grader.number, hand_ins)),
            isolation.limits,
            isolation.sandboxed,
            isolation.hidden,
            grader.explain,
        )


@dataclass(frozen=True)
class Packed:
    """A kit as bytes, known by their digest."""

    data: bytes

    @classmethod
    def of(cls, kit: Kit) -> Self:
        return cls(pickle.dumps(kit))

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def unpacked(data: bytes) -> Kit:
    """The kit that was packed."""
    return cast(Kit, pickle.loads(data))


def to_bytes(judged: Judged) -> bytes:
    """What came of a hand-in of a known lesson."""
    said = {"judgement": judged.judgement.to_line(), "notebook": judged.notebook, "longest": judged.longest}
    return json.dumps(said).encode()


def from_bytes(data: bytes) -> Judged:
    """What ``to_bytes`` wrote; raises FormatError where another version did."""
    said = json.loads(data)
    return Judged(
        Judgement.from_line(said["judgement"]), nbformat.from_dict(said["notebook"]), said["longest"]
    )
