"""``lab``: JupyterLab, on the start page, with a student's own copies."""

from __future__ import annotations

import json
import os
import sysconfig
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from course.desk import start
from course.desk.copies import bring
from course.desk.place import Place

# Of the JupyterLab that a learner sees: nbgrader's tools for instructors are off, nobody is asked about news,
# and long lines of code wrap, so that nothing is cut on a small screen.
SETTINGS = Path(__file__).with_name("jupyter")


def lab(place: Place, browser: bool = True, port: int | None = None, further: Sequence[str] = ()) -> None:
    """Copy what is new, say what is newer, and open JupyterLab until it is stopped.

    Args:
        place: where.
        browser: whether to open one.
        port: of the address; JupyterLab takes the next one that is free.
        further: JupyterLab's own flags.

    Raises:
        DeskError: a lesson can't be read.
        OSError: there is no room, or no right to write.
    """
    prepare(place)
    if address := running(place.work):
        print(f"JupyterLab is open on these lessons already: {address}")
        if browser:
            webbrowser.open(address)
        return
    surroundings()
    # Loads for a second, and only here.
    from jupyterlab.labapp import LabApp

    os.chdir(place.work)
    LabApp.launch_instance(arguments(place, browser, port, further))


def prepare(place: Place) -> None:
    """Make the folder of work what it has to be, and say in a sentence each what is new there."""
    brought = bring(place)
    if brought.said:
        print(brought.said)
    if brought.new:
        print(f"Your own copies are in {place.work}: {', '.join(brought.new)}.")
    for name in brought.newer:
        print(
            f"{name} was handed out anew; your copy of the earlier one stays as it is. To begin the new one, "
            f"run python -m course reset {name}: your copy is kept under another name."
        )
    start.write(place)


def arguments(place: Place, browser: bool, port: int | None, further: Sequence[str]) -> list[str]:
    """What JupyterLab is started with; flags of the student's own come last and win."""
    chosen = [
        f"--ServerApp.root_dir={place.work}",
        f"--LabApp.default_url=/lab/tree/{start.PAGE}",
        "--log-level=WARN",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in most containers
        chosen.append("--allow-root")
    if not browser:
        chosen.append("--no-browser")
    if port is not None:
        chosen.append(f"--port={port}")
    return [*chosen, *further]


def surroundings() -> None:
    """Let JupyterLab read a learner's settings, and its kernels import this very ``course``."""
    settings = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (str(SETTINGS), settings)))
    folder = str(Path(__file__).parents[2])
    if folder not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (folder, before)))


def running(work: Path) -> str:
    """The address of a JupyterLab that is open on the folder of work and answers; empty where none is."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if not os.path.exists(server["root_dir"]) or not os.path.samefile(server["root_dir"], work):
            continue
        try:
            with urllib.request.urlopen(f"{server['url']}api", timeout=5) as answer:
                json.load(answer)
        except (OSError, ValueError):
            continue
        token = f"?token={server['token']}" if server.get("token") else ""
        return f"{server['url']}lab/tree/{start.PAGE}{token}"
    return ""
