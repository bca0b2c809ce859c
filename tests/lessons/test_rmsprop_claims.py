"""What lesson 04 says about PyTorch, other frameworks and its own experiments is so."""

import math

import numpy as np
import pytest
import torch

from course import data
from course.training import network, softmax_regression, train


def first_step(make_optimizer, gradient, **options):
    """Length of the first step from zero, in units of lr."""
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    theta.grad = torch.full_like(theta, gradient)
    make_optimizer([theta], lr=1.0, **options).step()
    return -theta.item()


def adagrad(theta, grad, acc, lr):
    acc = acc + grad**2
    return theta - lr * grad / (np.sqrt(acc) + 1e-10), acc


def rmsprop(theta, grad, s, lr, alpha=0.99):
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / (np.sqrt(s) + 1e-8), s


CONVENTIONS = {
    "Hinton's lecture": (lambda square: math.sqrt(0.1 * square), 3.162, 3.162),
    "Keras": (lambda square: math.sqrt(0.1 * square + 1e-7), 3.162, 0.003),
    "TensorFlow 1": (lambda square: math.sqrt(0.9 + 0.1 * square + 1e-10), 0.520, 0.000),
    "AdaGrad, Keras": (lambda square: math.sqrt(0.1 + square + 1e-7), 0.845, 0.000),
}


@pytest.mark.parametrize("where", CONVENTIONS)
def test_the_table_of_conventions(where):
    denominator, ordinary, tiny = CONVENTIONS[where]
    assert round(0.5 / denominator(0.25), 3) == ordinary
    assert round(1e-6 / denominator(1e-12), 3) == tiny


@pytest.mark.parametrize(
    ("optimizer", "ordinary", "tiny"),
    [(torch.optim.RMSprop, 10.000, 9.091), (torch.optim.Adagrad, 1.000, 1.000)],
)
def test_the_table_of_conventions_for_pytorch(optimizer, ordinary, tiny):
    assert round(first_step(optimizer, 0.5), 3) == ordinary
    assert round(first_step(optimizer, 1e-6), 3) == tiny


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9, 0.99])
def test_no_step_is_longer_than_the_first(alpha):
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.RMSprop([theta], lr=1.0, alpha=alpha, eps=0.0)
    for gradient in (0.1, 50.0, -0.001, 1e6):
        before = theta.item()
        theta.grad = torch.full_like(theta, gradient)
        optimizer.step()
        assert abs(theta.item() - before) <= 1 / math.sqrt(1 - alpha) * (1 + 1e-9)


def test_the_scale_of_a_parameters_gradients_cancels_in_adagrad():
    theta, acc = np.zeros(2), np.zeros(2)
    for grad in np.random.default_rng(0).normal(size=20):
        theta, acc = adagrad(theta, np.array([grad, 0.01 * grad]), acc, lr=0.1)
    assert theta[0] == pytest.approx(theta[1], rel=1e-6)


def test_at_a_constant_rate_lr_may_stand_inside_the_buffer():
    outside = inside = buf = buf_with_lr = 0.0
    for scaled in (1.0, -0.5, 2.0, 0.3):
        buf, buf_with_lr = 0.9 * buf + scaled, 0.9 * buf_with_lr + 0.1 * scaled
        outside, inside = outside - 0.1 * buf, inside - buf_with_lr
    assert outside == pytest.approx(inside)


def test_centered_pytorch_breaks_on_gradients_that_never_vary():
    theta = torch.ones(1000, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.RMSprop([theta], lr=1e-3, alpha=0.9, centered=True)
    for _ in range(150):
        theta.grad = torch.linspace(1, 2, 1000)
        optimizer.step()
    assert torch.isnan(theta).sum() > 333


def test_the_mean_gradient_is_small_beside_its_spread():
    digits = data.digits()
    made = []

    def centered(params):
        made.append(torch.optim.RMSprop(params, lr=1e-3, centered=True))
        return made[0]

    train(network(seed=0), centered, digits.X_train, digits.y_train, steps=230)
    state = list(made[0].state.values())
    squared_mean = torch.cat([entry["grad_avg"].flatten() ** 2 for entry in state])
    mean_square = torch.cat([entry["square_avg"].flatten() for entry in state])
    part = (squared_mean / mean_square)[mean_square > 0].median().item()
    assert round(part, 2) == 0.06
    assert round(1 / math.sqrt(1 - part), 2) == 1.03


def sixty_words(update, lr):
    rng = np.random.default_rng(0)
    share = np.geomspace(0.6, 0.004, 60)
    mails = (rng.random((2000, 60)) < share).astype(float)
    times = mails.sum(axis=1) + 0.1 * rng.normal(size=2000)
    w = state = np.zeros(60)
    for x, time in zip(mails, times, strict=True):
        w, state = update(w, (x @ w - time) * x, state, lr)
        if np.abs(w).max() > 1e6:
            return math.inf
    return np.abs(w - 1).mean()


def test_among_the_sixty_words_rmsprop_is_worse_than_adagrad():
    rates = (0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
    assert round(min(sixty_words(rmsprop, lr) for lr in rates), 3) == 0.069
    assert round(min(sixty_words(adagrad, lr) for lr in rates), 3) == 0.024


def test_a_larger_rate_only_delays_adagrads_stall():
    digits = data.digits()
    rng = np.random.default_rng(0)
    W = acc = np.zeros((64, 10))
    losses = np.empty(2000)
    for t in range(2000):
        rows = rng.integers(0, len(digits.X_train), 64)
        names = (digits.y_train[rows] + t // 200) % 10
        losses[t], grad = softmax_regression(W, digits.X_train[rows], names)
        W, acc = adagrad(W, grad, acc, lr=1.0)
    ends = losses.reshape(10, 200)[:, -50:].mean(axis=1)
    assert [round(float(ends[phase]), 2) for phase in (0, 9)] == [0.08, 0.18]


def test_how_long_rmsprop_takes_to_forget():
    assert [math.ceil(math.log(0.01) / math.log(alpha)) for alpha in (0.99, 0.9)] == [459, 44]
