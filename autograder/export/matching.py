"""Which row of a platform's file is which student of the gradebook: by numbers, logins, names at last."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.roster.roster import Student
from course.printable import printable

# What a key is of: the platform's number, the gradebook's id, an address or a name; and what it says, folded.
Key = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """A row of a platform's file.

    Attributes:
        record: its place in the file, from 0 on.
        who: what it is called, for people.
        keys: what it is known by, the surest first; the next are looked at where nobody fits one of before.
    """

    record: int
    who: str
    keys: tuple[frozenset[Key], ...]


@dataclass(frozen=True)
class Left:
    """Somebody who does not get what others get, and why."""

    who: str
    why: str


@dataclass(frozen=True)
class Matches:
    """Which row is whose.

    Attributes:
        students: by record.
        by_name: the students who were found by nothing but their name.
        left: the rows that are nobody's, or not one student's.
    """

    students: Mapping[int, str]
    by_name: tuple[str, ...]
    left: tuple[Left, ...]

    @property
    def said(self) -> list[str]:
        """What should be known of them, in sentences."""
        names = printable(", ".join(self.by_name))
        return [f"Found by nothing but the name: {names}."] if names else []


def key(kind: str, text: str) -> frozenset[Key]:
    """A key, or none where the text is empty."""
    folded = unicodedata.normalize("NFC", text.strip()).casefold()
    return frozenset({(kind, folded)} if folded else ())


def name_key(name: str) -> frozenset[Key]:
    """The key of a name: its words in any order, without accents and case."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return key("name", " ".join(sorted(re.findall(r"[^\W_]+", bare))))


def match(rows: Iterable[Row], known: Mapping[str, Student], numbers: Mapping[str, str]) -> Matches:
    """Find the student of each row.

    Args:
        known: the class, by student id.
        numbers: the platform's number of those whose submissions were collected from it, by student id.
    """
    index = _index(known, numbers)
    found: dict[int, str] = {}
    left: list[Left] = []
    by_name: list[str] = []
    rows = list(rows)
    for row in rows:
        fits = next(filter(None, ({s for k in keys for s in index.get(k, ())} for keys in row.keys)), set())
        if len(fits) == 1:
            (found[row.record],) = fits
            if not any(k in index for keys in row.keys[:-1] for k in keys):
                by_name.append(found[row.record])
        elif fits:
            left.append(
                Left(row.who, f"its numbers and logins say {_listed(fits)}: check them, or the roster")
            )
        else:
            left.append(Left(row.who, "nobody here has this number, login or name"))
    return _without_doubles(rows, found, by_name, left)


def _index(known: Mapping[str, Student], numbers: Mapping[str, str]) -> dict[Key, set[str]]:
    index: dict[Key, set[str]] = defaultdict(set)
    for student, entry in known.items():
        keys = (
            key("number", numbers.get(student, "")),
            key("lms", entry.lms_id),
            key("student", student),
            key("email", entry.email),
            name_key(entry.name or student),
        )
        for one in frozenset[Key]().union(*keys):
            index[one].add(student)
    return dict(index)


def _without_doubles(rows: list[Row], found: dict[int, str], by_name: list[str], left: list[Left]) -> Matches:
    """A student who would be two rows is neither: one of them is somebody else."""
    records: dict[str, list[int]] = defaultdict(list)
    for record, student in found.items():
        records[student].append(record)
    double = {student for student, places in records.items() if len(places) > 1}
    for row in rows:
        student = found.get(row.record, "")
        if student in double:
            places = ", ".join(str(record + 1) for record in records[student])
            left.append(Left(row.who, f"the rows {places} are all {printable(student)}: none is filled in"))
    return Matches(
        {record: student for record, student in found.items() if student not in double},
        tuple(student for student in by_name if student not in double),
        tuple(left),
    )


def _listed(students: Iterable[str]) -> str:
    return " or ".join(printable(student) for student in sorted(students))
