"""The process in which the line is searched for; ``course.repair.place`` starts it.

It writes a line of JSON when it is ready, and one with what it has found.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from course.numerics import pin

pin()  # ``course`` does it for notebooks, and loads what they need; here it is left out

from course.definitions import defined  # noqa: E402
from course.exercises import EXERCISES, SEALED, lesson_of  # noqa: E402
from course.repair.search import Place, find_line  # noqa: E402
from course.repair.tries import decode_tries  # noqa: E402
from course.sealing import refuse_for_good  # noqa: E402


def main(asked: str, note: str) -> None:
    """Search once.

    Args:
        asked: a file with the exercise's id, the text of its cell, those of the cells that ran before, and
            what to try it on.
        note: the file to write to.
    """
    exercise_id, source, before, given = json.loads(Path(asked).read_text(encoding="utf-8"))
    cells = ((f"<cell {place}>", text) for place, text in enumerate(before, start=1))
    kept = refuse_for_good(SEALED[lesson_of(exercise_id)])
    namespace = defined(cells, "__main__")
    _write(note, "ready")
    _write(note, find_line(EXERCISES[exercise_id], source, namespace, decode_tries(given.encode())))
    del kept


def _write(note: str, said: str | Place | None) -> None:
    with Path(note).open("a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
