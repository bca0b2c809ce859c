"""Rosters: what one says of the class, what nbgrader keeps of it, one sentence for each that can't be used."""

import pytest

from autograder.catalogue.lesson import find
from autograder.grade.folder import CourseFolder
from autograder.grade.scores import Person, people
from autograder.roster import roster
from autograder.roster.roster import Roster, Student, everybody
from autograder.roster.sheet import SheetError

CLASS = (
    Student("jane", "Doe, Jane Ann", "jane@example.org", "7001"),
    Student("jm", "Jürgen Müller", "", "7002"),
    Student("bob", "Bob O'Neil"),
    Student("lee1", "Kim Lee", "kim1@example.org", "7004"),
    Student("lee2", "Lee Kim", "kim2@example.org", "7005"),
    Student("mmm", "Maria Mercedes de la Cruz y Santos"),
    Student("wang", "王小明"),
)
PEOPLE = {"ann": Person("ann", "Ann", "Able", "ann@x.org", "101")}


@pytest.fixture
def known():
    made = Roster()
    for student in CLASS:
        made.add(student)
    return made


def test_a_roster_goes_before_what_the_gradebook_knows(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("\ufeffStudent;Name;Email;lms_id\nann;;;7\n;;;\nbob;;bob@x.org;\n", encoding="utf-8")
    assert everybody(PEOPLE, path) == {
        "ann": Student("ann", "Ann Able", "ann@x.org", "7"),
        "bob": Student("bob", "", "bob@x.org", ""),
    }
    assert everybody(PEOPLE) == {"ann": Student("ann", "Ann Able", "ann@x.org", "101")}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,email\nAnn,a@x.org\n", "no column student"),
        ("student,email\nann,a@x.org\n", "no column name"),
        ("student,name,name,email\nann,A,B,\n", "the column name more than once"),
        ("student,name,email,lms_id,LMS ID\nann,A,,1,2\n", "the column lms_id more than once"),
        ("student,name,email\nann,A,\nann,B,\n", "line 3: the student 'ann' stands in line 2 already"),
        ("student,name,email\n,Nobody,\n", "line 2: '' can't be a student's id"),
        ("", "is empty"),
    ],
)
def test_a_roster_that_cannot_be_used_is_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(SheetError, match=sentence):
        everybody(PEOPLE, path)


def test_a_roster_is_read_and_its_last_column_may_be_missing(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("Student;Name;E-mail;Email\njane;Doe, Jane;;jane@example.org\nbob;;;\n")
    known = roster.read(path)
    assert list(known.students.values()) == [
        *(Student("jane", "Doe, Jane", "jane@example.org"), Student("bob"))
    ]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Jane Ann Doe", "Jane Ann", "Doe"), ("Doe, Jane", "Jane", "Doe"), ("Jane", "", "Jane"), ("", "", "")],
)
def test_a_name_in_two(name, first, last):
    assert Student("x", name).first_and_last == (first, last)


@pytest.mark.slow
def test_nbgrader_knows_the_class_afterwards_and_it_comes_back_from_there(known, tmp_path):
    folder = CourseFolder(tmp_path)
    folder.setup([find("05_adam")])
    with folder.open() as gradebook:
        gradebook.add_student("bob")
        gradebook.add_student("visitor")
        known.enter(gradebook)
        known.enter(gradebook)
        assert {student.id for student in gradebook.students} == {*known.students, "visitor"}
        jane = gradebook.find_student("jane")
        assert (jane.first_name, jane.last_name, jane.email, jane.lms_user_id) == (
            *("Jane Ann", "Doe", "jane@example.org", "7001"),
        )
        again = roster.of_people(people(gradebook))
    assert set(again.students) == set(known.students)
    assert [student.id for student in again.by_name("doe jane ann")] == ["jane"]
    assert again.by_lms_id("7005") == Student("lee2", "Lee Kim", "kim2@example.org", "7005")
