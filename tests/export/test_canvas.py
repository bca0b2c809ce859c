"""Canvas's own gradebook comes back with the points of lessons in it, and everything else as it was."""

import csv
import io

import pytest
from entered_class import ADAM, DECAY
from platforms import canvas_import

from autograder.errors import DescentError
from autograder.export.export import export
from autograder.export.formats import Format
from autograder.export.matching import Left

NAME = "05 Adam and AdamW (4711)"
HEADER = (
    f"Student,ID,SIS User ID,SIS Login ID,Section,Essay (12),{NAME},Assignments Current Score,Final Grade"
)
ROWS = (
    ",,,,,,Manual Posting,,",
    "    Points Possible,,,,,10.00,20.00,(read only),(read only)",
    '"Able, Ann",101,,ann@x.org,"S1, S2",7.50,,75.00,C',
    '"Müller, Bob",102,sis2,bob,S1,,3.00,,',
    '"Cole, Carl",103,,,S1,,,,',
    '"Dean, Dora",104,,,S1,4.00,1.00,,',
    '"Eder, Emil",105,,,S1,,,,',
    '"Falk, Fred",106,,,S1,,EX,,',
    '"Hall, Hugo",107,,,S1,,N/A,,',
    '"=""Zoé"", Zorn",108,,,S1,,,,',
    '"Visitor, Vera",999,,,S1,,,,',
    '"Student, Test",200,,9ca8f2e15b8f1c7a5f0be0e5fd9c0ac2e1f7aa01,S1,,,,',
)
BOOK = "\r\n".join((HEADER, *ROWS, ""))


def exported(folder, book=BOOK, lessons=(ADAM,), columns=(), name="out.csv", roster=None):
    """What came of an export, from a file that Canvas gave."""
    source = folder.path.parent / "canvas.csv"
    source.write_bytes(book if isinstance(book, bytes) else book.encode())
    return export(folder, folder.path.parent / name, Format.CANVAS, lessons, source, roster, columns)


def test_points_are_scaled_to_the_column_and_nothing_else_is_touched(folder):
    outcome = exported(folder)
    points, grades = canvas_import(outcome.data)
    assert points == {"Essay (12)": "10.00", NAME: "20.00"}
    assert {id: grade for (id, name), grade in grades.items() if name == NAME} == {
        "101": 20.0,
        "102": 14.25,
        "104": 1.0,
        "106": "EX",
        "107": "N/A",
        "108": 0.0,
    }
    lines = zip(BOOK.split("\r\n"), outcome.data.decode().split("\r\n"), strict=True)
    changed = [(old, new) for old, new in lines if old != new]
    assert [new for _, new in changed] == [
        '"Able, Ann",101,,ann@x.org,"S1, S2",7.50,20,75.00,C',
        '"Müller, Bob",102,sis2,bob,S1,,14.25,,',
        '"=""Zoé"", Zorn",108,,,S1,,0,,',
    ]
    assert "05_adam has 10 points, the column 20: multiplied by 2." in outcome.said


def test_who_gets_nothing_is_told_with_the_reason(folder):
    why = {entry.who: entry.why for entry in exported(folder).left if "nbgrader alone" not in entry.why}
    assert why == {
        "Visitor, Vera (999)": "nobody here has this number, login or name",
        "carl": "05_adam is not graded: run `autograder grade 05_adam`",
        "emil": "05_adam has parts that wait for a manual grade in formgrader",
        "fred": "is excused in Canvas",
        "hugo": "is not assigned the lesson in Canvas",
    }


def test_a_lesson_without_a_column_gets_one(folder):
    outcome = exported(folder, lessons=(ADAM, DECAY))
    points, grades = canvas_import(outcome.data)
    assert points[DECAY.title] == "10"
    assert [(id, grade) for (id, name), grade in grades.items() if name == DECAY.title] == [("101", 10.0)]
    assert all(line.count(",") >= HEADER.count(",") + 1 for line in outcome.data.decode().splitlines())


def test_what_comes_back_is_taken_as_it_is(folder):
    once = exported(folder)
    again = exported(folder, once.data)
    assert again.data == once.data


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_semicolons_decimal_commas_and_a_mark_stay(folder, mark):
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=";").writerows(
        csv.reader(BOOK.replace(".00", "_00").replace(".50", "_50").splitlines())
    )
    data = exported(folder, mark + made.getvalue().replace("_", ",").encode()).data
    assert data.startswith(mark + b"Student;ID")
    _, grades = canvas_import(data)
    assert grades["102", NAME] == 14.25
    assert ";14,25;" in data.decode()


def test_columns_are_chosen_by_name_or_number(folder):
    two = BOOK.replace("Essay (12)", "05 Adam and AdamW (12)")
    with pytest.raises(DescentError, match=r"may be 05 Adam and AdamW \(12\) and .* choose one") as error:
        exported(folder, two)
    assert '--column "05_adam=05 Adam and AdamW (12)"' in str(error.value)
    for choice in ("12", "05 Adam and AdamW (12)"):
        _, grades = canvas_import(exported(folder, two, columns=[f"05_adam={choice}"]).data)
        assert grades["102", "05 Adam and AdamW (12)"] == 7.125
    _, grades = canvas_import(exported(folder, columns=["05_adam=Essay"]).data)
    assert grades["101", "Essay (12)"] == 10.0


def test_students_are_known_by_a_roster_before_the_gradebook(folder):
    roster = folder.path.parent / "roster.csv"
    roster.write_text("student,name,email,lms_id\nann,,,102\nbob,,,101\n")
    outcome = exported(folder, roster=roster)
    assert (
        Left("Able, Ann (101)", "its numbers and logins say ann or bob: check them, or the roster")
        in outcome.left
    )
    book = BOOK.replace("ann@x.org", "").replace(",sis2,bob,", ",,,")
    _, grades = canvas_import(exported(folder, book, roster=roster, name="other.csv").data)
    assert (grades["101", NAME], grades["102", NAME]) == (14.25, 20.0)


def test_first_and_last_names_may_have_columns_of_their_own(folder):
    book = "LastName,FirstName,ID,SIS Login ID,Section,05 Adam (1)\nAble,Ann,101,,S,\nDoe,Jo,,,S,\n"
    assert b"Able,Ann,101,,S,10\n" in exported(folder, book).data


@pytest.mark.parametrize(
    ("book", "columns", "sentence"),
    [
        ("", (), "is empty"),
        ("Name,Grade\nAnn,1\n", (), "no column Student"),
        ("Student,Section\nAnn,1\n", (), "no column ID"),
        ("Student,ID,05 Adam (1)\nAnn,1,\n", (), "no column Section"),
        ("Student,ID,Section,A (1)\nStranger,1,S,\n", (), "None of the 1 rows"),
        ("Student,ID,Section,A (1)\n", (), "None of the 0 rows"),
        (BOOK.encode("utf-16"), (), "not in UTF-8"),
        (BOOK.encode("cp1252"), (), "not in UTF-8"),
        (BOOK.replace(",", "\t"), (), "not in UTF-8 with commas"),
        ("Student,ID\n\0", (), "is no text"),
        (b"PK\x03\x04workbook", (), "is a workbook"),
        ('Student,ID,"Section\n', (), "quotation marks in line 1"),
        (BOOK, ["05_adam=Nothing"], "no column Nothing"),
        (BOOK, ["Essay"], "says no column of a lesson"),
        (BOOK, ["06_lr_decay=Essay"], "says no column of a lesson"),
    ],
)
def test_a_file_that_is_none_is_one_sentence_and_nothing_is_written(folder, book, columns, sentence):
    with pytest.raises(DescentError, match=sentence) as error:
        exported(folder, book, columns=columns)
    assert "\n" not in str(error.value)
    assert not (folder.path.parent / "out.csv").exists()


def test_two_lessons_are_not_put_into_one_column(folder):
    with pytest.raises(DescentError, match="Two lessons would go into the column"):
        exported(folder, lessons=(ADAM, DECAY), columns=["05_adam=12", "06_lr_decay=12"])


def test_a_student_twice_gets_nothing_in_either_row(folder):
    book = BOOK.replace('"Visitor, Vera",999,,', '"Able, Annie",999,ann,')
    outcome = exported(folder, book)
    twice = [
        entry.who for entry in outcome.left if entry.why == "the rows 4, 12 are all ann: none is filled in"
    ]
    assert twice == ["Able, Ann (101)", "Able, Annie (999)"]
    assert {key for key in canvas_import(outcome.data)[1] if key[0] == "101"} == {("101", "Essay (12)")}
