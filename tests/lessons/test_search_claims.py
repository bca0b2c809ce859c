"""What lesson 14 says about searches, NumPy and Optuna, each claim on its own."""

import inspect
import math
import runpy
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import optuna
import pytest
import torch
from claims import said

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course.figures import lesson_14 as figures
from course.figures import lesson_14_race as races
from course.figures import lesson_14_runs as runs
from course.measured import measured
from course.questions.lesson_14 import PREDICTIONS

LESSON = "14_search"


@pytest.fixture(scope="module")
def reference():
    return answers(find(LESSON), {})


@pytest.fixture(scope="module")
def searches(reference):
    needed = ("random_points", "gp_posterior", "expected_improvement", "GeneticSearch")
    return races.mine(*(reference[name] for name in needed))


def median(values):
    return round(float(np.median(values)), 2)


def predicted(id):
    return next(entry.answer for entry in PREDICTIONS if entry.id == id)


@pytest.mark.slow
def test_the_first_picture():
    grid, chance = said(LESSON, "it ends at {}, and the random points, which try 25 rates, at {}.")
    best = {name: runs.tried(points).min(axis=1) for name, points in runs.first_points().items()}
    assert (median(best["grid"]), median(best["random points"])) == (grid, chance)
    assert (best["random points"] < best["grid"]).sum() >= 4
    assert predicted("grid_or_chance") == "random points"
    lucky = runs.tried([runs.five_by_five(runs.LR)] * runs.SEEDS).min(axis=1)
    assert median(lucky) == said(LESSON, "over 0.0001 to 10 one does, and it ends at {}.")


@pytest.mark.slow
def test_three_of_five_rates_learn_next_to_nothing():
    three = said(LESSON, "{} of its five rates learn next to nothing")
    points = runs.five_by_five(runs.FIRST_LR)
    rates = np.array([point["lr"] for point in points])
    found = runs.tried([points] * runs.SEEDS)
    low = [np.median(found[:, np.isclose(rates, rate)].min(axis=1)) for rate in np.unique(rates)]
    assert sum(value > 1.0 for value in low) == three


@pytest.mark.slow
def test_the_race(searches):
    last = {name: each.losses.min(axis=1) for name, each in searches.items()}
    uniform, log = said(LESSON, "with a uniform rate 25 trials end at {}, on a log axis at {}.")
    assert (median(last["uniform"]), median(last["log-uniform"])) == (uniform, log)
    process, tpe = said(LESSON, "the process at {} and Optuna at {}.")
    assert (median(last["process"]), median(last["Optuna"])) == (process, tpe)
    assert median(last["genetic"]) == said(LESSON, "it ends at {}, no better than chance.")
    for name in ("log-uniform", "process", "Optuna"):
        assert (last[name] <= last["uniform"]).sum() >= 4
    assert predicted("highest_of_25") == max(last, key=lambda name: np.median(last[name]))
    # The axis gains more than the best method does on top of it.
    assert uniform - log > log - process


@pytest.mark.slow
def test_starts_move_the_loss_as_much_as_methods_do(searches):
    found = []
    for winner in searches["log-uniform"].winners:
        each = runs.validation_losses([winner["lr"]] * 5, [winner["momentum"]] * 5, runs.NEW_STARTS[:5])
        found.append(each.max() - each.min())
    assert (
        median(found)
        == predicted("spread_of_starts")
        == said(LESSON, "The rings of one setting spread over about {}.")
    )
    best = said(LESSON, "the process at {} and Optuna at {}.")
    assert np.median(found) > said(LESSON, "it ends at {}, no better than chance.") - min(best)


def test_a_search_flatters_itself():
    stored = measured(LESSON)
    few, many, reported, true = stored["rows"][0], stored["rows"][1], stored["reported"], stored["true"]
    last = said(LESSON, "After {} trials by {} rows the searches report {}, and the truth is {};")
    assert last == (100, few, median(reported[0, :, -1]), median(true[0, :, -1]))
    last = said(LESSON, "by {} rows they report {}, and the truth is {}. What is reported")
    assert last == (many, median(reported[1, :, -1]), median(true[1, :, -1]))
    times = np.median(true[:, :, -1] / reported[:, :, -1], axis=1)
    assert round(times[0], 1) == predicted("flattery")
    assert times[0] > times[1] > 1
    # In four of five searches, by few rows and by many.
    assert ((true > reported)[:, :, -1].mean(axis=1) >= 0.8).all()
    since = int(said(LESSON, "the truth has hardly moved since the {}th.")) - 1
    assert (abs(np.median(true[:, :, -1], axis=1) - np.median(true[:, :, since], axis=1)) < 0.02).all()
    assert (np.median(reported[:, :, -1], axis=1) < np.median(reported[:, :, since], axis=1) - 0.03).all()


def test_what_is_true_of_a_winner_is_what_was_measured(reference):
    """One of the 20 searches anew, by 30 rows alone and as far as 10 trials."""
    stored, seed, trials = measured(LESSON), 3, 10
    module = SimpleNamespace(**runpy.run_path(str(find(LESSON).measurements_path)))
    fitted, validation, test = module.split(seed)
    points = reference["random_points"](runs.SPACE, module.TRIALS, np.random.default_rng(seed))[:trials]
    rates, momenta = ([point[name] for point in points] for name in ("lr", "momentum"))
    few = runs.Rows(validation.X[:30], validation.y[:30])
    losses = runs.losses_on(few, runs.trained(fitted, rates, momenta, [seed] * trials))
    assert losses.min() == pytest.approx(stored["reported"][0, seed, trials - 1], rel=1e-6)
    true = module.on_new_rows(fitted, test, points[int(losses.argmin())])
    assert true == pytest.approx(stored["true"][0, seed, trials - 1], rel=1e-6)


@pytest.mark.slow
def test_what_a_search_is_worth(searches):
    found = {name: median(runs.test_losses(each.winners).mean(axis=1)) for name, each in searches.items()}
    default, custom = runs.test_losses([races.DEFAULT, races.CUSTOM]).mean(axis=1).round(2)
    assert default == said(LESSON, "after 60 updates it still guesses, {}.")
    assert (custom, found["Optuna"], found["process"]) == said(
        LESSON, "The rule of thumb reaches {}, Optuna's settings {} and your process's {}:"
    )
    assert found["uniform"] == said(LESSON, "The uniform axis found nothing better than {}.")
    assert predicted("worth_of_a_search") == "about the same"
    assert abs(found["Optuna"] - custom) < said(LESSON, '"about the same" (less than {} apart)?')


def test_the_settings_that_nobody_searched_for():
    rate, custom, momentum = said(
        LESSON, "a rate of {} without momentum, and a rule of thumb, a rate of {} with momentum {}"
    )
    parameters = inspect.signature(torch.optim.SGD).parameters
    assert (parameters["lr"].default, parameters["momentum"].default) == (rate, 0)
    assert {"lr": rate, "momentum": 0} == races.DEFAULT
    assert {"lr": custom, "momentum": momentum} == races.CUSTOM
    assert len(runs.NEW_STARTS) == said(LESSON, "The winners of the race are trained from {} new starts.")
    assert not set(runs.NEW_STARTS) & set(range(runs.SEEDS))


def test_a_first_trial_can_be_given_to_optuna():
    quiet()
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.enqueue_trial(races.CUSTOM)
    assert runs.suggested(study.ask()) == races.CUSTOM


def test_a_pruner_stops_what_lags_behind():
    quiet()
    pruner = optuna.pruners.MedianPruner(n_startup_trials=2)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner)

    def stops(loss):
        trial = study.ask()
        trial.report(loss, step=1)
        stopped = bool(trial.should_prune())
        study.tell(trial, loss)
        return stopped

    assert [stops(loss) for loss in (0.3, 0.4, 2.3, 0.2)] == [False, False, True, False]


def test_the_process_is_set_as_the_text_says(reference):
    length, noise = said(LESSON, "random candidates (length {}, noise {}, on logarithms of the losses)")
    seen = []

    def posterior(X, y, new, **settings):
        seen.append((settings, len(new), y))
        return reference["gp_posterior"](X, y, new, **settings)

    X, losses = np.random.default_rng(0).random((3, 2)), np.array([1.0, np.e, np.e**2])
    runs._next(posterior, reference["expected_improvement"], X, losses, np.random.default_rng(0))
    ((settings, candidates, y),) = seen
    assert settings == {"length": length, "noise": noise}
    assert candidates == said(LESSON, "the best EI of {} random candidates")
    np.testing.assert_allclose(np.diff(y), np.diff(y)[0])


def test_a_search_of_ones_own_is_a_study_of_optunas(searches):
    own = searches["process"]
    study = runs.as_study("mine", own.points[0], own.losses[0])
    assert [trial.params for trial in study.trials] == own.points[0]
    assert study.best_value == own.losses[0].min()
    assert study.best_params == own.winners[0]


def test_uniform_draws_hardly_ever_fall_below_a_tenth(reference):
    counts = []
    for seed in range(5):
        points = reference["random_points"]({"lr": ("uniform", *runs.LR)}, 25, np.random.default_rng(seed))
        counts.append(sum(point["lr"] < 0.1 for point in points))
    assert np.median(counts) == predicted("below_a_tenth")
    share = said(LESSON, "Between 0.0001 and 0.1 lies {}% of the length")
    assert round(100 * (0.1 - runs.LR[0]) / (runs.LR[1] - runs.LR[0])) == share


def test_a_grid_is_worst_along_its_axes(reference):
    longest = said(LESSON, "The grid's is longest, {}, at 0 and 90 degrees")
    gaps = {}
    for degrees in (0, 30, 45, 60, 90):
        sets = [figures._square(reference["grid"], reference["random_points"], 5, seed) for seed in range(5)]
        gaps[degrees] = [
            [figures._gap(figures._projected(each[name], degrees)) for name in ("grid", "random")]
            for each in sets
        ]
    for degrees, found in gaps.items():
        grid, chance = np.median(found, axis=0)
        assert (grid > chance) == (degrees in (0, 90))
        if degrees in (0, 90):
            assert round(grid, 2) == longest


def test_the_goal_of_the_sliders_can_be_reached(reference):
    sets = figures._square(reference["grid"], reference["random_points"], 5)
    reached = [
        degrees
        for degrees in (0, 5, 10, 15, 30, 45, 60, 75, 90)
        if 2 * figures._gap(figures._projected(sets["grid"], degrees))
        < figures._gap(figures._projected(sets["random"], degrees))
    ]
    assert reached


def test_the_numbers_by_hand(reference):
    assert said(LESSON, "gives {} by (2)") == 1e-4 + 0.5 * (10 - 1e-4)
    assert round(1e-4 * 1e5**0.5, 4) == said(LESSON, "100000^{0.5} = {}$ by (3)")
    assert said(LESSON, "Five values each for six names are {} trials") == 5**6
    k, near = said(LESSON, "$k = e^{-0.5} = {}$. At 0.5 both entries of $k_*$ are $e^{-0.125} = {}$")
    assert (round(math.exp(-0.5), 4), round(math.exp(-0.125), 4)) == (k, near)
    variance, std = said(LESSON, "1.6065 = {}$: a standard deviation of {}.")
    assert (round(1 - 2 * math.exp(-0.25) / (1 + math.exp(-0.5)), 4), round(variance**0.5, 3)) == (
        variance,
        std,
    )
    improvement, certain = said(LESSON, "$\\sigma = 0.2$ it is {}; at $\\mu = 0.1$, $\\sigma = 0$ it is {}.")
    found = reference["expected_improvement"](np.array([0.4, 0.1]), np.array([0.2, 0.0]), 0.3)
    assert found.round(4).tolist() == [improvement, certain]
    mean, deviation = reference["gp_posterior"](
        np.array([[0.0], [1.0]]), np.array([1.0, -1.0]), np.array([[2.0]]), noise=0.0
    )
    assert round(float(deviation[0]), 3) == said(LESSON, "At 2 it is {}, and the mean")
    assert round(float(mean[0]), 3) == -1.198


def test_solving_loses_fewer_digits_than_inverting():
    X, new = np.linspace(0, 1, 30)[:, None], np.linspace(0, 1, 101)[:, None]
    K = np.exp(-((X - X.T) ** 2) / 2) + 1e-10 * np.eye(30)
    near = np.exp(-((X - new.T) ** 2) / 2)
    inverted = (1 - (near * (np.linalg.inv(K) @ near)).sum(axis=0)).min()
    solved = (1 - (near * np.linalg.solve(K, near)).sum(axis=0)).min()
    assert -1e-4 < inverted < -1e-7
    assert solved > inverted / 100


def test_far_away_and_where_next(reference):
    mean, std = reference["gp_posterior"](figures.TRIED_X, figures.TRIED_Y, np.array([[10.0]]))
    assert abs(mean[0]) < 1e-4 and abs(std[0] - 1) < 1e-4
    assert predicted("far_away") == "0"
    assert predicted("where_next") == "at neither"


def test_in_ten_dimensions_a_process_knows_nothing(reference):
    wanted = said(LESSON, "at a new point its std is {}, the prior's")
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, new = rng.random((25, 10)), rng.random((100, 10))
        _, std = reference["gp_posterior"](X, rng.normal(size=25), new, length=0.2)
        assert round(float(np.median(std)), 2) == wanted


# Optuna, by its table of conventions


def quiet():
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def test_optunas_version_and_what_it_minimises():
    assert metadata.version("optuna").startswith(f"{said(LESSON, 'this lesson | Optuna {} |')}")
    quiet()
    assert optuna.create_study().direction == optuna.study.StudyDirection.MINIMIZE


def test_tpe_draws_ten_at_random_first():
    assert (
        optuna.samplers.TPESampler()._n_startup_trials
        == said(LESSON, "draws its first {} trials at random")
        == 10
    )
    quiet()
    points = []
    for sampler in (optuna.samplers.TPESampler(seed=0), optuna.samplers.TPESampler(seed=0)):
        study = optuna.create_study(sampler=sampler)
        for number in range(12):
            trial = study.ask()
            points.append(runs.suggested(trial)["lr"])
            study.tell(trial, (-1.0) ** len(points) * number if len(points) > 12 else float(number))
    # Told other losses the first ten are the same, and what follows is not.
    assert points[:10] == points[12:22]
    assert points[11] != points[23]


def test_a_study_with_a_seed_repeats_itself():
    quiet()

    def values():
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
        study.optimize(lambda trial: runs.suggested(trial)["lr"], n_trials=15)
        return [trial.value for trial in study.trials]

    assert values() == values()


def test_integers_include_both_ends_and_numpys_do_not():
    quiet()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    assert {study.ask().suggest_int("k", 1, 3) for _ in range(40)} == {1, 2, 3}
    assert set(np.random.default_rng(0).integers(1, 3, size=40).tolist()) == {1, 2}


def test_optunas_grid_is_shuffled():
    quiet()
    space = {"a": [1, 2, 3], "b": [1, 2, 3]}

    def order(seed):
        study = optuna.create_study(sampler=optuna.samplers.GridSampler(space, seed=seed))
        study.optimize(lambda t: t.suggest_int("a", 1, 3) + t.suggest_int("b", 1, 3), n_trials=9)
        return [tuple(trial.params.values()) for trial in study.trials]

    assert sorted(order(0)) == sorted(order(1))
    assert order(0) != order(1)


def test_a_nan_fails_the_trial_and_the_study_goes_on():
    quiet()
    optuna.logging.disable_default_handler()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda trial: math.nan if trial.number == 0 else trial.suggest_float("x", 0, 1), n_trials=2
    )
    optuna.logging.enable_default_handler()
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]


def test_loguniform_is_deprecated():
    quiet()
    with pytest.warns(FutureWarning):
        optuna.create_study().ask().suggest_loguniform("lr", 1e-4, 1.0)


def test_optunas_process_needs_scipy():
    wanted = "".join(metadata.requires("optuna"))
    assert "scipy" in wanted
    assert all("extra ==" in line for line in metadata.requires("optuna") if line.startswith("scipy"))
