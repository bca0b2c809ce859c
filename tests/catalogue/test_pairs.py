"""Two mistakes at once: named where a pair explains all of the evidence, and not otherwise."""

from functools import partial

import numpy as np
import pytest

from autograder.catalogue.answers import answer, misconceptions, trace_mistakes, wrong
from autograder.catalogue.lesson import find
from autograder.catalogue.pairs import KnownRuns, together
from autograder.judge.grader import graded_cases
from course import check
from course.exercises import EXERCISES
from course.judging.mistakes import recognise
from course.judging.pairs import same_sketch, sketch
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
    assert check("adam_update", answer(LESSON, "adam_update", both(*TWO))) == 0.0
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
    runs, probed, probe = KnownRuns(EXERCISE, LESSON, cases, expected), [], type(EXERCISE).probe

    def counted(exercise, student_object, case):
        probed.append(case)
        return probe(exercise, student_object, case)

    monkeypatch.setattr(type(EXERCISE), "probe", counted)
    for _ in range(2):
        assert runs.explaining(runs.right + 1e-3) == []
        assert len(probed) == len(runs.pairs)  # one case of each


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


def test_rounding_never_parts_two_sketches():
    rng = np.random.default_rng(0)
    for row in traces(rng, 400):
        rounded = row * (1 + 1e-8 * rng.choice([-1.0, 1.0], size=row.size))
        assert same_sketch(sketch(row), sketch(rounded), row.size)


def test_one_other_number_in_a_trace_parts_two_sketches():
    rng = np.random.default_rng(1)
    for row in traces(rng):
        place = rng.integers(row.size)
        for other in (np.nan, np.inf, -np.inf, 0.5, 1e300, 3_999_000_000.0):
            if not np.array_equal(row[place], other, equal_nan=True):
                changed = row.copy()
                changed[place] = other
                assert not same_sketch(sketch(row), sketch(changed), row.size)


def test_no_two_stored_pairs_have_the_same_sketch():
    for exercise in EXERCISES:
        stored = known(exercise)
        size = stored.mistakes[0].trace.size
        for one in stored.pairs.sketches:
            assert same_sketch(stored.pairs.sketches, one, size).sum() == 1
