"""What lesson 12 says about the normalisation family and PyTorch, each claim on its own."""

import inspect
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from claims import said
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from autograder.catalogue.answers import answer
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.cells import grade_id
from course.figures import lesson_12 as figures
from course.figures import lesson_12_runs as runs
from course.figures import lesson_12_weights as of_weights
from course.measured import measured

LESSON = "12_normalisation"
DIGITS = data.digits()
SMALL = 1e-4 * torch.tensor([[1.0, 2.0, 3.0, 6.0]])


def reference(name):
    lesson = find(LESSON)
    return answer(lesson, name, lesson.solutions()[name])


# The table of conventions: what becomes of the 6 in the small row.


def layer_norm(eps):
    return F.layer_norm(SMALL.double(), (4,), eps=eps)


ROWS = {
    "PyTorch `LayerNorm`; this lesson | yes | gamma, beta | 1e-5 | {} |": nn.LayerNorm(4)(SMALL),
    # Flax's and Keras's documented defaults.
    "Flax `LayerNorm` | yes | scale, bias | 1e-6 | {} |": layer_norm(1e-6),
    "Keras 3 `LayerNormalization` | yes | gamma, beta | 1e-3 | {} |": layer_norm(1e-3),
    "PyTorch `RMSNorm`, float32 | no | weight | 1.2e-7 | {} |": nn.RMSNorm(4)(SMALL),
    "T5; this lesson's `rms_norm` | no | weight | 1e-6 | {} |": F.rms_norm(SMALL, (4,), eps=1e-6),
    "PyTorch `GroupNorm` | yes | weight, bias | 1e-5 | {} |": nn.GroupNorm(1, 4)(SMALL),
    "| nothing, unless `affine=True` | 1e-5 | {} |": nn.InstanceNorm2d(1)(SMALL.view(1, 1, 2, 2)),
}


@pytest.mark.parametrize("row", ROWS)
def test_row_of_the_conventions_table(row):
    assert round(ROWS[row].flatten()[3].item(), 3) == said(LESSON, row)


def test_torchs_defaults():
    assert (nn.LayerNorm(2).eps, nn.GroupNorm(1, 2).eps, nn.InstanceNorm2d(2).eps) == (1e-5, 1e-5, 1e-5)
    assert nn.RMSNorm(2).eps is None
    assert nn.InstanceNorm2d(2).weight is None
    assert nn.GroupNorm(1, 2).weight is not None
    assert [name for name, _ in nn.RMSNorm(2).named_parameters()] == ["weight"]


def test_t5s_variance_is_the_mean_square():
    mean_square, variance = said(LESSON, "4 + 9 + 36)/4 = {}$, the variance {}.")
    x = np.array([1.0, 2.0, 3.0, 6.0])
    assert ((x**2).mean(), x.var()) == (mean_square, variance)


def test_a_tiny_row_by_eps_and_precision():
    row = torch.full((1, 8), 1e-4)
    default, t5 = said(LESSON, "a twelfth of PyTorch's eps: {} is left, and with T5's eps {}.")
    assert round(nn.RMSNorm(8)(row)[0, 0].item(), 2) == default
    assert round(F.rms_norm(row, (8,), eps=1e-6)[0, 0].item(), 2) == t5
    assert round(nn.RMSNorm(8).double()(row.double())[0, 0].item(), 6) == 1
    assert torch.finfo(torch.float32).eps / 1e-8 == pytest.approx(12, rel=0.02)


def test_who_ignores_what():
    x = torch.randn(5, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for norm in (nn.LayerNorm(12, eps=1e-12).double(), nn.RMSNorm(12, eps=1e-12).double()):
        torch.testing.assert_close(norm(10 * x), norm(x))
    layer, rms = nn.LayerNorm(12).double(), nn.RMSNorm(12).double()
    torch.testing.assert_close(layer(x + 2), layer(x))
    assert (rms(x + 2) - rms(x)).abs().max() > 0.5


def test_training_and_evaluation_agree_without_a_batch():
    x = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(0))
    for norm in (nn.LayerNorm(3), nn.RMSNorm(3), nn.GroupNorm(2, 6), nn.InstanceNorm1d(6)):
        torch.testing.assert_close(norm.eval()(x), norm.train()(x))
        torch.testing.assert_close(norm(x[:1]), norm(x)[:1])


def test_gamma_may_not_be_taken_out_of_the_bracket():
    x = torch.tensor([[1.0, 2.0, 3.0, 6.0]], dtype=torch.float64, requires_grad=True)
    gamma = torch.tensor([1.0, 2.0, 2.0, 4.0], dtype=torch.float64)
    dy = torch.tensor([[4.0, 0.0, 2.0, 1.0]], dtype=torch.float64)
    F.layer_norm(x, (4,), gamma, eps=0.5).backward(dy)
    x_hat = torch.tensor([[-1.0, -0.5, 0.0, 1.5]], dtype=torch.float64)
    inside = (gamma * dy - (gamma * dy).mean() - x_hat * (gamma * dy * x_hat).mean()) / 2
    outside = gamma * (dy - dy.mean() - x_hat * (dy * x_hat).mean()) / 2
    torch.testing.assert_close(x.grad, inside)
    assert (x.grad - outside).abs().max() > 0.1


def test_one_group_is_a_layer_norm_over_channels_and_pixels():
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(nn.GroupNorm(1, 3)(x), F.layer_norm(x, (3, 4, 4)))
    torch.testing.assert_close(nn.GroupNorm(3, 3)(x), nn.InstanceNorm2d(3)(x))


def test_a_group_of_one_entry_is_refused():
    with pytest.raises(ValueError, match="more than 1"):
        nn.InstanceNorm2d(3)(torch.zeros(1, 3, 1, 1))


def test_batch_norm_refuses_a_single_row():
    with pytest.raises(ValueError, match="more than 1 value"):
        nn.BatchNorm1d(2)(torch.zeros(1, 2))


# Spectral norm


def test_power_iteration_by_hand():
    first, second = said(LESSON, r"\sigma \approx {}$; the next iteration gives {}.")
    norm = reference("SpectralNorm")(np.array([1.0, 0.0]), np.array([0.6, 0.8]))
    matrix = np.diag([16.0, 9.0])
    for stated in (first, second):
        norm(matrix)
        assert round(norm.u @ matrix @ norm.v, 2) == stated


def test_the_two_largest_singular_values_of_the_digits():
    first, second = said(LESSON, "its two largest singular values are {} and {}, nearly equal")
    centred = DIGITS.X_train - DIGITS.X_train.mean(axis=0)
    sigma = np.linalg.svd(centred, compute_uv=False)
    assert np.round(sigma[:2], 1).tolist() == [first, second]
    assert round(100 * (1 - second / first)) == said(LESSON, "is off by {}% only")


def test_torch_iterates_fifteen_times_and_then_at_every_read():
    count = said(LESSON, "PyTorch makes {} iterations at the start")
    assert f"self._power_method(weight_mat, {count:.0f})" in inspect.getsource(parametrizations._SpectralNorm)
    layer = nn.Linear(4, 4)
    nn.init.eye_(layer.weight)
    with torch.no_grad():
        layer.weight[0, 0] = 1.01  # Nearly equal singular values: the direction is still on its way.
    parametrizations.spectral_norm(layer)
    norm = layer.parametrizations.weight[0]
    before = norm._u.clone()
    assert layer.weight is not None
    assert not torch.equal(norm._u, before)
    before = norm._u.clone()
    layer.eval()
    assert layer.weight is not None
    assert torch.equal(norm._u, before)


def test_the_estimate_is_near_before_the_direction_is():
    centred = DIGITS.X_train - DIGITS.X_train.mean(axis=0)
    sigma = np.linalg.norm(centred, 2)
    runs = np.array([of_weights.estimates(reference("SpectralNorm"), centred, seed, 12) for seed in range(5)])
    below = 100 * (1 - np.median(runs, axis=0) / sigma)
    assert 20 < below[0] < 30  # "a quarter after the first"
    assert below[7] > 1 > below[9]  # "1% after about ten"


def test_the_estimate_comes_from_below():
    rng = np.random.default_rng(0)
    for seed in range(5):
        weight = rng.normal(size=(6, 4))
        found = of_weights.estimates(reference("SpectralNorm"), weight, seed, 10)
        assert (found <= np.linalg.norm(weight, 2) * (1 + 1e-12)).all()


def test_a_flattened_kernel_is_no_bound():
    flat, whole = [], []
    for seed in range(5):
        torch.manual_seed(seed)
        weight = nn.Conv2d(16, 16, 3).double().weight.detach()
        flat.append(torch.linalg.matrix_norm(weight.flatten(1), 2).item())
        whole.append(of_weights.stretch(weight, 100))
        assert whole[-1] / flat[-1] == pytest.approx(1.5, abs=0.1)
    matrix, stretched = said(LESSON, "matrix stretches by {} at most, the convolution by {} on images of")
    assert round(np.median(flat), 2) == matrix
    assert round(np.median(whole), 2) == stretched


def test_a_convolution_stretches_at_most_three_times_as_much_as_its_matrix():
    # The worst: a kernel of equal numbers. The mildest: one that looks at a single pixel.
    even, single = torch.ones(1, 1, 3, 3).double(), torch.zeros(1, 1, 3, 3).double()
    single[0, 0, 1, 1] = 1.0
    ratios = [of_weights.stretch(each) / each.norm().item() for each in (even, single)]
    assert 2.5 < ratios[0] < said(LESSON, "and at most by {} times as much: no pixel")
    assert ratios[1] == pytest.approx(1.0)


def test_batch_norm_makes_plus_and_minus_1_of_a_pair():
    x = torch.tensor([[3.0, -2.0, 10.0], [5.0, -9.0, 10.5]])
    torch.testing.assert_close(
        F.batch_norm(x, None, None, training=True).abs(), torch.ones(2, 3), atol=1e-3, rtol=0
    )


def test_the_price_of_a_bound():
    stored = measured(LESSON)
    rate, other, another = said(
        LESSON, "Adam's rate is {}, at which both kinds get the most test digits right; {} and {} were tried"
    )
    assert sorted((rate, other, another)) == list(stored["adam_rates"])
    index = list(stored["adam_rates"]).index(rate)
    assert (np.median(stored["bounded"][..., 1], axis=-1).argmax(axis=-1) == index).all()
    plain, normalised = stored["bounded"][:, index]
    bound, right = np.median(plain, axis=0)
    assert round(bound) == said(LESSON, "The plain networks' bound is about {}.")
    said_normalised, said_plain = said(LESSON, "fewer digits are right, {}% in the median and not {}%.")
    assert (round(np.median(normalised[:, 1])), round(right)) == (said_normalised, said_plain)
    assert said(LESSON, "Plain networks have a bound of about {} and get {}%") == (round(bound), said_plain)
    assert said(LESSON, "a little above 1 and get {}% right") == said_normalised
    assert ((normalised[:, 0] > 1) & (normalised[:, 0] < 2)).all()
    assert (plain[:, 0] > 10 * normalised[:, 0]).sum() >= 4  # "Ten times as tame and more"
    assert normalised[:, 1].max() < plain[:, 1].min()


@pytest.mark.slow
def test_the_lessons_networks_are_those_measured():
    found = []
    namespace = {
        "torch": torch,
        "nn": nn,
        "training": training,
        "digits": DIGITS,
        "SpectralNorm": reference("SpectralNorm"),
        "runs": runs,
        "weights": SimpleNamespace(bounds=found.append),
    }
    (cell,) = [cell for cell in find(LESSON).source().cells if grade_id(cell) == "bounds"]
    exec(cell.source.replace("range(5)", "range(1)"), namespace)
    stored = measured(LESSON)
    rate = said(LESSON, "Adam's rate is {}, at which")
    for kind, name in enumerate(("plain", "with yours")):
        (model,) = found[0][name]
        runs.evaluated(model)
        expected = stored["bounded"][kind, list(stored["adam_rates"]).index(rate), 0, 0]
        assert runs.bound(model) == pytest.approx(expected, rel=1e-6)


# What figures show


def test_small_batches():
    stored = measured(LESSON)
    plain, he, batch, layer = figures.at_best_rate(stored["small"])
    norm_2, layer_2 = (
        said(LESSON, "learns next to nothing: {}% are wrong"),
        said(LESSON, "{}% are wrong after pairs"),
    )
    he_2, norm_32, layer_32 = said(
        LESSON, "at {}%, and with 32 digits batch norm is ahead: {}% against layer norm's {}%."
    )
    assert list(stored["sizes"]) == [2, 8, 32]
    assert [round(np.median(each[0])) for each in (batch, layer)] == [norm_2, layer_2]
    assert np.median(he[0]) == pytest.approx(he_2, abs=0.6)
    assert [round(np.median(each[2]), 1) for each in (batch, layer)] == [norm_32, layer_32]
    assert batch[0].min() > layer[0].max()
    assert (batch[2] <= layer[2]).sum() >= 4
    assert np.median(plain, axis=-1).min() > 88  # guessing at every size


@pytest.mark.slow
def test_layer_norm_learns_from_single_digits():
    ends = []
    for seed in range(5):
        model = figures.stack(nn.LayerNorm, seed)
        losses = training.train(
            model,
            lambda params: torch.optim.SGD(params, lr=0.01),
            DIGITS.X_train,
            DIGITS.y_train,
            steps=400,
            batch_size=1,
            seed=seed,
        )
        ends.append((losses[200:300].mean(), losses[300:].mean()))
    before, last = np.array(ends).T
    assert np.median(last) == pytest.approx(
        said(LESSON, "from guessing, 2.3, to about {} after 400"), abs=0.05
    )
    assert (last < before).sum() >= 4  # "and is still falling"
    assert last.max() < np.log(10)


def test_the_quizs_numbers():
    quiz = {question.id: question for question in questions.questions(LESSON)}
    assert quiz["layer_norm_parameters"].right == sum(p.numel() for p in nn.LayerNorm(512).parameters())
    assert nn.LayerNorm(4)(torch.full((1, 4), 7.0)).tolist() == [[0, 0, 0, 0]]
    x = torch.randn(2, 32, 3, 3)
    groups = quiz["groups_of_instance_norm"].right
    torch.testing.assert_close(F.group_norm(x, groups), F.instance_norm(x))
    gradients = []
    for scale in (1.0, 10.0):
        row = (scale * torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)).requires_grad_()
        F.layer_norm(row, (3,), eps=1e-12).backward(torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
        gradients.append(row.grad)
    torch.testing.assert_close(gradients[0], 10 * gradients[1])
    norm = reference("SpectralNorm")(np.array([1.0, 0.0]), np.array([0.6, 0.8]))
    norm.eval()
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(norm(2 * matrix), norm(matrix))
