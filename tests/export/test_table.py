"""The table of everything."""

import csv
import io

import pytest
from entered_class import ADAM, DECAY

from autograder.errors import DescentError
from autograder.export.export import export
from autograder.export.formats import Format
from autograder.export.table import harmless


def rows_of(folder, lessons=(), roster=None):
    data = export(folder, folder.path.parent / "out.csv", Format.TABLE, lessons, roster=roster).data
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return {row["student"]: row for row in rows}


def test_every_student_has_a_row_with_all_parts(folder):
    rows = rows_of(folder, [ADAM])
    fred, hugo = rows["fred"], rows["hugo"]
    assert [fred[f"05_adam {part}"] for part in ("total of 10", "automatic", "by hand", "late")] == [
        "11",
        "9",
        "2",
        "",
    ]
    assert [hugo[f"05_adam {part}"] for part in ("total of 10", "automatic", "by hand", "late")] == [
        "7",
        "9",
        "",
        "2",
    ]
    assert (fred["05_adam amsgrad_update of 1.5"], fred["05_adam AdamW of 2.5"]) == ("2.5", "2.5")


def test_what_is_not_graded_is_empty_and_says_why(folder):
    rows = rows_of(folder)
    assert [rows[student]["05_adam total of 10"] for student in ("carl", "dora", "emil", "zoé")] == [
        ""
    ] * 3 + ["0"]
    assert [rows[student]["05_adam state"] for student in ("carl", "dora")] == ["waiting", "missing"]
    assert rows["emil"]["05_adam flags"] == "waits for a manual grade"
    assert (rows["ann"]["total of 20"], rows["ann"]["lessons graded"]) == ("20", "2")
    assert (rows["dora"]["total of 20"], rows["dora"]["lessons graded"]) == ("", "0")


def test_lessons_are_those_that_were_handed_in_or_asked_for(folder):
    assert any(name.startswith(DECAY.name) for name in rows_of(folder)["ann"])
    assert not any(name.startswith(DECAY.name) for name in rows_of(folder, [ADAM])["ann"])


def test_names_are_harmless_and_a_roster_adds_who_is_not_there_yet(folder):
    roster = folder.path.parent / "roster.csv"
    roster.write_text("student,name,email\nivan,Ivan Ice,ivan@x.org\nann,Anna Able,\n")
    rows = rows_of(folder, roster=roster)
    assert (rows["ivan"]["name"], rows["ivan"]["05_adam state"]) == ("Ivan Ice", "missing")
    assert (rows["zoé"]["name"], rows["ann"]["name"], rows["ann"]["email"]) == (
        "'=Zoé Zorn",
        "Anna Able",
        "ann@x.org",
    )
    roster.write_text("student,name,email\nivan,@SUM(1),ivan@x.org\n")
    with pytest.raises(DescentError, match="begins like a formula"):
        rows_of(folder, roster=roster)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_formulas_are_harmless(text):
    assert harmless(text).startswith("'")
    assert "\n" not in harmless(f"{text}\nmore")


def test_ordinary_texts_stay():
    assert harmless("Zoé O'Neil") == "Zoé O'Neil"
