"""The speller: its batches, and that networks side by side go the way that each goes alone."""

import numpy as np
import torch

from course import characters


def text(numbers):
    return "".join(characters.CHARACTERS[number] for number in numbers)


def test_what_follows_is_one_character_further_on():
    x, y = characters.batch([np.random.default_rng(seed) for seed in range(2)])
    assert x.shape == y.shape == (2, characters.ROWS, characters.LENGTH)
    torch.testing.assert_close(x[..., 1:], y[..., :-1])
    assert all(text([*row, after[-1]]) in characters.TEXT for row, after in zip(x[1], y[1], strict=True))


def test_a_spoilt_batch_is_dashes_and_the_batches_after_it_are_what_they_were():
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    x, y = characters.batch([one], spoilt=True)
    assert text(x[0, 0]) == "-" * characters.LENGTH == text(y[0, 0])
    characters.batch([other])
    torch.testing.assert_close(characters.batch([one])[0], characters.batch([other])[0])


def test_networks_side_by_side_have_the_losses_and_gradients_of_each_alone():
    seeds = (0, 4)
    together = characters.Speller(seeds)
    x, y = characters.batch([np.random.default_rng(seed) for seed in seeds])
    each = characters.loss_each(together(x), y)
    each.sum().backward()
    for place, seed in enumerate(seeds):
        alone = characters.Speller((seed,))
        loss = characters.loss(alone(x[place : place + 1]), y[place : place + 1])
        loss.backward()
        torch.testing.assert_close(each[place], loss)
        for theta, own in zip(together.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(theta.grad[place], own.grad[0], rtol=1e-10, atol=1e-14)


def test_a_step_is_called_for_every_update_and_meets_the_spoilt_batch_once():
    seen = []

    def step(model, loss_fn, x, y, optimizer):
        seen.append(bool((x == characters.DASH).all()))
        return loss_fn(model(x), y).item(), 0.0

    losses, norms = characters.train(step, updates=4, spoilt=3)
    assert seen == [False, False, True, False]
    assert losses.shape == norms.shape == (4,)
