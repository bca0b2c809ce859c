"""System calls that a student's process can't make, each tried inside a real one."""

import dataclasses
import errno
import json
import os
import platform
import subprocess
import sys

import pyseccomp
import pytest

from autograder.sandbox.bubblewrap import SandboxError
from autograder.sandbox.calls import ABSENT, LATER, REFUSED
from autograder.sandbox.confine import Limits
from autograder.sandbox.process import Isolation
from course.sealed import COMMON

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=30, notebook=90)
# What a call is answered with: an error number, 0 for success; None where a signal ends the process.
CALL = """
import ctypes, json, os
libc = ctypes.CDLL(None, use_errno=True)
def answer(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(number, *[ctypes.c_ulong(argument) for argument in arguments])
    return ctypes.get_errno()
"""


@pytest.fixture(scope="module")
def run():
    """Runs code in one student's process; gives what it printed, from JSON."""
    with Isolation(LIMITS).start(COMMON) as process:
        assert process.run(CALL, 30) == ([], "")

        def printed(source):
            outputs, error = process.run(source, 30)
            assert error == ""
            return json.loads(json.loads(outputs[0])["text"])

        yield printed


def numbers(names):
    found = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names}
    return {name: number for name, number in found.items() if number >= 0}


@pytest.mark.parametrize("group", REFUSED)
def test_each_refused_call_says_that_it_is_not_permitted(run, group):
    asked = numbers(REFUSED[group].split())
    said = run(f"print(json.dumps({{name: answer(number) for name, number in {asked}.items()}}))")
    assert said == dict.fromkeys(asked, errno.EPERM)


def test_what_is_absent_or_newer_than_the_filter_is_as_in_an_older_kernel(run):
    asked = {**numbers(ABSENT.split()), **{str(number): number for number in LATER}}
    said = run(f"print(json.dumps({{name: answer(number, -1) for name, number in {asked}.items()}}))")
    assert said == dict.fromkeys(asked, errno.ENOSYS)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="arguments stand elsewhere")
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    (
        ("clone", (0x10000011, 0), errno.EPERM),
        ("clone", (0x00020011, 0), errno.EPERM),
        ("mmap", (0, 4096, 3, 0x21, 2**64 - 1, 0), errno.EPERM),
        ("mmap", (0, 4096, 3, 2**40 + 0x21, 2**64 - 1, 0), errno.EPERM),
        ("mmap", (0, 4096, 3, 0x40022, 2**64 - 1, 0), errno.EPERM),
        ("mmap", (0, 4096, 3, 0x22, 2**64 - 1, 0), 0),
        ("socket", (2, 1, 0), errno.EAFNOSUPPORT),
        ("socket", (16, 3, 0), errno.EAFNOSUPPORT),
        ("socket", (2**32 + 2, 1, 0), errno.EAFNOSUPPORT),
        ("socket", (1, 1, 0), 0),
        ("prctl", (78, 1, 2**24, 0, 0), errno.EINVAL),
        ("prctl", (2**32 + 78, 1, 2**24, 0, 0), errno.EINVAL),
        ("prctl", (15, 0), errno.EFAULT),
    ),
)
def test_some_arguments_are_refused(run, name, arguments, expected):
    (number,) = numbers([name]).values()
    assert run(f"print(answer({number}, *{arguments}))") == expected


def test_buffers_of_sockets_stay_as_they_are_and_locks_are_not_kept(run):
    # Bits that the kernel does not look at make no difference.
    source = """
import fcntl, socket
ours, theirs = socket.socketpair()
before = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10**6)
size = ctypes.byref(ctypes.c_int(10**6))
libc.setsockopt.argtypes = ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_int
libc.setsockopt(ours.fileno(), 2**32 + socket.SOL_SOCKET, 2**32 + socket.SO_SNDBUF, size, 4)
after = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
with open('file', 'w') as file: fcntl.lockf(file, fcntl.LOCK_EX)
print(json.dumps([after - before, 'POSIX' in open('/proc/locks').read()]))
"""
    assert run(source) == [0, False]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="has one set of numbers")
def test_another_architectures_numbers_end_the_process(run):
    # getpid, by the numbers of x32.
    source = """
if (child := os.fork()) == 0:
    libc.syscall(0x40000000 | 39)
    os._exit(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]))
"""
    assert run(source) == 31


def test_what_forks_starts_no_program_either(run):
    source = """
if (child := os.fork()) == 0:
    try: os.execv('/bin/true', ['true'])
    except PermissionError: os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run(source) == 7


def test_the_processes_of_the_sandbox_itself_are_out_of_reach(run):
    # They are under no filter: whoever writes to their memory would be under none either.
    source = """
reached = []
for number in (1, 2):
    for file in ('mem', 'environ', 'maps', 'fd/0'):
        try:
            os.readlink(f'/proc/{number}/{file}') if '/' in file else open(f'/proc/{number}/{file}', 'rb').read(1)
        except OSError as error:
            if error.errno == 5: reached.append(file)  # nothing is mapped there
        else:
            reached.append(file)
print(json.dumps(reached))
"""
    assert run(source) == []


KEYS = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
add, keyctl = {numbers}
libc.syscall(keyctl, 1, None)  # a session with a keyring, as a login makes it
key = libc.syscall(add, b'user', b'descent-secret', b'SECRET', 6, -3)
def read():
    ctypes.set_errno(0)
    length = libc.syscall(keyctl, 11, key, None, 0)
    return ctypes.get_errno() or length
{then}
"""


def in_a_session_with_a_key(then):
    source = KEYS.format(numbers=tuple(numbers(["add_key", "keyctl"]).values()), then=then)
    ended = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, env={**os.environ}, check=True
    )
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def keyrings():
    if in_a_session_with_a_key("print(key)") < 0:
        pytest.skip("the system keeps no keys")


def test_the_keys_of_the_session_stay_behind(keyrings):
    then = "from autograder.sandbox.calls import Calls\nbefore = read()\nCalls().leave_keyring()\nprint([before, read()])"
    assert in_a_session_with_a_key(then) == [6, errno.EACCES]


@pytest.mark.skipif(os.geteuid() != 0, reason="one sees the names of one's own keys, and no more")
def test_no_key_of_the_graders_session_is_seen_and_none_is_left_in_it(keyrings):
    then = """
import json
from autograder.sandbox.confine import Limits
from autograder.sandbox.process import Isolation
from course.sealed import COMMON
told = []
for _ in range(2):
    with Isolation(Limits()).start(COMMON) as process:
        outputs, error = process.run('''
import ctypes
libc = ctypes.CDLL(None)
libc.syscall({}, b'user', b'descent-message', b'x', 1, -3)
print('descent' in open('/proc/keys').read())
''', 30)
        told.append([json.loads(outputs[0])['text'], error])
print(json.dumps([told, 'descent-secret' in open('/proc/keys').read(), 'descent-message' in open('/proc/keys').read()]))
""".format(*numbers(["add_key"]).values())
    assert in_a_session_with_a_key(then) == [[["False\n", ""]] * 2, True, False]


@pytest.fixture
def without_libseccomp(tmp_path, monkeypatch):
    """A system that lacks it: what is imported says the same as the real one does there."""
    (tmp_path / "pyseccomp.py").write_text('raise RuntimeError("Unable to find libseccomp")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pyseccomp", raising=False)


def test_where_libseccomp_is_missing_one_sentence_says_how_to_get_it(without_libseccomp):
    with pytest.raises(SandboxError, match=r"^[^\n]*apt install libseccomp2[^\n]*--no-sandbox\.$"):
        Isolation(LIMITS)


def test_without_a_sandbox_it_is_not_needed(without_libseccomp):
    own = dataclasses.replace(COMMON, words=("a warm process of its own",))
    with Isolation(LIMITS, sandbox=False).start(own) as process:
        assert process.run("import os\nassert os.system('true') == 0", 30) == ([], "")
