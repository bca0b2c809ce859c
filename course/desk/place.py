"""Where the lessons are, and where a student works on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from course.desk import DeskError
from course.printable import printable

WORK = "work"


@dataclass(frozen=True)
class Place:
    """The two folders of a student's.

    Attributes:
        lessons: as they were handed out; nothing is ever written there.
        work: the student's own copies, and ``progress.json``; made by ``lab``.
    """

    lessons: Path
    work: Path

    def copy(self, lesson: str) -> Path:
        """The student's notebook of a lesson, "05_adam", whether it is there or not."""
        return self.work / f"{lesson}.ipynb"

    def name(self, wanted: str) -> str:
        """The full name of a lesson: "05_adam" for that, "05", "5", "adam" or a notebook's path.

        Raises:
            DeskError: no lesson is meant, or more than one.
        """
        names = sorted(path.stem for path in self.lessons.glob("[0-9][0-9]_*.ipynb"))
        given = Path(wanted).stem.casefold()
        exactly = [name for name in names if given in (name, name[:2], name[:2].lstrip("0"))]
        roughly = [name for name in names if given and given in name]
        for found in (exactly, roughly):
            if len(found) == 1:
                return found[0]
        raise DeskError(f"There is no lesson {printable(wanted)}. The lessons are: {', '.join(names)}.")


def find(lessons: Path | None = None) -> Place:
    """The place that a command works in.

    Without a folder, ``lessons`` is looked for in the current folder, in those above it, and beside
    ``course``; ``work`` is beside it. With one, ``work`` is in the current folder.

    Raises:
        DeskError: there are no lessons.
    """
    if lessons is None:
        here = Path.cwd()
        beside = Path(__file__).parents[2]
        found = next((folder for folder in (here, *here.parents, beside) if _holds(folder / "lessons")), None)
        if found is None:
            raise DeskError(
                "There is no folder lessons here: run this in the folder that you unpacked, or say where "
                "they are with --lessons FOLDER."
            )
        return Place(found / "lessons", found / WORK)
    if not _holds(lessons):
        raise DeskError(f"There are no lessons in {lessons}: name the folder that holds 01_....ipynb.")
    return Place(lessons.resolve(), Path.cwd() / WORK)


def _holds(folder: Path) -> bool:
    return any(folder.glob("[0-9][0-9]_*.ipynb"))
