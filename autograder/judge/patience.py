"""How long a submission's first turn may take, from what those before it took on the same machine."""

from __future__ import annotations

import statistics

# What is usual for the longest step of a submission is known after a few; how long the others may take then.
# Until then it is half a second, and twice that after each submission that wants more.
FEW, TIMES, AT_FIRST = 4, 2.5, 0.5


class Patience:
    """Of one machine: what is long on one is usual on another."""

    def __init__(self) -> None:
        self._took: list[float] = []
        self._wanted_more = 0

    def seconds(self) -> float:
        """For each step of a submission's first turn."""
        usual = statistics.median(self._took) if len(self._took) >= FEW else 0.0
        return TIMES * usual if usual else AT_FIRST * 2**self._wanted_more

    def note(self, longest: float | None) -> None:
        """What came of a submission.

        Args:
            longest: seconds of its longest step; 0 where it had none, None where it wanted more.
        """
        if longest is None:
            self._wanted_more += 1
        elif longest:
            self._took.append(longest)
