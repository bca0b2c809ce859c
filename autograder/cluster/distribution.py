"""Hands work out to a Dask cluster: to the workers that come and go, of a scheduler that may do so too."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any, cast

from distributed import Client

from autograder.cluster.errand import Errands
from autograder.cluster.member import Gone, Member
from autograder.cluster.parcels import Packed
from autograder.cluster.tasks import Task, Tasks
from autograder.errors import DescentError
from autograder.judge.patience import Patience
from course.printable import printable

# Seconds: for a connection and its end; between two looks at who is there; for the first worker to come, and
# for workers or a scheduler to come again.
CONNECT, LEAVE, LOOK, FIRST, AWAY = 10.0, 3.0, 0.25, 30.0, 120.0


class Distribution:
    """The workers of one scheduler, for hand-ins of one lesson; to be closed.

    Args:
        address: the scheduler's.
        seconds: that a hand-in may take.
        kit: what the workers need for the hand-ins.
        say: told in a sentence of each worker that is refused.
        errands: what workers are sent to do.

    Raises:
        DescentError: there is no scheduler; the sentence says what to do.
    """

    def __init__(
        self, address: str, seconds: float, kit: Packed, say: Callable[[str], None], errands: Errands
    ):
        self._address = address
        self._seconds = seconds
        self._kit = kit
        self._say = say
        self._errands = errands
        self._tasks = Tasks()
        self._members: dict[str, Member] = {}
        self._at_work: dict[Member, asyncio.Task[None]] = {}
        # What is long on one machine is usual on another.
        self._patience: defaultdict[str, Patience] = defaultdict(Patience)
        self._loop = asyncio.new_event_loop()
        connected: Future[None] = Future()
        self._main = self._loop.create_task(self._run(connected))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        connected.result()

    # From other threads

    @property
    def threads(self) -> int:
        """How many hand-ins all workers that are ready judge at a time."""
        return sum(member.threads for member in list(self._members.values()) if member.ready)

    def submit(self, task: Task) -> Future[bytes | None]:
        """What comes of a hand-in; raises Lost, or DescentError."""
        self._loop.call_soon_threadsafe(self._tasks.add, task)
        return task.result

    def close(self) -> None:
        """Ask for nothing more."""
        self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join()

    # In the thread

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._main)
        self._loop.close()

    async def _run(self, connected: Future[None]) -> None:
        """Work with the scheduler as long as it is there, and with its successor when it is there again."""
        since = time.monotonic()
        while True:
            try:
                async with self._client() as client:
                    if not connected.done():
                        connected.set_result(None)
                    await self._work(client)
            except Gone:
                since = time.monotonic()
            except DescentError as error:
                return self._tasks.give_up(error)
            except Exception as error:  # of many kinds, by what it is that can't be reached
                problem = _no_scheduler(self._address, error)
                if not connected.done():
                    return connected.set_exception(problem)
                if time.monotonic() - since > AWAY:
                    return self._tasks.give_up(problem)
            await asyncio.sleep(LOOK)

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        client = await Client(self._address, asynchronous=True, timeout=CONNECT, set_as_default=False)
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):  # whom it would take leave of may be gone
                async with asyncio.timeout(LEAVE):
                    await client.close()

    async def _work(self, client: Client) -> None:
        """Keep every worker at work that is there; raises Gone when the scheduler is."""
        since, first = time.monotonic(), True
        try:
            while True:
                await self._look(client)
                members = self._members.values()
                if any(member.ready for member in members):
                    first = False
                if not all(member.refused for member in members):
                    since = time.monotonic()
                elif (self._members and first) or time.monotonic() - since > (FIRST if first else AWAY):
                    raise self._nobody()
                await asyncio.sleep(LOOK)
        finally:
            for work in self._at_work.values():
                work.cancel()
            await asyncio.gather(*self._at_work.values(), return_exceptions=True)
            for member in self._members.values():
                member.take_back()
            self._members.clear()
            self._at_work.clear()

    async def _look(self, client: Client) -> None:
        """Take leave of those that are gone, and set those to work that have come."""
        there = await self._there(client)
        for id in [id for id in self._members if id not in there]:
            member = self._members.pop(id)
            member.dismiss()
            self._at_work.pop(member).cancel()
        for id, (address, said) in there.items():
            if id not in self._members:
                patience = self._patience[said["host"]]
                given = (self._kit, self._seconds, self._tasks, patience, self._errands)
                member = Member(address, said["nthreads"], *given)
                self._members[id] = member
                self._at_work[member] = asyncio.create_task(self._set_to_work(client, member))
        for work in self._at_work.values():
            if work.done():
                work.result()  # Gone

    async def _set_to_work(self, client: Client, member: Member) -> None:
        await member.work(client)
        self._say(member.refused)

    async def _there(self, client: Client) -> dict[str, tuple[str, dict[str, Any]]]:
        """The workers, each by its address and its own folder: another one may have the address again."""
        try:
            async with asyncio.timeout(CONNECT):
                said = await cast(Any, client.scheduler).identity(n_workers=-1)
        except OSError as error:  # TimeoutError too
            raise Gone from error
        if client.status != "running":
            raise Gone
        return {f"{address} {worker['id']}": (address, worker) for address, worker in said["workers"].items()}

    def _nobody(self) -> DescentError:
        if self._members:  # and why not was said of each
            return DescentError(
                f"No worker of the scheduler at {self._address} can be used: mend that and run the same "
                "command again."
            )
        return DescentError(
            f"The scheduler at {self._address} has no workers: start some with "
            f"`dask worker {self._address} --nthreads 1` and run the same command again."
        )


def _no_scheduler(address: str, error: Exception) -> DescentError:
    said = str(error).partition("\n")[0] or type(error).__name__
    return DescentError(
        f"There is no Dask scheduler to be reached at {printable(address)} ({printable(said)}): start one "
        "with `dask scheduler`, or see to the address and, for tls://, to Dask's settings of certificates."
    )
