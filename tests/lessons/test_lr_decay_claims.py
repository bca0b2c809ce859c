"""What lesson 06 says of its walks and of our trainer, each claim on its own; numbers are read from its text."""

import math
from functools import cache

import numpy as np
import pytest
from claims import said

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course.figures.lesson_06 import GAME, GOAL, formula_1
from course.measured import measured

NAME = "06_lr_decay"
SEEDS = range(1, 6)


def cosine(lr0, updates, lr_min=0.0):
    return lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * np.arange(updates) / updates)) / 2


@cache
def line(seed=2):
    """The names that the lesson's first two cells define, with walks of another seed."""
    names = {}
    for cell in find(NAME).source().cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in ("setup", "walk"):
            exec(cell.source.replace("default_rng(2)", f"default_rng({seed})"), names)
    return names


def ends(rates, seed):
    """The mean loss above the minimum after the last update of the lesson's walks."""
    return line(seed)["above"](line(seed)["walk"](rates))[-1].mean()


def hovers(lr, seed, updates=600):
    return line(seed)["above"](line(seed)["walk"](np.full(updates, lr)))[-100:].mean()


def test_other_seeds_are_other_walks():
    assert ends(np.full(3, 0.3), 1) != ends(np.full(3, 0.3), 2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tenth_of_the_rate_hovers_ten_times_lower(seed):
    assert 8 < hovers(0.3, seed) / hovers(0.03, seed) < 13.5
    walk, above = line(seed)["walk"], line(seed)["above"]
    after_30 = {lr: above(walk(np.full(30, lr)))[-1].mean() for lr in (0.3, 0.03, 0.003)}
    assert after_30[0.3] < 0.2 * min(after_30[0.03], after_30[0.003])
    slow = above(walk(np.full(600, 0.003))).mean(axis=1)
    assert slow[-1] < 0.9 * slow[-100]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_fixed_rate_against_the_falling_one_and_the_cosine(seed):
    lowest, highest, best_rate, fixed, falling, landed = said(
        NAME,
        "from {} to {}, is {}, which ends at {}. The falling one ends at {}, and a cosine, which you will"
        " write, at {} with the best of five first rates",
    )
    grid = np.array([0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert (lowest, highest, len(grid)) == (grid[0], grid[-1], 11)
    finals = [ends(np.full(600, lr), seed) for lr in grid]
    assert grid[np.argmin(finals)] == best_rate
    assert min(finals) == pytest.approx(fixed, rel=0.25)
    assert ends(0.3 * (1 - np.arange(600) / 600), seed) == pytest.approx(falling, rel=0.25)
    assert min(ends(cosine(lr, 600), seed) for lr in (0.05, 0.07, 0.1, 0.2, 0.3)) == pytest.approx(
        landed, rel=0.4
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_where_walks_stay_is_formula_1(seed):
    steep, flat = said(NAME, "with curvatures {} and {}, and their floors add up")
    np.testing.assert_allclose(np.linalg.eigvalsh(line()["curvature"]), [flat, steep], atol=0.005)
    floor, lr = said(NAME, "walks hover at {} with a rate of {}. Where do they hover with 0.9")
    assert hovers(lr, seed) == pytest.approx(floor, rel=0.05)
    assert hovers(0.9, seed) > 1
    for lr in (0.1, 0.3, 0.6, 0.9):
        expected = formula_1(lr, line()["A"], line()["y"])
        assert 0.95 * expected < hovers(lr, seed) < 1.2 * expected


def test_formula_1_is_where_the_mean_square_stays():
    for lr, c, sigma in ((0.1, 1.0, 2.0), (1.2, 1.5, 0.5)):
        V = 0.0
        for _ in range(2000):
            V = (1 - lr * c) ** 2 * V + lr**2 * sigma**2
        assert c * V / 2 == pytest.approx(lr * sigma**2 / (2 * (2 - lr * c)))
    assert pytest.approx(0.01 / 4, rel=0.01) == 0.01 / (2 * (2 - 0.01))


def test_rates_of_inverse_time_add_up_to_infinity_and_their_squares_do_not():
    """Ten times as many epochs always add as much to the sum, and ever less to the sum of squares."""
    rate = 1 / (1 + 0.5 * np.arange(10**6))
    sums, squares = (np.cumsum(power)[[10**4 - 1, 10**5 - 1, 10**6 - 1]] for power in (rate, rate**2))
    np.testing.assert_allclose(np.diff(sums), math.log(10) / 0.5, rtol=0.01)
    assert np.diff(squares)[1] < 0.11 * np.diff(squares)[0]


def test_two_ways_to_write_an_exponential():
    assert pytest.approx(12.5, abs=0.05) == (0.97 / 0.93) ** 60
    assert math.exp(-0.05) == pytest.approx(0.951, rel=0.0005)
    assert 1 - 0.95**100 / math.exp(-5) == pytest.approx(1 / 8, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_goal_of_the_sliders(seed):
    goal = said(NAME, "**Goal:** end below {}.")
    assert goal == GOAL
    update = np.arange(200)
    reached = [(0.5, 0.98), (0.7, 0.97)]
    assert all(ends(lr0 * gamma**update, seed) < goal for lr0, gamma in reached)
    assert min(ends(np.full(200, lr0), seed) for lr0 in GAME["lr0"]) > 4 * goal
    assert all({lr0, gamma} <= {*GAME["lr0"], *GAME["gamma"]} for lr0, gamma in reached)


def test_why_the_map_has_a_diagonal():
    curvature, short, lr0, gamma, enough, high, slow = said(
        NAME,
        "the curvature {} of the flat direction, that must be well above 1, or the walk never arrives: it is"
        " {} for {} and {}, and {} for {} and {}",
    )
    assert lr0 / (1 - gamma) * curvature == pytest.approx(short, abs=0.05)
    assert high / (1 - slow) * curvature == pytest.approx(enough, abs=0.05)
    lr0, gamma, last = said(NAME, "the last rate must be small: {} and {} end at {}.")
    assert lr0 * gamma**199 == pytest.approx(last, abs=0.0005)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_drop_too_early_and_one_too_late(seed):
    update, never = np.arange(200), ends(np.full(200, 0.3), seed)
    finals = {drop: ends(np.where(update >= drop, 0.03, 0.3), seed) for drop in (1, 40, 100, 150, 180)}
    assert 0.1 < finals[180] / never < 0.3
    assert finals[1] > 0.7 * never
    assert max(finals[40], finals[100], finals[150]) < 0.2 * never
    assert ends(cosine(0.3, 200), seed) < min(finals.values())
    rate, curvature = said(NAME, "even the small rate takes ${} \\cdot {}$, six per cent, off the distance")
    assert rate * curvature == pytest.approx(0.06)
    rate, curvature, left = said(NAME, "On the left is the flat direction: $1 - {} \\cdot {}$ is {}, and 200")
    assert 1 - rate * curvature == pytest.approx(left, abs=0.0005)


def test_patience_over_twenty_noisy_losses():
    plateau = answer(find(NAME), "ReduceOnPlateau", find(NAME).solutions()["ReduceOnPlateau"])
    truth = 0.1 + 0.9 * np.exp(-np.arange(120) / 15)
    metrics = truth * np.random.default_rng(7).lognormal(sigma=0.1, size=(20, 120))

    def rates(patience):
        watchers = [plateau(1.0, factor=0.5, patience=patience, min_lr=1e-3) for _ in metrics]
        return np.array([[each.step(m) for m in row] for each, row in zip(watchers, metrics, strict=True)])

    assert np.all(rates(0)[:, 35] == 1e-3)
    assert 0.03 < np.median(rates(2)[:, 50]) < 0.3
    assert np.median(rates(8)[:, 50]) == 1
    assert np.median(rates(8)[:, 119]) < 0.2


def test_a_schedule_for_epochs_that_is_stepped_after_each_update():
    assert pytest.approx(0.53, abs=0.005) == 0.9**6
    assert pytest.approx(1e-6, rel=0.6) == 0.9**138


def test_what_a_warm_up_and_a_cosine_buy_our_trainer():
    """Measured with the reference over five seeds; what is stored has the digest of its inputs."""
    numbers = measured(NAME)
    training_losses = numbers["alone"][:, :, 0]  # (ways, peaks, seeds)
    medians = np.median(training_losses, axis=2)
    fixed, decay, rise, both = (losses[np.median(losses, 1).argmin()] for losses in training_losses)
    assert np.median(decay) > np.median(fixed)
    assert np.sum(decay > fixed) >= 4
    assert np.median(rise) > np.median(fixed)
    low, high = said(
        NAME, "Together they end at {}, against {} for the best fixed rate, and are ahead in four of five"
    )
    assert (round(np.median(both), 3), round(np.median(fixed), 3)) == (low, high)
    assert np.sum(both < fixed) >= 4
    fixed_twice, both_twice = said(
        NAME, "at twice its best rate the fixed run is at {}, the planned one at {}."
    )
    peaks = numbers["peaks"].tolist()
    assert peaks[medians[0].argmin()] == 0.05
    assert peaks[medians[3].argmin()] == 0.1
    assert medians[0, peaks.index(0.1)] == pytest.approx(fixed_twice, abs=0.0005)
    assert medians[3, peaks.index(0.2)] == pytest.approx(both_twice, abs=0.0005)


def test_that_it_decays_matters_more_than_how():
    losses = measured(NAME)["kinds"][:, 0]
    medians = np.median(losses, axis=1)
    lowest, highest, without = said(
        NAME, "The medians of the five that decay lie between {} and {}; without decay it is {}."
    )
    assert (round(medians[1:].min(), 3), round(medians[1:].max(), 3)) == (lowest, highest)
    assert round(medians[0], 3) == without
    assert np.all(np.sum(losses[1:] < losses[0], axis=1) >= 4)
    assert medians[0] / medians[1:].max() > 1.3


def test_the_trainers_row():
    numbers = measured(NAME)
    ours, fixed = said(
        NAME,
        "it ends at a training loss of {}, with the best of seven peaks and two last rates, 0 and a fifth of the"
        " peak. The best fixed rate of the same seven ends at {}, and higher in five of five seeds",
    )
    assert len(numbers["peaks"]) == 7
    assert round(np.median(numbers["trainer"]), 3) == ours
    best = numbers["alone"][0, :, 0]
    best = best[np.median(best, axis=1).argmin()]
    assert round(np.median(best), 3) == fixed
    assert np.all(best > numbers["trainer"])


def test_too_few_updates_for_decay():
    losses = measured(NAME)["sgd"][:, :, 0]
    fixed, decayed = said(NAME, "The best fixed rate ends at {}, the best cosine at {}.")
    best = [way[np.median(way, axis=1).argmin()] for way in losses]
    assert [round(np.median(each), 2) for each in best] == [fixed, decayed]
    assert np.sum(best[0] < best[1]) >= 4


def test_without_noise_decay_only_makes_the_way_longer():
    lr, fixed, decayed = said(
        NAME, "After 50 updates a fixed rate of {} is {} above the minimum, a cosine from it {}."
    )
    names = line()

    def end(rates):
        theta = np.zeros(2)
        for rate in rates:
            theta = theta - rate * 2 / 256 * names["A"].T @ (names["A"] @ theta - names["y"])
        return names["above"](theta)

    assert end(np.full(50, lr)) == pytest.approx(fixed, rel=0.1)
    assert end(cosine(lr, 50)) == pytest.approx(decayed, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_an_average_of_the_points_beats_the_best_cosine(seed):
    points, lr, average = said(
        NAME, "The mean of the last {} points of a walk with the fixed rate {} is only {} above the minimum"
    )
    walk, above = line(seed)["walk"], line(seed)["above"]
    found = above(walk(np.full(600, lr))[-int(points) :].mean(axis=0)).mean()
    assert found == pytest.approx(average, rel=0.15)
    assert found < min(ends(cosine(first, 600), seed) for first in (0.05, 0.07, 0.1, 0.2, 0.3))


@pytest.mark.parametrize("seed", SEEDS)
def test_larger_batches_hover_lower(seed):
    lr, size, floor, tenth = said(NAME, "at the rate {}, batches of {} hover at {}, a tenth of {}")
    A, y, above = (line()[name] for name in ("A", "y", "above"))
    rng, theta, losses = np.random.default_rng(seed), np.zeros((100, 2)), []
    for _ in range(200):
        rows = rng.integers(256, size=(100, int(size)))
        error = np.einsum("wrk,wk->wr", A[rows], theta) - y[rows]
        theta = theta - lr * 2 / size * np.einsum("wr,wrk->wk", error, A[rows])
        losses.append(above(theta).mean())
    assert np.mean(losses[-100:]) == pytest.approx(floor, rel=0.1)
    assert floor == pytest.approx(tenth / 10)


def test_under_a_cosine_to_zero_weight_decay_is_half_as_strong_on_average():
    assert cosine(1.0, 10_000).mean() == pytest.approx(0.5, abs=1e-3)
