"""What a station is asked, and how its answer begins. Loads nothing: Dask workers read it too."""

from __future__ import annotations

from dataclasses import dataclass

# To be given a process that has a kit, to take a kit before, to judge a hand-in.
HAVE, FURNISH, JUDGE = "have", "furnish", "judge"
# It did; it has no such kit; nothing can be judged there, and a sentence says why.
DONE, MISSING, FAILED = "done", "missing", "failed"


@dataclass(frozen=True)
class HandIn:
    """One notebook to judge.

    Attributes:
        data: of the file, whatever is in it.
        name: what the file is called.
        number: which of the kit's batteries it meets.
        seconds: give up where a step takes longer than that; None where it is to have all its time.
    """

    data: bytes
    name: str
    number: int
    seconds: float | None


@dataclass(frozen=True)
class Answer:
    """What came of a hand-in.

    Attributes:
        judged: as ``parcels.to_bytes`` writes it; None where it gave up.
        longest: seconds of its longest step; 0 where it had none, None where it gave up.
    """

    judged: bytes | None
    longest: float | None
