"""The published promise: the checks catch every known mistake and accept every known right answer."""

import json
import subprocess
import sys

import pytest

from autograder.catalogue import misconceptions, variants
from autograder.lesson import lessons
from autograder.sensitivity import sensitivity, totals


@pytest.fixture(scope="module", params=lessons(), ids=lambda lesson: lesson.name)
def trials(request):
    return list(sensitivity([request.param], seed=0))


def test_every_mistake_is_caught_and_named_and_every_variant_accepted(trials):
    found = totals(trials)
    caught = {(t.id, t.level) for t in trials if t.kind == "mistake" and not t.full_marks}
    assert caught == {(t.id, t.level) for t in trials if t.kind == "mistake"}
    assert [t.line() for t in trials if t.kind == "mistake" and t.named != t.id] == []
    assert [t.line() for t in trials if t.kind == "variant" and not t.full_marks] == []
    assert (found["wrong_names"], found["accepted"]) == (0, found["variants"])


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_exercise_has_mistakes_and_variants(lesson):
    wrong, right = misconceptions(lesson), variants(lesson)
    for exercise in lesson.exercises:
        ids = [entry.misconception.id for entry in wrong if entry.exercise == exercise.id]
        assert len(ids) == len(set(ids))
        assert len(ids) >= (6 if exercise.id[0].isupper() else 3)
        assert sum(entry.exercise == exercise.id for entry in right) >= 4


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_hint_points_to_the_text_and_gives_no_code(lesson):
    for entry in misconceptions(lesson):
        assert entry.misconception.hint.endswith((".", "?")), entry.misconception.id
        assert not entry.misconception.name.endswith("."), entry.misconception.id
        assert entry.source
        for old, new in entry.edits:
            for line in (*old.splitlines(), *new.splitlines()):
                assert len(line.strip()) < 12 or line.strip() not in entry.misconception.hint


def test_the_command_prints_totals_and_the_matrix_as_json():
    done = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import run; run()", "sensitivity", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = json.loads(done.stdout)
    assert list(printed["totals"]) == [
        "mistakes", "caught_public", "caught_graded", "named_public", "named_graded", "wrong_names", "variants", "accepted",
    ]  # fmt: skip
    assert printed["totals"]["caught_graded"] == printed["totals"]["mistakes"] > 0
    assert {entry["level"] for entry in printed["matrix"]} == {"public", "graded"}
