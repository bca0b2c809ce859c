"""Where an answer goes wrong: the search for it in a process of its own, and the sentence that says it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from course.child import child, memory
from course.exercises import EXERCISES
from course.printable import printable
from course.repair.search import SECONDS, Place
from course.repair.tries import encode_tries, tries

# Seconds in which the process has loaded the course, on a busy machine too; and over those of the search.
LOADING, OVER = 60, 8
# Bytes that the search may use, over what Python and PyTorch take by themselves.
MEMORY = 512_000_000
# Seconds between two looks at what it has written, and how much memory it has.
PACE = 0.05
# Characters of a line that are shown.
SHOWN = 80
NOT_FOUND = "No single line was found that would mend it alone: more than one may be wrong."


def search_apart(exercise_id: str, source: str, before: Sequence[str] = ()) -> Place | None:
    """Where a cell goes wrong; see ``course.repair.search``.

    Args:
        source: the cell's text.
        before: the texts of the cells that ran before, in their order.

    Returns:
        None where there is none, where none is found in time, and where no process can look for it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asked, note, place = Path(folder, "asked"), Path(folder, "note"), Path(folder, "work")
        given = encode_tries(tries(EXERCISES[exercise_id])).decode()
        asked.write_text(json.dumps([exercise_id, source, list(before), given]), encoding="utf-8")
        place.mkdir()
        with (
            contextlib.suppress(OSError),
            child("course.repair.child", str(asked), str(note), place=place) as process,
        ):
            return place_in(_said(process, note), source)
    return None


def _said(process: subprocess.Popen[bytes], note: Path) -> object:
    """What the process has found; None where it ended without, or used more than it may."""
    most, ends = float("inf"), time.monotonic() + LOADING
    while time.monotonic() < ends:
        lines = note.read_text(encoding="utf-8").splitlines(keepends=True) if note.exists() else []
        if len(lines) > 1 and lines[1].endswith("\n"):
            return json.loads(lines[1])
        if process.poll() is not None or memory(process) > most:
            return None
        if lines and most == float("inf"):
            most, ends = memory(process) + MEMORY, time.monotonic() + SECONDS + OVER
        time.sleep(PACE)
    return None


def place_in(said: object, source: str) -> Place | None:
    """A line that a cell has; None for everything else that a process may say."""
    match said:
        case [int(line), bool(alone)] if not isinstance(line, bool) and 1 <= line <= len(source.splitlines()):
            return Place(line, alone)
    return None


def sentence(place: Place | None, source: str) -> str:
    """ "Line 4 of your cell is where it goes wrong: `m = beta1 * m`." """
    if place is None:
        return NOT_FOUND
    own = printable(source.splitlines()[place.line - 1].strip()).replace("`", "'")
    own = own if len(own) <= SHOWN else f"{own[:SHOWN]}..."
    goes = "where it goes wrong" if place.alone else "one place where it goes wrong, and not the only one"
    return f"Line {place.line} of your cell is {goes}: `{own}`"
