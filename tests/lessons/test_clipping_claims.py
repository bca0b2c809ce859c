"""What lesson 07 says about clipping and PyTorch, each claim on its own."""

import math

import numpy as np
import pytest
import torch
from torch import nn

GRADS = ([3.0, -4.0], 12.0)
LIMIT = 4.0


def tensors(grads=GRADS):
    params = [torch.zeros_like(torch.tensor(g, dtype=torch.float64)) for g in grads]
    for param, g in zip(params, grads, strict=True):
        param.grad = torch.tensor(g, dtype=torch.float64)
    return params


def flat(params):
    return torch.cat([param.grad.flatten() for param in params]).numpy()


def pytorch(limit):
    params = tensors()
    nn.utils.clip_grad_norm_(params, limit)
    return flat(params)


def pascanu(limit):
    """Algorithm 1 of Pascanu, Mikolov and Bengio (2013)."""
    g = flat(tensors())
    norm = np.linalg.norm(g)
    return limit / norm * g if norm >= limit else g


def tensorflow(limit):
    """The documented rule of clip_by_global_norm: t_list[i] * clip_norm / max(global_norm, clip_norm)."""
    g = flat(tensors())
    return g * limit / max(np.linalg.norm(g), limit)


def keras_clipnorm(limit):
    """The documented rule: the gradient of each weight is clipped so that its norm is no higher than this."""
    return np.concatenate(
        [g * min(1, limit / np.linalg.norm(g)) for g in (np.array([3.0, -4.0]), np.array([12.0]))]
    )


def by_value(limit):
    params = tensors()
    assert nn.utils.clip_grad_value_(params, limit) is None
    return flat(params)


@pytest.mark.parametrize(
    ("rule", "result", "degrees"),
    [
        (pytorch, [0.923, -1.231, 3.692], 0.0),
        (pascanu, [0.923, -1.231, 3.692], 0.0),
        (tensorflow, [0.923, -1.231, 3.692], 0.0),
        (keras_clipnorm, [2.4, -3.2, 4.0], 22.4),
        (by_value, [3.0, -4.0, 4.0], 28.7),
    ],
)
def test_row_of_the_conventions_table(rule, result, degrees):
    found, g = rule(LIMIT), flat(tensors())
    np.testing.assert_allclose(found, result, atol=5e-4)
    cosine = found @ g / np.linalg.norm(found) / np.linalg.norm(g)
    assert math.degrees(math.acos(min(1.0, cosine))) == pytest.approx(degrees, abs=0.05)


def test_exactly_at_the_limit_only_pytorch_shrinks():
    g = flat(tensors())
    np.testing.assert_allclose(pytorch(13.0), g * 13 / 13.000001, rtol=1e-14)
    assert not np.array_equal(pytorch(13.0), g)
    np.testing.assert_array_equal(pascanu(13.0), g)
    np.testing.assert_array_equal(tensorflow(13.0), g)


def test_the_three_global_rules_agree_to_six_digits():
    np.testing.assert_allclose(pytorch(LIMIT), pascanu(LIMIT), rtol=1e-6)


def test_pytorch_returns_the_norm_before_clipping():
    assert nn.utils.clip_grad_norm_(tensors(), LIMIT).item() == 13.0


def test_nan_and_infinity():
    for value, expected in ((math.nan, [math.nan] * 4), (math.inf, [0, 0, 0, math.nan])):
        params = tensors(([1.0, 2.0], [3.0, value]))
        norm = nn.utils.clip_grad_norm_(params, 1.0).item()
        assert math.isnan(norm) if math.isnan(value) else norm == math.inf
        np.testing.assert_array_equal(flat(params), expected)
        with pytest.raises(RuntimeError, match="non-finite"):
            nn.utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)


def test_a_nan_is_lost_in_pythons_min_and_not_in_numpys():
    assert min(1.0, math.nan) == 1.0
    assert math.isnan(np.minimum(1.0, math.nan))


def test_clipping_by_value_keeps_the_angle_below_90_degrees():
    rng = np.random.default_rng(0)
    for _ in range(100):
        g = rng.normal(size=20) * 10.0 ** rng.uniform(-3, 3, size=20)
        assert g @ np.clip(g, -0.01, 0.01) > 0


def test_products_through_time():
    assert round(1.25**29) == 646
    assert round(0.75**29, 4) == 0.0002


def test_a_constant_factor_cancels_in_adam_and_a_spike_stays():
    def steps(grads):
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([theta], lr=1.0)
        positions = [0.0]
        for g in grads:
            theta.grad = torch.tensor([g], dtype=torch.float64)
            optimizer.step()
            positions.append(theta.item())
        return -np.diff(positions)

    ones = np.ones(1100)
    np.testing.assert_allclose(steps(ones), steps(0.1 * ones), rtol=1e-6)
    spike = ones.copy()
    spike[50] = 100.0
    # A thousand updates after the spike.
    assert steps(spike)[-1] < 0.6


def cliff(theta):
    total = 0.0
    for start, target in ((0.0, 1.0), (1.0, 1.0 + 0.9**10)):
        h = start
        for _ in range(10):
            h = theta[0] * h + theta[1]
        total = total + (h - target) ** 2 / 2
    return total


def test_the_cliff():
    star = torch.tensor([0.9, 0.1 / (1 - 0.9**10)], dtype=torch.float64)
    assert cliff(star).item() == pytest.approx(0, abs=1e-20)
    assert star[1].item() == pytest.approx(0.15, abs=5e-3)
    start = torch.tensor([1.2, 0.3], dtype=torch.float64)
    gradient = torch.autograd.functional.jacobian(cliff, start)
    assert gradient.norm().item() == pytest.approx(1487, abs=1)
    assert (start - 0.01 * gradient)[0].item() == pytest.approx(-13, abs=0.5)
    # "Plain descent is stable up to lr = 0.012": 2 / the largest curvature.
    curvature = torch.linalg.eigvalsh(torch.autograd.functional.hessian(cliff, star))
    assert 2 / curvature.max().item() == pytest.approx(0.0125, abs=3e-4)
    assert (start - star).norm().item() == pytest.approx(0.33, abs=0.01)
