"""What lesson 08 says about batch normalisation and PyTorch, each claim on its own."""

import numpy as np
import pytest
import torch
from torch import nn

WORKED = torch.tensor([[2.0], [4.0], [4.0], [10.0]], dtype=torch.float64)


def torch_after(batch, **options):
    norm = nn.BatchNorm1d(batch.shape[1], **options).double()
    norm(batch)
    return norm


# The table of conventions: y_4 with gamma = 4, beta = 1, eps = 7, and the two averages after the batch.


def pytorch(momentum):
    norm = nn.BatchNorm1d(1, eps=7.0, momentum=momentum).double()
    nn.init.constant_(norm.weight, 4.0)
    nn.init.constant_(norm.bias, 1.0)
    return norm(WORKED)[-1].item(), norm.running_mean.item(), norm.running_var.item()


def by_formula(correction_in_3, correction_in_9, new):
    x = WORKED.numpy()[:, 0]
    y = 4 * (x - x.mean()) / np.sqrt(x.var(ddof=correction_in_3) + 7) + 1
    return y[-1], new * x.mean(), (1 - new) + new * x.var(ddof=correction_in_9)


@pytest.mark.parametrize(
    ("found", "row"),
    [
        (pytorch(0.1), (6, 0.5, 2.1)),
        (pytorch(None), (6, 5, 12)),
        # Keras's documented rule: moving_var * momentum + var(batch) * (1 - momentum), momentum = 0.99.
        (by_formula(0, 0, new=0.01), (6, 0.05, 1.08)),
        (by_formula(0, 0, new=0.1), (6, 0.5, 1.8)),
        (by_formula(1, 1, new=0.1), (5.588, 0.5, 2.1)),
    ],
    ids=["PyTorch", "PyTorch, momentum=None", "Keras", "biased running_var", "unbiased in (3)"],
)
def test_row_of_the_conventions_table(found, row):
    np.testing.assert_allclose(found, row, atol=5e-4)


def test_torchs_defaults_and_names():
    norm = nn.BatchNorm1d(2)
    assert (norm.eps, norm.momentum, norm.training) == (1e-5, 0.1, True)
    assert norm.weight.tolist() == [1, 1]
    assert norm.bias.tolist() == [0, 0]
    assert norm.running_mean.tolist() == [0, 0]
    assert norm.running_var.tolist() == [1, 1]


def test_the_running_averages_are_no_parameters():
    assert {name for name, _ in nn.BatchNorm1d(2).named_parameters()} == {"weight", "bias"}
    assert sum(p.numel() for p in nn.BatchNorm2d(64).parameters()) == 128


def test_torch_refuses_a_single_row_in_training_and_keeps_its_averages():
    norm = nn.BatchNorm1d(2).double()
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm(torch.zeros(1, 2, dtype=torch.float64))
    assert norm.running_mean.tolist() == [0, 0]
    assert norm.running_var.tolist() == [1, 1]
    assert norm.eval()(torch.ones(1, 2, dtype=torch.float64)).shape == (1, 2)


def test_one_batch_then_one_row_in_evaluation():
    norm = torch_after(WORKED).eval()
    assert norm(torch.tensor([[5.0]], dtype=torch.float64)).item() == pytest.approx(3.105, abs=5e-4)


def test_gamma_and_beta_can_undo_the_normalisation():
    norm = nn.BatchNorm1d(1).double()
    with torch.no_grad():
        norm.weight.copy_(torch.sqrt(WORKED.var(correction=0) + norm.eps))
        norm.bias.copy_(WORKED.mean())
    torch.testing.assert_close(norm(WORKED), WORKED)


def test_a_bias_before_batch_norm_changes_nothing():
    torch.testing.assert_close(nn.BatchNorm1d(1).double()(WORKED + 3.0), nn.BatchNorm1d(1).double()(WORKED))


def test_difference_of_two_means_loses_all_digits_in_float32():
    x = torch.tensor([1e4, 1e4 + 1])
    assert x.var(correction=0).item() == 0.25
    assert abs(((x**2).mean() - x.mean() ** 2).item() - 0.25) > 0.2


def test_images_are_rows_of_pixels():
    x = torch.randn(3, 2, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rows = nn.BatchNorm1d(2).double()(x.permute(0, 2, 3, 1).reshape(-1, 2))
    expected = rows.reshape(3, 4, 5, 2).permute(0, 3, 1, 2)
    torch.testing.assert_close(nn.BatchNorm2d(2).double()(x), expected)


def test_ten_times_the_weights_give_the_same_output_and_a_tenth_of_the_gradient():
    generator = torch.Generator().manual_seed(0)
    x, w = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((8, 3), (3, 2)))
    target = torch.randn(8, 2, generator=generator, dtype=torch.float64)
    outputs, gradients = [], []
    for scale in (1.0, 10.0):
        weights = (scale * w).requires_grad_()
        y = nn.BatchNorm1d(2, eps=1e-12).double()(x @ weights)
        ((y - target) ** 2).sum().backward()
        outputs.append(y.detach())
        gradients.append(weights.grad)
    torch.testing.assert_close(outputs[0], outputs[1])
    torch.testing.assert_close(gradients[0], 10 * gradients[1])


def test_the_biased_variance_is_too_small_on_average_and_the_unbiased_one_is_not():
    x = np.random.default_rng(0).normal(scale=2.0, size=(200_000, 4))
    assert x.var(axis=1).mean() == pytest.approx(4 * 3 / 4, rel=0.01)
    assert x.var(axis=1, ddof=1).mean() == pytest.approx(4, rel=0.01)


def test_what_is_left_of_the_start_and_the_noise_of_a_mean():
    left = 0.98**31
    assert round(100 * left) == 53
    assert [round(100 / np.sqrt(n)) for n in (32, 2)] == [18, 71]


def test_two_rows_become_plus_and_minus_one():
    x = torch.tensor([[3.0, -2.0], [7.0, -9.0]], dtype=torch.float64)
    y = nn.BatchNorm1d(2).double()(x).detach()
    np.testing.assert_allclose(y.abs(), 1.0, atol=1e-5)
