"""What the platform called what was handed in: ``collected/LESSON.json``, which giving back needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.machine.whole import put_whole

COLLECTED = "collected"


@dataclass(frozen=True)
class Origin:
    """Where a submission came from.

    Attributes:
        platform: one of ``platforms.TITLES``.
        file: the name within the download, with its folders.
        id: the platform's number of the student; empty where there is none.
    """

    platform: str
    file: str
    id: str


def _path(folder: CourseFolder, lesson: Lesson) -> Path:
    return folder.path / COLLECTED / f"{lesson.name}.json"


def read(folder: CourseFolder, lesson: Lesson) -> dict[str, Origin]:
    """What is known of the lesson, by student; empty where nothing is.

    Raises:
        DescentError: the file is not what ``write`` made.
    """
    path = _path(folder, lesson)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = {student: Origin(**origin) for student, origin in content.items()}
        whole = all(isinstance(said, str) for origin in found.values() for said in asdict(origin).values())
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise DescentError(
            f"{path} holds no names of files: move it away and run `autograder collect {lesson.name}` again."
        )
    return found


def write(folder: CourseFolder, lesson: Lesson, origins: Mapping[str, Origin]) -> None:
    """Keep it, where it is not what is kept already."""
    if read(folder, lesson) == origins:
        return
    path = _path(folder, lesson)
    path.parent.mkdir(exist_ok=True)
    content = {student: asdict(origin) for student, origin in origins.items()}
    put_whole(path, f"{json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode())
