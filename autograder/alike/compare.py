"""The submissions of a lesson in a gradebook folder, compared."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from autograder.alike.groups import Group, groups
from autograder.alike.rarity import Rarity, distinct
from autograder.alike.submissions import Submission, everybodys, submission
from autograder.catalogue.lesson import Lesson
from autograder.errors import DescentError
from autograder.grade.folder import CourseFolder
from autograder.grade.handed_in import handed_in, root
from autograder.judge.own_file import Unreadable
from autograder.judge.reading import read

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Compared:
    """What came of comparing a class.

    Attributes:
        count: how many submissions were compared.
        groups: what is alike, the most first.
        unread: a sentence for each that could not be read.
        cut: the students of whom only the first part was looked at.
    """

    lesson: Lesson
    count: int
    groups: list[Group]
    unread: list[str]
    cut: list[str]


def compare(folder: CourseFolder, lesson: Lesson, progress: Progress) -> Compared:
    """Read what was handed in of a lesson, and find what is alike beyond what the exercise forces.

    Raises:
        DescentError: fewer than two handed something in that can be read.
    """
    released = folder.student_notebook(lesson)
    above = root(folder, lesson)
    read_in: list[Submission] = []
    found = handed_in(folder, lesson)
    unread = [left_out.sentence for left_out in found.left_out]
    with progress("Reading submissions", len(found.notebooks)) as advance:
        for student, path in found.notebooks.items():
            try:
                read_in.append(submission(student, read(path, above), released))
            except Unreadable as error:
                unread.append(f"{student}: {error}")
            advance(1)
    if len(read_in) < 2:
        raise DescentError(
            f"To compare answers takes two submissions of {lesson.name} or more; in {above} are "
            f"{len(read_in)} that can be read: collect them first with `autograder collect`."
        )
    known = everybodys(lesson, (released, lesson.student_notebook()))
    cut = [student for entry in read_in if entry.cut for student in entry.students]
    return Compared(lesson, len(read_in), groups(Rarity(distinct(read_in), known)), unread, cut)
