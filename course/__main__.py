"""``python -m course``: the student's commands, the same on every system."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course.desk import DeskError
from course.desk.place import find

# A command loads what it needs when it runs: `doctor` says what is missing where next to nothing is there.


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; what is wrong is said in one sentence."""
    parser = _parser()
    chosen, further = parser.parse_known_args(arguments)
    if further and chosen.command != "lab":  # what `lab` does not know is JupyterLab's
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    try:
        if chosen.command == "ready":
            from course.desk.ready import ready, say

            place = find(chosen.lessons)
            print(say(ready(place.copy(place.name(chosen.lesson)))))
        return 0
    except DeskError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--lessons", type=Path, metavar="FOLDER", help="where the lessons are, if not here")
    parser = argparse.ArgumentParser(prog="python -m course", description="Work on the lessons of Descent.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[where], help=help, description=help)

    lab = command("lab", "open your copies of the lessons in JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="open no browser; say the address")
    lab.add_argument("--port", type=int, help="the port of the address, if not 8888 or the next free one")
    command("progress", "show what is done and what is next")
    command("ready", "say whether a notebook is ready to hand in").add_argument("lesson", metavar="LESSON")
    command("reset", "begin a lesson anew and keep the old copy").add_argument("lesson", metavar="LESSON")
    command("doctor", "look at this computer and say what to mend")
    return parser


if __name__ == "__main__":
    sys.exit(main())
