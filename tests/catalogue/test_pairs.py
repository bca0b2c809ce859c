"""Two mistakes at once: named where a pair explains all of the evidence, and not otherwise."""

from functools import partial

import numpy as np
import pytest

from autograder.catalogue.answers import answer, misconceptions, trace_mistakes, wrong
from autograder.catalogue.lesson import find
from autograder.catalogue.pairs import KnownRuns, together
from autograder.judge.drawn import graded_cases
from course import check
from course.cases import public_cases
from course.exercises import EXERCISES, lesson_of
from course.judging.mistakes import recognise, trace
from course.judging.sketch import ATOL, RTOL, same_sketch, sketch
from course.known import known

LESSON = find("05_adam")
EXERCISE = EXERCISES["adam_update"]
SOLUTION = LESSON.solutions()["adam_update"]
WRONG = {entry.misconception.id: entry for entry in misconceptions(LESSON, "adam_update")}
TWO = ("eps_inside_root", "uphill")


def both(first, second):
    return together(WRONG[first], WRONG[second], SOLUTION)


@pytest.fixture(scope="module")
def graded():
    """The secret cases of adam_update, its mistakes on them, and its pairs."""
    cases, expected = graded_cases(EXERCISE, 7)
    mistakes = trace_mistakes(EXERCISE, list(WRONG.values()), LESSON, cases, expected)
    return cases, expected, mistakes, KnownRuns(EXERCISE, LESSON, cases, expected)


def row_of(runs, *ids):
    return next(row for pair, row in runs.traces() if tuple(entry.id for entry in pair) == ids)


def test_a_check_names_two_mistakes_at_once(capsys):
    assert check("adam_update", answer(LESSON, "adam_update", both(*TWO))) == 1.75
    said = " ".join(capsys.readouterr().out.split())
    first, second = (WRONG[name].misconception for name in TWO)
    assert f"This looks like: two mistakes at once: {first.name}; and {second.name}." in said
    assert first.hint in said
    assert second.hint in said


def test_a_third_mistake_leaves_the_answer_without_a_name(capsys):
    code = both(*TWO).replace("beta2 * v", "beta2 * beta2 * v")
    check("adam_update", answer(LESSON, "adam_update", code))
    assert "This looks like" not in capsys.readouterr().out


def test_one_mistake_that_does_the_same_wins_over_a_pair(graded):
    *_, mistakes, runs = graded
    row = row_of(runs, "only_m_corrected", "only_v_corrected")
    assert [entry.id for entry in recognise(row, mistakes, runs.explaining)] == ["no_bias_correction"]
    left = [entry for entry in mistakes if entry.misconception.id != "no_bias_correction"]
    pairs = partial(runs.explaining, without="no_bias_correction")
    assert [entry.id for entry in recognise(row, left, pairs)] == ["only_m_corrected", "only_v_corrected"]


def test_pairs_are_run_no_further_than_they_have_to_be(graded, monkeypatch):
    cases, expected, *_ = graded
    runs, tried, observe = KnownRuns(EXERCISE, LESSON, cases, expected), [], type(EXERCISE).observe

    def counted(exercise, student_object, case):
        tried.append(case)
        return observe(exercise, student_object, case)

    monkeypatch.setattr(type(EXERCISE), "observe", counted)
    for _ in range(2):
        assert runs.explaining(runs.right + 1e-3) == []
        assert len(tried) == len(runs.pairs)  # one case of each


def test_what_is_right_but_for_rounding_is_no_pair(graded):
    *_, runs = graded
    assert runs.explaining(runs.right * (1 + 1e-9)) == []


def test_changes_that_touch_make_no_pair():
    def change(*edits):
        return wrong("double", "some", "", "", "", *edits)

    solution = "def double(x):\n    y = x + x\n    return y\n"
    sums, returns = change(("x + x", "x * x")), change(("return y", "return -y"))
    assert together(sums, returns, solution) == "def double(x):\n    y = x * x\n    return -y\n"
    assert together(sums, change(("y = x + x", "y = 3 * x")), solution) is None
    assert together(sums, change(("", "def double(x):\n    return 1\n")), solution) is None
    assert together(returns, change(("y = x + x", "y = (x")), solution) is None
    # Either order has to give the same.
    first, second = (change(("return y", f"{line}\n    return y")) for line in ("y += 1", "y *= 2"))
    assert together(first, second, solution) is None


# Sketches


def traces(rng, count=40, size=300):
    for _ in range(count):
        row = rng.normal(size=size) * 10.0 ** rng.uniform(-6, 6, size=size)
        row[rng.integers(size, size=5)] = np.nan
        row[rng.integers(size, size=5)] = np.inf
        row[rng.integers(size, size=5)] = 4_000_000_000.0  # the code of a problem
        yield row


@pytest.mark.parametrize("sums", [1, 4, 40])
def test_rounding_never_parts_two_sketches(sums):
    rng = np.random.default_rng(0)
    for row in traces(rng, 100):
        most = ATOL + RTOL * np.nan_to_num(np.abs(row), posinf=0.0)
        rounded = row + most * rng.uniform(-1.0, 1.0, size=row.size)
        assert same_sketch(sketch(row, sums), sketch(rounded, sums), row.size)


@pytest.mark.parametrize("sums", [1, 4, 40])
def test_one_other_number_in_a_trace_parts_two_sketches(sums):
    rng = np.random.default_rng(1)
    for row in traces(rng):
        place = rng.integers(row.size)
        for other in (np.nan, np.inf, -np.inf, 0.5, 1e290, 3_999_000_000.0):
            if not np.array_equal(row[place], other, equal_nan=True):
                changed = row.copy()
                changed[place] = other
                assert not same_sketch(sketch(row, sums), sketch(changed, sums), row.size)


def test_a_sketch_is_the_same_on_every_machine():
    """Stored hints stay valid: these numbers must not change."""
    row = np.array([0.0, 1.0, -2.5, np.nan, 1e-9, np.inf, 4_000_000_000.0])
    assert sketch(row, 2).tolist() == [3777025255, 2237749013]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_two_stored_mistakes_or_pairs_have_the_same_sketch(exercise):
    expected = public_cases(exercise)[1]
    size = trace(expected, expected).size
    stored = known(exercise)
    for sketches in (stored.pairs.sketches, np.array([entry.sketch for entry in stored.mistakes])):
        for one in sketches:
            assert same_sketch(sketches, one, size).sum() == 1


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_stored_mistake_is_known_by_all_of_its_numbers(exercise):
    """Rounding does not hide it; one number that is another by a millionth does."""
    cases, expected = public_cases(exercise)
    lesson = find(lesson_of(exercise))
    entries = misconceptions(lesson, exercise)
    rng = np.random.default_rng(0)
    for mistake, stored in zip(
        trace_mistakes(EXERCISES[exercise], entries, lesson, cases, expected),
        known(exercise).mistakes,
        strict=True,
    ):
        row = mistake.trace
        assert stored.misconception == mistake.misconception
        assert stored.explains(row * (1 + 1e-12 * rng.uniform(-1.0, 1.0, size=row.size)))
        for place in rng.choice(row.size, size=min(row.size, 10), replace=False):
            changed = row.copy()
            change = 1e-6 * (1.0 + np.abs(row[place]))
            changed[place] = row[place] + change if np.isfinite(change) else 1.0
            assert not stored.explains(changed)
