"""What lesson 10 says in numbers, read from its text and computed again."""

import numpy as np
import pytest
import torch
from claims import said, text
from torch.optim._muon import _zeropower_via_newtonschulz

from course import data, training
from course.exercises.lesson_10.newton_schulz import MUON
from course.exercises.lesson_10.schedule_free import EveryZ
from course.figures.lesson_10 import LANDING, RACE_BETAS, RACE_GOAL, RACE_RATES, final_loss
from course.figures.lesson_10_runs import gradients_of
from course.measured import measured
from course.questions import predictions, questions

LESSON = "10_beyond_adam"
ANSWERS = {asked.id: asked.answer for asked in predictions(LESSON)}
QUIZ = {asked.id: asked.right for asked in questions(LESSON)}
STORED = measured(LESSON)
RATES = STORED["rates"]
MEDIANS = np.median(STORED["train"], axis=2)  # (Adam, Lion, Adafactor) by rate
BEST = MEDIANS.argmin(axis=1)
ADAM, LION, ADAFACTOR = (runs[best] for runs, best in zip(STORED["train"], BEST, strict=True))
# The schedule-free run at its best rate at the last update: (x, y, z) by seed and time.
EVERY = int(STORED["every"])
FREE = STORED["free"]
CHOSEN = int(np.median(FREE[:, 0, :, -1], axis=1).argmin())


def at(point, update):
    return FREE[CHOSEN, "xyz".index(point), :, update // EVERY - 1]


def near(value, decimals):
    """The value as the text has it, with so many decimals."""
    return pytest.approx(value, abs=0.51 * 10**-decimals)


# Memory


def kept(kind, *shape):
    layer = torch.zeros(shape, requires_grad=True)
    optimizer = kind([layer])
    layer.grad = torch.ones(shape)
    optimizer.step()
    return sum(entry.numel() for entry in optimizer.state[layer].values() if entry.dim())


def test_what_is_kept_for_one_layer():
    assert kept(torch.optim.Adam, 1024, 1024) == said(LESSON, "Adam keeps $m$ and $v$: {} numbers.")
    assert kept(torch.optim.Adafactor, 1024, 1024) == ANSWERS["adafactor_memory"]
    assert said(LESSON, "{} numbers: one for each row") == ANSWERS["adafactor_memory"]
    assert kept(torch.optim.Adafactor, 4096, 1024) == QUIZ["factored_numbers"]


def test_torch_factors_the_last_two_axes_of_a_kernel_and_no_vector():
    numbers, of = said(LESSON, "factors the last two axes alone: {} numbers for {} |")
    assert kept(torch.optim.Adafactor, 64, 32, 3, 3) == numbers
    assert of == 64 * 32 * 3 * 3
    assert kept(torch.optim.Adafactor, 64) == 64


# Lion


def lion_walk(lr, beta1=0.9, beta2=0.99, steps=100):
    theta, m = np.array([-4.03, 2.02]), np.zeros(2)
    points = [theta]
    for _ in range(steps):
        g = np.array([1.0, 10.0]) * theta
        theta = theta - lr * np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
        points.append(theta)
    return np.array(points)


def test_lion_hovers():
    large, high, small, half = said(
        LESSON, "with $lr = {}$ up to {} away, with $lr = {}$ exactly half a step, {}."
    )
    assert np.abs(lion_walk(large, steps=1000)[800:, 0]).max() == near(high, 2)
    assert ANSWERS["lion_floor"] == high
    np.testing.assert_allclose(np.abs(lion_walk(small, steps=1000)[800:, 0]), half, rtol=1e-9)
    assert half == small / 2


def test_the_map_of_lion():
    ends = {lr: [final_loss(lion_walk(lr, beta1)) for beta1 in RACE_BETAS] for lr in RACE_RATES}
    assert said(LESSON, "bring the loss at the end of 100 steps below {}.") == RACE_GOAL
    assert min(map(min, ends.values())) < RACE_GOAL < final_loss(lion_walk(0.1))
    slow = said(LESSON, "With lr = {} no run has arrived.")
    assert min(ends[slow]) > 1
    fast, above, best, beta1 = said(
        LESSON, "With lr = {} and more no run is below {}. The lowest are at lr = {} and beta1 = {}."
    )
    assert all(min(losses) > above for lr, losses in ends.items() if lr >= fast)
    low, high = said(LESSON, "At $lr = 0.05$ the loss at the end grows from {} to {} as $\\beta_1$ goes")
    assert ends[0.05] == sorted(ends[0.05])
    assert ends[0.05][0] == near(low, 3)
    assert ends[0.05][-1] == near(high, 2)
    lowest = min(
        (loss, lr, beta) for lr, losses in ends.items() for loss, beta in zip(losses, RACE_BETAS, strict=True)
    )
    assert lowest[1:] == (best, beta1)


def test_the_sign_drowns_l2():
    assert QUIZ["sign_and_decay"] == "b"
    assert np.sign(0.5 + 0.01 * 1.0) == np.sign(0.5)


# Adafactor


def test_rank_one_is_exact_over_the_mean_alone():
    p, q = np.random.default_rng(0).uniform(0.1, 2.0, size=(2, 5))
    v = np.outer(p, q)
    row, col = v.mean(axis=1), v.mean(axis=0)
    np.testing.assert_allclose(np.outer(row, col) / row.mean(), v)
    size = int(said(LESSON, "For a diagonal $v$ of shape ({}, 32)"))
    v = np.eye(size)
    V = np.outer(v.mean(axis=1), v.mean(axis=0)) / v.mean()
    assert (v / V)[0, 0] == said(LESSON, "$V$ is {} times too small on the diagonal")


def test_how_far_the_digits_are_from_rank_one():
    ratios, means = [], []
    for grads in gradients_of(training.networks(5), data.digits(), batches=50):
        v = np.mean(grads**2, axis=0)
        row, col = v.mean(axis=1), v.mean(axis=0)
        V = np.outer(row, col) / row.mean()
        means.append(row.mean())
        ratios.append((V[v > 0] / v[v > 0], v[v > 0]))
    typical = [np.median(np.maximum(ratio, 1 / ratio)) for ratio, _ in ratios]
    assert np.median(typical) == near(float(ANSWERS["rank_one"]), 1)
    assert all(min((1.1, 1.7, 5), key=lambda choice, t=t: abs(np.log(t / choice))) == 1.7 for t in typical)
    ratio = np.concatenate([ratio for ratio, _ in ratios])
    share = np.mean((ratio < 3) & (ratio > 1 / 3))
    percent, factor = said(LESSON, "Of the weights that have a gradient, {}% are within a factor of {}.")
    assert 100 * share == near(percent, 0)
    assert factor == 3
    small, long = said(
        LESSON, "every $V$ would be over {} times too small here, and $U$ over {} times too long"
    )
    assert all(1 / mean > small and mean**-0.5 > long for mean in means)
    # "The others are mostly small gradients, whose V is too large"
    for each, v in ratios:
        far = (each >= 3) | (each <= 1 / 3)
        assert np.mean(each[far] >= 3) > 0.5
        assert np.median(v[far]) < np.median(v)


def test_the_first_update_from_zero_and_when_the_root_of_t_counts():
    theta = torch.zeros(4, 6, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adafactor([theta])
    theta.grad = torch.tensor(np.random.default_rng(0).normal(size=(4, 6)))
    optimizer.step()
    rms = theta.detach().square().mean().sqrt().item()
    most = said(LESSON, "makes a first update of RMS {}:")
    assert rms <= most * (1 + 1e-9)
    assert rms == pytest.approx(most, rel=0.1)
    lr, step = said(LESSON, "With torch's $lr$ of {}, $1/\\sqrt t$ counts only after step {}.")
    assert lr == torch.optim.Adafactor([theta]).param_groups[0]["lr"]
    assert step**-0.5 == pytest.approx(lr)


def test_three_rules_on_the_digits():
    times = said(LESSON, "Adam's best rate is {} times Lion's. The paper")
    assert RATES[BEST[0]] / RATES[BEST[1]] == near(times, 1)
    assert ANSWERS["lion_rate"] == times
    low, high = said(LESSON, "to take a rate {} to {} times smaller")
    assert low <= times <= high
    assert np.median(ADAM) == near(said(LESSON, "Adam ends lowest, at {}."), 3)
    lion, adafactor = said(LESSON, "Lion ends at {} and Adafactor at {}, and Adam")
    assert np.median(LION) == near(lion, 3)
    assert np.median(ADAFACTOR) == near(adafactor, 3)
    ahead, seeds = said(LESSON, "and Adam is ahead of each in {} of {} seeds.")
    for rival in (LION, ADAFACTOR):
        assert np.sum(rival > ADAM) == ahead
    assert len(ADAM) == seeds
    assert len(RATES) == 13
    assert said(LESSON, "each {} times the one before, without decay") == near(RATES[1] / RATES[0], 2)


def test_adafactors_curve_is_flat_to_the_right():
    first, latest = said(
        LESSON,
        "flat: from $lr = {}$ on, $1/\\sqrt t$ is the smaller of the two in (7) after at most {} of the 138",
    )
    flat = first - 0.01 < RATES
    assert MEDIANS[2][flat].max() / MEDIANS[2][flat].min() < 1.2
    assert latest**-0.5 < RATES[flat].min() <= (latest - 1) ** -0.5


# Schedule-free


def test_one_run_against_three_cosines():
    ends = STORED["cosine_ends"]
    best = np.median(ends, axis=2).argmin(axis=1)
    rate = said(LESSON, "all three best at the rate {}.")
    assert set(STORED["cosine_rates"][best]) == {rate}
    assert not {best.min(), best.max()} & {0, len(STORED["cosine_rates"]) - 1}
    rivals = [runs[one] for runs, one in zip(ends, best, strict=True)]
    for median, rival in zip(said(LESSON, "The cosines end at {}, {} and {}, all"), rivals, strict=True):
        assert np.median(rival) == near(median, 3)
    own = [at("x", int(end)) for end in STORED["ends"]]
    for median, run in zip(said(LESSON, "Your one run is at {}, {} and {} there"), own, strict=True):
        assert np.median(run) == near(median, 3)
    wins, seeds, end = said(LESSON, "and in {} of {} at {}, which is a draw")
    assert [int(np.sum(run < rival)) for run, rival in zip(own, rivals, strict=True)] == [5, 5, wins]
    assert (len(own[0]), STORED["ends"][-1]) == (seeds, end)
    assert (
        sum(np.mean(rival < run) >= 0.8 for run, rival in zip(own, rivals, strict=True)) == ANSWERS["one_run"]
    )


def test_the_longest_cosine_is_lower_for_a_while():
    first, last, seeds, of = said(
        LESSON, "the lower of the two, from update {} to {} in {} of {} seeds at least; the run comes level"
    )
    longest, own = STORED["cosines"][-1], FREE[CHOSEN, 0]
    lower = np.sum(longest < own, axis=0)
    updates = EVERY * np.arange(1, len(lower) + 1)
    assert np.array_equal(updates[lower >= seeds], np.arange(first, last + 1, EVERY))
    assert len(own) == of
    for curves in STORED["cosines"]:
        assert np.all(np.sum(curves[:, 1:5] < own[:, 1:5], axis=0) == 0)


def test_the_rate_of_schedule_free_must_fit():
    ends = np.median(FREE[:, 0, :, -1], axis=1)
    half, low, double, high = said(
        LESSON, "with $lr = {}$ the run ends at {}, and with $lr = {}$ it hardly learns, at {}."
    )
    chosen = STORED["free_rates"][CHOSEN]
    assert (half, double) == (chosen / 2, chosen * 2)
    assert ends[CHOSEN - 1] == near(low, 3)
    assert ends[CHOSEN + 1] == near(high, 2)


def test_the_three_points():
    update, x, y, z = said(
        LESSON, "in every seed: at update {} the medians are {} at $x$, {} at $y$ and {} at $z$."
    )
    for point, value, decimals in (("x", x, 3), ("y", y, 3), ("z", z, 2)):
        assert np.median(at(point, int(update))) == near(value, decimals)
    assert np.all(at("z", 100) > 10 * at("x", 100))
    assert ANSWERS["loss_at_z"] == "over 10 times"
    y, update, x = said(LESSON, "would have been as good an answer: {} at update {}, with $x$ at {}.")
    assert np.median(at("y", int(update))) == near(y, 3)
    assert np.median(at("x", int(update))) == near(x, 3)
    above = said(LESSON, "at z it is about 1 or more until update {},")
    z = np.median(FREE[CHOSEN, 2], axis=0)
    assert np.all(z[: int(above) // EVERY] >= 0.95)
    assert z[int(above) // EVERY] < 1


def package_run(grads, lrs, momentum):
    """The recursion of schedulefree 1.4.1: the largest rate so far, squared, weighs."""
    z = y = 1.0
    largest = total = 0.0
    for g, lr in zip(grads, lrs, strict=True):
        largest = max(largest, lr)
        total += largest**2
        c = largest**2 / total
        y = (1 - c) * y + c * z + lr * (momentum * (1 - c) - 1) * g
        z -= lr * g
    return y


def our_run(grads, lrs, momentum):
    theta = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer = EveryZ([theta], momentum=momentum)
    for g, lr in zip(grads, lrs, strict=True):
        optimizer.lr, theta.grad = lr, torch.tensor(g, dtype=torch.float64)
        optimizer.step()
    return theta.item()


@pytest.mark.parametrize("seed", range(5))
def test_the_package_agrees_as_long_as_the_rate_does_not_fall(seed):
    rng = np.random.default_rng(seed)
    grads, rising = rng.normal(size=8), np.sort(rng.uniform(0.1, 1.0, size=8))
    assert "(9) agree, to 1e-14, as long as the rate does not fall" in text(LESSON)
    assert package_run(grads, rising, 0.8) == pytest.approx(our_run(grads, rising, 0.8), rel=0, abs=1e-14)
    assert package_run(grads, rising[::-1], 0.8) != pytest.approx(our_run(grads, rising[::-1], 0.8), abs=1e-3)


def test_the_worked_example_of_schedule_free():
    grads, lr, momentum = [0.5, -0.25], 0.4, 0.75
    assert our_run(grads[:1], [lr], momentum) == pytest.approx(0.8)
    assert our_run(grads, [lr] * 2, momentum) == pytest.approx(said(LESSON, "| 0.225 + 0.6375 = {} |"))
    assert pytest.approx(0.2**2 / (0.1**2 + 2 * 0.2**2)) == QUIZ["third_weight"]


# Muon


def stepped(values, steps):
    a, b, c = MUON
    for _ in range(steps):
        values = a * values + b * values**3 + c * values**5
    return values


def test_where_five_steps_lead():
    start, end = said(LESSON, "{} ends at {}. What starts")
    assert stepped(start, 5) == near(end, 3)
    assert ANSWERS["after_five"] == "0.7"
    above, low, high = said(LESSON, "What starts above {} lands between {} and {} after five steps")
    landed = stepped(np.linspace(above, 1.0, 200_001), 5)
    assert (low, high) == LANDING
    assert low <= landed.min() < landed.max() <= high
    start, end = said(LESSON, "what starts at {} is only at {}.")
    assert stepped(start, 5) == near(end, 2)
    assert stepped(1.0, 1) == near(said(LESSON, "also throws 1 down to {}."), 2)
    assert said(LESSON, "so that small singular values grow fast, by {} a step") == MUON[0]


def test_the_values_of_the_gradient_that_is_shown():
    G = next(gradients_of(training.networks(5), data.digits(), batches=1))[0]
    values = np.linalg.svd(G / np.linalg.norm(G), compute_uv=False)
    silent, count = np.sum(values < 1e-12), len(values)
    assert (
        said(LESSON, "The gradient of a digits network's first layer at its start has {} singular values")
        == count
    )
    assert said(LESSON, "Two of the {} values are 0") == count
    assert silent == np.sum(~G.any(axis=1)) == 2


@pytest.mark.parametrize("seed", range(5))
def test_torchs_muon_is_off_by_its_bfloat16(seed):
    G = np.random.default_rng(seed).normal(size=(32, 64))
    low, high = said(LESSON, "two dimensions only, bfloat16, off by {}% to {}% |")
    U, values, V = np.linalg.svd(G / np.linalg.norm(G), full_matrices=False)
    right = U * stepped(values, 5) @ V
    found = _zeropower_via_newtonschulz(torch.tensor(G), MUON, 5, 1e-7).double().numpy()
    assert low <= 100 * np.linalg.norm(found - right) / np.linalg.norm(right) <= high
    with pytest.raises(ValueError, match="2D"):
        torch.optim.Muon([torch.zeros(3, requires_grad=True)])
