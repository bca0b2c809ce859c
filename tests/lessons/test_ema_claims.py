"""What lesson 02 says in numbers, read from its text and computed again."""

import numpy as np
import pytest
import torch
from claims import said

from course import data, training
from course.measured import measured
from course.questions import predictions

LESSON = "02_ema"
DATES, CELSIUS = data.temperatures()
ANSWERS = {asked.id: asked.answer for asked in predictions(LESSON)}
YEAR = 366  # 2012


def average(x, beta):
    v, rows = np.zeros(x.shape[1:]), []
    for x_t in x:
        v = beta * v + (1 - beta) * x_t
        rows.append(v)
    return np.array(rows)


def corrected(x, beta):
    steps = np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))
    return average(x, beta) / (1 - beta**steps)


def test_when_the_averages_peak():
    hottest = CELSIUS[:YEAR].argmax()
    assert str(DATES[hottest]) == "2012-08-16"
    late = {days: average(CELSIUS, 1 - 1 / days)[:YEAR].argmax() - hottest for days in (2, 10, 50)}
    assert late == {2: 1, 10: 1, 50: ANSWERS["peak_delay"]}
    assert said(LESSON, "only on {} September") == DATES[hottest + late[50]].astype(object).day


def test_january_was_as_warm_as_the_next():
    first, second = said(LESSON, "no colder than January 2013: {} °C against {}.")
    assert CELSIUS[:31].mean() == pytest.approx(first, abs=0.05)
    assert CELSIUS[YEAR : YEAR + 31].mean() == pytest.approx(second, abs=0.05)


def test_noise_and_delay():
    betas = np.array([0.5, 0.9, 0.98])
    assert said(LESSON, "followed $\\beta/(1-\\beta)$ days late: {}, {} and {}") == pytest.approx(
        betas / (1 - betas)
    )
    shares = np.array(said(LESSON, "is left: {}%, {}% and {}%"))
    assert shares == pytest.approx(100 * np.sqrt((1 - betas) / (1 + betas)), abs=0.5)
    noise = np.random.default_rng(5).normal(size=(2000, 200))
    measured_shares = [100 * average(noise, beta)[1000:].std() for beta in betas]
    assert measured_shares == pytest.approx(shares, abs=1.5)
    assert ANSWERS["noise_left"] == shares[1]


def error(beta, ahead):
    v = average(CELSIUS, beta)
    return np.abs(CELSIUS[YEAR:] - v[YEAR - ahead : len(v) - ahead]).mean()


def test_which_memory_forecasts_best():
    betas = np.arange(0, 0.99, 0.05)
    best = {ahead: betas[np.argmin([error(beta, ahead) for beta in betas])] for ahead in (1, 7, 30)}
    assert best[1] == 0
    assert best[7] == pytest.approx(0.85)
    assert best[30] == pytest.approx(0.75)
    assert error(0, 1) == pytest.approx(said(LESSON, "$\\beta = 0$ is off by {} °C"), abs=0.005)
    goal = said(LESSON, "7 days ahead is off by less than {} °C")
    reached = [beta for beta in (0.0, 0.2, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98) if error(beta, 7) < goal]
    assert reached == [0.8, 0.85]
    assert min(error(beta, 30) for beta in betas) > max(error(beta, 7) for beta in reached) + 1


def test_what_is_left_of_a_weight_after_its_memory():
    tenth, fiftieth = said(LESSON, "That is {} for $\\beta = 0.9$ and {} for 0.98")
    assert pytest.approx(tenth, abs=5e-4) == 0.9**10
    assert pytest.approx(fiftieth, abs=5e-4) == 0.98**50
    share, days = said(
        LESSON, "of the weight: {}% for $n = 10$ and $\\beta = 0.9$, and 99% only for $n = {}$"
    )
    assert pytest.approx(share, abs=0.5) == 100 * (1 - 0.9**10)
    assert ANSWERS["newest_share"] == f"{share:.0f}%"
    assert 1 - 0.9**days >= 0.99 > 1 - 0.9 ** (days - 1)


def test_when_the_correction_stops_mattering():
    steps = said(LESSON, "{} steps for 0.9, {} for 0.98 and {} for 0.999")
    for beta, step in zip((0.9, 0.98, 0.999), steps, strict=True):
        assert beta**step <= 0.01 < beta ** (step - 1)
    assert ANSWERS["correction_matters"] == steps[1]


def fed_back(x, beta=0.9):
    v, values = 0.0, []
    for t, x_t in enumerate(x, start=1):
        v = (beta * v + (1 - beta) * x_t) / (1 - beta**t)
        values.append(v)
    return np.array(values)


def test_the_correction_that_is_fed_back():
    ten = fed_back(np.full(100, 10.0))
    assert ten[1] == pytest.approx(said(LESSON, "/0.19 = {}$"), abs=0.05)
    highest, day = said(LESSON, "explodes, to {} °C on day {}.")
    assert ten.max() == pytest.approx(highest, abs=0.5)
    assert ten.argmax() + 1 == day
    wrong, right = fed_back(CELSIUS), corrected(CELSIUS, 0.9)
    peak, back = said(LESSON, "almost 50,000 degrees on day {} and takes until day {} to come back")
    assert wrong.argmax() + 1 == peak
    assert 45_000 < wrong.max() < 50_000
    assert np.flatnonzero(wrong > 1.05 * right)[-1] + 1 == pytest.approx(back, abs=2)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("still weighs $0.995^{199} = {}\\%$ after 200 updates", 100 * 0.995**199),
        ("After 1000 the average is still {}% the start", 100 * 0.9999**999),
    ],
)
def test_how_long_a_start_stays(sentence, value):
    assert value == pytest.approx(said(LESSON, sentence), abs=0.6)


def test_a_tenth_of_a_jump_is_missing_after_22_steps():
    steps = said(LESSON, "a tenth of the jump is still missing after {}")
    assert 0.9**steps <= 0.1 < 0.9 ** (steps - 1)


@pytest.mark.slow
def test_how_often_the_better_run_shows_the_lower_loss():
    digits = data.digits()
    runs = {
        lr: training.train_each(
            training.networks(5),
            lambda params, lr=lr: torch.optim.SGD(params, lr=lr),
            digits.X_train,
            digits.y_train,
            steps=560,
            batch_size=8,
        )
        for lr in (0.1, 0.15)
    }
    slow, fast = runs[0.1], np.roll(runs[0.15], 1, axis=0)
    shares = 100 * (fast[:, 100:] < slow[:, 100:]).mean(axis=1)
    assert np.median(shares) == pytest.approx(ANSWERS["lower_loss"], abs=0.5)
    assert np.all(np.abs(shares - 100 * 2 / 3) < 6)  # "two steps in three"
    smooth = [corrected(one.T, 0.98).T for one in (slow, fast)]
    assert np.all((smooth[1][:, 100:] < smooth[0][:, 100:]).mean(axis=1) > 0.95)  # "in each of five pairs"


@pytest.mark.slow
def test_which_average_of_the_weights_is_best():
    digits = data.digits()
    models = training.networks(5)
    copy = training.networks(5)
    averages = {d: torch.optim.swa_utils.AveragedModel(
        models, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(d)) for d in (0.98, 0.995)}  # fmt: skip
    tested = {"raw weights": [], "d = 0.98": [], "d = 0.995": []}

    def after_step(step, optimizer):
        for d, averaged in averages.items():
            averaged.update_parameters(models)
            if step % 10 == 0:
                copy.load_state_dict(averaged.module.state_dict())
                tested[f"d = {d}"].append(training.evaluate_each(copy, digits.X_test, digits.y_test)[0])
        if step % 10 == 0:
            tested["raw weights"].append(training.evaluate_each(models, digits.X_test, digits.y_test)[0])

    training.train_each(
        models,
        lambda params: torch.optim.SGD(params, lr=0.5),
        digits.X_train,
        digits.y_train,
        steps=740,
        batch_size=8,
        after_step=after_step,
    )
    losses = {name: np.array(rows) for name, rows in tested.items()}
    last = {name: rows[-20:].mean(axis=0) for name, rows in losses.items()}
    for name in ("raw weights", "d = 0.995"):
        assert np.all(last["d = 0.98"] < last[name])
    assert ANSWERS["best_average"] == "d = 0.98"
    # Late at first: after 50 updates the raw weights are ahead of both, with all seeds.
    assert np.all(losses["raw weights"][4] < np.minimum(losses["d = 0.98"][4], losses["d = 0.995"][4]))


def test_averaged_weights_gain_on_the_digits_at_their_best():
    stored = measured(LESSON)
    raw, averaged = stored["raw"], stored["averaged"]
    assert np.median(stored["trainer"]) == np.median(averaged, axis=2).min()
    assert np.median(stored["trainer"]) < np.median(raw, axis=1).min()
    best = raw[np.median(raw, axis=1).argmin()]
    assert np.sum(stored["trainer"] < best) >= 4
