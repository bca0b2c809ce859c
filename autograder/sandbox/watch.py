"""Tells the grader what student code reaches for while it runs, as it happens.

Python itself tells an audit hook of what goes below it or around it: of programs that are started, memory
that is searched, modules that are imported. The hook prevents nothing and decides nothing: each kind of thing
is one line to the grader, which makes it a flag. In one process nothing can be hidden for good, and code that
has found the hook can deceive it; but to look for it is told first, and what was told can't be taken back.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType
from typing import Any

from autograder.sandbox.allowed import unusual_module, words

# How often a kind is told, and how much of a name: its end.
TIMES, LENGTH = 8, 60

BELOW, PROGRAMS, NETWORK, FILES = (
    "went_below_python",
    "started_programs",
    "used_network",
    "opened_system_files",
)
MODULES, MEMORY, INTERPRETER = "imported_modules", "searched_memory", "entered_interpreter"
CODE, PICKLES = "made_code", "unpickled_code"
# What can be told: each is a flag of ``autograder.judge.flags``.
KINDS = (BELOW, PROGRAMS, NETWORK, FILES, MODULES, MEMORY, INTERPRETER, CODE, PICKLES)

# Told whoever causes it, but for the modules named here, which do so for honest code. Python's own library
# stands for whoever called it.
ANYBODYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # A data loader forks its workers.
    (PROGRAMS, ("torch.utils.data.",), "os.fork"),
    (
        # A line with `!` is seen in the cell's text; `platform` asks `uname`.
        PROGRAMS,
        ("IPython.core.interactiveshell", "IPython.utils.", "matplotlib.font_manager", "platform"),
        "subprocess.Popen",
    ),
    (
        PROGRAMS,
        (),
        "os.exec os.forkpty os.kill os.killpg os.posix_spawn os.spawn os.system pty.spawn",
    ),
    (
        # `array.ctypes`, and what asks how many threads a library has.
        BELOW,
        ("numpy._core._internal", "threadpoolctl"),
        "ctypes.call_function ctypes.cdata ctypes.cdata/buffer",
    ),
    (
        BELOW,
        (),
        """ctypes.addressof ctypes.dlopen ctypes.dlsym ctypes.dlsym/handle ctypes.PyObj_FromPtr
        ctypes.string_at ctypes.wstring_at""",
    ),
    (MEMORY, (), "gc.get_objects gc.get_referents gc.get_referrers"),
    (INTERPRETER, (), "sys.addaudithook"),
    (NETWORK, (), "socket.getaddrinfo socket.gethostbyname"),
)
# Told where the student's own code is what calls: Python's library and all others do so all the time.
STUDENTS = (
    (BELOW, "ctypes.create_string_buffer ctypes.create_unicode_buffer mmap.__new__"),
    (
        INTERPRETER,
        "sys._current_exceptions sys._current_frames sys._getframe sys.setprofile sys.settrace",
    ),
    (CODE, "code.__new__ compile exec function.__new__ marshal.load marshal.loads"),
)
ATTRIBUTES = words(
    """__closure__ __code__ __globals__ ag_code ag_frame cr_code cr_frame f_code gi_code gi_frame
    tb_frame"""
)
SOCKETS = ("socket.bind", "socket.connect", "socket.sendto")
PATHS = ("open", "os.chdir", "os.link", "os.listdir", "os.scandir", "os.symlink")
# What libraries ask /proc and /sys of the machine.
MACHINE = ("cpuinfo", "devices/system", "fs/cgroup", "meminfo", "self/cgroup", "self/stat", "stat")
# Of Python's library, what does things by itself: tasks have no caller.
TELLING = {"asyncio", "platform"}
# What stands in for it, in a sandbox.
STANDING_IN = {"autograder.sandbox.programs"}
# What reads a file for whoever called it, `open` of a notebook too; not what shows lines of a traceback.
READERS = frozenset(
    {"IPython.core.interactiveshell", "codecs", "glob", "io", "os", "pathlib", "shutil", "tokenize"}
)
# Classes that only a pickle made to run code holds.
RUNS_CODE = words("code ctypes importlib marshal nt os posix pty runpy subprocess sys")
BUILTINS_THAT_RUN_CODE = words("__import__ breakpoint compile eval exec")

Rule = Callable[[str, tuple[Any, ...], FrameType], str | None]
"""What is told of an event, of its arguments and of the frame that caused it; None where it is nothing."""


def watch(connection: int, own: dict[str, Any]) -> None:
    """Tell, from now on and until the process ends, what happens in it and in those that it forks.

    Each kind of thing is told a few times and no more, as a line of its id and a short detail.

    Args:
        connection: an open file to tell it by, which is never waited for.
        own: the names of the student's cells; code is theirs too when it is no module's.
    """
    os.set_blocking(connection, False)
    sys.addaudithook(_hook(connection, own))


def _hook(connection: int, own: dict[str, Any]) -> Callable[[str, tuple[Any, ...]], None]:
    # What the hook uses is bound here: no name of a module or of `builtins` leads to it, or can change it.
    write, ident, getframe, fspath, attribute = (
        os.write,
        threading.get_ident,
        sys._getframe,
        os.fspath,
        object.__getattribute__,
    )
    module_spec, path_type = ModuleSpec, type(Path())
    modules, standard, readers, nobody = (
        sys.modules,
        (sys.stdlib_module_names | STANDING_IN) - TELLING,
        READERS,
        frozenset[str](),
    )
    text, raw, integer, several, dict_get, kind_of, is_a = str, bytes, int, tuple, dict.get, type, isinstance
    failed, exhausted = Exception, (RecursionError, MemoryError)
    unusual, machine, packages, end = unusual_module, MACHINE, _packages(), slice(-LENGTH, None)
    attributes, runs_code, builtins_that = ATTRIBUTES, RUNS_CODE, BUILTINS_THAT_RUN_CODE
    told: set[tuple[str, str]] = set()
    left = dict.fromkeys(KINDS, TIMES)
    asking: set[int] = set()

    def cause(frame: FrameType | None, carriers: frozenset[str]) -> str:
        """The module whose code caused an event; "" for the student's, which is no module's."""
        while frame is not None:
            namespace = frame.f_globals
            name: str = dict_get(namespace, "__name__", "")
            if namespace is own or kind_of(name) is not text or name not in modules:
                return ""
            # Some modules put something else in their place.
            try:
                made = attribute(modules[name], "__dict__") is namespace
            except failed:
                made = False
            if not made and kind_of(dict_get(namespace, "__spec__")) is not module_spec:
                return ""
            if text.partition(name, ".")[0] not in carriers and name not in carriers:
                return name
            frame = frame.f_back
        return ""

    def anybodys(honest: tuple[str, ...]) -> Rule:
        def rule(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
            causing = cause(frame, standard)
            if causing and text.startswith(causing, honest):
                return None
            named = arguments[-1] if arguments and text.startswith(event, "ctypes.dl") else ""
            return f"{event} {named[end]}" if kind_of(named) is text and named else event

        return rule

    def students(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        return None if cause(frame, nobody) else event

    def attributes_of(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        return None if arguments[1] not in attributes or cause(frame, nobody) else arguments[1]

    def sockets(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        # An address that is no tuple is a file's: so do processes that share memory find each other.
        return event if kind_of(arguments[1]) is several or not cause(frame, nobody) else None

    def imports(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        name = arguments[0]
        if kind_of(name) is not text or cause(frame, nobody):
            return None
        return name[end] if unusual(name) else None

    def pickles(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        module, name = arguments
        top = text.partition(module, ".")[0]
        return (
            f"{module}.{name}" if top in runs_code or (top == "builtins" and name in builtins_that) else None
        )

    def paths(event: str, arguments: tuple[Any, ...], frame: FrameType) -> str | None:
        path = arguments[0]
        if kind_of(path) is integer:
            return None
        if kind_of(path) is path_type:
            path = fspath(path)
        elif not is_a(path, (text, raw)):
            return None if cause(frame, readers) else event  # it may be one now and another in a moment
        path = raw.decode(path, "utf-8", "replace") if is_a(path, raw) else text.__str__(path)
        if text.startswith(path, packages):
            return None if text.endswith(path, ".csv") or cause(frame, readers) else path[end]
        if "proc" not in path and "sys" not in path:
            return None
        parts = [part for part in text.split(path, "/") if part not in ("", ".")]
        first = parts[:1] if text.startswith(path, "/") else []
        looked = parts if ".." in parts else first
        if "proc" not in looked and "sys" not in looked:
            return None
        below = text.join("/", ["self" if text.isdigit(part) else part for part in parts[1:]])
        return None if text.startswith(below, machine) and ".." not in parts else path[end]

    rules: dict[str, tuple[str, Rule]] = {
        event: (kind, anybodys(honest)) for kind, honest, events in ANYBODYS for event in events.split()
    }
    rules |= {event: (kind, students) for kind, events in STUDENTS for event in events.split()}
    rules |= {event: (NETWORK, sockets) for event in SOCKETS}
    rules |= {event: (FILES, paths) for event in PATHS}
    rules |= {f"object.__{does}attr__": (INTERPRETER, attributes_of) for does in ("get", "set", "del")}
    rules |= {"import": (MODULES, imports), "pickle.find_class": (PICKLES, pickles)}

    def tell(kind: str, detail: str) -> None:
        if left[kind] and (kind, detail) not in told:
            told.add((kind, detail))
            left[kind] -= 1
            line = text.join(" ", text.splitlines(f"{kind} {detail}"))
            write(connection, text.encode(f"{line}\n", "utf-8", "backslashreplace"))

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        found = dict_get(rules, event)
        if found is None:
            return
        kind, rule = found
        if event == "sys._getframe" and ident() in asking:
            asking.discard(ident())  # the hook itself, in the next line but one
            return
        asking.add(ident())
        frame = getframe(1)
        try:
            detail = rule(event, arguments, frame)
            if detail is not None:
                tell(kind, detail)
        except exhausted:
            raise  # so does what was to be done: near the end of the stack nothing goes by unseen
        except failed:
            pass

    return hook


def _packages() -> tuple[str, ...]:
    """Where the code lies that answers are to be written without: not to read for one's own use."""
    own = Path(__file__).parents[2]
    torch = sys.modules.get("torch")
    folders = [own / "autograder", own / "course", *map(Path, torch.__path__ if torch else ())]
    return tuple(f"{folder}/" for folder in folders)
