"""Answers that no check was written for: what comes of them is stored, and good enough."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from autograder.catalogue.lesson import Lesson, find, lessons
from autograder.catalogue.unseen import FOLDER, unseen
from autograder.cli import app
from autograder.measure import recognition_table, unseen_proofs
from autograder.measure.recognition import Recognition, by_lesson, on_public_cases, totals
from course.exercises import EXERCISES

# The one whose answers are tried soonest.
EMA = find("02_ema")


@pytest.fixture(scope="module")
def stored():
    return [entry for lesson in lessons() for entry in unseen_proofs.load(lesson)]


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_what_is_stored_stands(lesson):
    assert unseen_proofs.up_to_date(lesson), "run `autograder sensitivity --page --seeds 3`"


def test_all_are_stored_in_their_order(stored):
    answers = [(lesson.name, entry.exercise, entry.id) for lesson in lessons() for entry in unseen(lesson)]
    assert [(entry.lesson, entry.exercise, entry.id) for entry in stored] == answers


def test_every_right_answer_is_accepted(stored):
    assert not [entry.id for entry in stored if not entry.wrong and not entry.full_marks]


def test_nearly_all_wrong_ones_are_caught(stored):
    counts = totals(stored)
    assert counts["caught"] >= CAUGHT * counts["wrong"]


def test_of_most_it_is_said_what_is_wrong_or_at_least_where(stored):
    counts = totals(stored)
    assert counts["named"] + counts["named_in_part"] >= NAMED * counts["caught"]
    assert counts["placed"] >= PLACED * counts["caught"]


# Of the wrong answers, and of those that are caught.
CAUGHT, NAMED, PLACED = 0.975, 0.67, 0.8


@pytest.mark.slow
def test_the_command_says_what_is_stored(stored):
    made = CliRunner().invoke(app, ["unseen", EMA.name, "--json"])
    found = json.loads(made.stdout)
    own = by_lesson(stored)[EMA.name]
    names = {(entry.exercise, entry.id): list(entry.names) for entry in own}
    assert {(entry["exercise"], entry["id"]): entry["names"] for entry in found["answers"]} == names
    # How long a search takes depends on the machine; all else does not.
    for key in ("wrong", "caught", "named", "named_in_part", "right", "accepted"):
        assert found["totals"][key] == totals(own)[key]


def test_a_row_of_the_table_has_shares_of_those_that_were_caught():
    given = {"lesson": "02_ema", "exercise": "ema", "said": "", "ids": (), "sure": True, "wrong": True}
    entries = [
        Recognition(id="named", names=("a",), full_marks=False, located=False, **given),
        Recognition(id="placed", names=(), full_marks=False, located=True, **given),
        Recognition(id="missed", names=(), full_marks=True, located=False, **given),
    ]
    assert recognition_table.rows(entries) == [
        ("02_ema", "3", "2", "50.0%", "0.0%", "100.0%", "0", "0"),
        ("all", "3", "2", "50.0%", "0.0%", "100.0%", "0", "0"),
    ]


def test_a_cell_that_raises_is_wrong_and_loses_nothing_else():
    verdict, evidence = on_public_cases(EMA, EXERCISES["ema"], "raise RuntimeError('no')\n")
    assert verdict.score == 0
    assert all(entry.problem.id == "cell_failed" for entry in evidence)


@pytest.fixture
def copied(tmp_path):
    """Lesson 02 in a project of its own."""
    paths = (
        EMA.source_path,
        EMA.misconceptions_path,
        EMA.variants_path,
        EMA.hints_path,
        EMA.hint_texts_path,
        EMA.root / FOLDER / f"{EMA.name}.py",
        unseen_proofs.path_of(EMA),
    )
    for path in paths:
        place = tmp_path / path.relative_to(EMA.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return Lesson(EMA.name, tmp_path)


@pytest.mark.parametrize("which", ["answers", "stored"])
def test_nothing_stands_when_somebody_changed_it(copied, which):
    assert unseen_proofs.up_to_date(copied)
    path = copied.root / FOLDER / f"{EMA.name}.py" if which == "answers" else unseen_proofs.path_of(copied)
    text = path.read_text(encoding="utf-8")
    assert "ema" in text
    path.write_text(text.replace("ema", "ame", 1), encoding="utf-8")
    assert not unseen_proofs.up_to_date(copied)
