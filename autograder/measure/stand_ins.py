"""``python -m autograder.measure.stand_ins FOLDER COUNT``: a Dask scheduler with COUNT workers.

All in one process, which prints its address and ends when its stdin does: to be sent nothing that computes.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import AsyncExitStack

import dask
from distributed import Scheduler, Worker


async def main(folder: str, count: int) -> None:
    """Be there until nobody needs it."""
    async with AsyncExitStack() as stack:
        scheduler = await stack.enter_async_context(
            Scheduler(host="127.0.0.1", port=0, dashboard=False, http_prefix="")
        )
        for number in range(count):
            worker = Worker(scheduler.address, nthreads=1, name=number, local_directory=folder)
            await stack.enter_async_context(worker)
        print(scheduler.address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # So many workers in one process are no sign of anything.
    dask.config.set({"distributed.worker.memory.terminate": False, "distributed.worker.memory.pause": False})
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
