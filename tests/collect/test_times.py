"""Moodle's grading worksheet says when it was handed in, and who is behind a number."""

from datetime import datetime

import pytest

from autograder.collect.platforms import Sender
from autograder.collect.times import read
from autograder.errors import DescentError

SHEET = """\ufeffIdentifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade",\
"Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 101","Jane Doe",s1,jane@example.org,"Submitted for grading",,10.00,Yes,"Monday, 2 February 2026, 11:59 PM",-,"a
b"
"Participant 102","Kim Lee",s2,kim@example.org,"Submitted for grading",,10.00,Yes,"Wednesday, 1 July 2026, 12:05 AM",-,
"Participant 103","Kim Lee",s3,lee@example.org,"No submission",,10.00,Yes,-,-,
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "Grades.csv"
    made.write_text(SHEET)
    return made


def test_times_are_read_in_their_zone_and_its_summer(path):
    sheet = read(path, "Europe/Berlin")
    assert sheet.zone == "Europe/Berlin"
    assert sheet.of(Sender("whoever", "101")).time == datetime(2026, 2, 2, 22, 59)
    assert sheet.of(Sender("whoever", "102")).time == datetime(2026, 6, 30, 22, 5)
    assert sheet.of(Sender("whoever", "103")).time is None


def test_who_has_no_number_is_found_by_name_if_that_is_one_persons(path):
    sheet = read(path, "UTC")
    assert sheet.of(Sender("jane doe")).email == "jane@example.org"
    assert sheet.of(Sender("Kim Lee")) is None
    assert sheet.of(Sender("Nobody")) is None


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_is_none_is_one_sentence(path, zone):
    with pytest.raises(DescentError, match="There is no time zone"):
        read(path, zone)
