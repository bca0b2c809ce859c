"""What the platform calls each student's file: kept when submissions are collected."""

from __future__ import annotations

import json
from dataclasses import dataclass

from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder


@dataclass(frozen=True)
class Collected:
    """Where a submission came from.

    Attributes:
        platform: "moodle", "canvas" or another.
        file: the name within the download, with its folders.
        id: the platform's number for the student.
    """

    platform: str
    file: str
    id: str


def collected(folder: CourseFolder, lesson: Lesson, platform: str) -> dict[str, Collected]:
    """What was collected of a lesson from one platform, by student; nothing where nothing was.

    Raises:
        DescentError: what is kept of it can't be read.
    """
    path = folder.path / "collected" / f"{lesson.name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = {
            str(student): Collected(
                str(entry["platform"]), str(entry.get("file") or ""), str(entry.get("id") or "")
            )
            for student, entry in content.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DescentError(
            f"{path} can't be read: delete it and run `autograder collect {lesson.name}` again."
        ) from error
    return {student: entry for student, entry in entries.items() if entry.platform == platform}
