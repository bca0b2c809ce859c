"""Forked processes to share work with, which end with this one, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from autograder.errors import DescentError

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextlib.contextmanager
def workers(
    count: int, prepare: Callable[..., None] | None = None, *given: Any
) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``count`` processes with this one's memory, gone at the end whatever they are doing.

    Args:
        prepare: called in each with ``given``.

    Raises:
        DescentError: one was ended from outside.
    """
    gc.freeze()  # what is there by now is shared with the processes as long as nobody writes to it
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(count, context, initializer=_start, initargs=(os.getpid(), prepare, given))
    try:
        yield pool
    except BrokenProcessPool as error:
        raise DescentError(
            "A working process was ended from outside: run the same command again, it goes on from here."
        ) from error
    finally:
        _kill(pool)
        pool.shutdown(cancel_futures=True)


def _kill(pool: ProcessPoolExecutor) -> None:
    # First the processes end, then the pool, which waits for them: one that is not waited for complains.
    if sys.version_info >= (3, 14):
        pool.kill_workers()
        return
    # Before 3.14 a pool has no public way to end its processes; this is what kill_workers does.
    for process in list((pool._processes or {}).values()):
        process.kill()


def _start(owner: int, prepare: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != owner:
        os._exit(1)
    if prepare:
        prepare(*given)
