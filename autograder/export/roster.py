"""Who is in the class: what the gradebook knows of everybody, and a roster before that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.export.sheet import Sheet, SheetError
from autograder.grade.scores import Person
from course.printable import printable


@dataclass(frozen=True)
class Known:
    """What a student is known by; what is not known is empty.

    Attributes:
        student: the id in the gradebook, which is the name of the folder.
        lms_id: the platform's own number.
    """

    student: str
    name: str = ""
    email: str = ""
    lms_id: str = ""


def everybody(people: Mapping[str, Person], roster: Path | None = None) -> dict[str, Known]:
    """The students of a gradebook and of a roster, by id; what the roster says of one goes before.

    Raises:
        SheetError: the roster is no CSV with a column "student", or has somebody twice.
    """
    known = {
        person.id: Known(person.id, person.name, person.email, person.lms_id) for person in people.values()
    }
    for entry in _read(roster) if roster else ():
        before = known.get(entry.student, entry)
        known[entry.student] = Known(
            entry.student,
            entry.name or before.name,
            entry.email or before.email,
            entry.lms_id or before.lms_id,
        )
    return dict(sorted(known.items()))


def _read(path: Path) -> list[Known]:
    sheet = Sheet.read(path)
    names = [name.casefold() for name in sheet.names()]
    for name in ("student", "name", "email", "lms_id"):
        if names.count(name) > 1:
            raise SheetError(f"{path} has the column {name} more than once: leave one.")
    if "student" not in names:
        raise SheetError(
            f"{path} has no column student: the first line of a roster is student,name,email,lms_id, "
            "and the last three may be missing."
        )
    found: dict[str, Known] = {}
    for record in range(1, len(sheet)):
        said = {
            name: sheet.cell(record, names.index(name)).strip()
            for name in ("student", "name", "email", "lms_id")
            if name in names
        }
        if not any(said.values()):
            continue
        entry = Known(**said)
        if not entry.student:
            raise SheetError(f"{path} has nothing below student in its row {record + 1}: fill it in.")
        if entry.student in found:
            raise SheetError(f"{path} has {printable(entry.student)} more than once: leave one row.")
        found[entry.student] = entry
    return list(found.values())
