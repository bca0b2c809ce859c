"""Rosters: one sentence for each that can't be used."""

import pytest

from autograder.export.roster import Known, everybody
from autograder.export.sheet import SheetError
from autograder.grade.scores import Person

PEOPLE = {"ann": Person("ann", "Ann", "Able", "ann@x.org", "101")}


def test_a_roster_goes_before_what_the_gradebook_knows(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("\ufeffStudent;Email;lms_id\nann;;7\n;;\nbob;bob@x.org;\n", encoding="utf-8")
    assert everybody(PEOPLE, path) == {
        "ann": Known("ann", "Ann Able", "ann@x.org", "7"),
        "bob": Known("bob", "", "bob@x.org", ""),
    }
    assert everybody(PEOPLE) == {"ann": Known("ann", "Ann Able", "ann@x.org", "101")}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,email\nAnn,a@x.org\n", "no column student"),
        ("student,name,name\nann,A,B\n", "the column name more than once"),
        ("student,name\nann,A\nann,B\n", "ann more than once"),
        ("student,name\n,Nobody\n", "nothing below student in its row 2"),
        ("", "is empty"),
    ],
)
def test_a_roster_that_cannot_be_used_is_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(SheetError, match=sentence):
        everybody(PEOPLE, path)
