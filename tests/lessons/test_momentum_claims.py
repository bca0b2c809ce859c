"""What lesson 03 says about momentum and PyTorch, each claim on its own."""

import numpy as np
import pytest
import torch

CURVATURE = np.array([1.0, 50.0])
START = np.array([-10.0, 2.0])
CONSTANT, HALVED = (0.1, 0.1), (0.1, 0.05)


def walk(lr, mu, nesterov=False, steps=100):
    """The points of torch.optim.SGD on the lesson's ravine, (steps + 1, 2)."""
    theta = torch.tensor(START, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr, momentum=mu, nesterov=nesterov)
    points = [theta.tolist()]
    for _ in range(steps):
        theta.grad = torch.from_numpy(CURVATURE) * theta.detach()
        optimizer.step()
        points.append(theta.tolist())
    return np.array(points)


def settled(points):
    loss = 0.5 * (CURVATURE * points**2).sum(axis=1)
    above = np.flatnonzero(~(loss <= 0.01 * loss[0]))
    return above[-1] + 1 if above[-1] + 1 < len(points) else np.inf


def torch_after_two(rates, **options):
    theta = torch.tensor([1.0], dtype=torch.float64)
    optimizer = torch.optim.SGD([theta], lr=rates[0], momentum=0.9, **options)
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        optimizer.param_groups[0]["lr"] = lr
        theta.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
    return theta.item()


def keras_after_two(rates, nesterov):
    """Keras's documented rule: velocity = momentum * velocity - learning_rate * g."""
    w, velocity = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        velocity = 0.9 * velocity - lr * g
        w = w + 0.9 * velocity - lr * g if nesterov else w + velocity
    return w


def averaging_after_two(rates):
    theta, v = 1.0, 0.0
    for g, lr in zip((0.5, -0.25), rates, strict=True):
        v = 0.9 * v + 0.1 * g
        theta = theta - lr * v
    return theta


CONVENTIONS = {
    "averaging": (averaging_after_two, {}, 0.99300, 0.99400),
    "PyTorch": (torch_after_two, {}, 0.93000, 0.94000),
    "PyTorch, dampening": (torch_after_two, {"dampening": 0.9}, 0.90750, 0.92875),
    "Keras": (keras_after_two, {"nesterov": False}, 0.93000, 0.91750),
    "PyTorch, Nesterov": (torch_after_two, {"nesterov": True}, 0.91200, 0.90850),
    "Keras, Nesterov": (keras_after_two, {"nesterov": True}, 0.91200, 0.88825),
}


@pytest.mark.parametrize("row", CONVENTIONS)
def test_row_of_the_conventions_table(row):
    run, options, constant, halved = CONVENTIONS[row]
    np.testing.assert_allclose([run(CONSTANT, **options), run(HALVED, **options)], [constant, halved])


@pytest.mark.parametrize(
    ("lr", "mu", "nesterov", "steps"),
    [(0.038, 0.0, False, 46), (0.038, 0.7, False, 14), (0.02, 0.9, False, 44), (0.01, 0.9, False, 43), (0.01, 0.9, True, 19)],
)  # fmt: skip
def test_steps_until_settled(lr, mu, nesterov, steps):
    assert settled(walk(lr, mu, nesterov)) == steps


# Of plain gradient descent, momentum, Nesterov: 0.04, 0.076 (0.76 in the averaging form) and 0.027.
LIMITS = [(0.0, False, 2 / 50), (0.9, False, 2 / 50 * 1.9), (0.9, True, 2 / 50 * 1.9 / 2.8)]


@pytest.mark.parametrize(("mu", "nesterov", "limit"), LIMITS)
def test_limit_of_the_learning_rate_on_the_ravine(mu, nesterov, limit):
    assert abs(walk(0.99 * limit, mu, nesterov, steps=3000)[-1, 1]) < 1e-3
    assert abs(walk(1.01 * limit, mu, nesterov, steps=3000)[-1, 1]) > 1e3


def test_a_constant_gradient_makes_steps_of_lr_over_1_minus_mu():
    for mu in (0.5, 0.9, 0.95):
        theta = torch.zeros(1, dtype=torch.float64)
        optimizer = torch.optim.SGD([theta], lr=1.0, momentum=mu)
        positions = [0.0]
        for _ in range(500):
            theta.grad = torch.ones_like(theta)
            optimizer.step()
            positions.append(theta.item())
        lengths = -np.diff(positions)
        assert lengths[-1] == pytest.approx(1 / (1 - mu))
        # "About 1/(1-mu) steps to get two thirds of the way there."
        assert lengths[round(1 / (1 - mu)) - 1] * (1 - mu) == pytest.approx(2 / 3, abs=0.1)


def test_torchs_nesterov_keeps_the_point_ahead_of_the_original():
    theta, u = START.copy(), np.zeros(2)
    ahead = [theta]
    for _ in range(50):
        u = 0.9 * u - 0.01 * CURVATURE * (theta + 0.9 * u)  # the gradient one step ahead
        theta = theta + u
        ahead.append(theta + 0.9 * u)
    np.testing.assert_allclose(walk(0.01, 0.9, nesterov=True, steps=50), ahead, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("nesterov", "axis", "factor"), [(False, 1, 0.949), (True, 1, 0.671), (True, 0, 0.944)]
)
def test_how_fast_the_swings_shrink(nesterov, axis, factor):
    c = CURVATURE[axis]
    product = 0.9 * (1 - 0.01 * c) if nesterov else 0.9
    assert np.sqrt(product) == pytest.approx(factor, abs=1e-3)
    points = np.abs(walk(0.01, 0.9, nesterov, steps=240)[:, axis])
    # The highest points of two windows, far enough apart for many swings between them.
    assert points[40:80].max() * factor**40 == pytest.approx(points[80:120].max(), rel=0.3)


def test_momentum_1_swings_for_ever():
    points = np.abs(walk(0.01, 1.0, steps=5000)[:, 1])
    assert points[-500:].max() == pytest.approx(points[:500].max(), rel=1e-3)


@pytest.mark.parametrize(
    ("lr", "mu", "steps"), [(0.03, 0.0, 234), (0.03, 0.9, 55), (0.003, 0.9, 291), (0.3, 0.0, 27)]
)
def test_steps_to_leave_the_saddle(lr, mu, steps):
    b, buf, step = 1e-3, 0.0, 0
    while abs(b) < 1:
        buf = mu * buf - b
        b, step = b - lr * buf, step + 1
    assert step == steps


def test_growth_on_the_saddle():
    # The larger root of r**2 - (1 + mu + lr) * r + mu.
    assert np.roots([1, -1.93, 0.9]).max() == pytest.approx(1.14, abs=5e-3)
