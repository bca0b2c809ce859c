"""Who is in the class: from a table of the instructor's, or as nbgrader's gradebook knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import nbgrader.api
from nbgrader.api import Gradebook

from autograder.collect.names import folded, why_no_student, words
from autograder.collect.sheet import Row, SheetError, rows
from autograder.grade.handed_in import NAME_LIMIT
from course.printable import is_plain_name, printable

COLUMNS = ("student", "name", "email")
LMS_ID = "lms id"
# A name of more words is tried as it is, and turned: all their orders are too many.
ORDERS_LIMIT = 5


@dataclass(frozen=True)
class Student:
    """One of the class.

    Attributes:
        id: what nbgrader and the folders call them.
        lms_id: the learning platform's number of them.
    """

    id: str
    name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The name in two, as nbgrader keeps it: "Doe, Jane" and "Jane Doe" are the same."""
        last, comma, first = self.name.partition(",")
        if not comma:
            first, _, last = self.name.rpartition(" ")
        return first.strip(), last.strip()


@dataclass
class Roster:
    """The class; finds students by whatever a platform says of them.

    Attributes:
        students: by id.
    """

    students: dict[str, Student] = field(default_factory=dict)
    _ids: dict[str, Student] = field(default_factory=dict)
    _emails: dict[str, Student] = field(default_factory=dict)
    _lms_ids: dict[str, Student] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, student: Student) -> None:
        self.students[student.id] = student
        self._ids[student.id.casefold()] = student
        if student.email:
            self._emails[student.email.casefold()] = student
        if student.lms_id:
            self._lms_ids[student.lms_id.casefold()] = student
        for name in _orders(student.name):
            self._names[name].add(student.id)

    def __bool__(self) -> bool:
        return bool(self.students)

    def by_lms_id(self, id: str) -> Student | None:
        return self._lms_ids.get(id.casefold())

    def by_id(self, id: str) -> Student | None:
        """By what nbgrader calls them, or by their address."""
        return self._ids.get(id.casefold()) or self._emails.get(id.casefold())

    def by_name(self, name: str) -> list[Student]:
        """All who are called so: in any order of the words, with or without accents, case and spaces."""
        found = {id for one in folded("".join(words(name))) for id in self._names.get(one, ())}
        return [self.students[id] for id in sorted(found)]

    def enter(self, gradebook: Gradebook) -> None:
        """Have nbgrader know them all, handed in or not."""
        known = {student.id: student for student in gradebook.students}
        for student in self.students.values():
            first, last = student.first_and_last
            own = {
                "first_name": first,
                "last_name": last,
                "email": student.email,
                "lms_user_id": student.lms_id,
            }
            given = {name: value for name, value in own.items() if value}
            there = known.get(student.id)
            if there is None:
                gradebook.db.add(nbgrader.api.Student(id=student.id, **given))
            for name, value in given.items() if there else ():
                setattr(there, name, value)
        # All at once: nbgrader's own function writes to the disk for each.
        gradebook.db.commit()


def _orders(name: str) -> Iterator[str]:
    """A name without spaces, in every order of its words: Canvas writes Jane Doe as doejane."""
    parts = words(name)
    if len(parts) <= ORDERS_LIMIT:
        orders: Iterable[tuple[str, ...]] = permutations(parts)
    else:
        orders = (tuple(parts[turn:] + parts[:turn]) for turn in range(len(parts)))
    for order in orders:
        yield from folded("".join(order))


def read(path: Path) -> Roster:
    """The class from a table with the columns student, name, email and, where there is one, lms_id.

    Raises:
        SheetError: the table can't be read, or names nobody whom a gradebook can hold, or somebody twice.
    """
    roster = Roster()
    seen: dict[tuple[str, str], int] = {}
    for row in rows(path, COLUMNS):
        if fault := _fault(row, seen):
            raise SheetError(f"{path.name}, line {row.line}: {printable(fault)}.")
        roster.add(Student(*(row.cells.get(head, "") for head in (*COLUMNS, LMS_ID))))
    if not roster:
        raise SheetError(f"{path.name} names no students: give each a line below the first.")
    return roster


def _fault(row: Row, seen: dict[tuple[str, str], int]) -> str:
    """What is wrong with a row, and what to do; empty where nothing is.

    Args:
        seen: the lines of the values of before, of which only names may come again; this row's are added.
    """
    student = row.cells[COLUMNS[0]]
    if why := why_no_student(student):
        return f"{student[:40]!r} can't be a student's id: {why}. Choose another"
    for head in (*COLUMNS, LMS_ID):
        value, shown = row.cells.get(head, ""), head.replace(" ", "_")
        if value and (len(value) > NAME_LIMIT or not is_plain_name(value)):
            return (
                f"the {shown} {value[:40]!r} begins like a formula, has more than {NAME_LIMIT} characters, "
                "or some that no table can show as they are. Mend it"
            )
        if value and head != "name":
            before = seen.setdefault((head, value.casefold()), row.line)
            if before != row.line:
                return f"the {shown} {value!r} stands in line {before} already. Leave one"
    return ""


def of_gradebook(gradebook: Gradebook) -> Roster:
    """The class as a roster told nbgrader of it before; empty where none did."""
    roster = Roster()
    for one in gradebook.students:
        name = " ".join(filter(None, (one.first_name, one.last_name)))
        student = Student(one.id, name, one.email or "", one.lms_user_id or "")
        if (name or student.email or student.lms_id) and not why_no_student(one.id):
            roster.add(student)
    return roster
