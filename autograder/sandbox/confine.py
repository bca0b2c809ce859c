"""What a student's process may do: joined to a sandbox, with limits, without privileges.

Runs in the forked process, before any of the student's code.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from dataclasses import dataclass

# From linux/sched.h, linux/prctl.h and linux/capability.h.
NEW_USER = 0x10000000
NAMESPACES = {"mnt": 0x00020000, "uts": 0x04000000, "ipc": 0x08000000, "pid": 0x20000000, "net": 0x40000000}
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
CAPABILITY_VERSION_3 = 0x20080522

MEGABYTE = 1_000_000
# Bytes between what the grader stops a process for and what the process itself can't get.
ABOVE = 512 * MEGABYTE


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes:
        cell: seconds for one cell, or for trying one exercise.
        notebook: seconds for all of it.
        memory: bytes, over what Python and PyTorch take by themselves.
        processes: how many at a time, threads included.
        file: bytes that one file may have.
    """

    cell: float = 20
    notebook: float = 60
    memory: int = 512 * MEGABYTE
    processes: int = 64
    file: int = 32 * MEGABYTE


class ConfinementError(OSError):
    """The system refused to confine the process: no student code may run in it."""


def join(sandbox: int) -> None:
    """Move to the namespaces of process ``sandbox``; the next fork is in its pid namespace.

    Raises:
        ConfinementError: the system does not allow it.
    """
    flags = sum(NAMESPACES.values())
    if os.geteuid() != 0:
        flags |= NEW_USER
    process = os.pidfd_open(sandbox)
    _system("setns", process, flags)
    os.close(process)


def become_subreaper() -> None:
    """Be the parent of what one's children leave behind, so that it is reaped as soon as it ends."""
    if sys.platform == "linux":
        _system("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def limit(limits: Limits, uid: int | None, joined: bool) -> None:
    """Set the limits of this process and of those it starts, and give up every privilege, for good.

    Args:
        uid: a user of no rights to become; None to stay who we are.
        joined: whether the process is in a sandbox, where its user has no other processes to count.
    """
    own = resource.getpagesize() * int(_read("/proc/self/statm").split()[5]) if sys.platform == "linux" else 0
    seconds = int(limits.notebook) + 1
    _set(resource.RLIMIT_CPU, seconds)
    _set(resource.RLIMIT_FSIZE, limits.file)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, 256)
    # Above what is allowed: the grader, which counts what is really used, comes first.
    _set(resource.RLIMIT_DATA, own + limits.memory + ABOVE)
    if sys.platform == "linux":
        _set(resource.RLIMIT_SIGPENDING, 1024)  # timers too
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    elif joined and sys.platform == "linux":
        # What waits in the sandbox is the same user's, and under no filter: it is not to be reached.
        _system("unshare", NEW_USER)
    if joined:
        _set(resource.RLIMIT_NPROC, limits.processes)
    if sys.platform == "linux":
        _drop_capabilities()
        _system("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _set(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _system("capset", header, none)


def _system(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise ConfinementError(number, f"{name}: {os.strerror(number)}")


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()
