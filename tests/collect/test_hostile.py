"""Sixty zips and more that a trap, a student's joke or a broken download may be, and forty tables: a sentence each."""

import os
import socket

import pytest
from corpus.archives import NOTEBOOK, ZIPS, named, of_kind, zipped
from corpus.sheets import ROSTERS, WORKSHEETS

from autograder.catalogue.lesson import find
from autograder.collect import times
from autograder.collect.collect import collect
from autograder.collect.reasons import SENTENCES
from autograder.errors import DescentError
from autograder.roster import roster

pytestmark = pytest.mark.slow

LESSON = find("05_adam")


def all_below(place):
    return {
        path.relative_to(place).as_posix(): path.read_bytes() if path.is_file() else None
        for path in place.rglob("*")
    }


def is_one_sentence(said):
    assert said.endswith(".")
    assert "\n" not in said
    assert said.isprintable()
    assert len(said) < 500
    return True


def words_of(id):
    """A piece of the sentence of a reason, without what it names."""
    return max(SENTENCES[id].replace("{", "}").split("}"), key=len)


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused_in_a_sentence_and_nothing_is_written(name, folder, tmp_path):
    make, id = ZIPS[name]
    path = tmp_path / "given" / "moodle.zip"
    path.parent.mkdir()
    path.write_bytes(make())
    before = all_below(tmp_path)
    with pytest.raises(DescentError) as error:
        collect(folder, LESSON, path)
    assert is_one_sentence(str(error.value))
    assert words_of(id) in str(error.value)
    assert all_below(tmp_path) == before


@pytest.mark.parametrize("name", ROSTERS)
def test_a_hostile_roster_is_refused_in_a_sentence(name, tmp_path):
    data, words = ROSTERS[name]
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(DescentError) as error:
        roster.read(path)
    assert is_one_sentence(str(error.value))
    assert words in str(error.value)
    assert str(error.value).startswith("roster.csv")


@pytest.mark.parametrize("name", WORKSHEETS)
def test_a_hostile_worksheet_is_refused_in_a_sentence(name, tmp_path):
    data, words = WORKSHEETS[name]
    path = tmp_path / "grades.csv"
    path.write_bytes(data)
    with pytest.raises(DescentError) as error:
        times.read(path)
    assert is_one_sentence(str(error.value))
    assert words in str(error.value)


def test_what_one_student_hands_in_costs_nobody_else(folder, tmp_path):
    (tmp_path / "class.zip").write_bytes(
        zipped(
            {
                "jane/05_adam.ipynb": NOTEBOOK,
                "trap/work.zip": of_kind(0o120000),
                "path/work.zip": named("../../05_adam.ipynb"),
                "deep/work.zip": zipped({"a.zip": zipped({"b.zip": zipped({"c.ipynb": NOTEBOOK})})}),
                "large/05_adam.ipynb": bytes(50_000_001),
                "odd/aux.ipynb": NOTEBOOK,
            }
        )
    )
    done = collect(folder, LESSON, tmp_path / "class.zip")
    assert [change.student for change in done.changes] == ["jane"]
    assert sorted(problem.reason.id for problem in done.problems) == [
        *("holds_link", "leads_out", "nested", "reserved", "too_large")
    ]
    assert all(problem.lost for problem in done.problems)


def test_links_and_what_is_no_file_in_a_folder_are_not_followed(folder, tmp_path, monkeypatch):
    outside, given = tmp_path / "outside", tmp_path / "given"
    for place in (outside / "bob", given / "jane", given / "links"):
        place.mkdir(parents=True)
    (outside / "bob" / "05_adam.ipynb").write_bytes(NOTEBOOK)
    (given / "jane" / "05_adam.ipynb").write_bytes(NOTEBOOK)
    (given / "links" / "05_adam.ipynb").symlink_to(outside / "bob" / "05_adam.ipynb")
    (given / "bob").symlink_to(outside / "bob")
    (given / "loop").symlink_to(given)
    os.mkfifo(given / "pipe")
    monkeypatch.chdir(given)  # a socket's path has to be short
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket")
        done = collect(folder, LESSON, given)
    assert [change.student for change in done.changes] == ["jane"]
    assert sorted(problem.reason.id for problem in done.problems) == [
        *("link", "link", "link", "not_a_file", "not_a_file")
    ]


def test_a_place_that_leads_elsewhere_is_not_written_through(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    submitted = folder.path / "submitted"
    submitted.mkdir(exist_ok=True)
    (submitted / "jane").symlink_to(elsewhere)
    (submitted / "bob" / "05_adam").mkdir(parents=True)
    (submitted / "bob" / "05_adam" / "05_adam.ipynb").symlink_to(elsewhere / "nothing")
    (submitted / "eve").write_text("a file")
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({f"{name}/05_adam.ipynb": NOTEBOOK for name in ("jane", "bob", "eve", "zoe")}))
    done = collect(folder, LESSON, path)
    assert [change.student for change in done.changes] == ["zoe"]
    assert [(problem.who, problem.reason.id) for problem in done.problems] == [
        *(("bob", "in_the_way"), ("eve", "in_the_way"), ("jane", "in_the_way"))
    ]
    assert list(elsewhere.iterdir()) == []
