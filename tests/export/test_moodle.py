"""Moodle's grading worksheet comes back with its grades filled in, and everything else as it was."""

import json

import pytest
from entered_class import ADAM, DECAY
from platforms import moodle_import

from autograder.errors import DescentError
from autograder.export.export import export
from autograder.export.formats import Format

HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
ROWS = (
    'Participant 9001,Ann Able,ann@x.org,"Submitted for grading - ",,100.00,Yes,"Monday, 2 March 2026, 5:01 PM",-,',
    "Participant 9002,Bob Müller,bob@x.org,Submitted,50.00,100.00,Yes,-,-,Kept as it is",
    "Participant 9003,Carl Cole,carl@x.org,Submitted,,100.00,Yes,-,-,",
    "Participant 9004,Dora Dean,dora@x.org,No submission,,100.00,Yes,-,-,",
    "Participant 9005,Emil Eder,emil@x.org,Submitted,31.00,100.00,Yes,-,-,",
    "Participant 9006,Fred Falk,fred@x.org,Submitted,,100.00,Yes,-,-,",
    "Participant 9007,Hugo Hall,hugo@x.org,Submitted,,100.00,No,-,-,",
    "Participant 9008,=Zoé Zorn,zoe@x.org,Submitted,,100.00,Yes,-,-,=1+1",
    "Participant 9099,Vera Visitor,vera@x.org,No submission,,100.00,Yes,-,-,",
)
SHEET = "\n".join((HEADER, *ROWS, ""))


def exported(folder, sheet=SHEET, lessons=(ADAM,)):
    """What came of an export, from a worksheet that Moodle gave."""
    source = folder.path.parent / "worksheet.csv"
    source.write_bytes(sheet if isinstance(sheet, bytes) else sheet.encode())
    return export(folder, folder.path.parent / "out.csv", Format.MOODLE, lessons, source)


def test_grades_are_scaled_to_the_maximum_and_nothing_else_is_touched(folder):
    outcome = exported(folder)
    assert moodle_import(outcome.data) == {9001: 100.0, 9002: 71.25, 9005: 31.0, 9008: 0.0}
    pairs = list(zip(SHEET.splitlines(), outcome.data.decode().splitlines(), strict=True))
    assert [old.split(",")[0][-4:] for old, new in pairs if old != new] == ["9001", "9002", "9008"]
    assert "Participant 9002,Bob Müller,bob@x.org,Submitted,71.25,100.00,Yes,-,-,Kept as it is" in (
        outcome.data.decode()
    )


def test_what_moodle_would_leave_out_is_told(folder):
    why = {(entry.who, entry.why) for entry in exported(folder).left if "nbgrader alone" not in entry.why}
    assert why == {
        ("Vera Visitor", "nobody here has this number, login or name"),
        ("carl", "05_adam is not graded: run `autograder grade 05_adam`"),
        ("emil", "05_adam has parts that wait for a manual grade in formgrader"),
        ("fred", "has 110 points: Moodle takes no more than 100"),
        ("hugo", "has a grade that is locked in Moodle"),
    }


def test_the_number_that_was_collected_goes_before_the_address(folder):
    kept = folder.path / "collected" / f"{ADAM.name}.json"
    kept.parent.mkdir()
    entry = {"platform": "moodle", "file": "B_9001_assignsubmission_file_/05_adam.ipynb", "id": "9001"}
    kept.write_text(json.dumps({"bob": entry}))
    sheet = SHEET.replace("ann@x.org", "").replace("bob@x.org", "").replace("Bob Müller", "Rob")
    assert moodle_import(exported(folder, sheet).data)[9001] == 71.25
    kept.write_text("[1]")
    with pytest.raises(DescentError, match="move it away and run `autograder collect 05_adam` again"):
        exported(folder)


def test_names_are_the_last_resort_and_said(folder):
    outcome = exported(folder, SHEET.replace("@x.org", "@other.org").replace("Bob Müller", "MULLER Bob"))
    assert "Found by nothing but the name: ann, bob, carl, dora, emil, fred, hugo, zoé." in outcome.said
    assert moodle_import(outcome.data)[9002] == 71.25


def test_decimal_commas_stay(folder):
    sheet = SHEET.replace(",50.00,100.00", ',"50,00","100,00"').replace(",,100.00", ',,"100,00"')
    outcome = exported(folder, sheet.replace(",31.00,100.00", ',"31,00","100,00"'))
    assert '"71,25","100,00"' in outcome.data.decode()
    assert moodle_import(outcome.data)[9002] == 71.25


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (SHEET.replace("Identifier", "Kennung"), "no column Identifier: download it in Moodle, in English"),
        (SHEET.replace(",Grade,", ",Note,"), "no column Grade:"),
        (SHEET.replace("Last modified (grade)", "x"), r"no column Last modified \(grade\)"),
        (SHEET.replace("Status", "Grade"), "the column Grade more than once"),
        (SHEET.replace("100.00", "Good"), "without points"),
        (SHEET.encode("utf-16"), "not in UTF-8"),
        (SHEET.encode("latin-1"), "not in UTF-8"),
        (SHEET.replace("@x.org", "@y").replace("Full name", "x"), "None of the 9 rows"),
        (HEADER, "None of the 0 rows"),
    ],
)
def test_a_worksheet_that_is_none_is_one_sentence(folder, sheet, sentence):
    with pytest.raises(DescentError, match=sentence) as error:
        exported(folder, sheet)
    assert "\n" not in str(error.value)
    assert not (folder.path.parent / "out.csv").exists()


def test_a_worksheet_is_of_one_lesson_and_needed(folder):
    with pytest.raises(DescentError, match="say which with --lesson"):
        exported(folder, lessons=(ADAM, DECAY))
    with pytest.raises(DescentError, match="with --from"):
        export(folder, folder.path.parent / "out.csv", Format.MOODLE, [ADAM])
