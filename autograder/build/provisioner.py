"""A kernel provisioner whose kernels are forked from one warm process: ready in milliseconds.

An ordinary ``jupyter_client`` provisioner: nbclient, nbval and JupyterLab can use it through the kernel
``descent``, which ``KERNEL_FOLDER`` holds.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import partial
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
    return status == "idle" and message["parent_header"].get("msg_id") == request


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


class ForkedKernel:
    """A forked kernel with the part of ``subprocess.Popen`` that a provisioner uses.

    Args:
        connection: where the zygote tells the kernel's process id, and its exit code when it ends.
    """

    stdin = stdout = stderr = None  # a kernel speaks through its sockets

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._ended: int | None = None
        self.pid: int = json.loads(self._lines.readline())["pid"]

    def poll(self) -> int | None:
        """The exit code; None while the kernel runs."""
        if self._ended is None and select.select([self._connection], [], [], 0)[0]:
            self._ended = self.wait()
        return self._ended

    def wait(self) -> int:
        """Wait for the end; returns the exit code, that of SIGKILL when the zygote went first."""
        if self._ended is None:
            line = self._lines.readline()
            self._ended = json.loads(line)["exit"] if line else -signal.SIGKILL
            self._lines.close()
            self._connection.close()
        return self._ended

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Zygote:
    """The warm process, started when the first kernel is wanted; ends with this process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="descent-")
        self._path = os.path.join(self._folder.name, "zygote")
        environment = {**os.environ, **PINNED, "MPLBACKEND": INLINE}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.build.zygote", self._path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError("the process that warm kernels are forked from did not start")
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def launch(self, connection_file: str, env: Mapping[str, str], cwd: str) -> ForkedKernel:
        """Fork a kernel that serves ``connection_file``; returns once it has a process id."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        request = {"connection_file": connection_file, "env": dict(env), "cwd": cwd}
        connection.sendall(json.dumps(request).encode() + b"\n")
        return ForkedKernel(connection)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._folder.cleanup()
        atexit.unregister(self.close)


_zygote: Zygote | None = None
_lock = threading.Lock()


def zygote() -> Zygote:
    """The one warm process of this process."""
    global _zygote
    with _lock:
        if _zygote is None or not _zygote.alive:
            _zygote = Zygote()
        return _zygote


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by asking the zygote to fork; in all else the provisioner for local kernels."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        launch = partial(
            _launch, self.parent.connection_file, {**kwargs["env"], "MPLBACKEND": INLINE}, kwargs.get("cwd")
        )
        # The first launch starts the zygote, which takes a few seconds.
        self.process = await asyncio.get_running_loop().run_in_executor(None, launch)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


def _launch(connection_file: str, env: Mapping[str, str], cwd: str | None) -> ForkedKernel:
    return zygote().launch(connection_file, env, str(cwd or os.getcwd()))
