"""Where hand-ins of one lesson are judged: what a station's processes share, loaded before they fork."""

from __future__ import annotations

import gc
import os
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.catalogue.lesson import find
from autograder.cluster.asked import Answer, HandIn
from autograder.cluster.parcels import to_bytes, unpacked
from autograder.judge.apart import MEMORY, crashed_by, most_seconds
from autograder.judge.battery import DrawnBatteries
from autograder.judge.grader import Grader
from autograder.machine.workers import Start, Worker
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
        self._process: Worker | None = None
        self.make_ready()

    def make_ready(self) -> None:
        """See that there is a process to fork students' processes from; another one where that ended.

        Raises:
            WarmProcessError: it does not start.
        """
        warm_process(self._lesson.sealed).wait()
        gc.freeze()  # what is there by now is shared with the processes as long as nobody writes to it

    def judge(self, hand_in: HandIn, asker: Connection) -> Answer:
        """What came of a hand-in, in a process of its own; its end is no end of this one.

        Args:
            asker: who wants to know; with its end, the work ends.

        Raises:
            DescentError: no notebook can be judged here.
        """
        if self._process is None or not self._process.alive:
            self._process = Worker(Start(os.getpid(), _start, (self,), MEMORY))
        try:
            answer: Answer = self._process.do((_judge, (hand_in,)), most_seconds(self._grader), asker)
        except Exception as error:
            crashed = self._grader.not_judged(Path(hand_in.name), self._lesson, "crashed", crashed_by(error))
            return Answer(to_bytes(crashed), 0.0)
        return answer

    def judge_here(self, hand_in: HandIn) -> Answer:
        """What came of a hand-in; see ``Grader.judge_sent``."""
        path = Path(hand_in.name)
        given = (hand_in.seconds, hand_in.data, path, self._lesson, self._batteries, hand_in.number)
        judged = self._grader.judge_sent(*given)
        return Answer(None, None) if judged is None else Answer(to_bytes(judged), judged.longest)


_bench: Bench | None = None


def _start(bench: Bench) -> None:
    global _bench
    _bench = bench


def _judge(hand_in: HandIn) -> Answer:
    assert _bench is not None  # the process began with _start
    return _bench.judge_here(hand_in)
