"""What lesson 06 says about schedules and PyTorch, each claim on its own."""

import math
import warnings

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

TWO = np.array([1, 3])


def torch_rates(make_scheduler, lr=0.8, epochs=4):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler, rates = make_scheduler(optimizer), []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


def of_torch(make_scheduler):
    return torch_rates(make_scheduler)[TWO]


def keras_cosine(step, decay_steps=2):
    """Keras's documented rule: the step is cut off at decay_steps; alpha is a share of the initial rate."""
    return 0.8 * 0.5 * (1 + np.cos(np.pi * np.minimum(step, decay_steps) / decay_steps))


# Keras's rows are its documented formulas.
CONVENTIONS = {
    "StepLR": (lambda: of_torch(lambda opt: lr_scheduler.StepLR(opt, 2, 0.5)), 0.8000, 0.4000),
    "Keras ExponentialDecay, staircase": (lambda: 0.8 * 0.5 ** (TWO // 2), 0.8000, 0.4000),
    "Keras ExponentialDecay": (lambda: 0.8 * 0.5 ** (TWO / 2), 0.5657, 0.2828),
    "ExponentialLR": (lambda: of_torch(lambda opt: lr_scheduler.ExponentialLR(opt, 0.5)), 0.4000, 0.1000),
    "natural exponential": (
        lambda: of_torch(lambda opt: lr_scheduler.ExponentialLR(opt, math.exp(-0.5))),
        0.4852,
        0.1785,
    ),
    "inverse time": (
        lambda: of_torch(lambda opt: lr_scheduler.LambdaLR(opt, lambda e: 1 / (1 + 0.5 * e))),
        0.5333,
        0.3200,
    ),
    "Keras InverseTimeDecay": (lambda: 0.8 / (1 + 0.5 * TWO / 2), 0.6400, 0.4571),
    "CosineAnnealingLR": (lambda: of_torch(lambda opt: lr_scheduler.CosineAnnealingLR(opt, 2)), 0.4, 0.4),
    "Keras CosineDecay": (lambda: keras_cosine(TWO), 0.4000, 0.0000),
}


@pytest.mark.parametrize("row", CONVENTIONS)
def test_row_of_the_conventions_table(row):
    rates, first, third = CONVENTIONS[row]
    np.testing.assert_allclose(rates(), [first, third], atol=5e-5)


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.3, 1.0, 1.5])
def test_the_noise_floor_is_formula_1(lr):
    c, sigma = 1.0, 1.0
    rng, theta, losses = np.random.default_rng(0), np.zeros(4000), []
    for _ in range(int(100 + 5 / lr)):
        theta = (1 - lr * c) * theta - lr * sigma * rng.normal(size=theta.shape)
        losses.append(0.5 * c * np.mean(theta**2))
    assert np.mean(losses[-50:]) == pytest.approx(lr * sigma**2 / (2 * (2 - lr * c)), rel=0.05)


def test_half_the_rate_is_half_the_floor_for_small_rates():
    def floor(lr):
        return lr / (2 * (2 - lr))

    assert floor(0.02) / floor(0.01) == pytest.approx(2, rel=0.01)
    assert floor(0.01) == pytest.approx(0.01 / 4, rel=0.01)


def test_two_ways_to_write_an_exponential():
    assert math.exp(-0.1) == pytest.approx(0.9048, abs=5e-5)
    assert [round(math.exp(-5), 4), round(0.9**50, 4)] == [0.0067, 0.0052]
    assert 1 - 0.9**50 / math.exp(-5) == pytest.approx(0.25, abs=0.03)
    np.testing.assert_allclose((0.97 / 0.93) ** 60, 12, atol=0.6)


def test_all_rates_of_an_exponential_add_up():
    assert sum(0.5**e for e in range(200)) == pytest.approx(2.0)
    np.testing.assert_allclose(0.98**-199, 56, atol=0.5)


def rates_used(optimizer_first):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    rates = []
    for _ in range(3):
        if not optimizer_first:
            scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if optimizer_first:
            scheduler.step()
    return rates


def test_the_right_order_uses_the_first_rate_and_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rates_used(optimizer_first=True) == [0.8, 0.4, 0.2]


def test_the_wrong_order_never_uses_it_and_warns_once():
    with pytest.warns(UserWarning, match="before `optimizer.step\\(\\)`") as caught:
        assert rates_used(optimizer_first=False) == [0.4, 0.2, 0.1]
    assert len(caught) == 1


def test_a_wrong_order_later_on_is_not_noticed():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    optimizer.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            scheduler.step()


def drops_at(patience, metrics):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience, factor=0.5)
    for number, metric in enumerate(metrics):
        scheduler.step(metric)
        if optimizer.param_groups[0]["lr"] < 1:
            return number
    return None


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_torch_drops_at_bad_epoch_number_patience_plus_1(patience):
    assert drops_at(patience, [1.0] * 10) == patience + 1  # number 0 is the good one


def test_a_gain_of_a_millionth_counts_as_bad():
    assert drops_at(2, 1.0 * (1 - 1e-6) ** np.arange(10)) == 3


def test_torch_leaves_out_a_drop_of_1e_8():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-8)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    for _ in range(5):
        scheduler.step(1.0)
    assert optimizer.param_groups[0]["lr"] == 1e-8


def test_cosine_equals_its_closed_form_and_rises_after_t_max():
    rates = torch_rates(lambda opt: lr_scheduler.CosineAnnealingLR(opt, 20, eta_min=0.01), epochs=30)
    closed = 0.01 + 0.79 * (1 + np.cos(np.pi * np.arange(30) / 20)) / 2
    np.testing.assert_allclose(rates, closed, rtol=1e-12)
    assert np.all(np.diff(rates[:21]) < 0)
    assert np.all(np.diff(rates[20:]) > 0)


def test_linear_lr_starts_at_a_third():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.9)
    lr_scheduler.LinearLR(optimizer)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.3)


def test_warm_up_then_cosine():
    def make(optimizer):
        warm_up = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=25)
        return lr_scheduler.SequentialLR(optimizer, [warm_up, cosine], milestones=[5])

    rates = torch_rates(make, epochs=31)
    np.testing.assert_allclose(rates[[0, 1, 5, 30]], [0.08, 0.224, 0.8, 0.0], atol=1e-9)


def test_lambda_lr_multiplies_the_initial_rate_of_each_group_and_starts_at_once():
    groups = [{"params": [torch.zeros(1)], "lr": 0.8}, {"params": [torch.zeros(1)], "lr": 0.2}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda e: 0.5**e)
    assert scheduler.get_last_lr() == [0.8, 0.2]
    optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.4, 0.1]


def test_adamw_multiplies_its_weight_decay_by_lr():
    for lr in (0.1, 0.01):
        theta = torch.ones(1, dtype=torch.float64)
        theta.grad = torch.zeros_like(theta)
        torch.optim.AdamW([theta], lr=lr, weight_decay=0.5).step()
        assert theta.item() == pytest.approx(1 - lr * 0.5)
