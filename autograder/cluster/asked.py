"""What a station is asked, and how its answer begins. Loads nothing: Dask workers read it too."""

from __future__ import annotations

from dataclasses import dataclass

# Whether it has a kit, to take one, to judge a hand-in.
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
        hurry: give up where a step takes much longer than is usual on the machine.
    """

    data: bytes
    name: str
    number: int
    hurry: bool
