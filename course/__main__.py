"""``python -m course``: the student's commands, the same on every system."""

from __future__ import annotations

import argparse
import sys
from io import TextIOWrapper
from pathlib import Path

from course.desk import DeskError
from course.desk.place import find

# A command loads what it needs when it runs: `doctor` says what is missing where next to nothing is there.


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; what is wrong is said in one sentence."""
    for stream in (sys.stdout, sys.stderr):  # a terminal of few letters shows the others as \u...
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    chosen, further = parser.parse_known_args(arguments)
    if further and chosen.command != "lab":  # what `lab` does not know is JupyterLab's
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    try:
        return _run(chosen, further)
    except DeskError as error:
        said = str(error)
    except OSError as error:  # a folder that can't be written to, a full disk
        said = f"{error.filename or 'A file'}: {error.strerror}. Mend that and run the command again."
    except ImportError as error:
        said = f"{error.name or error} can't be loaded: `python -m course doctor` says what to do."
    except KeyboardInterrupt:
        print("course: stopped.", file=sys.stderr)
        return 130
    print(f"course: {said}", file=sys.stderr)
    return 2


def _run(chosen: argparse.Namespace, further: list[str]) -> int:
    from course.desk.doctor import doctor, python

    if chosen.command == "doctor":
        return doctor(chosen.lessons)
    if too_old := python().mend:
        raise DeskError(too_old)
    place = find(chosen.lessons)
    if chosen.command == "lab":
        from course.desk.lab import lab

        lab(place, not chosen.no_browser, chosen.port, further)
    elif chosen.command == "progress":
        from course.desk.standing import state
        from course.desk.table import table

        print(table(*state(place)))
    elif chosen.command == "ready":
        copy = place.copy(place.name(chosen.lesson))
        if not copy.exists():  # said at once: what follows loads for seconds
            raise DeskError(f"There is no {copy} yet: python -m course lab makes it.")
        from course.desk.ready import ready, say

        print(say(ready(copy)))
    elif chosen.command == "reset":
        from course.desk.copies import reset

        name = place.name(chosen.lesson)
        kept = reset(place, name)
        print(f"{place.copy(name)} is as it was handed out.")
        if kept:
            print(f"What you had is kept in {kept}.")
            print("If it is open in JupyterLab, close its tab and open it again.")
    return 0


def _parser() -> argparse.ArgumentParser:
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--lessons", type=Path, metavar="FOLDER", help="where the lessons are, if not here")
    parser = argparse.ArgumentParser(prog="python -m course", description="Work on the lessons of Descent.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[where], help=help, description=help, allow_abbrev=False)

    lab = command("lab", "open your copies of the lessons in JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="open no browser; say the address")
    lab.add_argument("--port", type=_port, help="the port of the address, if not 8888 or the next free one")
    lab.epilog = "Other flags are JupyterLab's own: --ip 0.0.0.0, for one, in a container."
    command("progress", "show what is done and what is next")
    command("ready", "say whether a notebook is ready to hand in").add_argument("lesson", metavar="LESSON")
    command("reset", "begin a lesson anew and keep the old copy").add_argument("lesson", metavar="LESSON")
    command("doctor", "look at this computer and say what to mend")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text[:9]) >= 2**16:
        raise argparse.ArgumentTypeError(f"a port is a number from 0, for any, to {2**16 - 1}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
