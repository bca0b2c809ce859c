"""The shipped data, and the experiment that lessons run on them."""

import numpy as np
import pytest
import torch

from course import data, training


def test_digits_have_the_promised_shapes_types_and_range():
    X_train, y_train, X_test, y_test = data.digits()
    assert (X_train.shape, y_train.shape, X_test.shape, y_test.shape) == (
        (1500, 64),
        (1500,),
        (297, 64),
        (297,),
    )
    assert (X_train.dtype, y_train.dtype) == (np.float64, np.int64)
    assert (X_train.min(), X_train.max()) == (0.0, 1.0)
    assert set(y_train) == set(y_test) == set(range(10))


def test_digits_are_split_the_same_way_every_time_and_are_the_callers_own():
    first = data.digits()
    first.X_train[:] = -1.0
    second, third = data.digits(), data.digits()
    assert second.X_train.min() == 0.0
    assert all(np.array_equal(one, other) for one, other in zip(second, third, strict=True))


def test_the_split_loses_no_digit():
    # Counts of 0 to 9 in the test part, as the UCI repository gives them.
    digits = data.digits()
    counts = np.bincount(np.concatenate([digits.y_train, digits.y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_every_data_file_has_its_source_and_licence_beside_it():
    files = [path for path in data.FOLDER.iterdir() if path.suffix != ".md"]
    assert files
    for path in files:
        said = path.with_suffix(".md").read_text(encoding="utf-8")
        assert "Source" in said
        assert "Licence" in said


def test_training_is_the_same_every_time_and_learns():
    digits = data.digits()

    def run():
        model = training.network(seed=3)
        losses = training.train(
            model,
            lambda params: torch.optim.Adam(params, lr=0.02),
            digits.X_train,
            digits.y_train,
            steps=60,
            seed=3,
        )
        return losses, training.evaluate(model, digits.X_test, digits.y_test)

    (losses, result), (again, result_again) = run(), run()
    assert np.array_equal(losses, again)
    assert result == result_again
    assert losses.shape == (60,)
    assert losses[0] > 2.0
    assert result[1] > 0.9


def test_networks_of_one_seed_are_equal_and_leave_torchs_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    one, other = training.network(seed=5), training.network(seed=5)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(one[0].weight, other[0].weight)
    assert one[0].weight.dtype == torch.float64


def test_training_that_diverges_ends_with_infinite_losses():
    digits = data.digits()
    model = training.network()
    losses = training.train(
        model, lambda params: torch.optim.SGD(params, lr=1e200), digits.X_train, digits.y_train, steps=10
    )
    assert np.isinf(losses[-1])
    assert not np.isnan(losses).any()
    assert training.evaluate(model, digits.X_train, digits.y_train)[0] == np.inf


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_softmax_regression_agrees_with_autograd(scale):
    rng = np.random.default_rng(0)
    X, y, W = rng.normal(size=(7, 4)), rng.integers(0, 3, size=7), scale * rng.normal(size=(4, 3))
    before = X.copy(), W.copy()
    loss, grad = training.softmax_regression(W, X, y)
    weights = torch.tensor(W, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(torch.tensor(X) @ weights, torch.tensor(y))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(grad, weights.grad.numpy(), rtol=1e-10, atol=1e-14)
    assert np.array_equal(X, before[0])
    assert np.array_equal(W, before[1])


def test_the_page_of_alice_is_one_line_in_lower_case():
    text = data.alice()
    assert text.startswith("alice was beginning to get very tired")
    assert text == " ".join(text.lower().split()) and text.isascii()
    assert 2500 < len(text) < 2800
