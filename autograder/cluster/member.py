"""One Dask worker: asked whether it judges as this machine would, and then given one hand-in after the other.

Which worker a hand-in goes to is said here, and not left to the scheduler, which would send it on to three
more when it ends one: so it is known what a worker was at work on, and how often that happened to it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError

from autograder.cluster.asked import FAILED, MISSING, Answer, HandIn
from autograder.cluster.errand import Errands, Said, StationLost
from autograder.cluster.parcels import Packed
from autograder.cluster.tasks import Task, Tasks
from autograder.cluster.versions import differences, versions
from autograder.judge.patience import Patience
from course.printable import printable

# Seconds for what a worker does besides judging. A station loads all it needs within that.
ERRAND = 180.0
# A worker has one hand-in more than it has threads, so that it need not wait for the next.
AHEAD = 1


class Gone(Exception):
    """The scheduler does not answer."""


class _Unfit(Exception):
    """A worker can't judge; a sentence says why."""


class Member:
    """A worker of the cluster.

    Args:
        address: where Dask reaches it.
        threads: how many hand-ins it judges at a time.
        kit: what it needs for them.
        seconds: that a hand-in may take.
        patience: of its machine.
        errands: what it is sent to do.

    Attributes:
        refused: why it gets no work; empty where it does.
        ready: whether it is at work.
    """

    def __init__(
        self,
        address: str,
        threads: int,
        kit: Packed,
        seconds: float,
        tasks: Tasks,
        patience: Patience,
        errands: Errands,
    ):
        self.address = address
        self.threads = threads
        self.refused = ""
        self.ready = False
        self._kit = kit
        self._seconds = seconds
        self._tasks = tasks
        self._patience = patience
        self._errands = errands
        # What it was sent and has not answered; it begins with the first.
        self._has: list[Task] = []
        self._furnishing = asyncio.Lock()

    async def work(self, client: Client) -> None:
        """Judge as long as there is something to judge; returns when it is ``refused``.

        Raises:
            Gone: the scheduler is.
        """
        lanes: list[asyncio.Task[None]] = []
        try:
            await self._greet(client)
            await self._furnish(client)
            self.ready = True
            lanes += [asyncio.create_task(self._lane(client)) for _ in range(self.threads + AHEAD)]
            await asyncio.gather(*lanes)
        except _Unfit as unfit:
            self.refused = str(unfit)
            self.take_back()
        except TimeoutError:
            self.refused = f"The worker {self.address} does not answer: end it."
            self.dismiss()
        finally:
            self.ready = False
            for lane in lanes:
                lane.cancel()

    def take_back(self) -> None:
        """Others do what it has, which is nobody's fault."""
        self._tasks.put_back(self._has)
        self._has = []

    def dismiss(self) -> None:
        """Take back what it has when it is gone, or of no use: it was at work on the first of it."""
        self.ready = False
        begun, self._has = self._has[: self.threads], self._has[self.threads :]
        for task in begun:
            self._tasks.suspect(task)
        self.take_back()

    async def _greet(self, client: Client) -> None:
        try:
            theirs = await self._send(client, ERRAND, self._errands.greet)
        except (Gone, TimeoutError):
            raise
        except Exception as error:  # whatever comes of asking what is not there
            raise _Unfit(
                f"The worker {self.address} has no Descent that answers ({_said(error)}): install it there."
            ) from error
        if other := differences(versions(), theirs):
            raise _Unfit(f"The worker {self.address} has {other}: install there what is here.")

    async def _furnish(self, client: Client) -> None:
        async with self._furnishing:
            how, said = await self._ask(client, ERRAND, self._errands.furnish, self._kit.digest)
            if how == MISSING:
                how, said = await self._ask(
                    client, ERRAND, self._errands.furnish, self._kit.digest, self._kit.data
                )
            if how == FAILED:
                raise self._unfit(str(said))

    async def _lane(self, client: Client) -> None:
        while True:
            async with self._tasks.next() as task:
                await self._judge(client, task)

    async def _judge(self, client: Client, task: Task) -> None:
        self._has.append(task)
        how, said = MISSING, None
        while how == MISSING:
            seconds = self._patience.seconds() if task.hurry else None
            hand_in = HandIn(task.data, task.name, task.number, seconds)
            try:
                most = ERRAND + self._seconds * (1 + AHEAD)
                how, said = await self._ask(client, most, self._errands.judge, self._kit.digest, hand_in)
            except (StationLost, KilledWorker):
                self._has.remove(task)
                return self._tasks.suspect(task)
            if how == MISSING:
                await self._furnish(client)
        if how == FAILED:
            raise self._unfit(str(said))
        assert isinstance(said, Answer)
        self._patience.note(said.longest)
        self._has.remove(task)
        self._tasks.answer(task, said.judged)

    async def _ask(self, client: Client, seconds: float, work: Callable[..., Said], *given: object) -> Said:
        try:
            said: Said = await self._send(client, seconds, work, *given)
        except (Gone, TimeoutError, StationLost, KilledWorker):
            raise
        except Exception as error:  # whatever else keeps a worker from its work
            raise self._unfit(_said(error)) from error
        return said

    async def _send(self, client: Client, seconds: float, work: Callable[..., Any], *given: object) -> Any:
        sent = client.submit(work, *given, workers=[self.address], pure=False, retries=0)
        try:
            async with asyncio.timeout(seconds):
                return await sent.result()
        except FutureCancelledError as error:  # the connection was lost, and with it all that was asked for
            raise Gone from error
        finally:
            with contextlib.suppress(Exception):  # whoever would be told may be gone
                sent.release()

    def _unfit(self, said: str) -> _Unfit:
        return _Unfit(f"The worker {self.address} can't judge: {printable(said)}")


def _said(error: Exception) -> str:
    return printable(f"{type(error).__name__}: {error}".partition("\n")[0])
