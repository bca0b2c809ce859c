"""From what a platform gives into the gradebook folder, with real notebooks and nbgrader's real database."""

import json
import os
from datetime import datetime

import nbformat
import pytest
from class_zips import LESSON, OTHER, ROSTER, SHEET, canvas, moodle, version
from corpus.archives import zipped
from nbgrader.utils import parse_utc

from autograder.catalogue.sample import answered
from autograder.collect import table
from autograder.collect.collect import collect
from autograder.errors import DescentError
from autograder.grade.grade_class import grade_class
from autograder.grade.handed_in import digest, handed_in

pytestmark = pytest.mark.slow


def tree(folder):
    """All that is below the folder but nbgrader's database, and when it was written."""
    return {
        path.relative_to(folder.path).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.path.rglob("*")
        if path.is_file() and path.name not in ("gradebook.db", ".lock")
    }


def text(folder, student):
    return (folder.path / "submitted" / student / "05_adam" / "05_adam.ipynb").read_bytes()


def kept(folder, student):
    above = folder.path / "collected" / "05_adam" / student
    return [path.read_bytes() for path in sorted(above.glob("*/05_adam.ipynb"))]


def time(folder, student):
    path = folder.path / "submitted" / student / "05_adam" / "timestamp.txt"
    return parse_utc(path.read_text().strip()) if path.exists() else None


def kinds(done):
    return {change.student: change.kind for change in done.changes}


def test_moodle_with_a_roster_and_a_worksheet(folder, given):
    files = given("moodle.zip", moodle()), given("roster.csv", ROSTER), given("Grades.csv", SHEET)
    done = collect(folder, LESSON, *files, zone="Europe/Berlin")
    assert done.platform == "moodle"
    assert kinds(done) == {"bob": "new", "jane": "new", "jm": "new"}
    assert [text(folder, student) for student in ("jane", "jm", "bob")] == list(map(version, (1, 2, 3)))
    assert (done.missing, done.problems, done.class_size) == (["lazy", "zoe"], [], 5)
    assert time(folder, "jane") == datetime(2026, 2, 2, 22, 59)
    assert (time(folder, "jm"), time(folder, "bob")) == (datetime(2026, 2, 3, 7), None)
    with folder.open() as gradebook:
        assert {student.id for student in gradebook.students} == {"jane", "jm", "bob", "zoe", "lazy"}
        assert gradebook.find_student("jm").last_name == "Müller"
    assert json.loads((folder.path / "collected" / "05_adam.json").read_text())["bob"] == {
        "platform": "moodle",
        "file": "Bob ONeil_13_assignsubmission_file_/Zoë's.zip/a/b/05_adam.ipynb",
        "id": "13",
    }


def test_the_same_again_changes_nothing_and_says_so(folder, given):
    files = given("moodle.zip", moodle()), given("roster.csv", ROSTER), given("Grades.csv", SHEET)
    collect(folder, LESSON, *files)
    before = tree(folder)
    done = collect(folder, LESSON, *files)
    assert set(kinds(done).values()) == {"unchanged"}
    assert tree(folder) == before
    assert "Nothing has changed." in table.sentences(done)
    # The roster is in the gradebook.
    assert collect(folder, LESSON, files[0]).missing == ["lazy", "zoe"]


def test_a_dry_run_says_the_same_and_writes_nothing(folder, given):
    files = given("moodle.zip", moodle()), given("roster.csv", ROSTER)
    before = tree(folder)
    dry = collect(folder, LESSON, *files, dry_run=True)
    assert tree(folder) == before
    with folder.open() as gradebook:
        assert gradebook.students == []
    done = collect(folder, LESSON, *files)
    assert kinds(dry) == kinds(done)
    assert dry.missing == done.missing


def test_the_newest_attempt_of_canvas_wins_and_older_ones_stay(folder, given):
    both = canvas(**{"doejane_101_9_05_adam": version(1), "doejane_LATE_101_20_05_adam-1": version(2)})
    roster = given("roster.csv", ROSTER)
    done = collect(folder, LESSON, given("both.zip", both), roster)
    assert done.platform == "canvas"
    assert (kinds(done), text(folder, "jane"), kept(folder, "jane")) == (
        *({"jane": "new"}, version(2), [version(1)]),
    )
    assert done.changes[0].newest.sender.late
    third = given("third.zip", canvas(**{"doejane_LATE_101_30_05_adam-2": version(3)}))
    assert kinds(collect(folder, LESSON, third, roster)) == {"jane": "newer"}
    assert (text(folder, "jane"), kept(folder, "jane")) == (version(3), [version(1), version(2)])
    before = tree(folder)
    older = given("older.zip", canvas(**{"doejane_101_9_05_adam": version(1)}))
    assert kinds(collect(folder, LESSON, older, roster)) == {"jane": "unchanged"}
    assert tree(folder) == before
    # One that nobody has collected, and whose number says that it is older than what is there.
    missed = given("missed.zip", canvas(**{"doejane_101_25_05_adam": version(9)}))
    assert kinds(collect(folder, LESSON, missed, roster)) == {"jane": "older"}
    assert (text(folder, "jane"), kept(folder, "jane")[-1]) == (version(3), version(9))
    record = json.loads((folder.path / "collected" / "05_adam.json").read_text())["jane"]
    assert record == {"platform": "canvas", "file": "doejane_LATE_101_30_05_adam-2.ipynb", "id": "101"}


def test_two_notebooks_of_one_attempt_of_canvas_are_told_of(folder, given):
    two = canvas(**{"doejane_101_9_05_adam": version(1), "doejane_101_8_final": version(2)})
    done = collect(folder, LESSON, given("two.zip", two))
    assert [(problem.who, problem.reason.id) for problem in done.problems] == [("doejane", "two")]
    assert (text(folder, "doejane"), kept(folder, "doejane")) == (version(1), [version(2)])


def test_nbgraders_exchange_keeps_its_times_and_leaves_other_lessons(folder, given, tmp_path):
    for name, data in {
        "jane+05_adam+2026-02-03 10:00:00 UTC+cmFu": version(2),
        "jane+05_adam+2026-02-03 09:00:00 UTC+ZG9t": version(1),
        "bob+05_adam+2026-02-03 09:30:00.5 UTC": version(3),
        "bob+04_rmsprop+2026-02-01 09:30:00 UTC": OTHER.student_path.read_bytes(),
    }.items():
        given(f"inbound/{name}/{name.split('+')[1]}.ipynb", data)
        given(f"inbound/{name}/timestamp.txt", name.split("+")[2])
    done = collect(folder, LESSON, tmp_path / "inbound")
    assert (done.platform, done.elsewhere, done.problems) == ("nbgrader", 1, [])
    assert text(folder, "jane") == version(2)
    assert kept(folder, "jane") == [version(1)]
    assert time(folder, "jane") == datetime(2026, 2, 3, 10)
    assert time(folder, "bob") == datetime(2026, 2, 3, 9, 30, 0, 500000)
    # What came earlier is not taken for newer because it comes now.
    late = given("inbound2/jane+05_adam+2026-02-03 08:00:00 UTC/05_adam.ipynb", version(4)).parent.parent
    assert kinds(collect(folder, LESSON, late)) == {"jane": "older"}
    assert (text(folder, "jane"), kept(folder, "jane")) == (version(2), [version(1), version(4)])


def test_plain_files_that_stand_at_the_wrong_level_of_the_folder_itself(folder):
    submitted = folder.path / "submitted"
    for name in ("jane/05_adam.ipynb", "05_adam/bob/05_adam.ipynb", "zoe/05_adam/05_adam.ipynb"):
        (submitted / name).parent.mkdir(parents=True)
        (submitted / name).write_bytes(version(1))
    done = collect(folder, LESSON, submitted)
    assert kinds(done) == {"bob": "new", "jane": "new", "zoe": "unchanged"}
    assert set(handed_in(folder, LESSON).notebooks) >= {"bob", "jane", "zoe"}
    with pytest.raises(DescentError, match="holds the gradebook folder itself"):
        collect(folder, LESSON, folder.path)


def test_a_student_does_not_say_when_it_was_handed_in(folder, given):
    said = b"2020-01-01 00:00:00 UTC"
    own = zipped({"05_adam.ipynb": version(1), "timestamp.txt": said})
    files = {
        "A_1_assignsubmission_file_/05_adam.ipynb": version(1),
        "A_1_assignsubmission_file_/timestamp.txt": said,
        "B_2_assignsubmission_file_/work.zip": own,
    }
    collect(folder, LESSON, given("moodle.zip", zipped(files)))
    plain = {"C/work.zip": own, "D/05_adam.ipynb": version(1), "D/timestamp.txt": said}
    collect(folder, LESSON, given("plain.zip", zipped(plain)))
    assert [time(folder, student) for student in "ABC"] == [None] * 3
    assert time(folder, "D") == datetime(2020, 1, 1)


def test_what_was_put_there_by_hand_is_kept_too(folder, given):
    place = folder.submit("jane", LESSON, version(7), "my homework.ipynb").parent
    (place / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    (place / "data.csv").write_text("1,2")
    done = collect(folder, LESSON, given("class.zip", zipped({"jane/05_adam.ipynb": version(8)})))
    assert kinds(done) == {"jane": "newer"}
    assert {path.name for path in place.iterdir()} == {"05_adam.ipynb", "data.csv"}
    beside = folder.path / "collected" / "05_adam" / "jane" / "1"
    assert (beside / "05_adam.ipynb").read_bytes() == version(7)
    assert parse_utc((beside / "timestamp.txt").read_text().strip()) == datetime(2026, 1, 1)


def test_stopped_on_the_way_it_goes_on_from_there(folder, given, tmp_path):
    whole = given("both.zip", moodle(**{"05_adam": version(1), "05_adam (1)": version(5)}))
    collect(folder, LESSON, given("first.zip", moodle()))
    # What was there is kept already, and the new one is not in its place yet; a part of it is.
    beside = folder.path / "collected" / "05_adam" / "Jane Doe" / "1"
    beside.mkdir(parents=True)
    (beside / "05_adam.ipynb").write_bytes(version(1))
    (beside.parent / "2").mkdir()
    place = folder.path / "submitted" / "Jane Doe" / "05_adam"
    (place / ".05_adam.ipynb.new").write_bytes(b"{")
    assert kinds(collect(folder, LESSON, whole))["Jane Doe"] == "newer"
    assert (text(folder, "Jane Doe"), kept(folder, "Jane Doe")) == (version(5), [version(1)])
    assert os.listdir(place) == ["05_adam.ipynb"]


def test_what_is_not_the_notebook_is_sorted_out_with_a_reason(folder, given):
    other = OTHER.student_path.read_bytes()
    files = {
        "A_1_assignsubmission_file_/05_adam.ipynb": other,
        "B_2_assignsubmission_file_/answer.py": b"print()",
        "C_3_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
        "D_4_assignsubmission_file_/05_adam.ipynb": b"{",
        "E_5_assignsubmission_file_/notes.ipynb": nbformat.writes(nbformat.v4.new_notebook()).encode(),
        "F_6_assignsubmission_file_/05_adam.ipynb": version(1),
        "F_6_assignsubmission_file_/05_adam (1).ipynb": version(2),
        "G_7_assignsubmission_file_/05_adam.ipynb": version(1),
        "G_7_assignsubmission_file_/report.pdf": b"%PDF",
        "H_8_assignsubmission_file_/work.7z": b"7z",
        "I_9_assignsubmission_file_/05_adam.ipynb": version(1),
        "I_9_assignsubmission_file_/05_adam (1).ipynb": b"not JSON",
        "J_10_assignsubmission_file_/05_adam.ipynb.txt": version(1),
        "K_11_assignsubmission_file_/solution.ipynb": version(1),
        "L_12_assignsubmission_file_/05_adam.ipynb": nbformat.writes(nbformat.v4.new_notebook()).encode(),
        "G_7_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
        "notes on the class.txt": b"",
    }
    done = collect(folder, LESSON, given("moodle.zip", zipped(files)))
    assert {(problem.who, problem.reason.id, problem.lost) for problem in done.problems} == {
        ("A", "other_lesson", True),
        ("B", "not_a_notebook", True),
        ("C", "typed", True),
        ("D", "taken_unreadable", True),
        ("E", "no_lesson", True),
        ("F", "two", False),
        ("G", "not_a_notebook", False),
        ("H", "other_archive", True),
        ("I", "not_the_newest", False),
        ("L", "taken_no_lesson", True),
        ("", "not_a_notebook", True),
    }
    assert [change.student for change in done.changes] == list("DFGIJKL")
    assert (text(folder, "F"), kept(folder, "F")) == (version(2), [version(1)])
    assert (text(folder, "I"), kept(folder, "I")) == (version(1), [b"not JSON"])


def test_what_is_collected_is_graded_and_late_by_its_time(folder, given):
    (folder.path / "nbgrader_config.py").write_text(
        (folder.path / "nbgrader_config.py").read_text()
        + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    )
    folder = type(folder)(folder.path)
    with folder.open() as gradebook:
        gradebook.update_or_create_assignment("05_adam", duedate=datetime(2026, 2, 3))
    right = nbformat.writes(answered(LESSON, {})).encode()
    files = {
        "Jane Doe_11_assignsubmission_file_/05_adam.ipynb": right,
        "Jürgen Müller_12_assignsubmission_file_/homework.ipynb": right + b"\n",
    }
    path, sheet = given("moodle.zip", zipped(files)), given("Grades.csv", SHEET)
    collect(folder, LESSON, path, given("roster.csv", ROSTER), sheet, "UTC")
    (done,) = grade_class(folder, [LESSON], seed=3)
    assert {entry.student: entry.after for entry in done.graded} == {"jane": 10.0, "jm": 0.0}
    # A time that becomes known later makes another submission of it.
    before = digest(folder, "jm", LESSON, handed_in(folder, LESSON).notebooks["jm"])
    sheet.write_text(SHEET.replace("3 February", "1 February"))
    assert kinds(collect(folder, LESSON, path, None, sheet, "UTC")) == {"jane": "unchanged", "jm": "dated"}
    assert digest(folder, "jm", LESSON, handed_in(folder, LESSON).notebooks["jm"]) != before
    (done,) = grade_class(folder, [LESSON], seed=3)
    assert {entry.student: entry.after for entry in done.graded} == {"jm": 10.0}


def test_names_of_files_that_are_none_are_one_sentence(folder, given):
    given("gradebook/collected/05_adam.json", "[]")
    with pytest.raises(DescentError, match="holds no names of files"):
        collect(folder, LESSON, given("moodle.zip", moodle()))


def test_it_goes_where_the_settings_of_the_folder_say(folder, given):
    settings = folder.path / "nbgrader_config.py"
    structure = "{assignment_id}/{nbgrader_step}/{student_id}"
    settings.write_text(
        f"{settings.read_text()}\nc.CourseDirectory.directory_structure = {structure!r}\n"
        'c.CourseDirectory.submitted_directory = "in"\n'
    )
    moved, path = type(folder)(folder.path), given("moodle.zip", moodle())
    assert set(kinds(collect(moved, LESSON, path)).values()) == {"new"}
    assert (moved.path / "05_adam" / "in" / "Jane Doe" / "05_adam.ipynb").read_bytes() == version(1)
    assert set(handed_in(moved, LESSON).notebooks) == {"Jane Doe", "Jürgen Müller", "Bob ONeil"}
    assert set(kinds(collect(moved, LESSON, path)).values()) == {"unchanged"}
