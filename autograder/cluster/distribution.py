"""Hands work out to a Dask cluster, and takes back what a worker that is gone has not answered.

Which worker a hand-in goes to is said here, and not left to the scheduler, which would send it on to three
more when it ends one: so it is known what a worker was at work on, and how often that happened to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, cast

from distributed import Client
from distributed.client import FutureCancelledError

from autograder.cluster import errand
from autograder.cluster.asked import FAILED, FURNISH, HAVE, JUDGE, MISSING, HandIn
from autograder.cluster.parcels import Packed
from autograder.cluster.versions import differences, versions
from autograder.errors import DescentError
from course.printable import printable

# Seconds: for a connection and its end; between two looks at who is there; for the first worker to come, and
# for workers or a scheduler to come again.
CONNECT, LEAVE, LOOK, FIRST, AWAY = 10.0, 3.0, 0.25, 10.0, 120.0
# For what a worker does besides judging. A station loads all it needs within that.
ERRAND = 180.0
# A worker has one hand-in more than it has threads, so that it need not wait for the next.
AHEAD = 1
# So often may a hand-in's worker end before that is held to be the hand-in's doing.
TWICE = 2


class Lost(Exception):
    """A hand-in took its worker with it, or was at work there when it ended; ``times`` so far."""

    def __init__(self, times: int):
        super().__init__(f"its worker ended, {times} times")
        self.times = times


class _Gone(Exception):
    """The scheduler does not answer."""


class _Unfit(Exception):
    """A worker can't judge; a sentence says why."""


@dataclass(eq=False)
class _Task:
    hand_in: HandIn
    id: str
    result: Future[bytes | None] = field(default_factory=Future)


@dataclass(eq=False)
class _Worker:
    """A worker of the cluster.

    Attributes:
        has: what it was sent and has not answered; it begins with the first.
        employed: sends it work.
        refused: why it gets none; empty where it does.
    """

    address: str
    threads: int
    has: list[_Task] = field(default_factory=list)
    employed: asyncio.Task[None] | None = None
    refused: str = ""
    ready: bool = False
    furnishing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Distribution:
    """The workers of one scheduler, for hand-ins of one lesson; to be closed.

    Args:
        address: the scheduler's.
        seconds: that a hand-in may take.
        say: told in a sentence of each worker that is refused.

    Raises:
        DescentError: there is no scheduler; the sentence says what to do.
    """

    def __init__(self, address: str, seconds: float, say: Callable[[str], None]):
        self._address = address
        self._seconds = seconds
        self._say = say
        self._kit: Packed | None = None
        self._tasks: asyncio.Queue[_Task] = asyncio.Queue()
        self._workers: dict[str, _Worker] = {}
        self._lost: dict[str, int] = {}
        self._suspects = asyncio.Lock()
        self._open: set[_Task] = set()
        self._problem: DescentError | None = None
        connected: Future[None] = Future()
        self._loop = asyncio.new_event_loop()
        self._main = self._loop.create_task(self._run(connected))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        connected.result()

    # From other threads

    @property
    def threads(self) -> int:
        """How many hand-ins all workers that are ready judge at a time."""
        return sum(worker.threads for worker in list(self._workers.values()) if worker.ready)

    def furnish(self, kit: Packed) -> None:
        """What the workers need for the hand-ins to come."""
        self._kit = kit

    def submit(self, hand_in: HandIn, id: str) -> Future[bytes | None]:
        """What comes of a hand-in, as ``parcels.to_bytes`` writes it; raises Lost, or DescentError.

        Args:
            id: what tells it from others, whenever it comes again.
        """
        task = _Task(hand_in, id)
        self._loop.call_soon_threadsafe(self._accept, task)
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

    def _accept(self, task: _Task) -> None:
        if self._problem:
            task.result.set_exception(self._problem)
        else:
            self._open.add(task)
            self._tasks.put_nowait(task)

    async def _run(self, connected: Future[None]) -> None:
        """Work with the scheduler as long as it is there, and with its successor when it is there again."""
        since = time.monotonic()
        while True:
            try:
                async with self._client() as client:
                    if not connected.done():
                        connected.set_result(None)
                    await self._work(client)
            except _Gone:
                self._take_back()
                since = time.monotonic()
            except DescentError as error:
                return self._give_up(error)
            except Exception as error:  # of many kinds, by what it is that can't be reached
                problem = _no_scheduler(self._address, error)
                if not connected.done():
                    return connected.set_exception(problem)
                if time.monotonic() - since > AWAY:
                    return self._give_up(problem)
            await asyncio.sleep(LOOK)

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        client = await Client(self._address, asynchronous=True, timeout=CONNECT, set_as_default=False)
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):  # whom it would take leave of may be gone
                await asyncio.wait_for(client.close(), LEAVE)

    def _give_up(self, problem: DescentError) -> None:
        self._problem = problem
        for task in self._open:
            task.result.set_exception(problem)
        self._open.clear()

    async def _work(self, client: Client) -> None:
        """Keep every worker at work that is there; raises _Gone when the scheduler is."""
        since, first = time.monotonic(), True
        try:
            while True:
                there = await self._there(client)
                for id in [id for id in self._workers if id not in there]:
                    self._dismiss(self._workers.pop(id))
                for id in [id for id in there if id not in self._workers]:
                    worker = self._workers[id] = there[id]
                    worker.employed = asyncio.create_task(self._employ(client, worker))
                for worker in self._workers.values():
                    if worker.employed and worker.employed.done():
                        worker.employed.result()  # _Gone
                usable = [worker for worker in self._workers.values() if not worker.refused]
                if usable:
                    since, first = time.monotonic(), False
                elif time.monotonic() - since > (FIRST if first else AWAY) or (self._workers and first):
                    raise self._nobody()
                await asyncio.sleep(LOOK)
        finally:
            for worker in self._workers.values():
                if worker.employed:
                    worker.employed.cancel()

    async def _there(self, client: Client) -> dict[str, _Worker]:
        """The workers, each by its address and what tells it from others who had that before."""
        try:
            said = await asyncio.wait_for(cast(Any, client.scheduler).identity(n_workers=-1), CONNECT)
        except (OSError, TimeoutError) as error:
            raise _Gone from error
        if client.status != "running":
            raise _Gone
        return {
            f"{address} {worker['id']}": _Worker(address, worker["nthreads"])
            for address, worker in said["workers"].items()
        }

    def _nobody(self) -> DescentError:
        for worker in self._workers.values():
            return DescentError(worker.refused)
        return DescentError(
            f"The scheduler at {self._address} has no workers: start some with "
            f"`dask worker {self._address} --nthreads 1` and run the same command again."
        )

    # What is taken back

    def _take_back(self) -> None:
        """Everything, which is nobody's fault."""
        for worker in self._workers.values():
            for task in worker.has:
                self._tasks.put_nowait(task)
        self._workers.clear()

    def _dismiss(self, worker: _Worker) -> None:
        """Take back what a worker has that is gone, or of no use: it was at work on the first of it."""
        worker.ready = False
        if worker.employed:
            worker.employed.cancel()
        begun, others = worker.has[: worker.threads], worker.has[worker.threads :]
        worker.has = []
        for task in begun:
            self._suspect(task)
        for task in others:
            self._tasks.put_nowait(task)

    def _suspect(self, task: _Task) -> None:
        """Something ended while it was at work on a hand-in: another turn after all others, or no more."""
        times = self._lost[task.id] = self._lost.get(task.id, 0) + 1
        self._open.discard(task)
        if times < TWICE:
            task.result.set_result(None)
        else:
            task.result.set_exception(Lost(times))

    # One worker

    async def _employ(self, client: Client, worker: _Worker) -> None:
        """Send it one hand-in after the other, once it is known that it judges as this machine would."""
        lanes: list[asyncio.Task[None]] = []
        try:
            worker.refused = await self._prepared(client, worker)
            if not worker.refused:
                worker.ready = True
                lanes += [
                    asyncio.create_task(self._lane(client, worker)) for _ in range(worker.threads + AHEAD)
                ]
                await asyncio.gather(*lanes)
        except _Unfit as unfit:
            worker.refused = str(unfit)
            for task in worker.has:
                self._tasks.put_nowait(task)
            worker.has = []
        except TimeoutError:
            worker.refused = f"The worker {worker.address} does not answer: end it."
            self._dismiss(worker)
        finally:
            for lane in lanes:
                lane.cancel()
            worker.ready = False
        if worker.refused:
            self._say(worker.refused)

    async def _prepared(self, client: Client, worker: _Worker) -> str:
        """A sentence that says why a worker can't be used; empty where it can.

        Raises:
            _Unfit: the station can't judge.
        """
        try:
            theirs = await self._send(client, worker, ERRAND, errand.greet)
        except (_Gone, TimeoutError):
            raise
        except Exception as error:  # whatever comes of asking what is not there
            said = f"{type(error).__name__}: {error}".partition("\n")[0]
            return f"The worker {worker.address} has no Descent that answers ({said}): install it there."
        if other := differences(versions(), theirs):
            return f"The worker {worker.address} has {other}: install there what is here."
        while self._kit is None:
            await asyncio.sleep(LOOK / 10)
        await self._furnished(client, worker, self._kit)
        return ""

    async def _furnished(self, client: Client, worker: _Worker, kit: Packed) -> None:
        async with worker.furnishing:
            how, said = await self._ask(client, worker, HAVE, kit)
            if how == MISSING:
                how, said = await self._ask(client, worker, FURNISH, kit, kit.data)
            if how == FAILED:
                raise _Unfit(f"The worker {worker.address} can't judge: {said}")

    async def _lane(self, client: Client, worker: _Worker) -> None:
        while True:
            task = await self._tasks.get()
            # One at a time, so that it is known which of them it was.
            async with self._suspects if task.id in self._lost else contextlib.nullcontext():
                await self._judge(client, worker, task)

    async def _judge(self, client: Client, worker: _Worker, task: _Task) -> None:
        assert self._kit is not None  # nothing is sent before
        worker.has.append(task)
        how, answer = MISSING, None
        while how == MISSING:
            try:
                how, answer = await self._ask(client, worker, JUDGE, self._kit, task.hand_in)
            except errand.StationLost:
                worker.has.remove(task)
                return self._suspect(task)
            if how == MISSING:
                await self._furnished(client, worker, self._kit)
        if how == FAILED:
            raise _Unfit(f"The worker {worker.address} can't judge: {answer}")
        worker.has.remove(task)
        self._open.discard(task)
        task.result.set_result(answer)

    async def _ask(
        self, client: Client, worker: _Worker, asked: str, kit: Packed, data: object = None
    ) -> tuple[str, Any]:
        seconds = ERRAND + (self._seconds * (1 + AHEAD) if asked == JUDGE else 0)
        answer: tuple[str, Any] = await self._send(
            client, worker, seconds, errand.ask, asked, kit.digest, data
        )
        return answer

    async def _send(
        self, client: Client, worker: _Worker, seconds: float, work: Callable[..., Any], *given: object
    ) -> Any:
        sent = client.submit(work, *given, workers=[worker.address], pure=False, retries=0)
        try:
            return await asyncio.wait_for(sent.result(), seconds)
        except FutureCancelledError as error:  # the connection was lost, and with it all that was asked for
            raise _Gone from error
        finally:
            sent.release()


def _no_scheduler(address: str, error: Exception) -> DescentError:
    said = str(error).partition("\n")[0] or type(error).__name__
    return DescentError(
        f"There is no Dask scheduler to be reached at {printable(address)} ({printable(said)}): start one "
        "with `dask scheduler`, or see to the address and, for tls://, to Dask's settings of certificates."
    )
