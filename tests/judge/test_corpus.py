"""Attacks get nothing, broken submissions end in their named state, honest noise costs nothing."""

from pathlib import Path

import nbformat
import pytest
from corpus.attacks import ATTACKS, BORROWED_NORMS, WRONG
from corpus.broken import BROKEN
from corpus.entry import notebook
from corpus.noise import NOISE

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.judge.grader import Grader
from autograder.sandbox.confine import MEGABYTE, Limits

pytestmark = pytest.mark.slow

LESSON = find("05_adam")
# Enough for what is honest on a busy machine, and soon over for what is not.
LIMITS = Limits(cell=5, notebook=15)


@pytest.fixture(scope="module")
def grader():
    return Grader(seed=7, limits=LIMITS)


def judge(grader, entry, folder, lesson=LESSON):
    path = folder / entry.file
    path.write_bytes(entry.content(lesson))
    return grader.judge(path, lesson)


def assert_ends_as_it_must(found, entry):
    """``found`` is a judgement."""
    assert found.state == entry.state or entry.state is None
    if entry.score is not None:
        assert found.score == entry.score
    assert entry.flag in " ".join(found.sentences)


@pytest.fixture(scope="module")
def honest(grader, tmp_path_factory):
    """What the wrong answer gets that the attacks start from."""
    path = tmp_path_factory.mktemp("honest") / "05_adam.ipynb"
    nbformat.write(notebook(LESSON, {"adam_update": WRONG}), path)
    return grader.judge(path, LESSON).judgement.score


@pytest.mark.parametrize("entry", ATTACKS, ids=lambda entry: entry.name)
def test_an_attack_gets_no_point_that_it_did_not_earn(grader, honest, entry, tmp_path):
    found, shown, _ = judge(grader, entry, tmp_path)
    assert found.score <= honest
    assert len(nbformat.writes(shown)) < 3_000_000
    assert_ends_as_it_must(found, entry)


@pytest.mark.parametrize("entry", BORROWED_NORMS, ids=lambda entry: entry.name)
def test_the_batch_normalisation_of_pytorch_is_out_of_reach(grader, entry, tmp_path):
    assert_ends_as_it_must(judge(grader, entry, tmp_path, find("08_batch_norm")).judgement, entry)


@pytest.mark.parametrize("entry", NOISE, ids=lambda entry: entry.name)
def test_honest_noise_costs_nothing(grader, entry, tmp_path):
    found = judge(grader, entry, tmp_path).judgement
    assert_ends_as_it_must(found, entry)
    assert found.sentences == []


HONEST = ("Zoë", "..x", "[a-z]*", "a b")
STUDENTS = {entry.name: f"broken {number:02d}, O'Neil" for number, entry in enumerate(BROKEN)}


@pytest.fixture(scope="module")
def class_of_broken(tmp_path_factory):
    """A folder in which everything that is broken and a few honest ones are graded, and what came of each."""
    folder = CourseFolder(tmp_path_factory.mktemp("broken") / "gradebook")
    folder.setup([LESSON])
    graded = {}

    def grade(limits):
        grader = Grader(folder.seed(), limits, hidden=folder.hidden())
        graded.update((entry.student, entry) for entry in ClassRun(folder, LESSON, grader).run(2))

    def submit(entries):
        for entry in entries:
            folder.submit(STUDENTS[entry.name], LESSON, entry.content(LESSON), entry.file)

    # Each limit is short where it is to be reached, and ample on the busiest machine where it is not.
    limits = {"out_of_memory": Limits(memory=200 * MEGABYTE), "timeout": Limits(cell=3)}
    for state, limit in limits.items():
        submit(entry for entry in BROKEN if entry.state == state)
        grade(limit)
    submit(entry for entry in BROKEN if entry.state not in limits)
    for student in HONEST:
        folder.submit(student, LESSON, nbformat.writes(answered(LESSON, {})))
    grade(Limits())
    return folder, graded


@pytest.mark.parametrize("entry", BROKEN, ids=lambda entry: entry.name)
def test_what_is_broken_ends_in_its_state_with_what_could_be_judged(class_of_broken, entry):
    _, graded = class_of_broken
    assert_ends_as_it_must(graded[STUDENTS[entry.name]].judgement, entry)


def test_everybody_gets_feedback_and_nobody_is_in_anybodys_way(class_of_broken):
    folder, graded = class_of_broken
    assert set(graded) == {*STUDENTS.values(), *HONEST}
    assert [graded[student].after for student in HONEST] == [10.0] * len(HONEST)
    tried = feedback.write(folder, LESSON, feedback.stale(folder, LESSON), 2)
    assert {page.student: page.problem for page in tried} == dict.fromkeys(graded, "")
    pages = {path.parent.parent.name for path in folder.path.glob(f"feedback/*/{LESSON.name}/*.html")}
    assert pages == set(graded)


def test_what_nobody_thought_of_is_one_submissions_alone(grader):
    found, shown, _ = grader.judge(Path("a\0b.ipynb"), LESSON)
    assert (found.state, found.score) == ("crashed", 0.0)
    assert found.sentences == ["the grader failed on it (ValueError: embedded null byte): grade it by hand"]
    nbformat.validate(shown)
