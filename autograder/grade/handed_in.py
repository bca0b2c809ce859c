"""What is handed in of a lesson: whose it is, which file, when; none of it somebody else's.

Below the folder in which the students' folders stand, nothing that is a link is looked into.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from nbgrader.api import Student

from autograder.catalogue.lesson import Lesson
from autograder.grade.folder import CourseFolder
from autograder.judge.flags import Flag, flag
from autograder.judge.own_file import Unreadable, contents
from autograder.judge.reading import SIZE_LIMIT
from course.printable import is_plain_name

STUDENT = "{student_id}"
# Characters that every database has room for.
NAME_LIMIT = Student.id.type.length
TIMESTAMP = "timestamp.txt"
# By what is in it a student's nbgrader knows the page that comes back through the exchange.
SECRET = "submission_secret.txt"
# A date and the name of a time zone have far less, and a secret has 128 characters.
TIMESTAMP_LIMIT = 1000


@dataclass(frozen=True)
class HandedIn:
    """The submissions of one lesson.

    Attributes:
        notebooks: the file to grade of each student, by student id.
        left_out: a sentence for each folder whose name no gradebook, page or table can carry as it is.
    """

    notebooks: dict[str, Path]
    left_out: list[Flag]


def handed_in(folder: CourseFolder, lesson: Lesson) -> HandedIn:
    """Everything in the folder's ``submitted`` that could be a submission of the lesson.

    The notebook of each is the one with the lesson's name, else the only or first other one. What is a link,
    no folder, or can't be looked into, is a submission too: one that can't be read.
    """
    above, (places, left_out) = root(folder, lesson), submitted(folder, lesson)
    return HandedIn({student: _notebook(place, above, lesson) for student, place in places.items()}, left_out)


def submitted(folder: CourseFolder, lesson: Lesson) -> tuple[dict[str, Path], list[Flag]]:
    """The folder of each student who handed something in, by student id, and who is left out, and why."""
    places: dict[str, Path] = {}
    left_out, above = [], str(root(folder, lesson))
    for student, place in sorted(_places(folder, lesson).items()):
        if not is_plain_name(student):
            left_out.append(flag("left_out_name", student=student, place=above))
        elif len(student) > NAME_LIMIT:
            left_out.append(flag("left_out_long", student=student, place=above, limit=NAME_LIMIT))
        else:
            places[student] = place
    return places, left_out


def notebook(folder: CourseFolder, student: str, lesson: Lesson) -> Path:
    """The file to grade of a student who handed something in; it need not be there, or be a file."""
    place = folder.place(folder.directory.submitted_directory, student, lesson)
    return _notebook(place, root(folder, lesson), lesson)


def root(folder: CourseFolder, lesson: Lesson) -> Path:
    """The folder in which the students' folders stand: the instructor's own, which a link may lead to."""
    parts = takewhile(lambda part: STUDENT not in part, Path(folder.directory.directory_structure).parts)
    step = folder.directory.submitted_directory
    return folder.path / str(Path(*parts)).format(nbgrader_step=step, assignment_id=lesson.name)


def timestamp(folder: CourseFolder, student: str, lesson: Lesson) -> bytes | None:
    """What the file holds that says when it was handed in; None where there is none.

    Raises:
        Unreadable: it is no file of the student's own, or far longer than a date.
    """
    return _beside(folder, student, lesson, TIMESTAMP)


def secret(folder: CourseFolder, student: str, lesson: Lesson) -> bytes | None:
    """What the file holds that nbgrader's exchange finds the student's page by; None where there is none.

    Raises:
        Unreadable: it is no file of the student's own, or far longer than a secret.
    """
    return _beside(folder, student, lesson, SECRET)


def _beside(folder: CourseFolder, student: str, lesson: Lesson, name: str) -> bytes | None:
    place = folder.place(folder.directory.submitted_directory, student, lesson)
    try:
        return contents(place / name, root(folder, lesson), TIMESTAMP_LIMIT)
    except Unreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def digest(folder: CourseFolder, student: str, lesson: Lesson, notebook: Path) -> str:
    """What tells one submission from another: the file, its name, and when it was handed in.

    What can't be read is a submission too: that it can't is told from what is there later.
    """
    found = hashlib.sha256(os.fsencode(notebook.name))
    place = folder.place(folder.directory.submitted_directory, student, lesson)
    for path in (notebook, place / TIMESTAMP):
        try:
            found.update(contents(path, root(folder, lesson), SIZE_LIMIT))
        except Unreadable as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                found.update(error.flag.id.encode())
    return found.hexdigest()


def _places(folder: CourseFolder, lesson: Lesson) -> dict[str, Path]:
    """By student id, what stands where the student's folder of the lesson should."""
    above, step = root(folder, lesson), folder.directory.submitted_directory
    structure = Path(folder.directory.directory_structure).parts
    own = next((part for part in structure if STUDENT in part), "")
    names = own.format(student_id="\0", nbgrader_step=step, assignment_id=lesson.name)
    pattern = re.compile(re.escape(names).replace("\0", "(.+)", 1), re.DOTALL)
    found = {}
    for name in os.listdir(above) if above.is_dir() else ():
        if match := pattern.fullmatch(name):
            place = folder.place(step, match[1], lesson)
            # A file beside the students' folders is nobody's.
            if _is_there(place) and (place != above / name or os.path.isdir(place) or os.path.islink(place)):
                found[match[1]] = place
    return found


def _is_there(place: Path) -> bool:
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass  # it can't be looked into, and nor can it be told that there is nothing
    return True


def _notebook(place: Path, above: Path, lesson: Lesson) -> Path:
    named = place / f"{lesson.name}.ipynb"
    own = takewhile(lambda path: path != above, (place, *place.parents))
    if any(map(os.path.islink, own)):
        return named
    try:
        # Those that begin with a dot are an editor's, or a file system's.
        names = sorted(name for name in os.listdir(place) if name.endswith(".ipynb") and name[0] != ".")
    except OSError:
        return named
    return named if named.name in names or not names else place / names[0]
