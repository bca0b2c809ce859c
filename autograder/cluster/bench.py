"""Where a station judges hand-ins of one lesson, each in a process that is forked from the station."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from autograder.catalogue.lesson import find
from autograder.cluster.asked import HandIn
from autograder.cluster.parcels import to_bytes, unpacked
from autograder.judge.apart import MEMORY, crashed_by, most_seconds
from autograder.judge.battery import DrawnBatteries
from autograder.judge.grader import Grader
from autograder.judge.patience import Patience
from autograder.machine.workers import Workers, workers
from autograder.sandbox.launch import warm_process


class Bench:
    """What is needed for one lesson, ready.

    Args:
        data: a packed kit.

    Raises:
        DescentError: there is no sandbox to be had on this machine, or another thing that every notebook
            needs; the sentence says what to do.
    """

    def __init__(self, data: bytes):
        kit = unpacked(data)
        self._lesson = find(kit.lesson)
        given = {kit.lesson: kit.handed_out}
        self._grader = Grader(None, kit.limits, kit.sandbox, kit.hidden, given, kit.explain)
        self._batteries = DrawnBatteries(self._lesson, kit.drawn)
        self._patience = Patience()
        warm_process(self._lesson.sealed).wait()

    def seat(self) -> AbstractContextManager[Workers]:
        """A process to judge in."""
        return workers(1, _start, self, memory=MEMORY)

    def judge(self, process: Workers, hand_in: HandIn) -> bytes | None:
        """What came of a hand-in, as bytes; None where it is to have another turn, with more time.

        Raises:
            DescentError: no notebook can be judged here.
        """
        seconds = self._patience.seconds() if hand_in.hurry else None
        begun = process.submit(_judge, hand_in, seconds, seconds=most_seconds(self._grader))
        try:
            judged, longest = begun.result()
        except Exception as error:
            reason = crashed_by(error)
            return to_bytes(self._grader.not_judged(Path(hand_in.name), self._lesson, "crashed", reason))
        self._patience.note(longest)
        return judged

    def _judge(self, hand_in: HandIn, seconds: float | None) -> tuple[bytes | None, float | None]:
        path = Path(hand_in.name)
        made = (seconds, hand_in.data, path, self._lesson, self._batteries, hand_in.number)
        judged = self._grader.judge_sent(*made)
        return (None, None) if judged is None else (to_bytes(judged), judged.longest)


_bench: Bench | None = None


def _start(bench: Bench) -> None:
    global _bench
    _bench = bench


def _judge(hand_in: HandIn, seconds: float | None) -> tuple[bytes | None, float | None]:
    assert _bench is not None  # the process began with _start
    return _bench._judge(hand_in, seconds)
