"""Several networks at once go the way that each goes alone."""

import numpy as np
import pytest
import torch

from course import data, training

OPTIMISERS = {
    "SGD": lambda params: torch.optim.SGD(params, lr=0.3),
    "momentum": lambda params: torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True),
    "AdamW": lambda params: torch.optim.AdamW(params, lr=0.01, weight_decay=0.1),
    "one that diverges": lambda params: torch.optim.SGD(params, lr=1e200),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_networks_side_by_side_train_as_each_does_alone(name):
    digits = data.digits()
    X, y = digits.X_train, digits.y_train
    together = training.networks(seeds=3)
    losses = training.train_each(together, OPTIMISERS[name], X, y, steps=30)
    found, accuracies = training.evaluate_each(together, digits.X_test, digits.y_test)
    for seed in range(3):
        alone = training.network(seed)
        expected = training.train(alone, OPTIMISERS[name], X, y, steps=30, seed=seed)
        np.testing.assert_allclose(losses[seed], expected, rtol=1e-9)
        if np.isfinite(expected).all():
            loss, accuracy = training.evaluate(alone, digits.X_test, digits.y_test)
            assert found[seed] == pytest.approx(loss, rel=1e-9)
            assert accuracies[seed] == accuracy


def test_a_schedule_is_called_after_each_update():
    digits = data.digits()
    seen = []
    training.train_each(
        training.networks(2),
        lambda params: torch.optim.SGD(params, lr=0.1),
        digits.X_train,
        digits.y_train,
        steps=3,
        after_step=lambda step, optimizer: seen.append((step, optimizer.param_groups[0]["lr"])),
    )
    assert seen == [(1, 0.1), (2, 0.1), (3, 0.1)]
