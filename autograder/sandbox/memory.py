"""How much of the machine's memory a sandbox holds, as seen from outside.

Processes are charged with what they have mapped and touched. The rest is the kernel's, on their behalf: it is
counted here by what holds it, and what can't be counted a student's process can't make; see
``autograder.sandbox.calls``.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

# Bytes of the kernel's for a file in memory, beside its content: inode, name and what is attached to it.
INODE = 1_500
# For a mapping, and for each process that it may be shared with.
MAPPING, SHARED_MAPPING = 700, 64
# An honest process has some thousands. What has more is not looked at for long.
MAPPINGS_LIMIT = 16_000
# The sandbox's own: bubblewrap, and what waits in it.
WAITING = ("1", "2")


def more_than(limit: int, first: int, scratch: Iterable[str]) -> bool:
    """Whether what runs in a sandbox holds more than ``limit`` bytes.

    What processes share is counted once; that is slow to find out, and asked only when it can matter.

    Args:
        first: the sandbox's first process.
        scratch: the folders in memory that it can write to.
    """
    root = f"/proc/{first}/root"
    left = limit - _files(root, scratch) - _sockets(first)
    processes = list(_processes(f"{root}/proc"))
    mapping = MAPPING + SHARED_MAPPING * len(processes)
    most = {process: charged + mapping * MAPPINGS_LIMIT for process, charged in processes}
    if sum(most.values()) <= left:
        return False
    held = 0.0
    for process, at_most in most.items():
        held += _held(process, mapping, at_most)
        if held > left:
            return True
    return False


def _files(root: str, scratch: Iterable[str]) -> int:
    total = 0
    for folder in scratch:
        with contextlib.suppress(OSError):  # the sandbox may be gone
            held = os.statvfs(root + folder)
            total += (held.f_blocks - held.f_bfree) * held.f_frsize + (held.f_files - held.f_ffree) * INODE
    return total


def _sockets(first: int) -> int:
    """What the sockets in the sandbox can hold, those among them that no process has open any more."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        # "sockets: used 4"
        return SOCKET * int(Path(f"/proc/{first}/net/sockstat").read_text(encoding="ascii").split()[2])
    return 0


def _setting(name: str, default: int) -> int:
    try:
        return int(Path("/proc/sys/net/core", name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return default


# A message is begun while the buffer is not full, and may be as large as the buffer.
SOCKET = 2 * _setting("wmem_default", 212_992) + _setting("optmem_max", 131_072)


def _processes(proc: str) -> Iterator[tuple[str, int]]:
    """Each process's folder in /proc and the bytes that it is charged with, shared ones too."""
    with contextlib.suppress(OSError):
        for name in os.listdir(proc):
            if name.isdigit() and name not in WAITING:
                with contextlib.suppress(OSError, ValueError):  # it may have ended by now
                    yield _memory(f"{proc}/{name}")


def _memory(process: str) -> tuple[str, int]:
    """As ``_processes``. Where the first thread has ended, another one's folder has what is the process's."""
    charged = _charged(process)
    if not charged:
        for thread in os.listdir(f"{process}/task"):
            if other := _charged(f"{process}/task/{thread}"):
                return f"{process}/task/{thread}", other
    return process, charged


def _charged(process: str) -> int:
    """Resident pages but those of files in memory, which are counted there, swapped ones, page tables."""
    return _sum(f"{process}/status", ("RssAnon:", "RssFile:", "VmSwap:", "VmPTE:"))


def _held(process: str, mapping: int, at_most: int) -> float:
    """As ``_charged``, but shares of what is shared, and with ``mapping`` bytes for each mapping."""
    try:
        with open(f"{process}/maps", "rb") as maps:
            mappings = sum(1 for _ in islice(maps, MAPPINGS_LIMIT))
        if mappings == MAPPINGS_LIMIT:
            return math.inf
        shares = _sum(f"{process}/smaps_rollup", ("Pss_Anon:", "Pss_File:", "SwapPss:"))
        return shares + _sum(f"{process}/status", ("VmPTE:",)) + mapping * mappings
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended by now
    except OSError:
        return at_most  # it hides from whoever is no administrator


def _sum(path: str, names: tuple[str, ...]) -> int:
    """The sum of these lines, which are in kB, in bytes."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return sum(1024 * int(line.split()[1]) for line in file if line.startswith(names))
