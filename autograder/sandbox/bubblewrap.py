"""One sandbox for one notebook, made by bubblewrap and then joined by a forked process.

bubblewrap starts a program; ours has to be forked from one that has torch loaded. So bubblewrap makes the
namespaces and the file system around a process that only waits, and the forked one moves in; see
``autograder.sandbox.confine.join``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import DescentError
from autograder.sandbox import memory

if TYPE_CHECKING:
    from course.sealed import Sealed

# The notebook's folder: empty, its own, and gone with it.
WORK = "/notebook"
SCRATCH = {WORK: 64_000_000, "/tmp": 64_000_000, "/dev/shm": 64_000_000}
DEVICES = ("null", "full", "random", "urandom")
NAMESPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")))
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts")


class SandboxError(DescentError):
    """There is no sandbox to be had here; the sentence says what to do."""


def not_installed(name: str, debian: str, fedora: str) -> SandboxError:
    """What a sandbox needs is missing; ``debian`` and ``fedora`` are the packages that bring it."""
    return SandboxError(
        f"Notebooks are graded in a sandbox, which needs {name}: install it with your system's packages "
        f"(`apt install {debian}`, `dnf install {fedora}`), or grade without protection with --no-sandbox."
    )


def command(hidden: Iterable[Path]) -> list[str]:
    """The bubblewrap command: a read-only system without homes, the network or anything of the course's.

    Args:
        hidden: files and folders that must not be seen even where the system's folders hold them.

    Raises:
        SandboxError: bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise not_installed("bubblewrap", "bubblewrap", "bubblewrap")
    arguments = [program, "--die-with-parent", *NAMESPACES]
    if os.geteuid() != 0:
        arguments.append("--unshare-user")
    # The scratch folders first: Python may stand in one of them.
    for folder, size in SCRATCH.items():
        arguments += ["--perms", "0777", "--size", str(size), "--tmpfs", folder]
    shown = _shown()
    # bubblewrap makes missing parents for their owner alone; the student's process is another user's.
    for parent in dict.fromkeys(p for path in (*shown, Path("/etc/x")) for p in reversed(path.parents[:-1])):
        arguments += ["--perms", "0755", "--dir", str(parent)]
    for path in shown:
        arguments += ["--ro-bind", str(path), str(path)]
    for path in SYSTEM:
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), str(path)]
    for setting in SETTINGS:
        arguments += ["--ro-bind-try", setting, setting]
    arguments += ["--proc", "/proc", "--dir", "/dev"]
    for device in DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for path in hidden:
        for place in _places(path, shown):
            if path.is_dir():
                arguments += ["--tmpfs", str(place), "--remount-ro", str(place)]
            elif path.is_file():
                arguments += ["--ro-bind", "/dev/null", str(place)]
    return [*arguments, "--remount-ro", "/", "--chdir", WORK]


def _shown() -> list[Path]:
    """What Python and the course need: the system's folders and, where they are elsewhere, Python's."""
    packages = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    wanted = [sys.base_prefix, sys.prefix, *packages, *folders("course")]
    shown = [path for path in SYSTEM if path.is_dir() and not path.is_symlink()]
    # By the names that Python knows them by, links and all: it goes on to look for modules there.
    for path in map(Path, wanted):
        if path.is_dir() and not any(path.is_relative_to(root) for root in shown):
            shown.append(path)
    return shown


def _places(path: Path, shown: list[Path]) -> list[Path]:
    """Where a path is to be seen in the sandbox: nowhere, or below one of the shown folders."""
    real = path.resolve()
    roots = [(root, root.resolve()) for root in shown]
    return [root / real.relative_to(behind) for root, behind in roots if real.is_relative_to(behind)]


def sealed_files(sealed: Sealed) -> list[Path]:
    """Where what is sealed is kept: as Python, compiled or not, and as PyTorch's C++ headers."""
    found = [Path(torch, "include") for torch in folders("torch")]
    for name in (*sealed.modules, *(module for module, _ in sealed.functions)):
        for module in _paths(name):
            compiled = module.parent.glob(f"__pycache__/{module.name}.*")
            found += [module] if module.is_dir() else [module.with_suffix(".py"), *compiled]
    for name, _ in sealed.compiled:
        # Loaded already; without the file no other Python loads what it was before.
        found += [file for module in _paths(name) for file in module.parent.glob(f"{module.name}.*.so")]
    # Each takes a while to hide: not what is in a folder that is.
    return [path for path in dict.fromkeys(found) if not any(parent in found for parent in path.parents)]


def _paths(module: str) -> list[Path]:
    """Where a module would be, as a folder or a file without its suffix."""
    package, *within = module.split(".")
    return [Path(folder, *within) for folder in folders(package)]


def folders(package: str) -> list[str]:
    """Where a package is, without importing it."""
    spec = find_spec(package)
    return list(spec.submodule_search_locations or ()) if spec else []


class Sandbox:
    """An empty sandbox, until it is closed.

    Args:
        arguments: from ``command``.

    Raises:
        SandboxError: the system does not let bubblewrap make one.
    """

    def __init__(self, arguments: list[str]):
        reading, writing = os.pipe()
        # What waits inside is `cat`: it answers once everything is in place, and ends with its input.
        self._process = subprocess.Popen(
            [*arguments, "--info-fd", str(writing), "--", "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[writing],
            env={"PATH": "/usr/bin:/bin"},
            bufsize=0,
            start_new_session=True,  # Ctrl-C is the grader's to deal with
        )
        os.close(writing)
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._pipes = self._process.stdin, self._process.stdout, self._process.stderr
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b".")
        ready = self._process.stdout.read(1)
        said = os.read(reading, 4096) if ready else b""
        os.close(reading)
        if not ready:
            reason = self._process.stderr.read().decode(errors="replace").strip()
            self._process.wait()
            self._close_pipes()
            raise SandboxError(
                f"bubblewrap can't make a sandbox here ({reason}): allow user namespaces, "
                "or grade without protection with --no-sandbox."
            )
        self.pid: int = json.loads(said)["child-pid"]
        """The first process in the sandbox, as seen from outside: all others end with it."""

    def uses_more_than(self, limit: int) -> bool:
        """Whether what runs in the sandbox holds more than ``limit`` bytes of the machine's memory."""
        return memory.more_than(limit, self.pid, SCRATCH)

    def close(self) -> None:
        """End every process in the sandbox; what it wrote is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in self._pipes:
            pipe.close()
