"""Lesson 14's oracles against the formulas of the text, what messages say of points, and what a slip costs."""

import itertools
import json
from math import erf, exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judged

from autograder.catalogue.answers import answer, misconceptions
from autograder.catalogue.lesson import find
from course.exercise import Case
from course.exercises.lesson_14 import (
    EXERCISES,
    EXPECTED_IMPROVEMENT,
    GENETIC_SEARCH,
    GP_POSTERIOR,
    GRID,
    RANDOM_POINTS,
    surrogate,
)
from course.exercises.lesson_14.torch_search import TorchSearch
from course.readings import Reading
from course.wire import decode_cases, decode_evidence, encode_cases, encode_evidence

LESSON = find("14_search")
SEEDS = st.integers(0, 2**31)
# What costs more than the rest, because nothing else is right: one point many times over, and other draws.
EXPENSIVE = {("grid", "one_dict"), ("random_points", "own_generator"), ("GeneticSearch", "unit_square")}


def reference(name):
    return answer(LESSON, name, LESSON.solutions()[name])


def values_of(readings):
    return {(*key.place, key.of): float(array) for key, array in readings.items() if key.id == "point"}


@settings(max_examples=30)
@given(lengths=st.lists(st.integers(0, 3), max_size=4))
def test_the_grid_is_the_product_with_the_last_name_fastest(lengths):
    names = ["d", "a", "c", "b"][: len(lengths)]
    space = {name: list(range(length)) for name, length in zip(names, lengths, strict=True)}
    found = GRID.oracle(Case("order", {"space": space})).readings
    rows = list(itertools.product(*map(range, lengths)))
    assert found[Reading(0, "point_count")] == len(rows)
    assert values_of(found) == {
        (place, name): value for place, row in enumerate(rows) for name, value in zip(names, row, strict=True)
    }


@settings(max_examples=30)
@given(seed=SEEDS, n=st.integers(0, 4))
def test_random_points_follow_formulas_2_to_5(seed, n):
    space = {
        "b": ["uniform", -2.0, 3.0],
        "a": ["log", 1e-4, 10.0],
        "d": ["int", -3, 2],
        "c": ["choice", ["x", "y", "z"]],
    }
    found = RANDOM_POINTS.oracle(
        Case("draws", {"space": space, "n": n, "seed": seed, "next_draw": True})
    ).readings
    rng, expected = np.random.default_rng(seed), {}
    for place in range(n):
        b, a, d, c = rng.random(4)
        expected[place, "b"] = -2 + 5 * b  # (2)
        expected[place, "a"] = 1e-4 * 1e5**a  # (3)
        expected[place, "d"] = -3 + np.floor(6 * d)  # (4)
        expected[place, "c"] = np.floor(3 * c)  # (5)
    assert values_of(found) == pytest.approx(expected, rel=1e-12)
    assert found[Reading(0, "next_draw")] == rng.random()


@settings(max_examples=30)
@given(
    seed=SEEDS, n=st.integers(1, 5), d=st.integers(1, 3), length=st.floats(0.5, 2), noise=st.floats(0.01, 1)
)
def test_the_process_follows_formulas_6_to_8(seed, n, d, length, noise):
    rng = np.random.default_rng(seed)
    X, y, new = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=(2, d))

    def k(a, b):
        return exp(-((a - b) ** 2).sum() / (2 * length**2))  # (6)

    inverse = np.linalg.inv([[k(a, b) for b in X] for a in X] + noise * np.eye(n))
    given = {"X": X, "y": y, "X_new": new, "length": length, "noise": noise}
    found = GP_POSTERIOR.oracle(Case("mean", {"given": given})).readings
    for place, point in enumerate(new):
        near = np.array([k(a, point) for a in X])
        assert found[Reading(0, "mean")][place] == pytest.approx(
            near @ inverse @ y, rel=1e-8, abs=1e-8
        )  # (7)
        variance = 1 - near @ inverse @ near  # (8)
        assert found[Reading(0, "std")][place] ** 2 == pytest.approx(variance, rel=1e-8, abs=1e-8)


@settings(max_examples=30)
@given(mean=st.floats(-2, 2), std=st.floats(0.05, 2), best=st.floats(-2, 2), xi=st.floats(0, 1))
def test_expected_improvement_is_the_integral(mean, std, best, xi):
    t = np.linspace(-12, 12, 200_001)
    density = np.exp(-(t**2) / 2) / sqrt(2 * pi)
    integral = np.trapezoid(np.maximum(best - xi - (mean + std * t), 0) * density, t)  # (9)
    given = {"mean": np.array(mean), "std": np.array(std), "best": best, "xi": xi}
    found = EXPECTED_IMPROVEMENT.oracle(Case("xi", {"given": given})).readings[surrogate.EI]
    assert float(found) == pytest.approx(integral, abs=1e-7)
    z = (best - mean - xi) / std
    closed = (best - mean - xi) * (1 + erf(z / sqrt(2))) / 2 + std * exp(-z * z / 2) / sqrt(2 * pi)
    assert float(found) == pytest.approx(closed, rel=1e-9, abs=1e-12)


def test_the_numbers_worked_by_hand():
    given = {"X": surrogate.WORKED_X, "y": surrogate.WORKED_Y, "X_new": surrogate.WORKED_NEW, "noise": 0.0}
    found = GP_POSTERIOR.oracle(Case("mean", {"given": given})).readings
    np.testing.assert_allclose(found[Reading(0, "mean")], [0, -1.198], atol=5e-4)
    np.testing.assert_allclose(found[Reading(0, "std")], [0.175, 0.739], atol=5e-4)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_the_elite_never_gets_worse_and_children_stay_in_their_range(seed):
    rng = np.random.default_rng(seed)
    low, high = np.array([-1.0, 2.0]), np.array([1.0, 5.0])
    search = TorchSearch(low, high, 6, rng, elite=2, sigma=0.5)
    lowest = np.inf
    for _ in range(4):
        points = search.ask().numpy()
        assert ((points >= low) & (points <= high)).all()
        losses = (points**2).sum(axis=1)
        assert losses.min() <= lowest
        lowest = losses.min()
        search.tell(losses)
        assert search.best_loss == lowest


def test_a_generation_without_a_number_leaves_the_best_alone():
    search = TorchSearch(np.zeros(2), np.ones(2), 3, np.random.default_rng(0))
    search.tell(np.full(3, np.nan))
    assert (search.best, search.best_loss) == (None, np.inf)


def messages(exercise, wrong):
    return {
        entry.property.id: entry.message for entry in judged(exercise, wrong).properties if not entry.passed
    }


def test_what_differs_in_a_point_is_said_by_its_name_and_its_value():
    def grid(space):
        return [
            dict(zip(space, values, strict=True))
            for values in itertools.product(*map(sorted, space.values()))
        ]

    said = messages(GRID, grid)["one_name"]
    assert said.startswith('points[0]["')
    assert "should be" in said


def test_a_text_is_shown_as_it_is_and_one_that_is_none_of_the_values_too():
    case = Case("one_name", {"space": {"opt": ["sgd", "adam"]}})
    reading = Reading(0, "point", (0,), of="opt")
    assert GRID.shown(case, reading, 1.0) == "'adam'"
    assert GRID.shown(case, reading, -1.0) == "none of its values"
    assert GRID.shown(case, Reading(0, "point_count"), 1.0) == ""


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "Is the `return` missing?"),
        ({"lr": 1}, "should return a list of dicts; yours is of type dict"),
        ([1, 2], "points[0] should be a dict; yours is of type int"),
        ([{"other": 1}], "points[0] should have the names of the space"),
    ],
)
def test_what_is_no_list_of_points_is_told_so(returned, said):
    assert any(said in message for message in messages(GRID, lambda space: returned).values())


def test_a_space_that_is_emptied_is_called_changed():
    def grid(space):
        points = reference("grid")(dict(space))
        space.clear()
        return points

    assert all("changed space" in message for message in messages(GRID, grid).values())


def test_points_cross_to_the_sandbox_and_back():
    for exercise in (GRID, RANDOM_POINTS):
        cases = exercise.cases(np.random.default_rng(0), "graded")
        for case, back in zip(cases, decode_cases(encode_cases(cases)), strict=True):
            assert json.dumps(back.inputs) == json.dumps(case.inputs)
            assert list(back.inputs["space"]) == list(case.inputs["space"])
            evidence = exercise.oracle(back)
            (received,) = decode_evidence(encode_evidence([evidence]))
            assert received.readings.keys() == exercise.oracle(case).readings.keys()


@pytest.mark.slow
def test_one_slip_costs_what_it_breaks():
    solutions = LESSON.solutions()
    for exercise in EXERCISES:
        for mistake in misconceptions(LESSON, exercise.id):
            wrong = answer(LESSON, exercise.id, mistake.code(solutions[exercise.id]))
            lost = (exercise.points - judged(exercise, wrong).score) / exercise.points
            expensive = (exercise.id, mistake.misconception.id) in EXPENSIVE
            assert 0 < lost <= (0.96 if expensive else 0.6), mistake.misconception.id


def test_the_search_draws_what_its_docstring_says():
    low, high = np.array([0.0, -1.0]), np.array([1.0, 3.0])
    drawn, rng = np.random.default_rng(7), np.random.default_rng(7)
    made = reference("GeneticSearch")(low, high, 3, drawn)
    first = rng.uniform(low, high, (3, 2))
    np.testing.assert_array_equal(made.ask(), first)
    made.tell(np.array([2.0, 0.0, 1.0]))
    elite = first[[1, 2]]
    a, b = rng.integers(2, size=2)
    mask, mutation = rng.random(2) < 0.5, rng.normal(0, 0.1, 2)
    child = np.clip(np.where(mask, elite[a], elite[b]) + mutation * (high - low), low, high)
    np.testing.assert_array_equal(made.ask(), [*elite, child])
    assert drawn.random() == rng.random()  # and nothing else


def test_random_points_draws_what_its_docstring_says():
    space = {
        "b": ("int", -3, 2),
        "a": ("uniform", 1.0, 1.0),
        "c": ("choice", ["x", "y"]),
        "d": ("log", 1e-3, 1.0),
    }
    drawn, rng = np.random.default_rng(7), np.random.default_rng(7)
    for point in reference("random_points")(space, 3, drawn):
        u = rng.random(4)
        assert point == {
            "b": -3 + int(6 * u[0]),
            "a": 1.0,
            "c": "xy"[int(2 * u[2])],
            "d": 1e-3 * (1.0 / 1e-3) ** u[3],
        }
    assert drawn.random() == rng.random()


def without(method):
    """The reference's search, with one method of its own in the place of another."""
    return type("GeneticSearch", (reference("GeneticSearch"),), {method.__name__: method})


def test_what_none_of_the_elite_survives_costs_the_elite_and_not_its_children():
    def tell(self, losses):
        order = np.argsort(losses, kind="stable")
        if losses[order[0]] < self.best_loss:
            self.best, self.best_loss = self.population[order[0]], float(losses[order[0]])
        parents, children = self.population[order[: self.elite]], []
        for _ in range(self.size):
            a, b = self.rng.integers(self.elite, size=2)
            child = np.where(self.rng.random(len(self.low)) < 0.5, parents[a], parents[b])
            child = child + self.rng.normal(0, self.sigma, len(self.low)) * (self.high - self.low)
            children.append(np.clip(child, self.low, self.high))
        self.population = np.array(children)

    assert messages(GENETIC_SEARCH, without(tell)).keys() == {"elite", "nan"}


def test_two_searches_are_compared_with_each_of_them_alone():
    def ask(self):
        return self.population

    assert messages(GENETIC_SEARCH, without(ask)).keys() == {"alone"}

    def tell(self, losses):
        reference("GeneticSearch").tell(self, -losses)

    assert "alone" not in messages(GENETIC_SEARCH, without(tell))


def test_doubt_at_one_point_is_judged_apart_from_none_at_another():
    def half(mean, std, best, xi=0.0):
        return np.where(std > 0, 0.5, 1.0) * reference("expected_improvement")(mean, std, best, xi)

    assert "sure" not in messages(EXPECTED_IMPROVEMENT, half)

    def sure(mean, std, best, xi=0.0):
        known = reference("expected_improvement")(mean, std, best, xi)
        return known if np.all(std > 0) else np.maximum(best - mean - xi, 0)

    assert messages(EXPECTED_IMPROVEMENT, sure).keys() == {"sure"}
