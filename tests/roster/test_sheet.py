"""CSV files are read as they come, and what is not written to stays byte for byte."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.roster.sheet import Sheet, SheetError, quoted

TEXT = st.text(st.sampled_from('ab",;\t\n =é\u200b'), max_size=5)


@settings(max_examples=40)
@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_cells_are_those_that_were_written(tmp_path_factory, rows, delimiter):
    rows = [["Student", "ID", "Section"], *rows]
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows(rows)
    path = tmp_path_factory.getbasetemp() / "some.csv"
    path.write_bytes(made.getvalue().encode())
    sheet = Sheet.read(path)
    assert sheet.data() == made.getvalue().encode()
    assert [[sheet.cell(n, m) for m in range(len(row))] for n, row in enumerate(rows)] == rows
    sheet.put(0, 1, 'a "new"\nname')
    assert next(csv.reader(io.StringIO(sheet.data().decode()), delimiter=delimiter))[1] == 'a "new"\nname'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheet_programs_are_read_and_kept(tmp_path, encoding):
    path = tmp_path / "roster.csv"
    path.write_bytes("student;name\r\nzoé;Zoé Zorn\r\n".encode(encoding))
    sheet = Sheet.read(path)
    assert (sheet.names(), sheet.cell(1, 1)) == (["student", "name"], "Zoé Zorn")
    assert sheet.data() == path.read_bytes()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "There is no file"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"\xff\xfea", "is no text"),
        (b"a,b\n\0\0", "is no text"),
        (b"\x81\x8d\x8f", "is no text"),
        (b"PK\x03\x04", "is a workbook"),
        (b"\xd0\xcf\x11\xe0", "is a workbook"),
        (b'a,b\n1,"2', "line 2"),
        (b'a,b\n1,"2"x', "line 2"),
    ],
)
def test_what_is_no_csv_is_one_sentence(tmp_path, data, sentence):
    path = tmp_path / "some.csv"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SheetError, match=sentence):
        Sheet.read(path)
    with pytest.raises(SheetError, match="is a folder"):
        Sheet.read(tmp_path)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "some.csv"
    with path.open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(SheetError, match="larger than 20 MB"):
        Sheet.read(path)


def test_a_new_column_ends_every_line(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("a,b\n1\n\n1,2\n")
    sheet = Sheet.read(path)
    assert sheet.append("c,d") == 2
    assert sheet.data().decode() == 'a,b,"c,d"\n1,,\n\n1,2,\n'


@pytest.mark.parametrize("before", ["\n", "\r\n\r\n", ",,\n", "sep=;\r\n", '\n"SEP=;"\n\n'])
def test_lines_before_the_heads_are_left_out_and_counted(tmp_path, before):
    path = tmp_path / "some.csv"
    path.write_bytes(f'{before}student;name\nzoe;"Z\n"\n'.encode())
    sheet = Sheet.read(path)
    assert (sheet.names(), sheet.data()) == (["student", "name"], b'student;name\nzoe;"Z\n"\n')
    count = before.replace("\r\n", "\n").count("\n")
    assert list(sheet.lines()) == [count + 1, count + 3]


def test_what_a_cell_holds_is_quoted_where_it_must_be():
    assert (quoted("plain"), quoted('a,"b"')) == ("plain", '"a,""b"""')
