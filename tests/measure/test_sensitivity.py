"""The published promise: the checks catch every known mistake and accept every known right answer."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import cli
from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import Lesson, find, lessons
from autograder.catalogue.pairs import loops
from autograder.errors import DescentError
from autograder.measure import proofs
from autograder.measure.figure import draw
from autograder.measure.matrix import Matrix
from autograder.measure.missing import missing
from autograder.measure.page import markdown_row
from autograder.measure.sensitivity import OnPublicCases, of_lesson
from autograder.measure.table import HEADS, rows, table
from course.judging.mistakes import recognise

LESSONS = lessons()
PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


@pytest.fixture(scope="module", params=LESSONS, ids=lambda lesson: lesson.name)
def matrix(request):
    """As stored: it is of the answers and the checks as they are (see tests/measure/test_proofs.py)."""
    return proofs.load(request.param).matrix


def test_every_mistake_is_caught_and_named_and_every_variant_accepted(matrix):
    mistakes = [trial for trial in matrix.trials if trial.kind == "mistake"]
    assert [trial for trial in mistakes if trial.full_marks] == []
    assert [trial for trial in mistakes if trial.named != trial.id] == []
    assert [trial for trial in matrix.trials if trial.kind == "variant" and not trial.full_marks] == []
    found = matrix.totals()
    assert (found["wrong_names"], found["accepted"]) == (0, found["variants"])


def test_no_lesson_lacks_anything(matrix):
    assert missing([lesson_of(matrix)], matrix) == []


def lesson_of(matrix):
    return next(lesson for lesson in LESSONS if lesson.name == matrix.trials[0].lesson)


def test_the_page_shows_these_numbers(matrix):
    page = PAGE.read_text(encoding="utf-8")
    for row in rows(matrix):
        assert markdown_row(row) in page, "make docs/checks.md with `autograder sensitivity --page --seeds 3`"


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


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_right_answers_are_accepted_on_several_seeds_and_in_float32(lesson):
    for exercise in lesson.exercises:
        tried = [
            trial
            for trial in proofs.load(lesson).matrix.of(exercise.id).trials
            if trial.kind == "variant" and trial.level == "graded"
        ]
        assert all(trial.full_marks for trial in tried)
        assert len({trial.seed for trial in tried}) >= 3
        assert {trial.dtype for trial in tried} == {"float64", *(["float32"] if exercise.float32 else [])}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_mistake_has_an_id_of_its_own(lesson):
    for exercise in lesson.exercises:
        ids = [mistake.misconception.id for mistake in misconceptions(lesson, exercise.id)]
        assert len(ids) == len(set(ids))
        assert all(id.isidentifier() for id in ids)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_no_mistake_can_run_for_ever(lesson):
    for mistake in misconceptions(lesson):
        assert not loops(mistake.code(lesson.solutions()[mistake.exercise]))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_hint_points_to_the_text_and_gives_no_code(lesson):
    for mistake in misconceptions(lesson):
        assert mistake.misconception.hint.endswith((".", "?")), mistake.misconception.id
        assert not mistake.misconception.name.endswith("."), mistake.misconception.id
        assert mistake.source
        for old, new in mistake.edits:
            for line in (*old.splitlines(), *new.splitlines()):
                assert len(line.strip()) < 12 or line.strip() not in mistake.misconception.hint


def test_a_name_that_only_some_cases_allow_is_a_wrong_name(matrix):
    for exercise, mistake in matrix.in_two_parts():
        own = [trial for trial in matrix.trials if (trial.exercise, trial.id) == (exercise, mistake)]
        told_apart = [
            replace(trial, named_without=None) if trial.level == "graded" else trial for trial in own
        ]
        assert Matrix(own).totals()["wrong_names"] == 0
        assert Matrix(told_apart).totals()["wrong_names"] == 1


# Small enough to look at in every way.
EMA = find("02_ema")


@pytest.fixture(scope="module")
def ema():
    return of_lesson(EMA, [0])


@pytest.mark.slow
def test_the_pairs_that_count_as_named_are_those_that_a_check_names():
    for exercise in EMA.exercises:
        public = OnPublicCases(EMA, exercise)
        for pair, row in public.runs.traces():
            named = recognise(row, public.catalogue, public.explain) == pair
            assert named == (pair in public.named_pairs)


@pytest.mark.slow
def test_hints_that_are_not_of_these_mistakes_are_refused(tmp_path):
    project = tmp_path / "project"
    for folder in ("solutions", "course/hints"):
        (project / folder).mkdir(parents=True)
    for path in (EMA.source_path, EMA.misconceptions_path, EMA.hints_path, EMA.hint_texts_path):
        place = project / path.relative_to(EMA.root)
        place.parent.mkdir(exist_ok=True)
        shutil.copy(path, place)
    changed = Lesson(EMA.name, project)
    exercise = EMA.exercises[0]
    assert OnPublicCases(changed, exercise).explain
    text = changed.misconceptions_path.read_text(encoding="utf-8")
    name = misconceptions(changed, exercise.id)[0].misconception.name
    changed.misconceptions_path.write_text(text.replace(name, "something else"), encoding="utf-8")
    with pytest.raises(DescentError, match="as they are now: run `autograder build 02_ema` first"):
        assert OnPublicCases(changed, exercise).explain
    changed.hints_path.unlink()
    with pytest.raises(DescentError, match="run `autograder build 02_ema` first"):
        assert OnPublicCases(changed, exercise).explain


def without(matrix, *kinds, exercise="ema_weights"):
    """The matrix as if nothing of these kinds were known of one exercise, and no pair."""
    return Matrix(
        [trial for trial in matrix.trials if trial.exercise != exercise or trial.kind not in kinds],
        [pair for pair in matrix.pairs if pair.exercise != exercise],
    )


@pytest.mark.slow
def test_too_few_mistakes_and_variants_are_counted_and_the_place_is_named(ema):
    assert missing([EMA], without(ema, "mistake", "variant")) == [
        "ema_weights has 0 mistakes; a function needs 5: write 5 more in solutions/misconceptions/02_ema.py.",
        "ema_weights has 0 variants; an exercise needs 4: write 4 more in solutions/variants/02_ema.py.",
    ]
    own = [trial for trial in ema.trials if (trial.exercise, trial.kind) == ("ModelEMA", "mistake")]
    last = list(dict.fromkeys(trial.id for trial in own))[9:]
    nine = Matrix([trial for trial in ema.trials if trial not in own or trial.id not in last])
    assert missing([EMA], nine) == [
        "ModelEMA has 9 mistakes; a class needs 10: write 1 more in solutions/misconceptions/02_ema.py."
    ]


def changed(matrix, kind, level, **values):
    """The matrix with one trial that came out otherwise, and the beginning of the sentence on it."""
    trial = next(trial for trial in matrix.trials if (trial.kind, trial.level) == (kind, level))
    other = replace(trial, **values)
    trials = [other if each is trial else each for each in matrix.trials]
    return Matrix(trials, matrix.pairs), f"{trial.exercise}: the {kind} {trial.id}"


@pytest.mark.slow
def test_what_is_not_caught_not_named_and_not_accepted_is_said(ema):
    wrong, known = changed(ema, "mistake", "public", passed={"any": True}, named=None)
    assert missing([EMA], wrong) == [
        f"{known} gets full marks on the public cases: add a case that it fails."
    ]
    wrong, known = changed(ema, "mistake", "graded", named=None)
    (sentence,) = missing([EMA], wrong)
    assert sentence.startswith(f"{known} is not named on the graded cases of seed 0: ")
    wrong, known = changed(ema, "mistake", "graded", named_without="other")
    (sentence,) = missing([EMA], wrong)
    assert sentence.startswith(f"{known} is taken for another on the graded cases of seed 0 when it is not")
    wrong, known = changed(ema, "variant", "public", passed={"any": False})
    (sentence,) = missing([EMA], wrong)
    assert sentence.startswith(f"{known} loses points on the public cases: ")


@pytest.mark.slow
def test_an_exercise_of_which_nothing_is_known_is_left_out_of_table_and_figure(ema, tmp_path):
    exercises = len(EMA.exercises)
    for kinds, panels in (
        (["mistake"], exercises - 1),
        (["variant"], exercises),
        (["mistake", "variant"], exercises - 1),
    ):
        less = without(ema, *kinds)
        assert table(less, []).row_count == len(less.exercises) + 1
        assert draw(less, tmp_path / "checks.png").startswith(f"{panels} panels")
    with pytest.raises(DescentError, match="No lesson has a known mistake"):
        draw(Matrix(), tmp_path / "checks.png")


@pytest.mark.slow
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
    assert {trial["level"] for trial in printed["matrix"]} == {"public", "graded"}
    assert printed["missing"] == []


def test_the_page_is_of_all_lessons():
    with pytest.raises(DescentError, match="The page shows all lessons"):
        cli.sensitivity(lessons=["05_adam"], page=True)
