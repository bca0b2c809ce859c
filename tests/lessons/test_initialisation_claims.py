"""What lesson 11 says about initialisation and PyTorch, each claim on its own."""

import math

import numpy as np
import pytest
import torch
from claims import said
from torch import nn

from autograder.catalogue.answers import answers
from autograder.catalogue.lesson import find
from course import data, questions, training
from course.cells import grade_id
from course.figures import lesson_11 as figures
from course.measured import measured

LESSON = "11_initialisation"
DIGITS = data.digits()
ANSWERS = answers(find(LESSON), {})
FILLS = {
    "He": lambda W: nn.init.kaiming_normal_(W, nonlinearity="relu"),
    "Xavier": nn.init.xavier_uniform_,
    "PyTorch's default": lambda W: nn.init.kaiming_uniform_(W, a=5**0.5),
    "std = 0.01": lambda W: nn.init.normal_(W, std=0.01),
}


def he(shape, rng):
    return rng.normal(0, np.sqrt(2 / shape[1]), size=shape)


def default(shape, rng):
    bound = 1 / np.sqrt(shape[1])
    return rng.uniform(-bound, bound, size=shape)


def xavier(gain):
    return lambda shape, rng: ANSWERS["xavier_uniform"](shape, rng, gain)


def relu(y):
    return np.maximum(0.0, y)


def after(init, activation, width, depth, seeds=5):
    """The median over seeds of the RMS behind so many layers."""
    return np.median([figures._sizes(init, width, activation, seed)[depth] for seed in range(seeds)])


# One layer, and many.


def test_what_is_left_after_thirty_layers():
    numbers = said(
        LESSON, "Xavier to {}e-{}, PyTorch's default to {}e-{}, a standard deviation of 0.01 to {}e-{}."
    )
    stds = (xavier(1.0), default, lambda shape, rng: rng.normal(0, 0.01, size=shape))
    for init, digit, power in zip(stds, numbers[::2], numbers[1::2], strict=True):
        found = after(init, relu, 256, 30)
        assert found == pytest.approx(digit * 10**-power, rel=0.5)
    assert after(he, relu, 256, 30) == pytest.approx(1.0, abs=0.35)  # "He's start stays at 1"


def test_the_default_multiplies_by_a_constant():
    factor, same, digit, power = said(LESSON, "PyTorch's is {}, and {} thirty times over is {}e-{}.")
    assert factor == same == round(math.sqrt(1 / 6), 2)
    assert math.sqrt(1 / 6) ** 30 == pytest.approx(digit * 10**-power, rel=0.1)


def test_a_layer_follows_formula_1_and_its_gradient_formula_3():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, size=(200, 400))  # its mean is not 0
    W = rng.normal(0, 0.1, size=(3000, 400))
    assert (x @ W.T).var() == pytest.approx(400 * 0.01 * (x**2).mean(), rel=0.05)
    dy = rng.normal(size=(200, 3000))
    assert (dy @ W).var() == pytest.approx(3000 * 0.01 * (dy**2).mean(), rel=0.05)


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_a_relu_keeps_what_formula_5_says(slope):
    y = np.random.default_rng(0).normal(size=400_000)
    kept = (np.where(y > 0, y, slope * y) ** 2).mean()
    assert kept == pytest.approx((1 + slope**2) / 2, rel=0.01)


def test_a_gain_that_is_off_by_a_tenth():
    off, wide = said(
        LESSON, "So a gain that is off by {}% is off by 10% in every layer, and 1.1 to the power of 30 is {}."
    )
    assert round((1 + off / 100) ** 30) == wide
    ratio = after(xavier(1.1 * 2**0.5), relu, 128, 30) / after(xavier(2**0.5), relu, 128, 30)
    assert ratio == pytest.approx(wide, rel=0.1)


def test_tanh_fades_slowly():
    ten, width, thirty = said(LESSON, "it still fades, slowly: to {} after 10 layers of {}, to {} after 30.")
    assert after(xavier(1.0), np.tanh, int(width), 10) == pytest.approx(ten, abs=0.015)
    assert after(xavier(1.0), np.tanh, int(width), 30) == pytest.approx(thirty, abs=0.015)


def test_only_one_gain_is_right():
    for name, gain in (("none", 1.0), ("ReLU", 1.41)):
        sizes = [
            after(xavier(each), figures.ACTIVATIONS[name], 64, 30) for each in (gain - 0.1, gain, gain + 0.1)
        ]
        assert sizes[0] < 0.3 < sizes[1] < 3 < sizes[2]
    tanh = [after(xavier(each), np.tanh, 64, 30) for each in figures.GAINS]
    assert min(tanh) > 1e-4
    assert max(tanh) < 1


def test_where_xaviers_distribution_is_a_tenth_as_wide():
    layer = said(LESSON, "in layer {} the width is below a tenth")
    for seed in range(5):
        rng = np.random.default_rng(seed)
        h, widths = rng.normal(size=(64, 256)), []
        for _ in range(10):
            y = h @ xavier(1.0)((256, 256), rng).T
            widths.append(y.std())
            h = relu(y)
        assert widths[int(layer) - 1] < 0.11 * widths[0] < widths[int(layer) - 3]
    assert math.log(100) / math.log(2) == pytest.approx(said(LESSON, "log(100)/log(2) = {} layers"), abs=0.05)


def test_a_funnel_changes_the_gradient_by_the_root_of_last_over_first():
    last, first = said(
        LESSON, "the width of the last layer over that of the first: {}/{}, in size a quarter."
    )
    assert math.sqrt(last / first) == 1 / 4
    sizes = [512, 256, 128, 64, 32, 16]
    ratios, forward = {}, {}
    for mode in ("fan_in", "fan_out"):
        passes = []
        for seed in range(5):
            init = lambda shape, rng, mode=mode: ANSWERS["he_normal"](shape, rng, mode)  # noqa: E731
            passes.append(figures._both_ways(ANSWERS["MLP"](sizes, init, np.random.default_rng(seed)), seed))
        forward[mode] = np.median([h[-1] for h, _ in passes])
        ratios[mode] = np.median([dy[0] / dy[-1] for _, dy in passes])
    assert ratios["fan_in"] == pytest.approx(math.sqrt(last / first), rel=0.25)
    assert ratios["fan_out"] == pytest.approx(1.0, abs=0.3)
    assert forward["fan_in"] == pytest.approx(1.0, abs=0.4)
    assert forward["fan_out"] > 2.5


# Starts that cannot be left.


def cells_of_the_lesson(*names):
    """What these cells of the lesson define, with the reference solutions."""
    namespace = {"np": np, "training": training, "digits": DIGITS, **ANSWERS}
    for cell in find(LESSON).source().cells:
        if grade_id(cell) in names:
            exec(cell.source, namespace)
    return namespace


TRAIN = cells_of_the_lesson("train")["train"]


def trained(sizes, init, seed, lr=0.1, steps=100):
    net = ANSWERS["MLP"](sizes, init, np.random.default_rng(seed))
    start = [p.copy() for p in net.weights + net.biases]
    losses = TRAIN(net, lr=lr, steps=steps, seed=seed)
    moved = [bool((a != b).any()) for a, b in zip(start, net.weights + net.biases, strict=True)]
    return net, moved, losses


def zeros(shape, rng):
    return np.zeros(shape)


@pytest.mark.parametrize("seed", range(5))
def test_from_zeros_only_the_last_bias_moves_and_a_single_layer_learns(seed):
    _, moved, losses = trained([64, 32, 10], zeros, seed)
    assert moved == [False, False, False, True]
    assert losses[-10:].mean() == pytest.approx(
        said(LESSON, "it learns how common each digit is, a loss of {}."), abs=0.02
    )
    _, moved, _ = trained([64, 32, 32, 10], zeros, seed)
    assert moved == [False] * 5 + [True]
    _, _, losses = trained([64, 10], zeros, seed)
    assert losses[-10:].mean() < 0.4


@pytest.mark.parametrize("seed", range(5))
def test_equal_weights_stay_equal(seed):
    net, moved, _ = trained([64, 32, 10], lambda shape, rng: np.full(shape, 0.1), seed)
    assert all(moved)
    assert np.ptp(net.weights[0], axis=0).max() < 1e-12
    assert np.ptp(net.weights[0], axis=1).max() > 0.1
    net, _, _ = trained([64, 32, 10], ANSWERS["he_normal"], seed)
    assert len(np.unique(net.weights[0].round(9), axis=0)) == 32


# Eight hidden layers, at the best of the rates that the text names.


def best():
    stored = measured(LESSON)
    found = {}
    for name, losses in zip(stored["names"], stored["eight"], strict=True):
        place = np.median(losses, axis=1).argmin()
        found[str(name)] = losses[place], float(stored["rates"][place])
    return found


def test_eight_hidden_layers():
    stored, found = measured(LESSON), best()
    low, high = said(LESSON, "at six rates from {} to {}.")
    assert (stored["rates"][0], stored["rates"][-1], len(stored["rates"])) == (low, high, 6)
    xavier_loss, xavier_rate, he_loss, he_rate = said(
        LESSON, "Xavier ends at {} at its best rate, {}, He at {} at {}."
    )
    for name, loss, rate in (("Xavier", xavier_loss, xavier_rate), ("He", he_loss, he_rate)):
        assert np.median(found[name][0]) == pytest.approx(loss, abs=0.005)
        assert found[name][1] == rate
    assert (found["He"][0] < found["Xavier"][0]).sum() >= 4
    index = list(stored["names"]).index("default")
    assert stored["eight"][index].min() > 2.29
    stays = said(LESSON, "At no rate of the grid does the default leave {} in these 200 updates")
    assert np.median(found["default"][0]) == pytest.approx(stays, abs=0.005)
    assert np.median(stored["eight"][:, -1], axis=1).min() > 2.25  # "At 0.2 ... nobody learns."


@pytest.mark.slow
def test_with_one_hidden_layer_a_wrong_start_goes_unnoticed():
    width, low, high, *ends = said(
        LESSON,
        "With one hidden layer of {} and the best rate from {} to {}, 200 updates end at {} from PyTorch's "
        "default, at {} from a standard deviation of 0.01, and at {} from He's",
    )
    starts = (default, lambda shape, rng: rng.normal(0, 0.01, size=shape), ANSWERS["he_normal"])
    for init, end in zip(starts, ends, strict=True):
        by_rate = []
        for lr in (low, 0.1, 0.2, high):
            nets = [trained([64, int(width), 10], init, seed, lr, steps=200) for seed in range(5)]
            by_rate.append(np.median([losses[-10:].mean() for _, _, losses in nets]))
        assert min(by_rate) == pytest.approx(end, abs=0.001)
        assert by_rate.index(min(by_rate)) not in (0, len(by_rate) - 1)


def test_residual_blocks_add_up():
    blocks, times = said(
        LESSON,
        "{} blocks of a ReLU and a layer that He started, each added to its own input, make its RMS {} times",
    )
    assert math.sqrt(2) ** blocks == pytest.approx(times, rel=0.1)
    sizes = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        h = rng.normal(size=(64, 256))
        for _ in range(int(blocks)):
            h = h + relu(h) @ he((256, 256), rng).T
        sizes.append(figures.size(h))
    assert np.median(sizes) == pytest.approx(times, rel=0.15)


def test_what_lsuv_mends():
    found = best()
    ends, rival, stuck = said(
        LESSON, "At its best rate the network ends at {}, close to He's {}, where it was stuck at {}."
    )
    assert np.median(found["default + LSUV"][0]) == pytest.approx(ends, abs=0.005)
    assert np.median(found["He"][0]) == pytest.approx(rival, abs=0.005)
    assert np.median(found["default"][0]) == pytest.approx(stuck, abs=0.005)
    assert found["default + LSUV"][0].max() < 0.3


def test_the_notebooks_own_run_is_one_of_those_measured():
    net = ANSWERS["MLP"]([64] + [64] * 8 + [10], ANSWERS["he_normal"], np.random.default_rng(0))
    stored = measured(LESSON)
    place = list(stored["names"]).index("He"), list(stored["rates"]).index(0.02), 0
    assert TRAIN(net, lr=0.02)[-10:].mean() == pytest.approx(stored["eight"][place], rel=1e-6)


def test_a_factor_of_16_over_eight_layers():
    factor, times = said(LESSON, "Xavier loses {} a layer, a factor of {} over eight layers.")
    assert factor == round(math.sqrt(0.5), 2)
    assert math.sqrt(0.5) ** -8 == pytest.approx(times)


def test_the_luck_of_twenty_draws():
    """ "more than 50", in four of five sets of 20 seeds."""
    ratios = []
    for first in range(0, 100, 20):
        outputs = []
        for seed in range(first, first + 20):
            rng = np.random.default_rng(seed)
            h = rng.normal(size=(64, 16))
            for _ in range(30):
                y = h @ he((16, 16), rng).T
                h = relu(y)
            outputs.append(y.std())
        ratios.append(max(outputs) / min(outputs))
    assert sum(ratio > 50 for ratio in ratios) >= 4


# Conventions, and the quiz.


def test_the_table_of_conventions():
    weight = torch.empty(256, 64)
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
    assert (fan_in, fan_out) == (64, 256)
    rows = {
        "(4) | {} | {} |": (2 / (fan_in + fan_out), 1 / 2),
        "kaiming_normal_`, this lesson | (6) | {} | {} |": (2 / fan_in, 1.0),
        'mode `"fan_out"` | (6) | {} | {} |': (2 / fan_out, 1.0),
        "N(0, 1/fan_in) | {} | {} |": (1 / fan_in, 1 / 2),
        "U(±1/√fan_in) | {} | {} |": (1 / fan_in / 3, 1 / 6),
    }
    for row, (variance, kept) in rows.items():
        std, a_layer = said(LESSON, row)
        assert round(math.sqrt(variance), 4) == std
        assert round(math.sqrt(kept), 2) == a_layer


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        ("Xavier", lambda i, o: 2 / (i + o)),
        ("He", lambda i, o: 2 / i),
        ("PyTorch's default", lambda i, o: 1 / (3 * i)),
    ],
)
def test_pytorchs_own_draws_have_the_variances_of_the_text(fill, variance):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weight = torch.empty(600, 400, dtype=torch.float64)
        FILLS[fill](weight)
    assert weight.var().item() == pytest.approx(variance(400, 600), rel=0.01)
    assert weight.mean().item() == pytest.approx(0.0, abs=1e-3)


def test_a_new_linear_layer_starts_with_the_default():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = nn.Linear(100, 300).weight
        torch.manual_seed(0)
        again = torch.empty(300, 100)
        FILLS["PyTorch's default"](again)
    torch.testing.assert_close(theirs.detach(), again)
    assert theirs.abs().max().item() <= 0.1


def expected_gain(function):
    """1 over the root of E[f(z)^2] for a standard normal z."""
    z, weights = np.polynomial.hermite_e.hermegauss(200)
    return 1 / math.sqrt((weights / weights.sum() * np.array([function(value) for value in z]) ** 2).sum())


def test_the_gains_of_tanh_and_gelu():
    tanh = said(LESSON, "behind a standard normal $z$ gives {}.")
    gelu = said(LESSON, "the same rule gives {}.")
    assert nn.init.calculate_gain("tanh") == 5 / 3
    assert expected_gain(math.tanh) == pytest.approx(tanh, abs=5e-4)
    assert expected_gain(lambda z: z * (1 + math.erf(z / 2**0.5)) / 2) == pytest.approx(gelu, abs=5e-4)
    with pytest.raises(ValueError, match="gelu"):
        nn.init.calculate_gain("gelu")
    assert nn.init.calculate_gain("leaky_relu", 0.2) == pytest.approx(math.sqrt(2 / (1 + 0.2**2)))


def test_a_normal_that_is_cut_off_at_two_has_a_smaller_spread():
    z = np.random.default_rng(0).normal(size=2_000_000)
    stated = said(LESSON, "and widen them, dividing by {}, so that the variance is right.")
    assert z[np.abs(z) < 2].std() == pytest.approx(stated, abs=1e-3)


def test_a_transposed_convolution_is_read_as_any_other():
    weight = nn.ConvTranspose2d(16, 4, 3).weight
    assert weight.shape == (16, 4, 3, 3)
    assert nn.init._calculate_fan_in_and_fan_out(weight) == (4 * 9, 16 * 9)


def test_fans_by_hand():
    k, fan_in, fan_out = said(LESSON, "There $k = {}$, $fan\\_in = {}$, $fan\\_out = {}$.")
    assert nn.init._calculate_fan_in_and_fan_out(torch.empty(16, 3, 5, 5)) == (fan_in, fan_out)
    assert k == 25


def test_the_network_by_hand():
    net = ANSWERS["MLP"]([2, 2, 1], lambda shape, rng: np.zeros(shape), None)
    net.weights = [np.array([[1.0, 1.0], [1.0, -1.0]]), np.array([[2.0, 5.0]])]
    assert net.forward(np.array([[1.0, 2.0]])).item() == 6
    (dw1, db1), (dw2, db2) = net.backward(np.ones((1, 1)))
    assert (dw2.tolist(), db2.tolist()) == ([[3, 0]], [1])
    assert (dw1.tolist(), db1.tolist()) == ([[2, 4], [0, 0]], [2, 0])


def test_the_pixels_mean_square():
    stated = said(LESSON, "The digits' pixels have a mean square of {},")
    assert (DIGITS.X_train**2).mean() == pytest.approx(stated, abs=0.005)


def test_the_quizs_numbers():
    quiz = {question.id: question for question in questions.questions(LESSON)}
    assert (
        nn.init._calculate_fan_in_and_fan_out(torch.empty(32, 16, 3, 3))[0]
        == quiz["fan_in_of_a_kernel"].right
    )
    bound = torch.empty(500, 24)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        nn.init.kaiming_uniform_(bound, nonlinearity="relu")
    assert bound.abs().max().item() == pytest.approx(quiz["uniform_he"].right, rel=0.01)
    assert quiz["variance_of_the_default"].right == pytest.approx(0.1**2 / 3)


def test_zero_weights_and_random_biases():
    net = ANSWERS["MLP"]([3, 4, 2], zeros, None)
    rng = np.random.default_rng(0)
    net.biases = [rng.normal(size=4), rng.normal(size=2)]
    net.forward(rng.normal(size=(5, 3)))
    (dw1, db1), (dw2, db2) = net.backward(rng.normal(size=(5, 2)))
    assert [bool(each.any()) for each in (dw1, db1, dw2, db2)] == [False, False, True, True]


def test_twice_the_batch_halves_the_first_weight_alone():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(6, 3)), [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
    once, twice = ANSWERS["lsuv"](x, weights), ANSWERS["lsuv"](2 * x, weights)
    np.testing.assert_allclose(twice[0], once[0] / 2)
    np.testing.assert_allclose(twice[1], once[1])
