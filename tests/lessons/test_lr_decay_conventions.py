"""What lesson 06 says of PyTorch's and other libraries' schedules, and in its quiz."""

import math
import warnings

import numpy as np
import pytest
import torch
from claims import said
from torch.optim import lr_scheduler

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import questions

NAME = "06_lr_decay"
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
    """Keras's documented rule, and optax's: the step is cut off at decay_steps; alpha is a share of the first rate."""
    return 0.8 * 0.5 * (1 + np.cos(np.pi * np.minimum(step, decay_steps) / decay_steps))


# Keras's and optax's rows are their documented formulas.
CONVENTIONS = {
    "StepLR": (lambda: of_torch(lambda opt: lr_scheduler.StepLR(opt, 2, 0.5)), 0.8000, 0.4000),
    "Keras ExponentialDecay, staircase": (lambda: 0.8 * 0.5 ** (TWO // 2), 0.8000, 0.4000),
    "Keras ExponentialDecay, optax exponential_decay": (lambda: 0.8 * 0.5 ** (TWO / 2), 0.5657, 0.2828),
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
    "Keras CosineDecay, optax cosine_decay_schedule": (lambda: keras_cosine(TWO), 0.4000, 0.0000),
}


@pytest.mark.parametrize("row", CONVENTIONS)
def test_row_of_the_conventions_table(row):
    rates, first, third = CONVENTIONS[row]
    np.testing.assert_allclose(rates(), [first, third], atol=5e-5)


WARM_UPS = {
    "yours": (0.2000, 4, 0.0000),
    "PyTorch": (0.2667, 5, 0.0304),
    "Hugging Face, Keras, optax": (0.0000, 5, 0.0304),
}


def warm_ups(way, updates=12, rising=4, peak=0.8):
    if way == "yours":
        code = find(NAME).solutions()["planned_rates"]
        return np.array(answer(find(NAME), "planned_rates", code)(peak, 0.0, 1, updates // rising, rising, 1))
    if way == "PyTorch":

        def make(optimizer):
            warm_up = lr_scheduler.LinearLR(optimizer, total_iters=rising)
            falling = lr_scheduler.CosineAnnealingLR(optimizer, T_max=updates - rising)
            return lr_scheduler.SequentialLR(optimizer, [warm_up, falling], milestones=[rising])

        return torch_rates(make, lr=peak, epochs=updates)
    # The documented rule of all three: both parts count from 0.
    count = np.arange(updates)
    share = (count - rising) / (updates - rising)
    return np.where(count < rising, peak * count / rising, peak * (1 + np.cos(np.pi * share)) / 2)


@pytest.mark.parametrize("way", WARM_UPS)
def test_row_of_the_warm_up_table(way):
    rates, (first, at_peak, last) = warm_ups(way), WARM_UPS[way]
    np.testing.assert_allclose([rates[0], rates[-1]], [first, last], atol=5e-5)
    assert np.argmax(rates) + 1 == at_peak


def test_the_text_has_the_rows_of_both_tables():
    source = "\n".join(cell.source for cell in find(NAME).source().cells)
    for _, first, third in CONVENTIONS.values():
        assert f"| {first:.4f} | {third:.4f} |" in source
    for first, at_peak, last in WARM_UPS.values():
        assert f"| {first:.4f} | {at_peak} | {last:.4f} |" in source


QUIZ = {each.id: each for each in questions.questions(NAME)}


def test_the_best_next_rate_is_inverse_time_decay():
    rates = np.linspace(0, 1, 100_001)
    V, found = 3.0, []
    for _ in range(4):
        after = (1 - rates) ** 2 * V + rates**2
        found.append(rates[after.argmin()])
        V = after.min()
    assert found[0] == pytest.approx(QUIZ["best_next_rate"].right, abs=1e-4)
    np.testing.assert_allclose(found[1:], [3 / 7, 3 / 10, 3 / 13], atol=1e-4)


def test_when_the_quizs_plateau_drops():
    plateau = answer(find(NAME), "ReduceOnPlateau", find(NAME).solutions()["ReduceOnPlateau"])(
        1.0, factor=0.5, patience=2, threshold=0.1
    )
    rates = [plateau.step(m) for m in said(NAME, "of epochs 1 to 8 are {}, {}, {}, {}, {}, {}, {}, {}.")]
    assert rates.index(0.5) + 1 == QUIZ["when_it_drops"].right


def test_the_rate_past_the_end_of_a_cosine():
    rates = torch_rates(lambda opt: lr_scheduler.CosineAnnealingLR(opt, 100), epochs=151)
    assert rates[150] == pytest.approx(QUIZ["past_the_end"].right)


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
