"""Own cells before right answers that take memory which no process is charged with.

``COUNTED`` is seen, and ends the process; ``REFUSED`` can't be made. A cell that comes to its end with what it
wanted prints ``TAKEN``.
"""

from __future__ import annotations

from corpus.entry import Entry, notebook

TAKEN = "memory was taken"
BEFORE = (
    "import array, ctypes, errno, fcntl, mmap, os, socket, threading, time\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "libc.mmap.restype = ctypes.c_void_p\n"
    "def refused(result, *errors):\n"
    "    return result in (-1, 2**64 - 1) and ctypes.get_errno() in (errno.EPERM, *errors)\n"
    "def taken():\n"
    "    time.sleep(0.3)\n"
    "    print('memory was ' + 'taken')\n"
)

HOLD = "held = b'x' * 80_000_000"


def _forked(count: int, work: str) -> str:
    """Processes that do something, and hold what they have for as long as the notebook runs."""
    lines = "\n".join(f"            {line}" for line in work.splitlines())
    return (
        f"done, tell = os.pipe()\nfor _ in range({count}):\n    if os.fork() == 0:\n        try:\n{lines}\n"
        "            os.write(tell, b'.')\n            time.sleep(60)\n        finally: os._exit(0)\n"
        f"for _ in range({count}): os.read(done, 1)\ntaken()"
    )


COUNTED = {
    "its folders are full": (
        "for folder in ('/notebook', '/tmp', '/dev/shm'):\n"
        "    for number in range(2):\n"
        "        open(f'{folder}/{number}', 'wb').write(bytes(30_000_000))\n" + _forked(3, HOLD)
    ),
    "files without names on their way between processes": (
        "ours, theirs = socket.socketpair()\n"
        "for folder in ('/notebook', '/tmp', '/dev/shm'):\n"
        "    for number in range(2):\n"
        "        file = os.open(folder, os.O_TMPFILE | os.O_RDWR)\n"
        "        os.write(file, bytes(30_000_000))\n"
        "        socket.send_fds(ours, [b'x'], [file])\n"
        "        os.close(file)\n" + _forked(3, HOLD)
    ),
    "sockets that nobody reads": _forked(
        10,
        "pairs = [socket.socketpair() for _ in range(50)]\n"
        "for end in (end for pair in pairs for end in pair):\n"
        "    end.setblocking(False)\n"
        "    try:\n"
        "        while True: end.send(bytes(100_000))\n"
        "    except OSError: pass",
    ),
    "sockets of which one end is closed": _forked(
        10,
        "held = []\n"
        "for _ in range(100):\n"
        "    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "    ours.setblocking(False)\n"
        "    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)\n"
        "    try:\n"
        "        while True: ours.send(bytes(100_000))\n"
        "    except OSError: held.append(theirs)",
    ),
    "empty files": "for number in range(120_000): os.mknod('x' * 200 + str(number))\n" + _forked(3, HOLD),
    "links to one file": (
        "os.mknod('file')\nfor number in range(120_000): os.link('file', 'x' * 200 + str(number))\n"
        + _forked(3, HOLD)
    ),
    "a process whose first thread has ended": _forked(
        6,
        "def hold():\n    global held\n    held = b'x' * 80_000_000\n    os.write(tell, b'.')\n    time.sleep(60)\n"
        "threading.Thread(target=hold).start()\n"
        "libc.pthread_exit(None)",
    ),
    "processes that hide": _forked(6, "libc.prctl(4, 0, 0, 0, 0)\n" + HOLD),
    "tables of pages that hold nothing": _forked(
        30,
        "size = 6_000_000_000\n"
        "start = libc.mmap(None, ctypes.c_size_t(size), mmap.PROT_READ, 0x4022, -1, 0)\n"
        "for place in range(start, start + size, 2**21): ctypes.string_at(place, 1)",
    ),
    "mappings without number": (
        "size = 40_000 * 4096\n"
        "start = libc.mmap(None, ctypes.c_size_t(size), 0, 0x4022, -1, 0)\n"
        "for place in range(start, start + size, 8192):\n"
        "    libc.mprotect(ctypes.c_void_p(place), ctypes.c_size_t(4096), 3)\n"
        "    ctypes.memset(place, 1, 1)\n" + _forked(25, "for _ in range(2): os.fork()")
    ),
}
REFUSED = {
    "a file system of its own": ("if refused(libc.unshare(0x10020000)): raise PermissionError\ntaken()"),
    "System V segments": (
        "if refused(libc.shmget(0, ctypes.c_size_t(50_000_000), 0o1600)): raise PermissionError\ntaken()"
    ),
    "System V messages": "if refused(libc.msgget(0, 0o1600)): raise PermissionError\ntaken()",
    "POSIX messages": (
        "if refused(libc.mq_open(b'/queue', os.O_CREAT | os.O_RDWR, 0o600, None)): raise PermissionError\ntaken()"
    ),
    "files without a name": "os.memfd_create('x')\ntaken()",
    "shared memory without a file": "mmap.mmap(-1, 100_000_000)\ntaken()",
    "shared memory of the zero device": ("mmap.mmap(os.open('/dev/zero', os.O_RDWR), 100_000_000)\ntaken()"),
    "shared memory asked for with bits that nobody looks at": (
        "if refused(libc.mmap(None, ctypes.c_size_t(4096), 3, ctypes.c_ulong(0x8000_0000_0000_0021), -1, 0)):\n"
        "    raise PermissionError\ntaken()"
    ),
    "sockets of the network": "socket.socket()\ntaken()",
    "access lists of files": ("os.mknod('file')\nos.setxattr('file', 'user.x', b'x')\ntaken()"),
    "access lists by a call that is newer": (
        "if refused(libc.syscall(463, -100, b'.', 0, b'user.x', None, 0), errno.ENOSYS): raise PermissionError\n"
        "taken()"
    ),
    "lists of what is waited for": "import select\nselect.epoll()\ntaken()",
    "watches": "if refused(libc.inotify_init()): raise PermissionError\ntaken()",
    "a table as large as is asked for": (
        "if refused(libc.prctl(78, 1, 2**24, 0, 0), errno.EINVAL): raise PermissionError\ntaken()"
    ),
    "requests to the kernel ahead of time": (
        "if refused(libc.syscall(425, 4096, bytes(120))): raise PermissionError\ntaken()"
    ),
}


def _entry(name: str, code: str, state: str) -> Entry:
    return Entry(name, lambda lesson: notebook(lesson, lesson.solutions(), before=BEFORE + code), state, 10.0)


MEMORY = (
    *(_entry(name, code, "out_of_memory") for name, code in COUNTED.items()),
    *(_entry(name, code, "graded") for name, code in REFUSED.items()),
)
