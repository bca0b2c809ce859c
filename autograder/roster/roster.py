"""Who is in the class: from a table of the instructor's, and as nbgrader's gradebook knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import nbgrader.api
from nbgrader.api import Gradebook

from autograder.grade.handed_in import NAME_LIMIT
from autograder.grade.scores import Person
from autograder.roster.names import folded, why_no_student, words
from autograder.roster.rows import Row, plain, rows
from autograder.roster.sheet import SheetError
from course.printable import is_plain_name, printable

COLUMNS = ("student", "name", "email")
LMS_ID = "lms_id"
WHAT_TO_DO = f"the first line of a roster is {','.join(COLUMNS)},{LMS_ID}, of which the last may be missing"
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
    for row in rows(path, COLUMNS, (LMS_ID,), WHAT_TO_DO):
        if fault := _fault(row, seen):
            raise SheetError(f"{path.name}, line {row.line}: {printable(fault)}.")
        roster.add(Student(*(row.cells.get(plain(head), "") for head in (*COLUMNS, LMS_ID))))
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
        value = row.cells.get(plain(head), "")
        if value and (len(value) > NAME_LIMIT or not is_plain_name(value)):
            return (
                f"the {head} {value[:40]!r} begins like a formula, has more than {NAME_LIMIT} characters, "
                "or some that no table can show as they are. Mend it"
            )
        if value and head != "name":
            before = seen.setdefault((head, value.casefold()), row.line)
            if before != row.line:
                return f"the {head} {value!r} stands in line {before} already. Leave one"
    return ""


def of_people(people: Mapping[str, Person]) -> Roster:
    """The class as a roster told nbgrader of it before; empty where none did."""
    roster = Roster()
    for student in map(_known, people.values()):
        if (student.name or student.email or student.lms_id) and not why_no_student(student.id):
            roster.add(student)
    return roster


def everybody(people: Mapping[str, Person], path: Path | None = None) -> dict[str, Student]:
    """The students of a gradebook and of a roster, by id; what the roster says of one goes before.

    Raises:
        SheetError: the roster can't be read; see ``read``.
    """
    found = {person.id: _known(person) for person in people.values()}
    for student in read(path).students.values() if path else ():
        before = found.get(student.id, student)
        found[student.id] = replace(
            student,
            name=student.name or before.name,
            email=student.email or before.email,
            lms_id=student.lms_id or before.lms_id,
        )
    return dict(sorted(found.items()))


def _known(person: Person) -> Student:
    return Student(person.id, person.name, person.email, person.lms_id)
