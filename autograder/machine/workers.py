"""Forked processes to share work with: one that dies costs its own task, and none outlives this process."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import pickle
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

from autograder.errors import DescentError

PR_SET_PDEATHSIG = 1  # linux/prctl.h

T = TypeVar("T")


class WorkerLost(DescentError):
    """The process that worked on a task is gone, and what it had done of the task with it.

    Attributes:
        seconds: the time that the task had, where it took longer; None where the process ended by itself, or
            was ended from outside.
    """

    def __init__(self, seconds: float | None = None):
        took = f"took more than {seconds:g} s and was ended" if seconds else "ended before its work was done"
        super().__init__(f"A working process {took}: run the command again.")
        self.seconds = seconds


@contextlib.contextmanager
def workers(
    count: int, prepare: Callable[..., None] | None = None, *given: Any, memory: int | None = None
) -> Iterator[Workers]:
    """``count`` processes with this one's memory, gone at the end whatever they are doing.

    Args:
        prepare: called in each with ``given``.
        memory: bytes that each may use besides what it has to begin with; as many as it likes when None.
            Programs that a worker starts may use as many as before.
    """
    gc.freeze()  # what is there by now is shared with the processes as long as nobody writes to it
    pool = Workers(count, Start(os.getpid(), prepare, given, memory))
    try:
        yield pool
    finally:
        pool.close()


class Workers:
    """Does tasks in processes, as many at a time as there are processes; see ``workers``.

    Each process has a connection of its own, and a thread here that waits for it: where they share one, a
    process that is killed while it answers takes everybody's answers with it.
    """

    def __init__(self, count: int, start: Start):
        self._start = start
        self._starting = threading.Lock()
        self._closed = False
        self._all: list[Worker] = []
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(self._new())
        self._threads = ThreadPoolExecutor(count)

    def submit(self, work: Callable[..., T], *given: Any, seconds: float | None = None) -> Future[T]:
        """Have ``work(*given)`` done.

        Args:
            seconds: after which the process is ended, counted from when it begins.

        Returns:
            What comes of it: the result, its exception, or WorkerLost. Another process takes the place of
            one that is lost.
        """
        return self._threads.submit(self._do, work, given, seconds)

    def map(self, work: Callable[..., T], entries: Iterable[Any]) -> Iterator[T]:
        """The results of ``work`` on each entry, in their order."""
        futures = [self.submit(work, entry) for entry in entries]
        return (future.result() for future in futures)

    def _do(self, work: Callable[..., T], given: tuple[Any, ...], seconds: float | None) -> T:
        worker = self._idle.get()
        try:
            worker = self._living(worker)
            return cast(T, worker.do((work, given), seconds))
        finally:
            self._idle.put(worker)

    def _living(self, worker: Worker) -> Worker:
        # One after the other: two that ask at once for the end of one process would be told of it only once.
        with self._starting:
            return worker if worker.alive else self._new()

    def _new(self) -> Worker:
        # One after the other: two that start at once would hold each other's connections open.
        if self._closed:
            raise WorkerLost
        self._all = [worker for worker in self._all if worker.alive]
        self._all.append(Worker(self._start))
        return self._all[-1]

    def close(self) -> None:
        """End every process; what was not begun is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._starting:
            self._closed = True
        for worker in self._all:
            worker.end()
        self._threads.shutdown()


class Worker:
    """One process, and the connection to it; without a thread, for those who may have none."""

    def __init__(self, start: Start):
        context = multiprocessing.get_context("fork")
        self._ended = False
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, start), daemon=True)
        try:
            self._process.start()
        except OSError as error:
            raise DescentError(f"The system gives no further process ({error.strerror}).") from error
        finally:
            theirs.close()

    @property
    def alive(self) -> bool:
        # What was ended here is known: another thread may be told of its end first, and not have noted it.
        return not self._ended and self._process.is_alive()

    def do(
        self,
        task: tuple[Callable[..., Any], tuple[Any, ...]],
        seconds: float | None,
        asker: Connection | None = None,
    ) -> Any:
        """The result of a task; raises its exception, or WorkerLost.

        Args:
            asker: says nothing while the task is done; where it ends meanwhile, the process is ended too.
        """
        try:
            self._connection.send(task)
            told = wait([self._connection] if asker is None else [self._connection, asker], seconds)
            if self._connection not in told:
                self.end()
                raise WorkerLost(None if told else seconds)
            succeeded, answer = self._connection.recv()
        except (EOFError, OSError):
            self.end()
            raise WorkerLost from None
        if not succeeded:
            raise answer
        return answer

    def end(self) -> None:
        self._ended = True
        self._process.kill()
        self._process.join()


@dataclass(frozen=True)
class Start:
    """How each process begins; see ``workers``.

    Attributes:
        owner: the process that forks it, with which it ends.
    """

    owner: int
    prepare: Callable[..., None] | None
    given: tuple[Any, ...]
    memory: int | None

    def __call__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        end_with(self.owner)
        if self.memory is not None and sys.platform == "linux":
            _limit_memory(self.memory)
        if self.prepare:
            self.prepare(*self.given)


def end_with(owner: int) -> None:
    """Have this process ended with the one that forked it, whatever ends that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != owner:
        os._exit(1)


def _limit_memory(more: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as memory:
        has = resource.getpagesize() * int(memory.read().split()[5])
    # The soft limit alone: what limits its own processes further is free to.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = has + more if hard == resource.RLIM_INFINITY else min(has + more, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _serve(connection: Connection, start: Start) -> None:
    """In the process: do one task after the other, until nobody is there to ask."""
    start()
    while True:
        try:
            work, given = connection.recv()
        except EOFError:
            return
        try:
            # Packed before a byte of it is sent: what can't be packed is an error like any other.
            connection.send((True, work(*given)))
        except Exception as error:
            connection.send((False, _that_travels(error)))


def _that_travels(error: Exception) -> Exception:
    """The error, or one that says as much where it can't be packed and unpacked."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
