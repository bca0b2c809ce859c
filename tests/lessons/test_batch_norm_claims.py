"""What lesson 08 says about batch normalisation and PyTorch, each claim on its own."""

import numpy as np
import pytest
import torch
from claims import said
from torch import nn
from torch.nn import functional as F

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.cells import grade_id
from course.figures import lesson_08 as figures
from course.measured import measured

LESSON = "08_batch_norm"
DIGITS = data.digits()

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
        # Keras's documented rule, and Flax's: moving_var * momentum + var(batch) * (1 - momentum), momentum = 0.99.
        (by_formula(0, 0, new=0.01), (6, 0.05, 1.08)),
        (by_formula(0, 0, new=0.1), (6, 0.5, 1.8)),
        (by_formula(1, 1, new=0.1), (5.588, 0.5, 2.1)),
    ],
    ids=["PyTorch", "PyTorch, momentum=None", "Keras and Flax", "biased running_var", "unbiased in (3)"],
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


def test_two_rows_become_plus_and_minus_one():
    x = torch.tensor([[3.0, -2.0], [7.0, -9.0]], dtype=torch.float64)
    y = nn.BatchNorm1d(2).double()(x).detach()
    np.testing.assert_allclose(y.abs(), 1.0, atol=1e-5)


def test_transposed_it_is_layer_normalisation():
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turned = nn.BatchNorm1d(4).double()(x.T).T
    torch.testing.assert_close(turned, F.layer_norm(x, (3,)))


def test_a_dy_of_ones_comes_to_nothing():
    x = WORKED.clone().requires_grad_()
    nn.BatchNorm1d(1).double()(x).sum().backward()
    torch.testing.assert_close(x.grad, torch.zeros_like(x), atol=1e-15, rtol=0)


def test_the_quizs_numbers():
    quiz = {question.id: question for question in questions.questions(LESSON)}
    assert quiz["parameters_of_a_layer"].right == sum(p.numel() for p in nn.BatchNorm2d(64).parameters())
    two = torch_after(torch.tensor([[1.0], [3.0]], dtype=torch.float64))
    assert quiz["variance_of_two_rows"].right == pytest.approx(two.running_var.item())
    assert round(0.999 ** said(LESSON, "0.999 to the power of {} is 0.95"), 2) == 0.95


def test_what_is_left_of_the_start_of_a_running_average():
    first, left, second, longer = said(
        LESSON, "With {} a tenth is left after about {} batches, with {} after about {}"
    )
    for momentum, batches in ((first, left), (second, longer)):
        assert (1 - momentum) ** batches == pytest.approx(0.1, rel=0.02)


def test_the_noise_of_the_mean_of_a_few_rows():
    shares = said(LESSON, "the noise of a mean is {}% of a standard deviation with {} rows and {}% with {}")
    for share, rows in (shares[:2], shares[2:]):
        assert round(100 / np.sqrt(rows)) == share


def test_one_pixel_is_mostly_white_and_one_mostly_dark():
    assert (DIGITS.X_train[:, 14] == 0).mean() > 0.5
    assert (DIGITS.X_train[:, 3] > 0.5).mean() > 0.5


# What figures show. Of the stored measurements each kind stands at its best rate.


def best(losses):
    """(..., rates, seeds) to (..., seeds)."""
    rate = np.median(losses, axis=-1).argmin(axis=-1)
    return np.take_along_axis(losses, rate[..., None, None], axis=-2)[..., 0, :]


def close(found, stated, digits):
    assert np.round(np.median(found), digits) == stated


def test_depth():
    stored = measured(LESSON)
    pytorch, he, norm = best(stored["depth"])
    depths = list(stored["depths"])
    found, rival = said(LESSON, "He's start makes the difference between learning and not: {} against {}.")
    close(he[depths.index(4)], found, 2)
    close(pytorch[depths.index(4)], rival, 1)
    twelve, alone = said(LESSON, "But it acts once: {} layers from it end at {}.")
    close(he[depths.index(twelve)], alone, 2)
    close(norm[depths.index(12)], said(LESSON, "and 12 layers with it end at {}."), 2)
    # "Batch norm learns at every depth, and best at each"
    assert (norm < 0.5).all()
    assert ((norm < np.minimum(pytorch, he)).sum(axis=-1) >= 4).all()
    assert (pytorch[depths.index(8) :] > 2.2).all()


def test_the_highest_rate():
    stored = measured(LESSON)
    he, norm = stored["depth"][1:, 1]
    learnt = [(losses < 0.5).sum(axis=-1) >= 4 for losses in (he, norm)]
    low, high = said(LESSON, "With He's start alone two rates, {} and {}, get below 0.5.")
    assert np.round(stored["rates"][learnt[0]], 1).tolist() == [low, high]
    assert np.round(stored["rates"][learnt[1]], 1).tolist() == [0.1, 0.3, 1.0, 3.2]
    assert np.median(he, axis=-1).min() > 3 * np.median(norm, axis=-1).min()


def test_small_batches():
    stored = measured(LESSON)
    without, norm, layer = best(stored["small"])
    sizes = list(stored["sizes"])
    rows, wrong, rival = said(LESSON, "With {} rows {}% of the test digits are wrong, against {}% without.")
    close(norm[sizes.index(rows)], wrong, 0)
    close(without[sizes.index(rows)], rival, 0)
    assert (norm[0] > without[0]).all()
    assert (norm[0] > layer[0]).all()
    rows, wrong, rival = said(LESSON, "With {} batch norm is ahead, {}% against {}%.")
    close(norm[sizes.index(rows)], wrong, 1)
    close(without[sizes.index(rows)], rival, 1)
    # "With 4 nobody wins clearly": not by more than the spread of the seeds.
    assert abs(np.median(norm[1]) - np.median(without[1])) < without[1].std()
    assert ((norm[2:] < without[2:]).sum(axis=-1) >= 6).all()
    assert (np.median(norm[2:], axis=-1) < np.median(layer[2:], axis=-1)).all()


def test_jitter():
    stored = measured(LESSON)
    rate = np.median(stored["jitter_loss"], axis=-1).argmin(axis=-1)
    plain, jitter = stored["jitter_loss"][0, rate[0]], stored["jitter_loss"][2, rate[2]]
    moves = [stored["jitter_move"][kind, each] for kind, each in enumerate(rate)]
    share = said(LESSON, "these networks end at {} of the plain network's loss")
    assert np.median(jitter) / np.median(plain) == pytest.approx(share, abs=0.05)
    assert jitter.max() < plain.min()
    assert moves[2].min() > moves[0].max() > moves[1].max()


def test_what_our_trainer_can_do():
    stored = measured(LESSON)
    norm, without = said(LESSON, "it ends at a training loss of {}; without, at {}.")
    close(stored["trainer"], norm, 3)
    close(stored["trainer_without"], without, 3)
    assert stored["trainer"].max() < stored["trainer_without"].min()


def test_the_goal_of_the_sliders():
    forward = answer(find(LESSON), "batch_norm_forward", find(LESSON).solutions()["batch_norm_forward"])
    goal = said(LESSON, "the results spread by less than {}.")
    spreads = [figures._answers(forward, n, 1.0).std() for n in figures.SIZES]
    # Neither the first batch size that is shown nor the last: it has to be looked for.
    assert spreads[-3] > goal > spreads[-2]
    stretched = figures._answers(forward, figures.SIZES[2], 10.0).std()
    assert stretched == pytest.approx(spreads[2], rel=0.01)


def cells_of_the_lesson(*names):
    """What these cells of the lesson define, with the reference solutions."""
    lesson = find(LESSON)
    namespace = {"np": np, "torch": torch, "nn": nn, "training": training, "digits": DIGITS}
    namespace |= {name: answer(lesson, name, code) for name, code in lesson.solutions().items()}
    for cell in lesson.source().cells:
        if grade_id(cell) in names:
            exec(cell.source.partition("\n\n\nruns.")[0], namespace)
    return namespace


def test_each_layer_keeps_two_fifths_of_the_spread():
    stack = cells_of_the_lesson("stack")["stack"]
    share = said(LESSON, "each layer keeps about {} fifths of the spread") / 5
    for seed in range(5):
        values, spreads = torch.from_numpy(DIGITS.X_train), []
        for module in stack(10, seed=seed):
            if isinstance(module, nn.ReLU):
                spreads.append((values - values.mean(dim=0)).std().item())
            values = module(values)
        assert (spreads[-1] / spreads[0]) ** (1 / 9) == pytest.approx(share, abs=0.03)
        assert spreads[-1] / spreads[0] < 1e-3
        assert spreads[3] < 0.1 * spreads[0]  # "By layer 4 PyTorch's start has lost the digits"


def test_from_hes_start_more_and_more_is_common_to_all_digits():
    stack = cells_of_the_lesson("stack")["stack"]
    for seed in range(5):
        values, shares = torch.from_numpy(DIGITS.X_train), []
        for module in stack(10, he=True, seed=seed):
            if isinstance(module, nn.ReLU):
                own = (values - values.mean(dim=0)).square().mean() / values.square().mean()
                shares.append(own.item())
            values = module(values)
        assert shares[0] > 1.3 * shares[-1]


@pytest.mark.slow
def test_the_right_mode_and_the_wrong_one():
    made = cells_of_the_lesson("stack", "into_autograd", "both_modes", "depth")
    right, pairs = [], []
    for seed in range(5):
        model = made["stack"](2, made["BatchNormBoth"], he=True, seed=seed)
        made["loss_after"](model, lr=0.3)
        model.eval()
        right.append(100 * (1 - training.evaluate(model, DIGITS.X_test, DIGITS.y_test)[1]))
        model.train()
        wrong = [
            1 - training.evaluate(model, DIGITS.X_test[rows : rows + 2], DIGITS.y_test[rows : rows + 2])[1]
            for rows in range(0, 296, 2)
        ]
        pairs.append(100 * np.mean(wrong))
    assert round(np.median(right)) == said(LESSON, "In evaluation mode they get about {}% wrong.")
    assert min(pairs) > 50  # "more than half of the digits are wrong in batches of 2"
