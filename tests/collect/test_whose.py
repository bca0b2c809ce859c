"""Students are found by whatever a platform calls them, and nobody is taken for somebody else."""

import pytest

from autograder.collect.platforms import Sender
from autograder.collect.reasons import Refused
from autograder.collect.whose import Matcher
from autograder.roster.roster import Roster, Student

CLASS = (
    Student("jane", "Doe, Jane Ann", "jane@example.org", "7001"),
    Student("jm", "Jürgen Müller", "", "7002"),
    Student("bob", "Bob O'Neil"),
    Student("lee1", "Kim Lee", "kim1@example.org", "7004"),
    Student("lee2", "Lee Kim", "kim2@example.org", "7005"),
    Student("mmm", "Maria Mercedes de la Cruz y Santos"),
    Student("wang", "王小明"),
)


@pytest.fixture
def known():
    made = Roster()
    for student in CLASS:
        made.add(student)
    return made


@pytest.mark.parametrize(
    ("platform", "sender", "student"),
    [
        ("canvas", Sender("doejaneann", "7001"), "jane"),
        ("canvas", Sender("doejaneann", "1"), "jane"),
        ("canvas", Sender("whoever", "7001"), "jane"),
        ("canvas", Sender("mullerjurgen", "1"), "jm"),
        ("canvas", Sender("müllerjürgen", "1"), "jm"),
        ("canvas", Sender("leekim", "7005"), "lee2"),
        ("moodle", Sender("Jane Ann Doe", "3"), "jane"),
        ("moodle", Sender("Juergen MUELLER", "3"), "jm"),
        ("moodle", Sender("Bob ONeil", "3"), "bob"),
        ("moodle", Sender("Bob O\u2019Neil", "3"), "bob"),
        ("moodle", Sender("Kim Lee", "7004"), "lee1"),
        ("moodle", Sender("Maria Mercedes de la Cruz y Santos", "3"), "mmm"),
        ("moodle", Sender("王小明", "3"), "wang"),
        ("nbgrader", Sender("bob"), "bob"),
        ("plain", Sender("BOB"), "bob"),
        ("plain", Sender("jane@example.org"), "jane"),
        ("plain", Sender("7002"), "jm"),
    ],
)
def test_a_student_is_found(known, platform, sender, student):
    assert Matcher(platform, known, None, []).student(sender, "file") == student


@pytest.mark.parametrize(
    ("platform", "sender", "id"),
    [
        ("moodle", Sender("Jane Janet", "3"), "stranger"),
        ("moodle", Sender("Kim Lee", "3"), "namesakes"),
        # Moodle's number is the participant's of one assignment: that it is somebody's in the roster is chance.
        ("moodle", Sender("New Person", "7001"), "stranger"),
        ("moodle", Sender("Participant", "7001", hidden=True), "hidden"),
        ("canvas", Sender("", "x7Qpz", hidden=True), "hidden"),
        ("plain", Sender("7003"), "stranger"),
    ],
)
def test_nobody_is_taken_for_another(known, platform, sender, id):
    with pytest.raises(Refused) as error:
        Matcher(platform, known, None, []).student(sender, "file")
    assert error.value.reason.id == id


def test_without_a_roster_two_of_one_name_are_told_of():
    senders = [Sender("Kim Lee", "3"), Sender("Kim Lee", "4"), Sender("Bob", "5")]
    matcher = Matcher("moodle", Roster(), None, senders)
    assert matcher.student(senders[2], "file") == "Bob"
    with pytest.raises(Refused, match="2 people are called Kim Lee"):
        matcher.student(senders[0], "file")
