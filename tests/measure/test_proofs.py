"""What is stored of the known answers is what comes of trying them now."""

import json
import shutil

import pytest

from autograder.build import hints
from autograder.catalogue import inputs
from autograder.catalogue.lesson import Lesson, find, lessons
from autograder.measure import costs, proofs, sensitivity

# The one whose answers are tried soonest.
EMA = find("02_ema")


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_what_is_stored_stands(lesson):
    assert proofs.up_to_date(lesson), "run `autograder sensitivity --page --seeds 3`"


@pytest.mark.slow
def test_what_is_stored_is_what_comes_of_trying_the_answers():
    stored = proofs.load(EMA)
    tried = sensitivity.of_lesson(EMA, stored.seeds[:1])
    kept = [trial for trial in stored.matrix.trials if trial.seed in (None, stored.seeds[0])]
    assert sorted(map(repr, map(comparable, kept))) == sorted(map(repr, map(comparable, tried.trials)))
    assert stored.costs == costs.of_lesson(EMA)
    assert set(stored.matrix.pairs) == set(tried.pairs)


def comparable(trial):
    return {**vars(trial), "passed": sorted(trial.passed.items())}


@pytest.fixture
def copied(tmp_path):
    """Lesson 02 in a project of its own."""
    for path in (
        EMA.source_path,
        EMA.misconceptions_path,
        EMA.variants_path,
        EMA.hints_path,
        EMA.hint_texts_path,
        proofs.path_of(EMA),
    ):
        place = tmp_path / path.relative_to(EMA.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return Lesson(EMA.name, tmp_path)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("which", "old", "new"),
    [
        ("source_path", "### BEGIN SOLUTION\n", "### BEGIN SOLUTION\n    # otherwise\n"),
        ("source_path", '"points": 1.5', '"points": 2.0'),
        ("misconceptions_path", "MISCONCEPTIONS", "OTHERS = ()\nMISCONCEPTIONS"),
        ("variants_path", "return", "return  "),
    ],
    ids=["solution", "points", "mistakes", "variants"],
)
def test_nothing_stands_when_an_answer_has_changed(copied, which, old, new):
    assert proofs.up_to_date(copied)
    assert hints.up_to_date(copied)
    replace(getattr(copied, which), old, new)
    changed = Lesson(copied.name, copied.root)
    assert not proofs.up_to_date(changed)
    assert not hints.up_to_date(changed)


def test_what_somebody_wrote_into_them_does_not_stand(copied):
    replace(proofs.path_of(copied), '"graded"', '"public"')
    assert not proofs.up_to_date(copied)
    replace(copied.hint_texts_path, '"name": "', '"name": "not ')
    assert not hints.up_to_date(copied)


def test_prose_changes_nothing(copied):
    source = copied.source_path
    source.write_text(
        source.read_text(encoding="utf-8") + "\n# %% [markdown]\n# The end.\n", encoding="utf-8"
    )
    assert proofs.up_to_date(Lesson(copied.name, copied.root))


def test_other_seeds_are_tried(copied):
    seeds = proofs.load(copied).seeds
    assert proofs.up_to_date(copied, seeds)
    assert not proofs.up_to_date(copied, [*seeds, 1000])
    stored = json.loads(proofs.path_of(copied).read_text(encoding="utf-8"))
    assert stored["seeds"] == seeds


def test_they_depend_on_what_makes_evidence_of_this_lesson_and_on_nothing_else():
    reached = inputs.reached(EMA, sensitivity.__name__)
    for name in (
        "course.exercises.lesson_02",
        "course.exercises.lesson_02.ema",
        "course.families.functions",
        "course.judging.judge",
        "course.cases",
        "autograder.judge.drawn",
        "autograder.measure.sensitivity",
    ):
        assert name in reached
    rooms = {".".join(name.split(".")[:2]) for name in reached}
    assert rooms.isdisjoint(
        {"course.report", "course.plots", "course.figures", "course.desk", "autograder.grade"}
    )
    assert not [name for name in reached if name.startswith("course.exercises.") and "lesson_02" not in name]
