"""What the platform called what was handed in: ``collected/LESSON.json``, which giving back needs."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.catalogue.lesson import Lesson
from autograder.collect.placing import COLLECTED
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder

# By student: the platform, the name of the file in its zip with its folders, the platform's number.
Records = dict[str, dict[str, str]]


def _path(folder: CourseFolder, lesson: Lesson) -> Path:
    return folder.path / COLLECTED / f"{lesson.name}.json"


def read(folder: CourseFolder, lesson: Lesson) -> Records:
    """What is known of the lesson; empty where nothing is.

    Raises:
        DescentError: the file is not what ``write`` made.
    """
    path = _path(folder, lesson)
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        whole = all(isinstance(value, str) for kept in found.values() for value in kept.values())
    except (ValueError, AttributeError):
        whole = False
    if not whole:
        raise DescentError(f"{path} holds no names of files: move it away and collect again.")
    return dict(found)


def write(folder: CourseFolder, lesson: Lesson, records: Records) -> None:
    """Keep it, where it is not what is kept already."""
    if read(folder, lesson) == records:
        return
    path = _path(folder, lesson)
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(
        json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    part.replace(path)
