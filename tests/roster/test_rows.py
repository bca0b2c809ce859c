"""Tables as spreadsheets of all countries save them: one and the same."""

import pytest

from autograder.roster.rows import plain, rows

HEADS = ("student", "name")


@pytest.mark.parametrize(
    "data",
    [
        "student,name\nzoe,Zoë Müller\n".encode(),
        "\ufeffstudent,name\r\nzoe,Zoë Müller\r\n".encode(),
        "student;name\nzoe;Zoë Müller\n".encode("cp1252"),
        "sep=;\nstudent;name\nzoe;Zoë Müller\n".encode(),
        "student\tname\nzoe\tZoë Müller\n".encode("utf-16"),
        "sep=\t\nstudent\tname\nzoe\tZoë Müller\n".encode("utf-16"),
        '"Student" , "NAME"\n"zoe" ,"Zoë Müller"\n'.replace(" ,", ",").replace(", ", ",").encode(),
        "\n\nname,other,student\n Zoë Müller ,,zoe\n,,\n".encode(),
        "student,name,more\nzoe,Zoe\u0308 Mu\u0308ller\n".encode(),
        "student,name\rzoe,Zoë Müller\r".encode(),
    ],
)
def test_encodings_separators_and_order_do_not_matter(tmp_path, data):
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    (row,) = rows(path, HEADS, (), "name it")
    assert {head: row.cells[head] for head in HEADS} == {"student": "zoe", "name": "Zoë Müller"}


def test_a_cell_may_hold_separators_and_lines(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text('student,name\njane,"Doe, ""JJ""\nJane"\nbob,Bob\n')
    assert [(row.line, row.cells["name"]) for row in rows(path, HEADS, (), "name it")] == [
        (3, 'Doe, "JJ"\nJane'),
        (4, "Bob"),
    ]


def test_heads_are_known_however_they_are_written():
    assert plain(" LMS_ID ") == plain("lms  id") == "lms id"
