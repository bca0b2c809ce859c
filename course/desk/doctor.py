"""``doctor``: looks at the computer that a student has, and says in one sentence each what to mend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course.desk import DeskError
from course.desk.place import Place, find
from course.printable import printable

# Loads next to nothing, on any Python that reads it: what it looks for may be missing.

OLDEST = (3, 11)
# The package that students install, and the project's own, which holds it.
PACKAGES = ("descent-course", "descent")
# Bytes: all lessons, with their figures, kept copies and JupyterLab's own files.
ROOM = 200_000_000
WIDGETS = Path("labextensions", "@jupyter-widgets", "jupyterlab-manager", "package.json")
# Seconds: on a slow computer PyTorch is loaded for the first time.
KERNEL_SECONDS = 180
IN_THE_KERNEL = "import sys, course.check\nprint(sys.executable, end='')"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: what there is: "torch 2.13.0".
        mend: what is wrong and what to do, as one sentence; empty where all is well.
    """

    what: str
    mend: str = ""


def doctor(lessons: Path | None = None) -> int:
    """Print what was found, and what to mend last; the exit code is 1 if there is something."""
    found = []
    for finding in findings(lessons):
        print(f"{'mend' if finding.mend else 'ok  '}  {finding.what}", flush=True)
        found.append(finding)
    wrong = [finding.mend for finding in found if finding.mend]
    print("\n" + ("\n".join(wrong) if wrong else "All is well: python -m course lab opens the lessons."))
    return 1 if wrong else 0


def findings(lessons: Path | None = None) -> Iterator[Finding]:
    """Everything that is looked at, in the order in which it is best mended."""
    yield python()
    missing = []
    for finding in packages():
        missing += [finding] if finding.mend else []
        yield finding
    yield widgets()
    if not missing:  # it would only say the same
        yield kernel()
    try:
        place = find(lessons)
    except DeskError as error:
        yield Finding("lessons", str(error))
        return
    yield Finding(f"lessons in {place.lessons}")
    yield writable(place)
    yield room(place)
    if not missing and place.work.is_dir():
        yield noted(place)


def python() -> Finding:
    """The Python that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST:
        return Finding(f"Python {version}")
    wanted = ".".join(map(str, OLDEST))
    return Finding(
        f"Python {version}", f"Python {version} is too old: install {wanted} or newer from python.org."
    )


def packages() -> Iterator[Finding]:
    """What the course asks for, each with the version that is there."""
    name = next((name for name in PACKAGES if _version(name)), "")
    if not name:
        said = "The course is not installed: run {pip} -r requirements.txt in the folder that you unpacked."
        yield Finding("course", said.format(pip=_pip()))
        return
    try:
        from packaging.requirements import Requirement
    except ImportError:
        yield Finding("packaging", f"packaging is missing: run {_pip()} packaging.")
        return
    for line in sorted(metadata.requires(name) or (), key=str.casefold):
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        found, asked = _version(wanted.name), f'"{wanted.name}{wanted.specifier}"'
        if not found:
            yield Finding(wanted.name, f"{wanted.name} is missing: run {_pip()} {asked}.")
        elif not wanted.specifier.contains(found, prereleases=True):
            said = f"{wanted.name} {found} does not fit: run {_pip()} {asked}."
            yield Finding(f"{wanted.name} {found}", said)
        else:
            yield Finding(f"{wanted.name} {found}")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _pip() -> str:
    """How to call pip so that what it installs is found from here."""
    program = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"{program} -m pip install"


def widgets() -> Finding:
    """What JupyterLab shows sliders with."""
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return Finding("sliders", f"JupyterLab is missing: run {_pip()} jupyterlab.")
    if any(Path(folder, WIDGETS).is_file() for folder in (*jupyter_path(), _shared())):
        return Finding("sliders in JupyterLab")
    again = f"{_pip()} --force-reinstall --no-deps jupyterlab_widgets"
    return Finding("sliders in JupyterLab", f"JupyterLab does not find its part of ipywidgets: run {again}.")


def _shared() -> str:
    return os.path.join(sys.prefix, "share", "jupyter")


def kernel() -> Finding:
    """A kernel as notebooks get it, which imports what they import."""
    from course.desk.lab import surroundings

    what, again = "kernel", f"{_pip()} --force-reinstall ipykernel"
    try:
        surroundings()
        program, said = _in_a_kernel(IN_THE_KERNEL)
    except Exception as error:  # whatever keeps a kernel from running; what it says is all there is to say
        reason = printable(f"{type(error).__name__}: {error}".splitlines()[0])
        return Finding(what, f"Notebooks' kernel does not start ({reason}): run {again}.")
    if said:
        return Finding(what, f"Notebooks can't import the course ({said}): run {_pip()} -r requirements.txt.")
    if not os.path.samefile(program, sys.executable):
        remove = "jupyter kernelspec remove python3"
        return Finding(what, f"Notebooks would run in another Python, {program}: run {remove}.")
    return Finding("kernel")


def _in_a_kernel(code: str) -> tuple[str, str]:
    """What some code prints in a new kernel, and the error that it ends in; empty where it ends in none."""
    from jupyter_client.manager import start_new_kernel

    printed: list[str] = []
    manager, client = start_new_kernel(
        startup_timeout=KERNEL_SECONDS,
        kernel_name="python3",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        done = client.execute_interactive(
            code,
            timeout=KERNEL_SECONDS,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    content = done["content"]
    said = f"{content['ename']}: {content['evalue']}" if content["status"] == "error" else ""
    return "".join(printed), printable(said.partition("\n")[0])


def writable(place: Place) -> Finding:
    """Whether copies can be saved where they are."""
    folder = place.work if place.work.exists() else place.work.parent
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b" " * 100_000)
    except OSError as error:
        said = (
            f"Nothing can be saved in {folder} ({error.strerror}): mend that, or unpack the course elsewhere."
        )
        return Finding(f"a folder to write in, {folder}", said)
    return Finding(f"a folder to write in, {folder}")


def room(place: Place) -> Finding:
    """The room on its disk."""
    folder = place.work if place.work.is_dir() else place.work.parent
    free = shutil.disk_usage(folder).free
    what = f"{free / 1e9:.1f} GB of room"
    if free >= ROOM:
        return Finding(what)
    return Finding(
        what, f"The disk of {folder} has {free / 1e6:.0f} MB left: make room for {ROOM / 1e6:.0f} MB."
    )


def noted(place: Place) -> Finding:
    """The file of progress."""
    from course.progress import FILE, NotOurs, is_readable

    path = place.work / FILE
    try:
        if is_readable(place.work):
            return Finding("progress")
    except NotOurs as error:
        return Finding("progress", str(error))
    return Finding(
        "progress", f"{path} can't be read: run python -m course lab, which keeps it and begins anew."
    )
