"""The hand-ins that wait for a worker, and what is known of those that lost theirs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from autograder.errors import DescentError

# So often may a hand-in's worker end before that is held to be the hand-in's doing.
TWICE = 2


class Lost(Exception):
    """A hand-in took its worker with it, or was at work there when it ended; ``times`` so far."""

    def __init__(self, times: int):
        super().__init__(f"its worker ended, {times} times")
        self.times = times


@dataclass(eq=False)
class Task:
    """A hand-in that is to be judged.

    Attributes:
        id: what tells it from others, whenever it comes again.
        hurry: give up where a step takes much longer than is usual on the machine.
        result: what comes of it, as ``parcels.to_bytes`` writes it; None where it is to have another turn
            after all others.
    """

    data: bytes
    name: str
    number: int
    id: str
    hurry: bool
    result: Future[bytes | None] = field(default_factory=Future)


class Tasks:
    """All that are to be done; of one event loop alone."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Task] = asyncio.Queue()
        self._open: set[Task] = set()
        self._lost: dict[str, int] = {}
        self._alone = asyncio.Lock()
        self._problem: DescentError | None = None

    def add(self, task: Task) -> None:
        if self._problem:
            task.result.set_exception(self._problem)
            return
        self._open.add(task)
        self._waiting.put_nowait(task)

    @contextlib.asynccontextmanager
    async def next(self) -> AsyncIterator[Task]:
        """One to do, as soon as there is one; of those that lost a worker, one at a time.

        So it is known which of them it was when the next worker is lost.
        """
        task = await self._waiting.get()
        async with contextlib.AsyncExitStack() as stack:
            if task.id in self._lost:
                try:
                    await stack.enter_async_context(self._alone)
                except asyncio.CancelledError:
                    self.put_back([task])
                    raise
            yield task

    def put_back(self, tasks: Iterable[Task]) -> None:
        """Somebody else is to do them; it is no fault of theirs."""
        for task in tasks:
            self._waiting.put_nowait(task)

    def answer(self, task: Task, said: bytes | None) -> None:
        self._open.discard(task)
        task.result.set_result(said)

    def suspect(self, task: Task) -> None:
        """Something ended while it was at work on this: another turn after all others, or no more."""
        times = self._lost[task.id] = self._lost.get(task.id, 0) + 1
        if times < TWICE:
            self.answer(task, None)
        else:
            self._open.discard(task)
            task.result.set_exception(Lost(times))

    def give_up(self, problem: DescentError) -> None:
        """None of them can be done, nor any that is added."""
        self._problem = problem
        for task in self._open:
            task.result.set_exception(problem)
        self._open.clear()
