"""A kernel provisioner whose kernels are forked from one warm process: ready in milliseconds.

An ordinary ``jupyter_client`` provisioner: nbclient, nbval and JupyterLab can use it through the kernel
``descent``, which ``KERNEL_FOLDER`` holds.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.machine.numerics import PINNED
from autograder.machine.warm import Forked, WarmProcess

KERNEL_NAME = "descent"
KERNEL_FOLDER = Path(__file__).with_name("kernels")
INLINE = "module://matplotlib_inline.backend_inline"


class WarmKernelClient(AsyncKernelClient):
    """Is ready as soon as the kernel says that it is idle; its base class waits for 0.2 s of silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered on both channels.

        Raises:
            RuntimeError: the kernel died, or ``timeout`` seconds went by.
        """
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while time.monotonic() < deadline:
            request = self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=1)
                self._handle_kernel_info_reply(reply)
                while not _says_idle(await self.get_iopub_msg(timeout=0.2), request):
                    pass
            except Empty:
                # Dead, or not listening yet to one of the channels: ask again.
                if not await self.is_alive():
                    raise RuntimeError("the kernel died before it was ready") from None
            else:
                return
        raise RuntimeError(f"the kernel was not ready within {timeout} seconds")


def _says_idle(message: dict[str, Any], request: str) -> bool:
    status = message["content"].get("execution_state")
    return bool(status == "idle" and message["parent_header"].get("msg_id") == request)


class WarmKernelManager(AsyncKernelManager):
    """Manages a warm kernel, its sockets being files in a private folder and no open ports."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[str(KERNEL_FOLDER)])

    def _transport_default(self) -> str:
        return "ipc"

    def _client_factory_default(self) -> type[WarmKernelClient]:
        return WarmKernelClient


def notebook_client(notebook: NotebookNode, folder: str, **options: Any) -> NotebookClient:
    """An nbclient for a notebook of the course: with a warm kernel where processes can be forked.

    Elsewhere every notebook gets an ordinary kernel, and a line on stderr says so.

    Args:
        folder: where the kernel's sockets go; not the one that the notebook runs in.
        options: what else ``NotebookClient`` takes.
    """
    if not hasattr(os, "fork"):
        print(
            "Processes can't be forked here: each notebook gets a fresh kernel, which is slower.",
            file=sys.stderr,
        )
        return NotebookClient(notebook, kernel_name="python3", **options)
    return NotebookClient(
        notebook,
        kernel_name=KERNEL_NAME,
        kernel_manager_class=WarmKernelManager,
        config=Config(WarmKernelManager={"connection_file": str(Path(folder, "kernel.json"))}),
        # Nothing that a kernel would do on its way out is wanted.
        shutdown_kernel="immediate",
        record_timing=False,
        **options,
    )


_warm: WarmProcess | None = None
_lock = threading.Lock()


def warm_process() -> WarmProcess:
    """The one process that this process's kernels are forked from, once it is ready; ends with this process.

    Raises:
        WarmProcessError: it did not start.
    """
    global _warm
    with _lock:
        if _warm is None or not _warm.alive:
            environment = {**os.environ, **PINNED, "MPLBACKEND": INLINE}
            _warm = WarmProcess("autograder.build.warm_kernel", environment)
        _warm.wait()
        return _warm


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by having them forked; in all else the provisioner for local kernels."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        assert self.parent is not None
        request = {
            "connection_file": self.parent.connection_file,
            "env": {**kwargs["env"], "MPLBACKEND": INLINE},
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
        }
        # The first launch starts the warm process, which takes a few seconds.
        process = await asyncio.get_running_loop().run_in_executor(None, _fork, request)
        self.process = process  # type: ignore[assignment]  # it has of a Popen what is asked of one
        self.pid = self.pgid = process.pid
        return self.connection_info


def _fork(request: dict[str, Any]) -> Forked:
    return warm_process().start(request)
