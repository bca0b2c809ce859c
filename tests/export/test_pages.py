"""Feedback pages go back under the names by which a platform knows them, the same bytes every time."""

import json
import os

import pytest
from platforms import canvas_feedback, moodle_feedback
from small_class import LESSON, copy_of, graded_class

from autograder.errors import DescentError
from autograder.export.export import give_back
from autograder.export.formats import Platform
from autograder.grade import feedback

pytestmark = pytest.mark.slow

ROSTER = "student,name,email\nright,Ann Able,ann@x.org\nwrong,Bob Müller,bob@x.org\n"
WORKSHEET = (
    "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 9001,Ann Able,ann@x.org,,100.00,-\n"
    "Participant 9002,Bob_O/Müller,bob@x.org,,100.00,-\n"
    "Participant 9099,Vera,vera@x.org,,100.00,-\n"
)
CANVAS = {"right": "ableann_101_7001_05_adam.ipynb", "wrong": "mullerbob_LATE_102_7002_05_adam-1.ipynb"}
MOODLE = {
    "right": "Ann Able_9001_assignsubmission_file_/05_adam.ipynb",
    "wrong": "download/Bob Müller_9002_assignsubmission_file_05_adam (1).ipynb",
}


OTHERS = {"untouched", "O'Neil, Jr", "zoé", "renamed", "late"}


@pytest.fixture(scope="module")
def class_of_all(tmp_path_factory):
    """The small class, graded; not to be changed."""
    folder, _ = graded_class(tmp_path_factory.mktemp("course") / "gradebook")
    return folder


@pytest.fixture
def folder(class_of_all, tmp_path):
    """The same class, to change."""
    return copy_of(class_of_all, tmp_path)


def page(folder, student):
    return folder.feedback(student, LESSON).read_bytes()


def collect(folder, platform, files):
    path = folder.path / "collected" / f"{LESSON.name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({s: {"platform": platform, "file": file, "id": ""} for s, file in files.items()})
    )


def packed(folder, platform, worksheet=None, name="pages.zip"):
    source, roster = (folder.path.parent / file for file in ("worksheet.csv", "roster.csv"))
    roster.write_text(ROSTER)
    if worksheet:
        source.write_text(worksheet)
    given = source if worksheet else None
    return give_back(folder, LESSON, folder.path.parent / name, platform, given, roster)


def test_moodle_gets_each_page_in_the_folder_of_its_participant(folder):
    collect(folder, "moodle", MOODLE)
    outcome = packed(folder, Platform.MOODLE)
    pages = moodle_feedback(outcome.data, {9001, 9002})
    assert pages == {
        9001: {"05_adam_feedback.html": page(folder, "right")},
        9002: {"05_adam_feedback.html": page(folder, "wrong")},
    }
    assert {entry.who for entry in outcome.left} == OTHERS


def test_moodle_is_served_by_a_worksheet_too(folder):
    pages = moodle_feedback(packed(folder, Platform.MOODLE, WORKSHEET).data, {9001, 9002, 9099})
    assert {number: list(files.values()) for number, files in pages.items()} == {
        9001: [page(folder, "right")],
        9002: [page(folder, "wrong")],
    }


def test_canvas_gets_each_page_under_the_numbers_of_the_file_that_it_gave(folder):
    collect(folder, "canvas", CANVAS)
    outcome = packed(folder, Platform.CANVAS)
    assert canvas_feedback(outcome.data, {101: 7001, 102: 7002}) == {
        101: page(folder, "right"),
        102: page(folder, "wrong"),
    }
    with pytest.raises(DescentError, match="leave --from out"):
        packed(folder, Platform.CANVAS, WORKSHEET)


def test_the_bytes_are_the_same_every_time(folder):
    collect(folder, "canvas", CANVAS)
    once = packed(folder, Platform.CANVAS).data
    os.utime(folder.feedback("right", LESSON))
    assert packed(folder, Platform.CANVAS, name="again.zip").data == once


def test_a_page_that_is_not_there_is_told(folder):
    collect(folder, "canvas", CANVAS)
    folder.feedback("wrong", LESSON).unlink()
    outcome = packed(folder, Platform.CANVAS)
    assert canvas_feedback(outcome.data, {101: 7001, 102: 7002}) == {101: page(folder, "right")}
    why = {entry.who: entry.why for entry in outcome.left}
    assert why["wrong"] == "has no page of these grades: run `autograder grade 05_adam`"
    assert why["late"] == "is graded, and was not collected from Canvas"
    folder.feedback("right", LESSON).unlink()
    with pytest.raises(DescentError, match="There is no page of 05_adam to return"):
        packed(folder, Platform.CANVAS)


def test_a_page_that_shows_other_grades_is_not_returned(folder):
    collect(folder, "canvas", CANVAS)
    with folder.open() as gradebook:
        gradebook.find_grade("check_AdamW", LESSON.name, LESSON.name, "wrong").manual_score = 2.25
        gradebook.db.commit()
    outcome = packed(folder, Platform.CANVAS)
    assert canvas_feedback(outcome.data, {101: 7001, 102: 7002}) == {101: page(folder, "right")}
    assert {entry.who: entry.why for entry in outcome.left}["wrong"].startswith("has no page of these grades")
    assert list(feedback.write(folder, LESSON, feedback.stale(folder, LESSON), 1)) == [
        feedback.Tried("wrong")
    ]
    again = packed(folder, Platform.CANVAS)
    assert canvas_feedback(again.data, {101: 7001, 102: 7002})[102] == page(folder, "wrong")


@pytest.mark.parametrize("platform", Platform)
def test_without_names_it_is_said_where_to_get_them(folder, platform):
    collect(folder, "exchange", CANVAS)
    with pytest.raises(
        DescentError, match=r"collect them from its download with `autograder collect 05_adam"
    ):
        packed(folder, platform)


@pytest.mark.parametrize(
    "file", ["../../ann.ipynb", "/etc/1_2_x", "ann.ipynb", "", "a/../b_1_assignsubmission_x_y/.."]
)
@pytest.mark.parametrize("platform", Platform)
def test_no_name_leads_out_of_the_zip(folder, platform, file):
    collect(
        folder,
        platform,
        {"right": file, "wrong": (CANVAS if platform == Platform.CANVAS else MOODLE)["wrong"]},
    )
    data = packed(folder, platform).data
    assert b"../" not in data
    assert b"/etc" not in data
