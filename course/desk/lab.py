"""``lab``: JupyterLab, on the start page, with a student's own copies."""

from __future__ import annotations

import json
import os
import sysconfig
import urllib.request
import webbrowser
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import KVArgParseConfigLoader

from course.desk import DeskError, start
from course.desk.copies import bring
from course.desk.place import Place
from course.printable import printable

# Of the JupyterLab that a learner sees: nbgrader's tools for instructors are off, nobody is asked about news,
# and long lines of code wrap, so that nothing is cut on a small screen.
SETTINGS = Path(__file__).with_name("jupyter")


def lab(place: Place, browser: bool = True, port: int | None = None, further: Sequence[str] = ()) -> None:
    """Copy what is new, say what is newer, and open JupyterLab until it is stopped.

    Args:
        place: where.
        browser: whether to open one.
        port: of the address; JupyterLab takes the next one that is free.
        further: JupyterLab's own flags; what they say wins.

    Raises:
        DeskError: a lesson can't be read, JupyterLab does not know a flag, or has no such address.
        OSError: there is no room, or no right to write.
    """
    if further:  # to know all of its flags takes seconds
        check_flags(place, further)
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
    try:
        server = LabApp.initialize_server(list(further), config=settings(place, browser, port))
    except OSError as error:
        if error.filename:
            raise
        raise DeskError(f"There is no such address here ({error.strerror}): choose another --ip.") from error
    if not server.identity_provider.token_generated:  # it says its address only with a token of its own
        print(f"JupyterLab is open at {server.public_url}", flush=True)
    server.start()


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


def settings(place: Place, browser: bool, port: int | None) -> Config:
    """What JupyterLab is started with. Flags of the student's own come over it, also over the same one."""
    server: dict[str, Any] = {"root_dir": str(place.work), "log_level": "WARN"}
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in most containers
        server["allow_root"] = True
    if not browser:
        server["open_browser"] = False
    if port is not None:
        server["port"] = port
    page = {"default_url": f"/lab/tree/{start.PAGE}", "log_level": "WARN"}
    return Config(LabApp=page, ServerApp=server)


class _Flags(KVArgParseConfigLoader):
    """Reads JupyterLab's flags; one that it does not know would have no effect, and is refused."""

    def _handle_unrecognized_alias(self, arg: str) -> None:
        self.parser.error(f"argument --{arg}: there is no such flag")


def check_flags(place: Place, further: Sequence[str]) -> None:
    """Refuse in a sentence what JupyterLab would answer with a page of its flags.

    Raises:
        DeskError: it does not know a flag, or a notebook is named that is not there.
    """
    from jupyter_server.serverapp import ServerApp
    from jupyterlab.labapp import LabApp

    server = ServerApp()
    flags, aliases = {**server.flags, **LabApp.flags}, {**server.aliases, **LabApp.aliases}
    loader = _Flags(list(further), aliases, flags, classes=[*server.classes, LabApp])
    said = StringIO()
    try:
        with redirect_stderr(said):
            loader.load_config()
    except SystemExit as ended:
        reason = printable(said.getvalue().rpartition("error: ")[2].strip())
        raise DeskError(
            f"JupyterLab does not understand a flag ({reason}): python -m course lab --help shows those of "
            "lab, and python -m jupyterlab --help JupyterLab's own."
        ) from ended
    for name in loader.extra_args:
        if not (place.work / name).is_file():
            raise DeskError(
                f"There is no {printable(name)} in {place.work}: python -m course lab alone opens the start "
                "page, with all lessons."
            )


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
