"""The published promise: the checks catch every known mistake and accept every known right answer."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import cli
from autograder.catalogue.answers import misconceptions, variants
from autograder.catalogue.lesson import lessons
from autograder.catalogue.pairs import loops
from autograder.errors import DescentError
from autograder.measure.page import markdown_row
from autograder.measure.sensitivity import Matrix, Tried, sensitivity
from autograder.measure.table import HEADS, rows

LESSONS = lessons()
PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


@pytest.fixture(scope="module", params=LESSONS, ids=lambda lesson: lesson.name)
def matrix(request):
    return sensitivity([request.param], [0])


def test_every_mistake_is_caught_and_named_and_every_variant_accepted(matrix):
    mistakes = [entry for entry in matrix.trials if entry.kind == "mistake"]
    assert [entry for entry in mistakes if entry.full_marks] == []
    assert [entry for entry in mistakes if entry.named != entry.id] == []
    assert [entry for entry in matrix.trials if entry.kind == "variant" and not entry.full_marks] == []
    found = matrix.totals()
    assert (found["wrong_names"], found["accepted"]) == (0, found["variants"])


def test_the_page_shows_these_numbers(matrix):
    page = PAGE.read_text(encoding="utf-8")
    for row in rows(matrix):
        assert markdown_row(row) in page, (
            "make docs/checks.md with `autograder sensitivity --page --seeds 20`"
        )


def test_the_page_adds_up():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index(markdown_row(HEADS)) + 2
    table = [line.strip("| ").split(" | ") for line in lines[start : lines.index("", start)]]
    assert [row[0] for row in table] == [
        exercise.id for lesson in LESSONS for exercise in lesson.exercises
    ] + ["all"]
    for column in range(1, len(HEADS)):
        *counts, total = (int(row[column]) for row in table)
        assert sum(counts) == total
    assert (PAGE.parent / "checks.png").is_file()
    mistakes, right = table[-1][1], table[-1][-2]
    readme = " ".join((PAGE.parent.parent / "README.md").read_text(encoding="utf-8").split())
    assert f"{mistakes} known mistakes" in readme
    assert f"{right} right answers" in readme


@pytest.mark.parametrize("number", range(len(LESSONS)), ids=[lesson.name for lesson in LESSONS])
def test_right_answers_are_accepted_on_other_seeds_and_in_float32(number):
    lesson = LESSONS[number]
    for exercise in lesson.exercises:
        # Other seeds for each lesson; `autograder sensitivity --seeds 20` tries them all.
        for seed in (2 * number + 1, 2 * number + 2):
            found = list(Tried(lesson, exercise, seed).variants())
            assert [entry for entry in found if not entry.full_marks] == []
            assert {entry.dtype for entry in found} == {"float64", *(["float32"] if exercise.float32 else [])}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_exercise_has_mistakes_and_variants(lesson):
    wrong, right = misconceptions(lesson), variants(lesson)
    for exercise in lesson.exercises:
        ids = [entry.misconception.id for entry in wrong if entry.exercise == exercise.id]
        assert len(ids) == len(set(ids))
        assert all(name.isidentifier() for name in ids)
        is_class = exercise.id[0].isupper()
        assert len(ids) >= (10 if is_class else 3 if exercise.points <= 1 else 5)
        assert sum(entry.exercise == exercise.id for entry in right) >= 4


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_no_mistake_can_run_for_ever(lesson):
    for entry in misconceptions(lesson):
        assert not loops(entry.code(lesson.solutions()[entry.exercise]))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_hint_points_to_the_text_and_gives_no_code(lesson):
    for entry in misconceptions(lesson):
        assert entry.misconception.hint.endswith((".", "?")), entry.misconception.id
        assert not entry.misconception.name.endswith("."), entry.misconception.id
        assert entry.source
        for old, new in entry.edits:
            for line in (*old.splitlines(), *new.splitlines()):
                assert len(line.strip()) < 12 or line.strip() not in entry.misconception.hint


def test_a_name_that_only_some_cases_allow_is_a_wrong_name(matrix):
    for exercise, mistake in matrix.in_two_parts():
        own = [entry for entry in matrix.trials if (entry.exercise, entry.id) == (exercise, mistake)]
        told_apart = [
            replace(entry, named_without=None) if entry.level == "graded" else entry for entry in own
        ]
        assert Matrix(own).totals()["wrong_names"] == 0
        assert Matrix(told_apart).totals()["wrong_names"] == 1


def test_the_command_prints_totals_pairs_and_the_matrix_as_json():
    done = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import run; run()", "sensitivity", "--json", "02_ema"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = json.loads(done.stdout)
    assert list(printed["totals"]) == [
        "mistakes", "caught_public", "caught_graded", "named_public", "named_graded", "wrong_names", "variants", "accepted",
    ]  # fmt: skip
    assert printed["totals"]["caught_graded"] == printed["totals"]["mistakes"] > 0
    assert list(printed["pairs"]) == ["pairs", "named_public", "named_graded"]
    assert {entry["level"] for entry in printed["matrix"]} == {"public", "graded"}


def test_the_page_is_of_all_lessons():
    with pytest.raises(DescentError, match="The page shows all lessons"):
        cli.sensitivity(lessons=["05_adam"], page=True)
