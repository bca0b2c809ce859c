"""What lesson 01 says of PyTorch, other conventions and the digits, number by number."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from claims import said
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, RandomSampler

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.figures import lesson_01 as figures
from course.figures import line
from course.measured import measured

LESSON = "01_mini_batch"
SEEDS = range(5)
STORED = measured(LESSON)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(10, 3)), RNG.normal(size=10)
W, B = np.array([1.0, -2.0, 0.5]), 0.3


@pytest.fixture(scope="module")
def answers():
    lesson = find(LESSON)
    return SimpleNamespace(**{name: answer(lesson, name, code) for name, code in lesson.solutions().items()})


@pytest.fixture(scope="module")
def zeros():
    """The rows of the digits, and 1 where a row is a zero."""
    digits = data.digits()
    return digits.X_train, (digits.y_train == 0).astype(float)


@pytest.fixture(scope="module")
def fit(answers, zeros):
    rows, target = zeros

    def fit_zeros(batch_size, lr, epochs, seed):
        with np.errstate(all="ignore"):
            rng = np.random.default_rng(seed)
            w, b, losses = answers.fit_linear(rows, target, batch_size, lr, epochs, rng)
            return np.array(losses), np.mean((rows @ w + b - target) ** 2)

    return fit_zeros


def gradient(rows, w, b, l2=0.0):
    m, error = len(rows), X[rows] @ w + b - Y[rows]
    return 2 / m * X[rows].T @ error + l2 / m * w, 2 / m * error.sum()


def torch_gradient(rows, reduction):
    weight = torch.tensor(W, requires_grad=True)
    F.mse_loss(torch.tensor(X[rows]) @ weight + B, torch.tensor(Y[rows]), reduction=reduction).backward()
    return weight.grad.numpy()


def holds_mostly(each):
    """In at least four of five."""
    each = list(each)
    return len(each) == 5 and sum(map(bool, each)) >= 4


# The first picture


def test_the_walks_on_the_line_are_pytorchs():
    x, y = (torch.from_numpy(each) for each in line.cloud())
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1)
    order = np.random.default_rng(3).permutation(512)
    for start in range(0, 512, 64):
        rows = order[start : start + 64]
        optimizer.zero_grad()
        F.mse_loss(theta[0] + theta[1] * x[rows], y[rows]).backward()
        optimizer.step()
    np.testing.assert_allclose(line.walk(64, 0.1, 1, seed=3)[-1], theta.detach().numpy())
    above = torch.mean((theta[0] + theta[1] * x - y) ** 2).item() - line.bowl()[2]
    assert line.above(*theta.detach().numpy()) == pytest.approx(above)


def test_the_first_picture():
    grid = "each with its best learning rate of {}, {}, {}, {}, {}, {}, {} and {}. Batch 64"
    assert said(LESSON, grid) == line.LRS
    readings = said(LESSON, "The whole batch needs {} readings to come as near as batch 64 did in one")
    goal = [line.above(*walk[-1]) for walk in line.best_walks(64, 1)[1]]
    ends = [line.end(line.best_walks(512, k)[1]) for k in range(1, 8)]
    assert ends[int(readings) - 1] <= np.median(goal) < ends[int(readings) - 2]
    assert all(end < ends[0] for end in goal)
    of_one, of_64 = said(LESSON, "the best rate is tiny: {}, where batch 64 takes {}.")
    assert (line.best_walks(1, 1)[0], line.best_walks(64, 1)[0]) == (of_one, of_64)
    # "Single rows gain nothing more."
    assert line.end(line.best_walks(1, 1)[1]) >= np.median(goal)
    curvature = 2 * np.linalg.eigvalsh(line.bowl()[0])
    factor = said(LESSON, "the loss curves {} times as strongly along $b$ as along $w$")
    assert round(curvature[1] / curvature[0]) == factor


# The noise, and what is right on average


def test_noise_falls_as_one_over_the_root_of_m_times_the_correction(zeros):
    rows, y = zeros
    n = len(y)
    # At w = 0, b = 0 the gradient of one row is -2 y (x, 1).
    each = -2 * y[:, None] * np.column_stack([rows, np.ones(n)])
    whole = each.mean(axis=0)
    sigma = math.sqrt(np.mean(np.sum((each - whole) ** 2, axis=1)))
    length = said(LESSON, "The whole gradient is {} long")
    assert round(float(np.linalg.norm(whole)), 2) == length
    assert (sigma / length) ** 2 == pytest.approx(said(LESSON, "from about {} rows on the noise"), rel=0.1)
    assert math.sqrt(750 / 1499) == pytest.approx(said(LESSON, "for small batches, {} for half"), abs=0.005)
    of_one, of_64 = said(LESSON, "fall from {} at batch 1 to {} at batch 64")
    assert (round(sigma, 1), round(sigma / 8, 1)) == (of_one, of_64)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for m in (4, 64, 750):
            batches = [each[rng.permutation(n)[:m]].mean(axis=0) for _ in range(500)]
            found = math.sqrt(np.mean(np.sum((np.array(batches) - whole) ** 2, axis=1)))
            assert found == pytest.approx(sigma / math.sqrt(m) * math.sqrt((n - m) / (n - 1)), rel=0.12)


def test_an_l2_term_divided_by_the_batch_size_is_not_right_on_average(answers, zeros):
    rows, target = zeros
    w = np.full(64, 0.1)
    l2, batch, whole = said(LESSON, "With $l_2 = {}$ that is {} against {}: regularisation")
    batches = answers.minibatch_indices(1500, 4, np.random.default_rng(0))
    assert len(batches) == said(LESSON, "here of {} batches of 4 rows")
    each = [answers.mse_gradient(rows[some], target[some], w, 0.0, l2)[0] for some in batches]
    at_once = answers.mse_gradient(rows, target, w, 0.0, l2)[0]
    np.testing.assert_allclose(np.mean(each, axis=0) - at_once, (l2 / 4 - l2 / 1500) * w)
    assert (round(l2 / 4, 2), round(l2 / 1500, 3)) == (batch, whole)
    assert said(LESSON, "for batch 4 of 1500 rows {} times that of the whole data") == 1500 / 4
    without = [answers.mse_gradient(rows[some], target[some], w, 0.0)[0] for some in batches]
    np.testing.assert_allclose(
        np.mean(without, axis=0), answers.mse_gradient(rows, target, w, 0.0)[0], rtol=1e-9, atol=1e-12
    )


# The race


def race(size):
    """The rates and the ends of a batch size: (lrs,) and (lrs, 5)."""
    (row,) = np.flatnonzero(STORED["race_sizes"] == size)
    return STORED["race_lrs"], STORED["race"][row]


def test_the_figures_draw_the_settings_that_were_measured():
    assert tuple(STORED["race_sizes"]) == figures.RACE_SIZES
    assert tuple(STORED["race_lrs"]) == figures.RACE_LRS
    assert tuple(STORED["sizes"]) == tuple(figures.WAIT)


def test_16_and_32_rows_reach_the_goal_and_no_others():
    goal, updates = said(LESSON, "a loss over all rows below {}, with at most {} updates. Before")
    assert (goal, updates) == (figures.RACE_GOAL, figures.RACE_UPDATES)
    reach = [
        size
        for size in figures.RACE_SIZES
        if 5 * math.ceil(1500 / size) <= updates and any(holds_mostly(ends < goal) for ends in race(size)[1])
    ]
    assert tuple(reach) == said(LESSON, "Neither end wins: batches of {} and {} reach the goal")
    framed = [
        size
        for size in figures.RACE_SIZES
        if 5 * math.ceil(1500 / size) <= updates and (np.median(race(size)[1], axis=1) < goal).any()
    ]
    assert framed == reach


def test_the_best_rates_of_the_race():
    best = {size: race(size)[0][np.argmin(np.median(race(size)[1], axis=1))] for size in figures.RACE_SIZES}
    of_1, of_16 = said(LESSON, "Batch 1 is best at {}, batch 16 at {}. From")
    size, large = said(LESSON, "From {} rows on it is {}. What")
    assert (best[1], best[16]) == (of_1, of_16)
    assert all(best[each] == large for each in figures.RACE_SIZES if each >= size)
    loud, lr, quiet, slower = said(LESSON, "batch 4 ends at {} with $lr = {}$ and at {} with {}.")
    lrs, ends = race(4)
    fast, slow = (ends[np.flatnonzero(lrs == each)[0]] for each in (lr, slower))
    assert (round(np.median(fast), 3), round(np.median(slow), 3)) == (loud, quiet)
    assert holds_mostly(fast > slow)


def test_half_of_the_losses_of_a_mini_batch_rise(fit, answers):
    end, part = said(LESSON, "The two runs end level, at {}, and batch 64 has read a {}th as much")
    runs = [fit(64, 0.03, 12, seed) for seed in SEEDS]
    whole, whole_end = fit(1500, 0.03, 288, 0)
    assert all(0.45 < np.mean(np.diff(losses) > 0) < 0.55 for losses, _ in runs)
    assert len(whole) == len(runs[0][0]) == 288
    assert not (np.diff(whole) > 0).any()
    assert (round(np.median([each for _, each in runs]), 3), round(whole_end, 3)) == (end, end)
    assert part == 288 / 12


def test_the_learning_rate_has_its_limit_at_two_over_the_largest_curvature(zeros, fit):
    rows, y = zeros
    A = np.column_stack([rows, np.ones(len(rows))])
    curvature = np.linalg.eigvalsh(2 / len(y) * A.T @ A)
    assert len(curvature) == said(LESSON, "Here there are {} directions")
    steepest, limit = said(LESSON, "the steepest has $\\lambda = {}$, so the limit is {}.")
    assert (round(curvature[-1], 2), round(2 / curvature[-1], 3)) == (steepest, limit)
    lr, same, factor = said(LESSON, "$1 - {} \\cdot {} = {}$")
    assert same == steepest
    assert round(1 - lr * curvature[-1], 2) == factor
    assert all(abs(1 - lr * curvature[:-1]) < 1 + 1e-12)  # a pixel that is always white does not curve
    grows = said(LESSON, "its loss grows by {}% an update")
    assert round(100 * ((1 - lr * curvature[-1]) ** 2 - 1)) == grows
    losses, _ = fit(1500, lr, 100, 0)
    turn, passed = said(LESSON, "turns after {} updates and passes 10 after {}.")
    assert (np.argmin(losses), np.argmax(losses > 10)) == (turn, passed)
    assert losses[-1] / losses[-2] == pytest.approx(1 + grows / 100, abs=0.01)
    good, crawling = (fit(1500, each, 100, 0)[0] for each in (0.08, 0.001))
    assert round(good[-1], 3) == said(LESSON, "With 0.08 it falls to {}.")
    assert crawling[-1] > 0.8 * crawling[0]


# The training loop


def trained(order, updates=50):
    """The parameters after some updates with the steps of a loop in a given order."""
    digits = data.digits()
    rows, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    model = training.network(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for k in range(updates):
        some = slice(64 * (k % 23), 64 * (k % 23 + 1))
        for step in order:
            if step == "clear":
                optimizer.zero_grad()
            elif step == "forward":
                loss = F.cross_entropy(model(rows[some]), y[some])
            elif step == "backward":
                loss.backward()
            else:
                optimizer.step()
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def test_clearing_may_come_at_any_time_between_a_step_and_the_next_backward():
    usual = trained(["forward", "clear", "backward", "step"])
    for order in (["clear", "forward", "backward", "step"], ["forward", "backward", "step", "clear"]):
        assert torch.equal(trained(order), usual)
    start = nn.utils.parameters_to_vector(training.network(0).parameters()).detach()
    assert torch.equal(trained(["forward", "backward", "clear", "step"]), start)
    assert not torch.equal(usual, start)


def test_backward_adds_to_the_gradient():
    weight = torch.tensor(W, requires_grad=True)
    for _ in range(2):
        weight.square().sum().backward()
    np.testing.assert_allclose(weight.grad.numpy(), 2 * 2 * W)


@pytest.mark.slow
def test_the_loop_of_the_lesson_is_ahead_for_an_epoch_without_clearing_and_then_lost(answers):
    digits, ahead, lost = data.digits(), [], []
    rows, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
    for seed in SEEDS:
        right = {}
        for clear in (True, False):
            model, rng = training.network(seed), np.random.default_rng(seed)
            optimizer = answers.SGD(model.parameters(), lr=0.3)
            right[clear] = []
            for _ in range(6):
                for some in answers.minibatch_indices(1500, 64, rng):
                    if clear:
                        optimizer.zero_grad()
                    F.cross_entropy(model(rows[some]), y[some]).backward()
                    optimizer.step()
                right[clear].append(training.evaluate(model, digits.X_test, digits.y_test)[1])
        ahead.append(right[False][0] > right[True][0])
        lost.append(right[False][-1] < right[True][-1] - 0.1)
    assert holds_mostly(ahead)
    assert holds_mostly(lost)


# Batch sizes and their cost


def best_reach():
    """By batch size: its best rate and the median of the updates that it needs."""
    found = {}
    for size, each in zip(STORED["sizes"], np.median(STORED["reach"], axis=-1), strict=True):
        found[int(size)] = float(STORED["lrs"][np.argmin(each)]), float(each.min())
    return found


def test_updates_to_the_goal_by_batch_size():
    grid = said(LESSON, "each with its best rate of {}, {}, {}, {}, {}, {} and {}. The goal")
    assert grid == tuple(STORED["lrs"])
    assert said(LESSON, "The goal is a loss of {} over all 1500 rows") == figures.GOAL
    needed = {size: updates for size, (_, updates) in best_reach().items()}
    assert said(LESSON, "The whole batch needs {} updates and batch 64 needs {}, in the median") == (
        needed[1500],
        needed[64],
    )
    assert said(LESSON, "other end: {} updates, and the least reading of all, {} rows") == (
        needed[4],
        4 * needed[4],
    )
    assert min(needed, key=lambda size: size * needed[size]) == 4
    assert int(1500 / 64) == said(LESSON, "The whole batch reads {} times as many rows for an update")
    times = said(LESSON, "the whole batch reads {} times as much as batch 64")
    assert round(1500 * needed[1500] / (64 * needed[64])) == times
    # The title: beyond 64 rows a larger batch hardly saves updates, and smaller ones cost many.
    assert needed[64] < 1.5 * needed[1500]
    assert needed[16] > 2 * needed[64]


def test_which_batch_is_cheapest():
    small, middle, large = said(
        LESSON, "only below $r = {}$, batch 16 up to about {}, batch 64 up to about {}."
    )
    most = said(LESSON, "Up to $r = {}$ the whole batch never is")
    needed = {size: updates for size, (_, updates) in best_reach().items()}

    def cheapest(r):
        return min(needed, key=lambda size: needed[size] * (r + size))

    assert [cheapest(r) for r in (1, small - 0.5, small + 0.5, middle * 0.95, middle * 1.05)] == [
        4,
        4,
        16,
        16,
        64,
    ]
    assert [cheapest(r) for r in (large * 0.97, large * 1.03, most)] == [64, 256, 256]
    assert str(cheapest(50)) == next(
        asked.answer for asked in questions.predictions(LESSON) if asked.id == "cheapest_batch"
    )


def test_our_trainer():
    middle = np.median(STORED["six_epochs"], axis=1)
    updates = said(LESSON, "After six epochs, {} updates, its training loss")
    assert updates == 6 * (1500 // 64)
    assert STORED["lrs"][np.argmin(middle)] == said(LESSON, "with $lr = {}$, the best of the seven rates")
    np.testing.assert_array_equal(STORED["trainer"], STORED["six_epochs"][np.argmin(middle)])
    assert round(middle.min(), 2) == said(LESSON, "its training loss is {} in the median of five seeds")
    guess = said(LESSON, "guessing would have $\\ln 10 = {}$ nats")
    assert round(math.log(10), 1) == guess == said(LESSON, "in the median of five seeds; guessing has {}.")
    lost = said(LESSON, "our trainer's loss after six epochs is {}, worse than guessing")
    assert round(np.median(STORED["sorted_rows"]), 2) == lost
    assert holds_mostly(STORED["sorted_rows"] > math.log(10))


# Conventions


def test_mse_loss_is_the_mean_and_its_sum_is_m_times_as_large():
    rows = np.arange(10)
    np.testing.assert_allclose(torch_gradient(rows, "mean"), gradient(rows, W, B)[0])
    np.testing.assert_allclose(torch_gradient(rows, "sum"), 10 * gradient(rows, W, B)[0])
    assert said(LESSON, "gradient $m$ times as large: {} times for batch 64") == 64


def test_half_the_loss_takes_the_same_path_at_twice_the_rate():
    assert said(LESSON, "the same path at {} the $lr$") == 2
    whole, half = (np.zeros(3), 0.0), (np.zeros(3), 0.0)
    for rows in (np.arange(4), np.arange(4, 8), np.arange(8, 10)):
        dw, db = gradient(rows, *whole)
        whole = whole[0] - 0.1 * dw, whole[1] - 0.1 * db
        dw, db = gradient(rows, *half)
        half = half[0] - 0.2 * dw / 2, half[1] - 0.2 * db / 2
    np.testing.assert_allclose(half[0], whole[0])


def test_weight_decay_of_l2_over_m_is_the_l2_term_and_decays_b_if_given_it():
    rows, l2 = np.arange(10), 3.0
    weight, bias = (
        torch.tensor(W, requires_grad=True),
        torch.tensor(B, dtype=torch.float64, requires_grad=True),
    )
    F.mse_loss(torch.tensor(X) @ weight + bias, torch.tensor(Y)).backward()
    torch.optim.SGD([weight, bias], lr=0.1, weight_decay=l2 / 10).step()
    dw, db = gradient(rows, W, B, l2)
    np.testing.assert_allclose(weight.detach().numpy(), W - 0.1 * dw)
    assert bias.item() == pytest.approx(B - 0.1 * (db + l2 / 10 * B))


def test_decay_added_to_the_gradient_before_plain_sgd_is_formula_7():
    """As optax documents them: add_decayed_weights adds wd * theta to the updates, sgd multiplies by -lr."""
    theta, lr, wd = torch.tensor(W), 0.1, 0.3
    parameter = theta.clone().requires_grad_()
    parameter.grad = torch.tensor([0.5, 1.0, -2.0], dtype=torch.float64)
    torch.optim.SGD([parameter], lr=lr, weight_decay=wd).step()
    updates = -lr * (parameter.grad + wd * theta)
    torch.testing.assert_close(parameter.detach(), theta + updates)


def test_data_loader_neither_shuffles_nor_drops_by_default():
    loader = DataLoader(range(10), batch_size=4)
    assert [[batch.tolist() for batch in loader] for _ in range(2)] == [
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    ] * 2
    assert loader.drop_last is False
    shuffled = DataLoader(
        range(100), batch_size=100, shuffle=True, generator=torch.Generator().manual_seed(0)
    )
    first, second = (next(iter(shuffled)).tolist() for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second) == list(range(100))


def test_the_short_last_batch_of_1500_rows():
    short, rows, full, same, weight = said(LESSON, "{} rows of {} weigh {}/{} = {} times as much")
    assert (rows % full, short, round(full / short, 1)) == (short, same, weight)


def test_n_draws_with_replacement_meet_63_per_cent_of_the_rows():
    share = said(LESSON, "$n$ draws meet about {}% of the rows") / 100
    for seed in SEEDS:
        order = torch.Generator().manual_seed(seed)
        drawn = list(RandomSampler(range(20_000), replacement=True, generator=order))
        assert len(drawn) == 20_000
        assert len(set(drawn)) / len(drawn) == pytest.approx(share, abs=0.01)


# What is asked


def test_the_answers_of_the_quiz():
    right = {asked.id: asked.right for asked in questions.questions(LESSON)}
    assert right["updates_in_an_epoch"] == len(DataLoader(range(1797), batch_size=64))
    assert right["half_the_noise"] == 32 * 2**2
    assert right["rate_for_a_sum"] == said(LESSON, "and $lr = {}$ is right for batches of 32") / 32
    numbers = sum(2 * each.numel() for each in training.network().parameters())
    assert numbers / 2 == said(LESSON, "$64 \\cdot 32 + 32 + 32 \\cdot 10 + 10 = {}$ parameters")
    assert right["memory_of_a_copy"] == numbers * torch.tensor(0.0, dtype=torch.float64).element_size()


def revealed(capsys):
    """What the last figure said below it."""
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.slow
def test_predictions_are_what_the_figures_find(answers, zeros, fit, capsys):
    rows, target = zeros
    answered = {asked.id: asked for asked in questions.predictions(LESSON)}

    def at_zero(some):
        return np.append(*answers.mse_gradient(rows[some], target[some], np.zeros(64), 0.0))

    def pull():
        w, batches = np.full(64, 0.1), answers.minibatch_indices(1500, 4, np.random.default_rng(0))
        each = [answers.mse_gradient(rows[some], target[some], w, 0.0, 3.0)[0] for some in batches]
        figures.average_pull(np.mean(each, axis=0), answers.mse_gradient(rows, target, w, 0.0, 3.0)[0], w)

    drawn = {
        "readings_of_all": figures.one_reading,
        "noise_of_64": lambda: figures.noise(at_zero, answers.minibatch_indices, 1500),
        "share_of_rises": lambda: figures.shaking(fit),
        "just_over": lambda: figures.three_rates(fit),
        "average_of_the_batches": pull,
    }
    for name, draw in drawn.items():
        draw()
        assert revealed(capsys) == f"It is {answered[name].said(answered[name].answer)}."


@pytest.mark.slow
def test_predictions_about_batch_sizes_are_what_the_students_sgd_finds(answers, capsys):
    answered = {asked.id: asked for asked in questions.predictions(LESSON)}
    updates = figures.batch_sizes(answers.SGD)
    assert revealed(capsys) == f"It is {answered['fewer_updates'].said(answered['fewer_updates'].answer)}."
    for size, (_, median) in best_reach().items():
        assert np.median(updates[size]) == median
    figures.cost(updates)
    assert revealed(capsys) == f"It is {answered['cheapest_batch'].said('64')}."


@pytest.mark.slow
def test_moving_figures_are_drawn_by_the_students_functions(answers, fit):
    called = itertools.count()

    def counting(*given):
        next(called)
        return answers.mse_gradient(*given)

    figures.batch_by_batch(answers.minibatch_indices, counting)
    assert next(called) == 16


@pytest.mark.parametrize("draw", [figures.shaking, figures.three_rates])
def test_losses_that_are_not_one_for_each_update_get_a_sentence(draw, capsys):
    draw(lambda batch_size, lr, epochs, seed: (np.zeros(3), 0.0))
    assert "yours are of shape (3,). Pass its check first." in capsys.readouterr().out


@pytest.mark.slow
def test_of_an_sgd_that_goes_uphill_it_is_said(capsys):
    updates = figures.batch_sizes(UpHill)
    assert revealed(capsys) == figures.NOWHERE
    figures.cost(updates)
    assert revealed(capsys) == figures.NOWHERE


class UpHill(torch.optim.SGD):
    """A student's slip of sign."""

    def step(self):
        for group in self.param_groups:
            for theta in group["params"]:
                theta.grad.neg_()
        super().step()
