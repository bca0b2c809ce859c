"""System calls that a student's process can't make: a filter that the kernel keeps, made with libseccomp.

It lets through what it does not name. What it names is a way to another program, to other namespaces or
processes, to much of the kernel's own code, or to memory that no process is charged with and that the grader
could not see; ``autograder.sandbox.memory`` counts the rest.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import platform
import selectors
import socket
from typing import Any

from autograder.sandbox.bubblewrap import not_installed

# From linux/sched.h: mount, cgroup, uts, ipc, user, pid, net and time namespaces.
CLONE_NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00000080)
# From linux/prctl.h, linux/keyctl.h, asm-generic/hugetlb_encode.h and asm-generic/fcntl.h.
PR_GET_MDWE = 66
KEYCTL_JOIN_SESSION_KEYRING = 1
MAP_HUGETLB = 0x40000
SET_LOCK = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
# Calls have the same numbers on all architectures by now: these came after the ones that are named here.
LATER = range(448, 512)

# These answer with EPERM,
REFUSED = {
    "another program": "execve execveat",
    "other namespaces and file systems": (
        "unshare setns mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick move_mount open_tree "
        "mount_setattr name_to_handle_at open_by_handle_at quotactl quotactl_fd"
    ),
    "other processes": (
        "ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp perf_event_open"
    ),
    "keys": "keyctl add_key request_key",
    "memory of nobody's": (
        "memfd_create memfd_secret shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop "
        "semtimedop semctl mq_open io_setup inotify_init inotify_init1 fanotify_init setxattr lsetxattr "
        "fsetxattr landlock_create_ruleset"
    ),
    "the kernel's own": (
        "bpf userfaultfd io_uring_setup io_uring_enter io_uring_register personality modify_ldt ioperm iopl "
        "init_module finit_module delete_module kexec_load kexec_file_load swapon swapoff reboot acct"
    ),
}
# and these as in a kernel that hasn't got them: libraries then do it in another way.
ABSENT = "clone3 splice tee vmsplice sendfile epoll_create epoll_create1"


class Calls:
    """The filter: made once, and loaded by each process that runs student code.

    Raises:
        SandboxError: libseccomp, or what loads it, is not installed.
    """

    def __init__(self) -> None:
        self._seccomp = _bindings()
        self._filter = self._seccomp.SyscallFilter(self._seccomp.ALLOW)
        # Another architecture's calls have other numbers.
        self._filter.set_attr(self._seccomp.Attr.ACT_BADARCH, self._seccomp.KILL_PROCESS)
        for name in " ".join(REFUSED.values()).split():
            self._answer(errno.EPERM, name)
        for name in ABSENT.split():
            self._answer(errno.ENOSYS, name)
        for number in LATER:
            self._answer(errno.ENOSYS, number)
        self._answer_arguments()

    def _answer_arguments(self) -> None:
        flags = 1 if platform.machine() == "s390x" else 0
        for namespace in CLONE_NEW:
            self._answer(errno.EPERM, "clone", self._where(flags, namespace, namespace))
        # Shared memory without a file: whoever fills it may be gone.
        for kind in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, MAP_HUGETLB):
            self._answer(errno.EPERM, "mmap", self._where(3, kind, kind))
        # There is no network. Sockets of other families hold far more than those between processes.
        other = self._seccomp.Arg(0, self._seccomp.NE, socket.AF_UNIX)
        for name in ("socket", "socketpair"):
            self._answer(errno.EAFNOSUPPORT, name, other)
        # What kernels of today and to come set by it: tables as large as is asked for, among others.
        self._answer(errno.EINVAL, "prctl", self._seccomp.Arg(0, self._seccomp.GT, PR_GET_MDWE))
        # These say that it is done and do nothing. Sockets hold as much as is counted for them, and locks, of
        # which the kernel keeps any number, are of no use among one's own files.
        buffer = self._where(1, socket.SOL_SOCKET), self._where(2, socket.SO_SNDBUF)
        self._answer(0, "setsockopt", *buffer)
        for command in SET_LOCK:
            self._answer(0, "fcntl", self._where(1, command))

    def _where(self, place: int, value: int, mask: int = 0xFFFF_FFFF) -> Any:
        """An argument, by its place, for which the filter answers: ``argument & mask == value``.

        By default all that the kernel looks at of an ``int``; the register may hold anything above it.
        """
        return self._seccomp.Arg(place, self._seccomp.MASKED_EQ, mask, value)

    def _answer(self, error: int, call: str | int, *arguments: Any) -> None:
        """Answer a call with an error number, 0 for success, where its arguments are such."""
        number = _number(self._seccomp, call) if isinstance(call, str) else call
        if number is not None:
            self._filter.add_rule(self._seccomp.ERRNO(error), number, *arguments)

    def load(self) -> None:
        """Put this process, and whatever it starts, under the filter, for good.

        Raises:
            OSError: the system has no filters of system calls.
        """
        self._filter.load()
        # Lists that the kernel keeps for epoll are memory of nobody's as well; asyncio does without.
        selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc,assignment]

    def leave_keyring(self) -> None:
        """Leave the keys of the session behind, which go with a process whatever its user."""
        number = _number(self._seccomp, "keyctl")
        if number is not None:
            ctypes.CDLL(None).syscall(number, KEYCTL_JOIN_SESSION_KEYRING, None)


def _bindings() -> Any:
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):
        raise not_installed("libseccomp", "libseccomp2", "libseccomp") from None
    return pyseccomp


def _number(seccomp: Any, call: str) -> int | None:
    """The call's number here; None where there is no such call, or this libseccomp is older than it."""
    number: int = seccomp.resolve_syscall(seccomp.Arch.NATIVE, call)
    return number if number >= 0 else None
