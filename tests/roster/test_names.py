"""Names: which are the same, which no file or student may have."""

import pytest

from autograder.roster.names import folded, unusable, why_no_student, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MUELLER"),
        ("Müller", "Muller"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("Søren Łukasiewicz", "soren lukasiewicz"),
        ("Straße", "STRASSE"),
        ("I\u0131i", "iii"),
        ("Anne-Marie", "annemarie"),
    ],
)
def test_ways_to_write_a_name_are_one(one, other):
    assert folded(one) & folded(other)


def test_other_names_are_others_and_marks_alone_are_none():
    assert not folded("Jane") & folded("Janet")
    assert folded("王小明") == {"王小明"}
    assert folded("-- !") == set()


def test_an_apostrophe_parts_no_words():
    assert words("O\u2019Neil, Jane-Ann d'Arc") == ["O\u2019Neil", "Jane", "Ann", "d'Arc"]


@pytest.mark.parametrize("name", ["CON", "nul.ipynb", "Com1", "lpt9.txt", "a.", "a "])
def test_windows_keeps_some_names_for_itself(name):
    assert unusable(name) == "reserved"


@pytest.mark.parametrize("name", ["console", "com", "com10", "nullable", "05_adam.ipynb", "Zoë (1)"])
def test_names_like_those_are_names(name):
    assert unusable(name) == ""


@pytest.mark.parametrize("name", ["jane", "O'Neil, Jr", "jane@example.org", "zoé", "s-1"])
def test_students_may_be_called_so(name):
    assert why_no_student(name) == ""


@pytest.mark.parametrize(
    "name", ["", " ", "=1", "+1", "-1", "@a", "a" * 129, "a/b", "a\\b", ".", "..", "con", "a\n"]
)
def test_students_may_not(name):
    assert why_no_student(name)
