"""Feedback pages go back under the names by which a platform knows them, the same bytes every time."""

import json
import os

import pytest
from entered_class import ADAM
from platforms import canvas_feedback, moodle_feedback

from autograder.errors import DescentError
from autograder.export.export import give_back
from autograder.export.formats import Platform

WORKSHEET = (
    "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)\n"
    "Participant 9001,Ann Able,ann@x.org,,100.00,-\n"
    "Participant 9002,Bob_O/Müller,bob@x.org,,100.00,-\n"
    "Participant 9099,Vera,vera@x.org,,100.00,-\n"
)
CANVAS = {"ann": "ableann_101_7001_05_adam.ipynb", "bob": "mullerbob_LATE_102_7002_05_adam-1.ipynb"}
MOODLE = {
    "ann": "Ann Able_9001_assignsubmission_file_/05_adam.ipynb",
    "bob": "download/Bob Müller_9002_assignsubmission_file_05_adam (1).ipynb",
}


@pytest.fixture
def returned(folder):
    """The class with autograded notebooks and pages of everybody but Zoé."""
    for student in ("ann", "bob", "emil", "fred", "hugo"):
        for path, text in (
            (folder.autograded(student, ADAM), "{}"),
            (folder.feedback(student, ADAM), student),
        ):
            path.parent.mkdir(parents=True)
            path.write_text(text)
    return folder


def collect(folder, platform, files):
    path = folder.path / "collected" / f"{ADAM.name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({s: {"platform": platform, "file": file, "id": ""} for s, file in files.items()})
    )


def packed(folder, platform, worksheet=None, name="pages.zip"):
    source = folder.path.parent / "worksheet.csv"
    if worksheet:
        source.write_text(worksheet)
    return give_back(folder, ADAM, folder.path.parent / name, platform, source if worksheet else None)


def test_moodle_gets_each_page_in_the_folder_of_its_participant(returned):
    collect(returned, "moodle", MOODLE)
    outcome = packed(returned, Platform.MOODLE)
    pages = moodle_feedback(outcome.data, {9001, 9002})
    assert pages == {9001: {"05_adam_feedback.html": b"ann"}, 9002: {"05_adam_feedback.html": b"bob"}}
    assert {entry.who for entry in outcome.left} == {"emil", "fred", "hugo", "zoé"}


def test_moodle_is_served_by_a_worksheet_too(returned):
    pages = moodle_feedback(packed(returned, Platform.MOODLE, WORKSHEET).data, {9001, 9002, 9099})
    assert {number: list(files.values()) for number, files in pages.items()} == {
        9001: [b"ann"],
        9002: [b"bob"],
    }


def test_canvas_gets_each_page_under_the_numbers_of_the_file_that_it_gave(returned):
    collect(returned, "canvas", CANVAS)
    outcome = packed(returned, Platform.CANVAS)
    assert canvas_feedback(outcome.data, {101: 7001, 102: 7002}) == {101: b"ann", 102: b"bob"}
    with pytest.raises(DescentError, match="leave --from out"):
        packed(returned, Platform.CANVAS, WORKSHEET)


def test_the_bytes_are_the_same_every_time(returned):
    collect(returned, "canvas", CANVAS)
    once = packed(returned, Platform.CANVAS).data
    os.utime(returned.feedback("ann", ADAM))
    assert packed(returned, Platform.CANVAS, name="again.zip").data == once


def test_a_page_that_is_not_there_is_told(returned):
    collect(returned, "canvas", CANVAS)
    returned.feedback("bob", ADAM).unlink()
    outcome = packed(returned, Platform.CANVAS)
    assert canvas_feedback(outcome.data, {101: 7001, 102: 7002}) == {101: b"ann"}
    why = {entry.who: entry.why for entry in outcome.left}
    assert why["bob"] == "has no page of these grades: run `autograder grade 05_adam`"
    assert why["fred"] == "is graded, and was not collected from Canvas"
    returned.feedback("ann", ADAM).unlink()
    with pytest.raises(DescentError, match="There is no page of 05_adam to return"):
        packed(returned, Platform.CANVAS)


@pytest.mark.parametrize("platform", Platform)
def test_without_names_it_is_said_where_to_get_them(returned, platform):
    collect(returned, "exchange", CANVAS)
    with pytest.raises(
        DescentError, match=r"collect them from its download with `autograder collect 05_adam"
    ):
        packed(returned, platform)


@pytest.mark.parametrize(
    "file", ["../../ann.ipynb", "/etc/1_2_x", "ann.ipynb", "", "a/../b_1_assignsubmission_x_y/.."]
)
@pytest.mark.parametrize("platform", Platform)
def test_no_name_leads_out_of_the_zip(returned, platform, file):
    collect(
        returned, platform, {"ann": file, "bob": (CANVAS if platform == Platform.CANVAS else MOODLE)["bob"]}
    )
    data = packed(returned, platform).data
    assert b"../" not in data
    assert b"/etc" not in data
