"""Whose a file is by the names that Moodle, Canvas and nbgrader's exchange give, and by plain ones."""

from datetime import datetime

import pytest

from autograder.collect import plain
from autograder.collect.archive import Entry
from autograder.collect.platforms import PLATFORMS, number, recognised
from autograder.roster.roster import Roster, Student

LESSONS = ("04_rmsprop", "05_adam")


def entry(name):
    return Entry(tuple(name.split("/")), 1, None, bytes)


@pytest.mark.parametrize(
    ("name", "who", "id", "file"),
    [
        ("Jane Doe_12345_assignsubmission_file_/05_adam.ipynb", "Jane Doe", "12345", "05_adam.ipynb"),
        ("Jane Doe_12345_assignsubmission_file/05_adam.ipynb", "Jane Doe", "12345", "05_adam.ipynb"),
        ("Jane Doe_12345_assignsubmission_file_05_adam (1).ipynb", "Jane Doe", "12345", "05_adam (1).ipynb"),
        ("all/Zoë d'Arc_9_assignsubmission_file_/a/b.ipynb", "Zoë d'Arc", "9", "b.ipynb"),
        (
            "Jane Doe_12345_assignsubmission_file_/work.zip/05_adam.ipynb",
            "Jane Doe",
            "12345",
            "05_adam.ipynb",
        ),
        ("A_1 B_22_assignsubmission_file_/x.ipynb", "A_1 B", "22", "x.ipynb"),
    ],
)
def test_moodle(name, who, id, file):
    assert recognised([entry(name)]) == "moodle"
    sender = PLATFORMS["moodle"](entry(name))
    assert (sender.name, sender.id, sender.file, sender.typed) == (who, id, file, False)


def test_what_moodle_says_besides():
    typed = PLATFORMS["moodle"](entry("Jane Doe_12_assignsubmission_onlinetext_/onlinetext.html"))
    hidden = PLATFORMS["moodle"](entry("Participant_12_assignsubmission_file_/05_adam.ipynb"))
    assert (typed.typed, typed.hidden, hidden.typed, hidden.hidden) == (True, False, False, True)


@pytest.mark.parametrize(
    ("name", "who", "id", "late", "file", "attempt"),
    [
        ("doejane_101_90001_05_adam.ipynb", "doejane", "101", False, "05_adam.ipynb", 90001),
        ("doejane_LATE_101_90002_05_adam-1.ipynb", "doejane", "101", True, "05_adam-1.ipynb", 90002),
        ("müllerjürgen_102_90003_05_adam-2.ipynb", "müllerjürgen", "102", False, "05_adam-2.ipynb", 90003),
        ("submissions/oneil_x_103_90004_my work.ipynb", "oneil_x", "103", False, "my work.ipynb", 90004),
        ("course_7_2026_all/doejane_101_90001_x.ipynb", "doejane", "101", False, "x.ipynb", 90001),
        ("doejane_101_90001_work.zip/05_adam.ipynb", "doejane", "101", False, "05_adam.ipynb", 90001),
    ],
)
def test_canvas(name, who, id, late, file, attempt):
    assert recognised([entry(name)]) == "canvas"
    sender = PLATFORMS["canvas"](entry(name))
    assert (sender.name, sender.id, sender.late, sender.file) == (who, id, late, file)
    assert number("canvas", name) == sender.number == attempt


def test_what_canvas_says_besides():
    typed = PLATFORMS["canvas"](entry("doejane_LATE_101_text.html"))
    assert (typed.name, typed.id, typed.typed, typed.late) == ("doejane", "101", True, True)
    for name in ("anon_x7Qpz_90001_05_adam.ipynb", "LATE_anon_x7Qpz_90001_05_adam.ipynb"):
        hidden = PLATFORMS["canvas"](entry(name))
        assert (hidden.hidden, hidden.id, hidden.file) == (True, "x7Qpz", "05_adam.ipynb")


def test_nbgraders_exchange():
    name = "inbound/jane+x+05_adam+2026-02-03 04:05:06.123456 UTC+cmFuZG9t/05_adam.ipynb"
    assert recognised([entry(name)]) == "nbgrader"
    sender = PLATFORMS["nbgrader"](entry(name))
    assert (sender.name, sender.lesson) == ("jane+x", "05_adam")
    assert sender.time == datetime(2026, 2, 3, 4, 5, 6, 123456)
    older = PLATFORMS["nbgrader"](entry("jane+05_adam+2026-02-03 04:05:06 CET/05_adam.ipynb"))
    assert older.time == datetime(2026, 2, 3, 3, 5, 6)


def who(*names, roster=()):
    known = Roster()
    for student in roster:
        known.add(student)
    found = plain.senders(map(entry, names), LESSONS, known)
    return [sender and sender.name for sender in found.values()]


@pytest.mark.parametrize(
    "names",
    [
        ("jane/05_adam/05_adam.ipynb", "bob/05_adam/x.ipynb"),
        ("jane/05_adam.ipynb", "bob/homework.ipynb"),
        ("05_adam/jane.ipynb", "05_adam/bob.ipynb"),
        ("jane.ipynb", "bob (1).ipynb"),
        ("05_adam/jane/05_adam.ipynb", "05_adam/bob/05_adam.ipynb"),
        ("class/submitted/jane/05_adam.ipynb", "class/submitted/bob/05_adam.ipynb"),
        ("class/jane/a/b/05_adam.ipynb", "class/bob/05_adam.ipynb"),
        ("jane_05_adam.ipynb", "05_adam-bob.ipynb"),
        ("jane.zip/05_adam.ipynb", "bob.zip/05_adam/05_adam.ipynb"),
    ],
)
def test_plain_files_at_any_level(names):
    assert recognised(map(entry, names)) == "plain"
    assert who(*names) == ["jane", "bob"]


def test_one_file_alone_and_one_that_nothing_tells_of():
    assert who("jane/05_adam.ipynb") == ["jane"]
    assert who("05_adam.ipynb") == [None]
    assert who("05_adam/05_adam (2).ipynb") == [None]


def test_with_a_roster_the_name_that_is_in_it_counts_at_whatever_level():
    students = (Student("jane", "Jane Doe", "", "77"), Student("bob", "Bob Roe"))
    names = ("group 1/Jane Doe/hw/x.ipynb", "group 2/hw/bob.ipynb", "group 1/77/05_adam.ipynb")
    assert who(*names, roster=students) == ["Jane Doe", "bob", "77"]


def test_nobody_hands_in_for_another_by_a_folder_of_their_own():
    students = (Student("jane", "Jane Doe"), Student("bob", "Bob Roe"))
    names = ("Jane Doe.zip/bob/05_adam.ipynb", "jane/Bob Roe_05_adam.ipynb")
    assert who(*names, roster=students) == ["Jane Doe", "jane"]
    own = "doejane_101_9_work.zip/roebob_102_10_05_adam.ipynb", "doejane_101_9_roebob_102_10_05_adam.ipynb"
    assert [PLATFORMS["canvas"](entry(name)).id for name in own] == ["101", "101"]
    own = "Jane Doe_1_assignsubmission_file_/Bob Roe_2_assignsubmission_file_/05_adam.ipynb"
    assert PLATFORMS["moodle"](entry(own)).name == "Jane Doe"


def test_a_plain_name_that_looks_like_canvas_does_not_make_it_canvas():
    assert recognised(map(entry, ["a_2024_05_05_adam.ipynb", "jane/x.ipynb", "bob/x.ipynb"])) == "plain"
