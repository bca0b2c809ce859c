"""What lesson 01 says about PyTorch, other conventions and the digits, line by line."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, RandomSampler

from course import data

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(10, 3)), RNG.normal(size=10)
W, B = np.array([1.0, -2.0, 0.5]), 0.3


def gradient(rows, w, b, l2=0.0):
    m, error = len(rows), X[rows] @ w + b - Y[rows]
    return 2 / m * X[rows].T @ error + l2 / m * w, 2 / m * error.sum()


def torch_gradient(rows, reduction):
    weight = torch.tensor(W, requires_grad=True)
    F.mse_loss(torch.tensor(X[rows]) @ weight + B, torch.tensor(Y[rows]), reduction=reduction).backward()
    return weight.grad.numpy()


def test_mse_loss_is_the_mean_and_its_sum_is_m_times_as_large():
    rows = np.arange(10)
    np.testing.assert_allclose(torch_gradient(rows, "mean"), gradient(rows, W, B)[0])
    np.testing.assert_allclose(torch_gradient(rows, "sum"), 10 * gradient(rows, W, B)[0])


def test_half_the_loss_takes_the_same_path_at_twice_the_rate():
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


def test_data_loader_neither_shuffles_nor_drops_by_default():
    loader = DataLoader(range(10), batch_size=4)
    assert [[batch.tolist() for batch in loader] for _ in range(2)] == [
        [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    ] * 2
    assert (loader.drop_last, loader.num_workers) == (False, 0)
    shuffled = DataLoader(
        range(100), batch_size=100, shuffle=True, generator=torch.Generator().manual_seed(0)
    )
    first, second = (next(iter(shuffled)).tolist() for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second) == list(range(100))


def test_the_short_last_batch_of_1500_rows():
    assert (math.ceil(1500 / 64), 1500 % 64, round(64 / 28, 1)) == (24, 28, 2.3)


def test_an_epoch_with_replacement_meets_63_per_cent_of_the_rows():
    drawn = list(RandomSampler(range(100_000), replacement=True, generator=torch.Generator().manual_seed(0)))
    assert len(drawn) == 100_000
    assert len(set(drawn)) / len(drawn) == pytest.approx(1 - math.exp(-1), abs=0.005)


def test_backward_adds_to_the_gradient():
    weight = torch.tensor(W, requires_grad=True)
    for _ in range(2):
        weight.square().sum().backward()
    np.testing.assert_allclose(weight.grad.numpy(), 2 * 2 * W)


def test_noise_falls_as_one_over_the_root_of_m_times_the_correction():
    digits = data.digits()
    X, y = digits.X_train, (digits.y_train == 0).astype(float)
    n = len(y)
    # At w = 0, b = 0 the gradient of one row is -2 y (x, 1).
    each = -2 * y[:, None] * np.column_stack([X, np.ones(n)])
    whole = each.mean(axis=0)
    sigma = math.sqrt(np.mean(np.sum((each - whole) ** 2, axis=1)))
    assert (round(sigma, 2), round(float(np.linalg.norm(whole)), 2)) == (2.33, 0.72)
    assert round((sigma / np.linalg.norm(whole)) ** 2) in range(9, 12)
    rng = np.random.default_rng(0)
    for m in (4, 64, 750):
        batches = [each[rng.permutation(n)[:m]].mean(axis=0) for _ in range(600)]
        measured = math.sqrt(np.mean(np.sum((np.array(batches) - whole) ** 2, axis=1)))
        assert measured == pytest.approx(sigma / math.sqrt(m) * math.sqrt((n - m) / (n - 1)), rel=0.08)


@pytest.mark.parametrize(("lr", "grows"), [(0.08, False), (0.087, False), (0.0875, True), (0.09, True)])
def test_the_learning_rate_has_its_limit_at_two_over_the_largest_curvature(lr, grows):
    digits = data.digits()
    A = np.column_stack([digits.X_train, np.ones(len(digits.X_train))])
    y = (digits.y_train == 0).astype(float)
    H = 2 / len(y) * A.T @ A
    curvature = np.linalg.eigvalsh(H)
    assert 2 / curvature[-1] == pytest.approx(0.0872, abs=5e-5)
    # The next largest leaves 0.09 far below its limit, as the text says.
    assert abs(1 - 0.09 * curvature[-2]) < 1
    theta, steepest = np.zeros(A.shape[1]), np.linalg.eigh(H)[1][:, -1]
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    far = [abs(steepest @ (theta - best))]
    for _ in range(100):
        theta = theta - lr * 2 / len(y) * A.T @ (A @ theta - y)
        far.append(abs(steepest @ (theta - best)))
    assert (far[-1] > far[0]) == grows
    if lr == 0.09:
        assert (far[1] / far[0]) ** 2 == pytest.approx(1.13, abs=0.01)
