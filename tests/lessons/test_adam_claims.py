"""What lesson 05 says in numbers, read from its text and computed again."""

from functools import partial

import numpy as np
import pytest
import torch
from claims import said

from course import data, training
from course.figures.lesson_05 import RACE_BETAS, RACE_RATES
from course.measured import measured
from course.questions import predictions, questions

LESSON = "05_adam"
ANSWERS = {asked.id: asked.answer for asked in predictions(LESSON)}
QUIZ = {asked.id: asked.right for asked in questions(LESSON)}
STORED = measured(LESSON)
RATES = STORED["rates"]
MEDIANS = np.median(STORED["train"], axis=2)  # (SGD, momentum, RMSprop, Adam, uncorrected) by rate
BEST = [one[each.argmin()] for one, each in zip(STORED["train"], MEDIANS, strict=True)]
SGD, MOMENTUM, RMSPROP, ADAM, UNCORRECTED = range(5)

X = np.linspace(-0.5, 0.5, 100)
Y = 4 + 3 * X + 0.2 * np.random.default_rng(0).normal(size=100)
A = np.stack([np.ones(100), X], axis=1)
MINIMUM = np.linalg.lstsq(A, Y, rcond=None)[0]


def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def walk(lr, beta1=0.9, beta2=0.999, steps=100):
    theta = m = v = np.zeros(2)
    points = [theta]
    for t in range(1, steps + 1):
        theta, m, v = adam_step(theta, A.T @ (A @ theta - Y) / 50, m, v, t, lr, beta1, beta2)
        points.append(theta)
    return np.array(points)


def descent(lr, factor=1.0, steps=100):
    points = [np.zeros(2)]
    for _ in range(steps):
        points.append(points[-1] - lr * factor * A.T @ (A @ points[-1] - Y) / 50)
    return np.array(points)


def settled(points):
    above = np.mean((points @ A.T - Y) ** 2, axis=1) - np.mean((A @ MINIMUM - Y) ** 2)
    late = np.flatnonzero(~(above <= 0.01 * above[0]))[-1] + 1
    return late if late < len(points) else np.inf


def test_the_ravine_curves_12_times_as_much_across():
    low, high = np.linalg.eigvalsh(A.T @ A)
    assert said(LESSON, "along $b$ it curves {} times as much as along $w$") == round(high / low)


def test_tuned_sgd_settles_first_and_its_rate_is_lost_on_the_sum():
    rates = np.arange(1, 11) / 10
    sgd, adam = said(LESSON, "it settles at step {}, Adam at step {}.")
    assert min(settled(descent(lr)) for lr in rates) == sgd
    assert min(settled(walk(lr)) for lr in rates) == adam
    assert ANSWERS["tuned_ravine"] == "SGD"
    best = min(rates, key=lambda lr: settled(descent(lr)))
    first = descent(best, factor=100, steps=1)[1, 0]
    assert first == pytest.approx(said(LESSON, "the first step of SGD leads to $b = {}$"), abs=0.5)


def test_the_longest_step_after_a_long_quiet():
    """Cauchy and Schwarz: gradients in the ratio of their weights in m to those in v make it longest."""
    ages = np.arange(5000)
    in_m, in_v = 0.1 * 0.9**ages, 0.001 * 0.999**ages
    g = in_m / in_v
    longest = in_m @ g / np.sqrt(in_v @ g**2)
    assert longest == pytest.approx(said(LESSON, "up to {} $lr$ with the default betas"), abs=0.05)


def test_the_race():
    assert settled(walk(0.3)) == said(LESSON, "the default betas, which settles at step {}.")
    goal = said(LESSON, "settle at step {} or earlier")
    needed = np.array([[settled(walk(lr, beta1)) for lr in RACE_RATES] for beta1 in RACE_BETAS])
    five, nine, largest = said(
        LESSON, "and lr = 1 it is step {}. With beta1 = 0.9 it is never below {}, with 0.95 always above {}."
    )
    rows = dict(zip(RACE_BETAS, needed, strict=True))
    assert needed.min() == five == rows[0.5][RACE_RATES.index(1.0)]
    assert rows[0.9].min() == nine > goal
    assert rows[0.95].min() > largest
    reached = {beta1 for beta1, row in rows.items() if row.min() <= goal}
    assert max(reached) < 0.9
    assert ANSWERS["race_memory"] == "shorter"


def test_the_first_steps_without_the_correction():
    t = np.arange(1, 4000)
    factor = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    first, highest, where = said(LESSON, "= {}$ times at $t = 1$, and {} times at $t = {}$")
    assert factor[0] == pytest.approx(first, abs=5e-3)
    assert factor.max() == pytest.approx(highest, abs=5e-3)
    assert t[factor.argmax()] == where
    assert ANSWERS["first_step_length"] == first
    near = said(LESSON, "within 5% of 1 only from step {} on")
    assert np.flatnonzero(factor > 1.05)[-1] + 2 == near
    most, least = said(LESSON, "the factor has fallen from {} to {}.")
    assert factor.max() == pytest.approx(most, abs=0.05)
    assert factor[137] == pytest.approx(least, abs=0.05)
    three, seven = said(LESSON, "Without correction the first steps are {} to {} times too long")
    assert three <= factor[:20].min() <= factor[:20].max() <= seven


def test_what_the_correction_costs_our_trainer():
    without, with_it, wins, seeds = said(
        LESSON, "after 138 updates: {} against {}, in {} of {} seeds. By then"
    )
    assert np.median(BEST[UNCORRECTED]) == pytest.approx(without, abs=5e-4)
    assert np.median(BEST[ADAM]) == pytest.approx(with_it, abs=5e-4)
    assert np.sum(BEST[UNCORRECTED] < BEST[ADAM]) == wins
    assert len(BEST[ADAM]) == seeds


def test_the_best_of_four():
    adam, momentum, wins, _ = said(LESSON, "narrow margin: {} to momentum's {}, lower in {} of {} seeds.")
    assert np.median(BEST[ADAM]) == pytest.approx(adam, abs=5e-4)
    assert np.median(BEST[MOMENTUM]) == pytest.approx(momentum, abs=5e-4)
    assert np.sum(BEST[ADAM] < BEST[MOMENTUM]) == wins
    names = ("SGD", "momentum", "RMSprop", "Adam")
    assert ANSWERS["best_of_four"] == names[MEDIANS[:4].min(axis=1).argmin()]
    tests = [np.median(STORED["test"][kind, MEDIANS[kind].argmin()]) for kind in (ADAM, MOMENTUM)]
    assert tests == pytest.approx(said(LESSON, "On test images it is {} to {}."), abs=5e-4)
    few, more, most = said(LESSON, "rates {} bring SGD below a loss of 0.3, {} momentum, {} each RMSprop")
    assert [int(np.sum(each < 0.3)) for each in MEDIANS[:4]] == [few, more, most, most]
    cliff = MEDIANS[SGD].argmin() + 1
    assert MEDIANS[SGD, cliff] > 0.99 * np.log(10)


def test_one_rate_for_three_jobs():
    jobs = np.median(STORED["jobs"], axis=3)  # (SGD, momentum, Adam) by job and rate
    worst = jobs.max(axis=1)
    rate, loss = said(LESSON, "single rate of momentum is {}, and its worst job ends at {}.")
    assert RATES[worst[1].argmin()] == pytest.approx(rate)
    assert worst[1].min() == pytest.approx(loss, abs=5e-3)
    assert ANSWERS["one_rate"] == f"{loss:.0f}"
    rate, loss = said(LESSON, "Adam's is {}, and all three jobs end at {}.")
    assert RATES[worst[2].argmin()] == pytest.approx(rate, rel=0.03)
    assert jobs[2, :, worst[2].argmin()] == pytest.approx(np.full(3, loss), abs=5e-3)
    # Whatever the seed, and SGD does no better than momentum.
    each = STORED["jobs"].max(axis=1)
    assert np.all(each[2, worst[2].argmin()] < each[1].min(axis=0) / 3)
    assert worst[0].min() > worst[1].min()
    before, after = said(LESSON, "Its valley moves too, from {} to {}")
    assert RATES[jobs[2, [0, 2]].argmin(axis=1)] == pytest.approx([before, after], rel=0.02)
    lost = jobs[2, 2, jobs[2, 0].argmin()]
    assert lost == pytest.approx(said(LESSON, "the third ends at {}."), abs=5e-3)
    apart = said(LESSON, "three valleys of momentum lie up to {} times apart")
    valleys = RATES[jobs[1].argmin(axis=1)]
    assert valleys.max() / valleys.min() == pytest.approx(apart, abs=0.5)
    stable = RATES < 0.05
    assert jobs[2, 0, stable] == pytest.approx(jobs[2, 1, stable], rel=0.01)


@pytest.mark.slow
def test_who_decays_what():
    digits = data.digits()

    def trained(make):
        models = training.networks(5)
        training.train_each(models, make, digits.X_train, digits.y_train, steps=230)
        norms = models.first_weight.detach().norm(dim=1).numpy()
        return norms, np.median(training.evaluate_each(models, digits.X_train, digits.y_train)[0])

    plain, _ = trained(partial(torch.optim.Adam, lr=0.01))
    coupled, coupled_loss = trained(partial(torch.optim.Adam, lr=0.01, weight_decay=1e-3))
    decoupled, decoupled_loss = trained(partial(torch.optim.AdamW, lr=0.01, weight_decay=0.1))
    assert [coupled_loss, decoupled_loss] == pytest.approx(
        said(LESSON, "end nearly alike, {} and {}."), abs=5e-4
    )
    white = digits.X_train.max(axis=0) == 0
    gone, left = said(LESSON, "the pixels with no ink at all are at {} and at {}. Why?")
    assert np.all((coupled / plain)[:, white] < gone + 0.1)
    assert (decoupled / plain)[:, white] == pytest.approx(left, abs=0.005)
    assert pytest.approx(left, abs=0.005) == 0.999**230
    assert ANSWERS["quiet_weights"] == "wiped out"
    dark = digits.X_train.mean(axis=0) > 0.5
    assert np.all(np.abs(np.median(coupled / plain, axis=0)[dark] - 0.9) < 0.05)
    assert 1 / np.sqrt(64) == said(LESSON, "weights of at most {} are gone")


def rare_case(lr, beta2, largest=False, steps=6000):
    theta = m = v = v_max = 0.0
    path = []
    for t in range(1, steps + 1):
        g = 60.0 if t % 51 == 0 else -1.0
        m, v = 0.9 * m + 0.1 * g, beta2 * v + (1 - beta2) * g**2
        v_max = max(v, v_max)
        root = np.sqrt((v_max if largest else v) / (1 - beta2**t))
        theta = min(1.0, max(-1.0, theta - lr * (m / (1 - 0.9**t)) / (root + 1e-8)))
        path.append(theta)
    return np.array(path)


def test_the_run_that_adam_loses():
    lr, beta2 = 0.03, 0.95
    lost = rare_case(lr, beta2)
    assert lost[-51:].min() > 0.5
    assert f"{np.round(lost[-51:].mean()):.0f}" == ANSWERS["rare_gradient"]
    assert rare_case(lr, beta2, largest=True)[-51:].mean() < -0.9
    assert rare_case(lr, 0.999)[-51:].mean() < -0.9  # "With the default"
    # No smaller rate helps.
    for smaller in (0.01, 0.003):
        assert rare_case(smaller, beta2)[-51:].min() > 0.5
    v, roots = 0.0, []
    for t in range(1, 104):
        v = beta2 * v + (1 - beta2) * (3600.0 if t % 51 == 0 else 1.0)
        roots.append(np.sqrt(v / (1 - beta2**t)))
    before, after = said(LESSON, "jumps from about {} to {} at once")
    assert roots[49] == pytest.approx(before, abs=0.05)
    assert roots[50] == pytest.approx(after, abs=1)
    assert beta2**50 < 0.1  # "less than a tenth of it is left"


def steps_to_leave(make, q):
    theta = torch.tensor([1.0, q], dtype=torch.float64, requires_grad=True)
    optimizer = make([theta])
    for step in range(1, 301):
        theta.grad = theta.detach() * torch.tensor([1.0, -1.0])
        optimizer.step()
        if theta[1] > 1:
            return step
    return np.inf


def test_leaving_a_saddle():
    makers = {
        "SGD": torch.optim.SGD,
        "momentum": partial(torch.optim.SGD, momentum=0.9),
        "Adam": torch.optim.Adam,
    }
    best = {
        name: [
            min(steps_to_leave(partial(make, lr=lr), 10.0**-n) for lr in (0.1, 0.3, 1.0, 1.9))
            for n in range(1, 13)
        ]
        for name, make in makers.items()
    }
    far, near = said(LESSON, "more to go: {} instead of {} from $10^{-6}$")
    assert (best["SGD"][5], best["SGD"][2]) == (far, near)
    ends = said(LESSON, "grow steadily, to {} and {}, Adam's from {} to {}.")
    assert (best["SGD"][-1], best["momentum"][-1], best["Adam"][0], best["Adam"][-1]) == ends
    adam = [steps_to_leave(partial(torch.optim.Adam, lr=0.1), 10.0**-n) for n in range(1, 13)]
    assert adam[2] == said(LESSON, "Adam with $lr = 0.1$ needs {} steps until $q > 1$")
    assert adam[5] == ANSWERS["saddle_start"]
    assert len(set(adam[1:7])) == 1  # only below eps does the start matter
    assert adam[-1] > adam[6]


def first_step(rule):
    return [round(rule(g, 0.1 * g, 0.001 * g**2), 3) for g in (0.5, 1e-6)]


def torch_step(g, m, v):
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, g)
    torch.optim.Adam([theta], lr=1.0).step()
    return -theta.item()


EARLY = np.sqrt(0.001) / 0.1  # of the faster order, at t = 1


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("this lesson | `sqrt(v_hat) + eps` | $10^{-8}$ | {} | {} |",
         lambda g, m, v: (m / 0.1) / (np.sqrt(v / 0.001) + 1e-8)),
        ("`torch.optim.Adam` | `sqrt(v_hat) + eps` | $10^{-8}$ | {} | {} |", torch_step),
        ("+ eps`, eps_root = 0 | $10^{-8}$ | {} | {} |",
         lambda g, m, v: (m / 0.1) / (np.sqrt(v / 0.001 + 0.0) + 1e-8)),
        ("end of section 2 | `sqrt(v) + eps_hat` | $10^{-8}$ | {} | {} |",
         lambda g, m, v: EARLY * m / (np.sqrt(v) + 1e-8)),
        ("`keras.optimizers.Adam` | `sqrt(v) + eps_hat` | $10^{-7}$ | {} | {} |",
         lambda g, m, v: EARLY * m / (np.sqrt(v) + 1e-7)),
        ("`sqrt(v_hat + eps)` | $10^{-8}$ | {} | {} |", lambda g, m, v: (m / 0.1) / np.sqrt(v / 0.001 + 1e-8)),
        ("no correction | `sqrt(v) + eps` | $10^{-8}$ | {} | {} |", lambda g, m, v: m / (np.sqrt(v) + 1e-8)),
    ],
)  # fmt: skip
def test_the_first_step_by_convention(row, rule):
    assert first_step(rule) == list(said(LESSON, row))


def test_pytorchs_decay_defaults():
    theta = [torch.zeros(1, requires_grad=True)]
    assert torch.optim.Adam(theta).defaults["weight_decay"] == 0
    default = said(LESSON, "(6) in `AdamW`, where the default is {};")
    assert torch.optim.AdamW(theta).defaults["weight_decay"] == default


def test_the_trainers_row():
    assert np.array_equal(STORED["trainer"], BEST[ADAM])
    median, worst = said(LESSON, "That brings it to {}, with one seed of five at {}.")
    assert np.median(STORED["trainer"]) == pytest.approx(median, abs=5e-4)
    assert sorted(STORED["trainer"])[-1] == pytest.approx(worst, abs=5e-4)
    assert sorted(STORED["trainer"])[-2] < 0.06
    best = MEDIANS[ADAM].argmin()
    assert RATES[best] == pytest.approx(said(LESSON, "rates above, {}, and with the default"), abs=5e-4)
    bound = said(LESSON, "the median stays below {}.")
    assert max(MEDIANS[ADAM, best - 1 : best + 2]) < bound


def test_a_ravine_across_the_axes():
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    angles = np.pi * (np.arange(12) + 0.5) / 12
    starts = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rates = 10 ** (np.arange(-12, 13) / 6)
    along, across = (
        np.median(twenty_times_nearer(H, points, rates).min(axis=1))
        for H, points in (
            (np.diag([1.0, 1000.0]), starts),
            (turn @ np.diag([1.0, 1000.0]) @ turn.T, starts @ turn.T),
        )
    )
    assert along == said(LESSON, "20 times nearer to the minimum after {} steps")
    assert across == pytest.approx(said(LESSON, "and it takes {}: the median of 12 starts"), abs=1)


def twenty_times_nearer(H, starts, rates, steps=2000):
    """The step from which each start stays so near at each rate, (starts, rates)."""
    theta = np.repeat(starts[:, None], len(rates), axis=1)
    m = v = np.zeros_like(theta)
    distances = [np.linalg.norm(theta, axis=-1)]
    for t in range(1, steps + 1):
        theta, m, v = adam_step(theta, theta @ H, m, v, t, rates[:, None])
        distances.append(np.linalg.norm(theta, axis=-1))
    far = ~(np.array(distances) <= distances[0] / 20)
    last = steps - far[::-1].argmax(axis=0)
    return np.where(last < steps, last + 1, np.inf)


def test_the_quiz():
    billion = 10.0
    assert QUIZ["adam_memory"] == 2 * 4 * billion
    theta, m, v = 0.0, 0.0, 0.0
    for t in range(1, 51):
        before = theta
        theta, m, v = adam_step(theta, 0.001, m, v, t, lr=0.1)
    assert before - theta == pytest.approx(QUIZ["steady_gradient"], rel=1e-4)
    assert pytest.approx(QUIZ["decay_alone"], abs=5e-4) == (1 - 0.001 * 0.1) ** 1000
    # A gradient that stops: half of the way that m still goes is gone after some steps, and it is many lr.
    m, v, way = 1.0, 1.0, []
    for _ in range(100):
        m, v = 0.9 * m, 0.999 * v
        way.append(m / np.sqrt(v))
    assert sum(way) > 5
    assert sum(way[40:]) < 0.05 * sum(way)
